"""An item's ``physics`` on the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.pool.usd_physics import (
    APPROXIMATIONS,
    default_approximation,
    write_body,
    write_collider,
    write_damping,
    write_mass,
    write_material,
    write_scene,
)

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.spec.physics import Physics


def write_physics(prim: Usd.Prim, physics: Physics) -> None:
    """Author the UsdPhysics of one copy of an item, and a scene with gravity for all of them."""
    dynamic = physics.body == "dynamic"
    write_scene(prim.GetStage())
    if physics.body != "static":
        write_body(prim, kinematic=not dynamic)
    chosen = physics.collider
    write_collider(prim, APPROXIMATIONS[chosen] if chosen else default_approximation(prim, dynamic))
    if physics.mass is not None:
        write_mass(prim, {"mass": physics.mass})
    if physics.density is not None:
        write_mass(prim, {"density": physics.density})
    write_damping(prim, physics.linear_damping, physics.angular_damping)
    if physics.friction is not None or physics.restitution is not None:
        write_material(prim, physics.friction, physics.friction, physics.restitution)
