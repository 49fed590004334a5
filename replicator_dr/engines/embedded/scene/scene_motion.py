"""Velocities of prims, as UsdPhysics writes them: read, varied, and turned into the renderer's bodies in motion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pxr import Usd

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.transforms import rigid
from replicator_dr.render.motion import MotionArrays

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

MOTION_CHANNELS = {"physics:velocity": "velocity", "physics:angularVelocity": "spin"}
"""Attributes of UsdPhysicsRigidBodyAPI [units/s, degrees/s], in the frame in which the prim's own pose is written."""

ENABLED, CENTRE = "physics:rigidBodyEnabled", "physics:centerOfMass"


def read_motion(prim: Usd.Prim) -> dict[str, tuple[float, ...]]:
    """Values of the motion channels: zeros where nothing is authored, or the body is not enabled."""
    enabled = prim.GetAttribute(ENABLED)
    if enabled and enabled.Get() is False:
        return dict.fromkeys(MOTION_CHANNELS.values(), (0.0, 0.0, 0.0))
    read = {channel: prim.GetAttribute(name) for name, channel in MOTION_CHANNELS.items()}
    return {channel: tuple(found.Get() or (0, 0, 0)) if found else (0, 0, 0) for channel, found in read.items()}


def has_motion(prim: Usd.Prim) -> bool:
    """Whether a velocity other than 0 is authored."""
    authored = any(prim.HasAttribute(name) for name in MOTION_CHANNELS)
    return authored and any(any(value) for value in read_motion(prim).values())


def body_of(plan: Plan, chain: Iterable[str]) -> int:
    """The column of the nearest prim in a chain that has a velocity, -1 where none has."""
    return next((plan.motion.index[path] for path in chain if path in plan.motion), -1)


def motion_arrays(plan: Plan, tables: Tables) -> MotionArrays | None:
    """The bodies in motion; None where nothing has a velocity.

    They turn about their centre of mass where the stage gives it, else about the prim's origin.
    """
    velocity, spin = tables["velocity"], tables["spin"]
    if not velocity.any() and not spin.any():
        return None
    paths = tuple(plan.motion.index)
    above = plan.parent_world(tables, paths)
    centres = np.array([_centre(plan.stage.GetPrimAtPath(path)) for path in paths])
    return MotionArrays(
        velocity=np.einsum("bki,bkij->bkj", velocity, above[..., :3, :3]),
        spin=np.einsum("bki,bkij->bkj", spin, rigid(above)[..., :3, :3]),
        centre=np.einsum("ki,bkij->bkj", centres, plan.world(tables, paths))[..., :3],
        transform_body=plan.layout.transform_body,
        camera_body=plan.layout.camera_body,
    )


def _centre(prim: Usd.Prim) -> NDArray[np.float64]:
    """(4,): the centre of mass in the prim's own frame."""
    attribute = prim.GetAttribute(CENTRE)
    value = np.array(attribute.Get() if attribute else (0, 0, 0), np.float64)
    return np.append(value if np.isfinite(value).all() else np.zeros(3), 1.0)
