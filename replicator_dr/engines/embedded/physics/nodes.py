"""What physics adds to ``rep.randomizer``."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.engines.embedded.physics.effect import SettleEffect
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.engines.embedded.targets import paths_of, targets
from replicator_dr.errors import EngineError
from replicator_dr.pool.usd_physics import (
    default_approximation,
    has_body,
    has_collider,
    write_body,
    write_collider,
    write_scene,
)

LEFT = ("error", "hide", "keep")


def settle(
    input_prims: list[Any],
    colliders: Any,
    gravity: Any = 9.81,
    friction: Any = None,
    restitution: Any = None,
    mass_scale: Any = None,
    inertia_scale: Any = None,
    linear_damping: Any = None,
    angular_damping: Any = None,
    velocity: Any = None,
    angular_velocity: Any = None,
    capture: Any = None,
    time_limit: float = 5.0,
    separate: bool = True,
    left: str = "error",
    record: str | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Let prims fall onto colliders, and show them at rest, or ``capture`` seconds after the start.

    input_prims: a list of items. Those and the colliders that have no UsdPhysics get it here: a rigid body of their own
    shape, the surface of what stands. gravity [m/s2] and capture [s] are drawn once a firing, all else by each prim:
    one value or distribution for all, or a list of one for each of ``input_prims``. velocity [m/s] and angular_velocity
    [degrees/s] are along the world's axes. None leaves what the stage says. separate: raise prims that overlap at the
    start. left: "error", "hide" or "keep", for what falls past everything. record: the name under which each frame says
    how many prims still moved at the end; nothing with ``capture``, where all may.
    """
    if left not in LEFT:
        raise EngineError(f"randomizer.settle: left is '{left}'; give one of {', '.join(LEFT)}")
    inputs = {key: value for key, value in locals().items() if key not in ("input_prims", "colliders", "name")}
    items = [targets("randomizer.settle", item) for item in input_prims]
    standing = targets("randomizer.settle", colliders)
    give_physics([path for item in items for path in item()], falls=True)
    give_physics(standing(), falls=False)
    return make_item(SettleEffect(items, standing, inputs, name))


def give_physics(paths: list[str], falls: bool) -> None:
    """Author on the stage what prims lack: colliders, a body where they fall, a scene with gravity."""
    stage = current().stage
    write_scene(stage)
    for path in paths_of(paths):
        prim = stage.GetPrimAtPath(path)
        if not has_collider(prim):
            write_collider(prim, default_approximation(prim, falls))
        if falls and not has_body(prim):
            write_body(prim)


def register(rep: ModuleType) -> None:
    """Make ``rep.randomizer.settle`` known."""
    make_known(rep.randomizer, settle)
