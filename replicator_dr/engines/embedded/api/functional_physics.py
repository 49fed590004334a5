"""``rep.functional.physics``: UsdPhysics authored at once, outside of the graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from replicator_dr.engines.embedded.runtime import current
from replicator_dr.pool import usd_physics

__all__ = ["apply_collider", "apply_rigid_body", "create_physics_scene"]


def apply_rigid_body(prims: Any, with_collider: bool = False, **attributes: Any) -> None:
    """Make a prim or prims rigid bodies. attributes: of UsdPhysicsRigidBodyAPI, else of PhysX's.

    with_collider: with the hull of what stands at and below them.
    """
    for prim in _each(prims):
        usd_physics.write_body(prim)
        if with_collider:
            usd_physics.write_collider(prim, usd_physics.default_approximation(prim, True))
        for name, value in attributes.items():
            usd_physics.write_attribute(prim, name, value)


def apply_collider(prims: Any, approximation: str = "convexHull") -> None:
    """Let a prim or prims collide. approximation: UsdPhysics' token."""
    for prim in _each(prims):
        usd_physics.write_collider(prim, approximation)


def create_physics_scene(path: str, **attributes: Any) -> Any:
    """The prim of a physics scene. attributes: of UsdPhysicsScene, else of PhysX's."""
    return usd_physics.write_scene(current().stage, path, **attributes)


def _each(prims: Any) -> Iterable[Any]:
    return prims if isinstance(prims, (list, tuple)) else [prims]
