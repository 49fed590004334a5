"""Stereo pairs on a stage: the right camera names the left one by the relationship ``stereo:left``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicator_dr.pool.camera import camera_prim

if TYPE_CHECKING:
    from pxr import Usd

LEFT = "stereo:left"


def beside(stage: Usd.Stage, baseline: float) -> tuple[float, ...]:
    """Where a camera's right eye stands [stage units], in the frame of the camera's wrapper.

    The camera's own +X, to the right in the image, is the wrapper's +Y on a Z-up stage, its +X on others.
    """
    from pxr import UsdGeom

    length = baseline / UsdGeom.GetStageMetersPerUnit(stage)
    return (0.0, length, 0.0) if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else (length, 0.0, 0.0)


def write_pair(stage: Usd.Stage, left: str, right: str) -> None:
    """Author a pair. left, right: paths of cameras or of their wrappers."""
    eye = camera_prim(stage, right)
    eye.CreateRelationship(LEFT, custom=True).SetTargets([camera_prim(stage, left).GetPath()])


def read_left(prim: Usd.Prim) -> str:
    """The path of a right camera's left one, "" for cameras that are none."""
    relationship = prim.GetRelationship(LEFT)
    targets = relationship.GetForwardedTargets() if relationship else []
    return str(targets[0]) if targets else ""
