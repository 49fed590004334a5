"""Keypoints on a stage: named points of a prim as attributes, read and written alike on both runtimes.

A prim holds a list of its own, ``keypoints:names`` and ``keypoints:points`` in its local frame; or a prim is itself a
keypoint, at its origin, by ``keypoint:name``. Both belong to the object that they stand in: the lowest labelled prim at
or above them. ``keypoints:skeleton`` are its bones, as pairs of names one after the other. On a Skeleton of UsdSkel
``keypoints:joints`` names a joint for each keypoint, which it goes with: its points are where these are shown first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from pxr import Usd

NAMES, POINTS, SKELETON, TOLERANCE = (
    "keypoints:names",
    "keypoints:points",
    "keypoints:skeleton",
    "keypoints:tolerance",
)
JOINTS, TOLERANCES = "keypoints:joints", "keypoints:tolerances"
MARKER = "keypoint:name"

Point = tuple[float, float, float]


@dataclass(frozen=True)
class UsdKeypoints:
    """What one prim says. names, points [stage units, local frame]: in order, a marker's is its origin.

    bones: pairs of names, of this prim's keypoints or others of its object. tolerance [stage units, local frame]: how
    far in front of a keypoint the object's own surface may lie where it counts as visible; None = not said. tolerances:
    the same for each of them, empty = not said. joints: of a Skeleton, one for each keypoint; empty = fixed points.
    """

    names: tuple[str, ...]
    points: tuple[Point, ...]
    bones: tuple[tuple[str, str], ...] = ()
    tolerance: float | None = None
    tolerances: tuple[float, ...] = ()
    joints: tuple[str, ...] = ()


def read_keypoints(prim: Usd.Prim) -> UsdKeypoints | None:
    """The keypoints that a prim holds or is, None where there are none. EngineError for lists that do not match."""
    marker, listed = prim.GetAttribute(MARKER), prim.GetAttribute(NAMES)
    bones = _pairs(prim)
    names = [str(name) for name in (listed.Get() or ())] if listed else []
    points = [(float(x), float(y), float(z)) for x, y, z in (prim.GetAttribute(POINTS).Get() or ())] if names else []
    if len(names) != len(points):
        raise EngineError(
            f"{prim.GetPath()}: {NAMES} has {len(names)} entries and {POINTS} {len(points)}; give each name its point"
        )
    joints = tuple(str(joint) for joint in _listed(prim, JOINTS, len(names)))
    tolerances = tuple(map(float, _listed(prim, TOLERANCES, len(names))))
    if marker and marker.Get():
        names.append(str(marker.Get()))
        points.append((0.0, 0.0, 0.0))
        tolerances = (*tolerances, math.nan) if tolerances else ()
    if not names and not bones:
        return None
    tolerance = prim.GetAttribute(TOLERANCE)
    said = tolerance.Get() if tolerance else None
    reach = None if said is None else float(said)
    return UsdKeypoints(tuple(names), tuple(points), bones, reach, tolerances, joints)


def _listed(prim: Usd.Prim, attribute: str, count: int) -> list[Any]:
    """The entries of an attribute that has one for each of ``count`` names, or none."""
    held = prim.GetAttribute(attribute)
    entries: list[Any] = list(held.Get() or ()) if held else []
    if len(entries) not in (0, count):
        raise EngineError(
            f"{prim.GetPath()}: {attribute} has {len(entries)} entries for {count} names; give each its own, or none"
        )
    return entries


def _pairs(prim: Usd.Prim) -> tuple[tuple[str, str], ...]:
    attribute = prim.GetAttribute(SKELETON)
    names = [str(name) for name in (attribute.Get() or ())] if attribute else []
    if len(names) % 2:
        raise EngineError(f"{prim.GetPath()}: {SKELETON} has {len(names)} names; give two for each bone")
    return tuple(zip(names[::2], names[1::2], strict=True))


def write_keypoints(
    prim: Usd.Prim,
    points: Mapping[str, Sequence[float]],
    bones: Sequence[tuple[str, str]] = (),
    tolerance: float | None = None,
) -> None:
    """Author keypoints on a prim. points: in its local frame [m]; tolerance [m], likewise."""
    from pxr import Gf, Sdf, UsdGeom

    unit = UsdGeom.GetStageMetersPerUnit(prim.GetStage())
    tokens = Sdf.ValueTypeNames.TokenArray
    if points:
        prim.CreateAttribute(NAMES, tokens, False, Sdf.VariabilityUniform).Set(list(points))
        places = [Gf.Vec3d(*(float(number) / unit for number in point)) for point in points.values()]
        prim.CreateAttribute(POINTS, Sdf.ValueTypeNames.Point3dArray).Set(places)
    if bones:
        flat = [name for bone in bones for name in bone]
        prim.CreateAttribute(SKELETON, tokens, False, Sdf.VariabilityUniform).Set(flat)
    if tolerance is not None:
        prim.CreateAttribute(TOLERANCE, Sdf.ValueTypeNames.Double).Set(tolerance / unit)


def write_joints(
    prim: Usd.Prim,
    joints: Mapping[str, str],
    places: Iterable[Sequence[float]],
    bones: Sequence[tuple[str, str]],
    tolerances: Sequence[float],
) -> None:
    """Author keypoints on a Skeleton. joints: of each name. places: in its frame [stage units]. tolerances: [m]."""
    from pxr import Sdf, UsdGeom

    unit = UsdGeom.GetStageMetersPerUnit(prim.GetStage())
    points = dict(zip(joints, ([float(value) * unit for value in place] for place in places), strict=True))
    write_keypoints(prim, points, bones)
    kinds = Sdf.ValueTypeNames
    prim.CreateAttribute(JOINTS, kinds.TokenArray, False, Sdf.VariabilityUniform).Set(list(joints.values()))
    prim.CreateAttribute(TOLERANCES, kinds.DoubleArray, False).Set([value / unit for value in tolerances])
