"""``rep.physics``: rigid bodies, colliders, masses and materials of prims as UsdPhysics, and their simulation.

What is authored holds for all frames; what varies from frame to frame is drawn by ``simulate``'s relative
``randomizer.settle``. Offsets of contacts are PhysX's own and are not simulated here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.api import modify
from replicator_dr.engines.embedded.draws.distributions import distribution_of
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode
from replicator_dr.engines.embedded.physics.effect import PER_BODY, SettleEffect
from replicator_dr.engines.embedded.physics.stage import bodies_on, posts_on
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import targets
from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.pool import usd_physics

__all__ = ["collider", "mass", "physics_material", "reset", "rigid_body", "simulate"]


def rigid_body(
    velocity: Any = (0.0, 0.0, 0.0),
    angular_velocity: Any = None,
    contact_offset: Any = None,
    rest_offset: Any = None,
    overwrite: bool = False,
    physics_scene: Any = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Make prims rigid bodies, with colliders where they have none.

    velocity [stage units/s], angular_velocity [degrees/s]: at the start, along the axes of the parent; they may vary.
    overwrite: give those that are bodies already their colliders anew.
    """
    kind = "physics.rigid_body"
    _refuse(kind, contact_offset=contact_offset, rest_offset=rest_offset, physics_scene=physics_scene)
    where = targets(kind, input_prims)
    usd_physics.write_scene(current().stage)
    for prim in _prims(where):
        usd_physics.write_body(prim)
        if overwrite or not usd_physics.has_collider(prim):
            usd_physics.write_collider(prim, usd_physics.default_approximation(prim, True))
    for name, value in (("physics:velocity", velocity), ("physics:angularVelocity", angular_velocity)):
        if distribution_of(value) is not None:
            modify.attribute(name, value, input_prims=where())
        elif value is not None:
            for prim in _prims(where):
                prim.GetAttribute(name).Set(tuple(float(part) for part in value))
    return _held(kind, where)


def collider(
    approximation_shape: str = "convexHull",
    contact_offset: Any = None,
    rest_offset: Any = None,
    physics_scene: Any = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Let prims collide. approximation_shape: UsdPhysics' token, such as "convexHull", "none" or "boundingCube"."""
    kind = "physics.collider"
    _refuse(kind, contact_offset=contact_offset, rest_offset=rest_offset, physics_scene=physics_scene)
    known = ("none", "convexHull", "convexDecomposition", "meshSimplification", "boundingCube", "boundingSphere")
    if approximation_shape not in known:
        raise EngineError(f"{kind}: approximation_shape is '{approximation_shape}'; give one of {', '.join(known)}")
    where = targets(kind, input_prims)
    for prim in _prims(where):
        usd_physics.write_collider(prim, approximation_shape)
    return _held(kind, where)


def mass(
    mass: Any = None,
    density: Any = None,
    center_of_mass: Any = None,
    diagonal_inertia: Any = None,
    principal_axes: Any = None,
    input_prims: Any = None,
) -> ReplicatorItem:
    """Masses of bodies: mass [kg] or density [kg a cubic stage unit], and what else UsdPhysicsMassAPI holds."""
    given = {
        "mass": mass, "density": density, "centerOfMass": center_of_mass, "diagonalInertia": diagonal_inertia,
        "principalAxes": principal_axes,
    }  # fmt: skip
    where = targets("physics.mass", input_prims)
    values = _constants("physics.mass", given, "randomizer.settle varies it by mass_scale and inertia_scale")
    for prim in _prims(where):
        usd_physics.write_mass(prim, values)
    return _held("physics.mass", where)


def physics_material(
    static_friction: Any = None, dynamic_friction: Any = None, restitution: Any = None, input_prims: Any = None
) -> ReplicatorItem:
    """Give prims a physics material of their own."""
    given = {"static_friction": static_friction, "dynamic_friction": dynamic_friction, "restitution": restitution}
    where = targets("physics.physics_material", input_prims)
    values = _constants("physics.physics_material", given, "randomizer.settle varies friction and restitution")
    for prim in _prims(where):
        usd_physics.write_material(prim, **values)
    return _held("physics.physics_material", where)


def simulate(time: float, step_dt: float | None = None, physics_scene: Any = None) -> ReplicatorItem:
    """Simulate all rigid bodies of the stage for ``time`` seconds, at each firing of the trigger it is called in.

    The bodies start where the nodes before have put them in that frame, with their velocities.
    """
    _refuse("physics.simulate", step_dt=step_dt, physics_scene=physics_scene)
    stage = current().stage
    inputs: dict[str, Any] = dict.fromkeys(PER_BODY)
    inputs |= {"gravity": usd_physics.gravity_of(stage), "capture": float(time), "time_limit": float(time)}
    inputs |= {"separate": False, "left": "keep", "record": None}
    effect = SettleEffect([lambda: bodies_on(current().stage)], lambda: posts_on(current().stage), inputs, None)
    effect.kind = "physics.simulate"
    return make_item(effect)


def reset(physics_scene: Any = None) -> None:
    """Put bodies back to where they start. Each frame here starts there by itself: there is nothing left to undo."""
    _refuse("physics.reset", physics_scene=physics_scene)


def _prims(where: Callable[[], list[str]]) -> list[Any]:
    return [current().stage.GetPrimAtPath(path) for path in where()]


def _held(kind: str, where: Callable[[], list[str]]) -> ReplicatorItem:
    return make_item(PrimNode(kind, where))


def _refuse(kind: str, **given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise UnsupportedError(
                f"{kind}: {name} is PhysX's own and is not available on the embedded runtime; omit it"
            )


def _constants(kind: str, given: dict[str, Any], instead: str) -> dict[str, Any]:
    for name, value in given.items():
        if distribution_of(value) is not None:
            raise UnsupportedError(f"{kind}: {name} cannot vary here; {instead}")
    return {name: value for name, value in given.items() if value is not None}
