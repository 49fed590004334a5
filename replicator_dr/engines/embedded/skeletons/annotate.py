"""Keypoints at the joints of skeletons, with the bones between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdSkel

from replicator_dr.engines.embedded.skeletons.read import Skeleton, binding_of, skeletons_below
from replicator_dr.errors import AssetError
from replicator_dr.pool.usd_keypoints import read_keypoints, write_joints

Float64 = NDArray[np.float64]

_DEPTH = 1.25
"""How far inside a limb a joint may lie, in halves of the limb's smallest extent: as for the joints of robots."""


@dataclass(frozen=True)
class _Joint:
    """One of the joints below an item: its skeleton, its row there and its full name."""

    skeleton: Skeleton
    row: int

    @property
    def full(self) -> str:
        return self.skeleton.joints[self.row]


def annotate_skeletons(
    stage: Usd.Stage,
    path: str,
    chosen: Mapping[str, str] | None = None,
    unless_there: bool = False,
    bones: bool = True,
    tolerance: float | None = None,
) -> None:
    """Give the skeletons at and below a prim keypoints at their joints.

    chosen: names with joints; None = all joints by their own names. unless_there: not where the asset has keypoints
    already. bones: whether they follow the joints' tree. tolerance: in the prim's frame [m], in place of what follows
    from the size of the limbs. AssetError for a joint that is not there.
    """
    if chosen is not None and not chosen:
        return
    root = stage.GetPrimAtPath(path)
    posed = [skeleton for skeleton in skeletons_below(root) if skeleton.has_pose]
    joints = [_Joint(skeleton, row) for skeleton in posed for row in range(len(skeleton.joints))]
    if joints and unless_there and _has_keypoints(root):
        return
    names = _names(joints)
    held = names if chosen is None else {name: _found(path, joint, names, joints) for name, joint in chosen.items()}
    for skeleton in {joint.skeleton.path: joint.skeleton for joint in held.values()}.values():
        own = {name: joint.row for name, joint in held.items() if joint.skeleton.path == skeleton.path}
        prim = stage.GetPrimAtPath(skeleton.path)
        if prim.IsInstanceProxy():
            raise AssetError(
                f"{skeleton.path}: stands in an instance, whose joints cannot be keypoints; make it unique"
            )
        unit = UsdGeom.GetStageMetersPerUnit(stage)
        reach = _reach(skeleton) if tolerance is None else np.full(len(skeleton.joints), _here(tolerance, prim, root))
        write_joints(
            prim,
            {name: skeleton.joints[row] for name, row in own.items()},
            skeleton.places()[list(own.values())],
            _bones(skeleton, own) if bones else [],
            [float(reach[row]) * (unit if tolerance is None else 1.0) for row in own.values()],
        )


def _has_keypoints(root: Usd.Prim) -> bool:
    held = (read_keypoints(prim) for prim in Usd.PrimRange(root, Usd.TraverseInstanceProxies()))
    return any(one is not None and one.names for one in held)


def _names(joints: Sequence[_Joint]) -> dict[str, _Joint]:
    """Each joint by the last part of its name, or as much as tells it from the others."""
    found: dict[int, str] = {}
    for form in (_last, _full, _whole):
        names = [form(joint) for joint in joints]
        counts = Counter((*names, *found.values()))
        found.update({row: name for row, name in enumerate(names) if row not in found and counts[name] == 1})
    return {found[row]: joints[row] for row in sorted(found)}


def _last(joint: _Joint) -> str:
    return joint.full.rpartition("/")[2]


def _full(joint: _Joint) -> str:
    return joint.full


def _whole(joint: _Joint) -> str:
    return f"{joint.skeleton.path.rpartition('/')[2]}/{joint.full}"


def _found(path: str, wanted: str, names: Mapping[str, _Joint], joints: Sequence[_Joint]) -> _Joint:
    fitting = [joint for joint in joints if wanted in (_full(joint), _whole(joint))]
    if wanted in names:
        return names[wanted]
    if fitting:
        return fitting[0]
    raise AssetError(f"{path}: there is no joint '{wanted}'; joints: {', '.join(names) or 'none'}")


def _bones(skeleton: Skeleton, rows: Mapping[str, int]) -> list[tuple[str, str]]:
    """From each keypoint's joint to the nearest one above it that is a keypoint too."""
    by_row = {row: name for name, row in reversed(list(rows.items()))}
    bones = []
    for name, row in rows.items():
        above = skeleton.parents[row]
        while above >= 0 and above not in by_row:
            above = skeleton.parents[above]
        if above >= 0:
            bones.append((by_row[above], name))
    return bones


def _here(tolerance: float, prim: Usd.Prim, root: Usd.Prim) -> float:
    """A length of the root's frame in that of a prim below it."""
    matrix = np.array(UsdGeom.XformCache().ComputeRelativeTransform(prim, root)[0])
    return tolerance / max(float(np.cbrt(abs(np.linalg.det(matrix[:3, :3])))), 1e-12)


def _reach(skeleton: Skeleton) -> Float64:
    """(J,): how far [stage units] in front of each joint the surface of its limb, or of the one above it, may lie.

    nan where there is no limb.
    """
    half = np.zeros(len(skeleton.joints))
    if not skeleton.query.HasBindPose():
        return np.full(len(half), np.nan)
    bound = skeleton.bound()
    turns = bound[:, :3, :3] / np.maximum(np.linalg.norm(bound[:, :3, :3], axis=-1, keepdims=True), 1e-12)
    low, high = np.full((len(half), 3), np.inf), np.full((len(half), 3), -np.inf)
    for points, joint in _limbs(skeleton):
        local = np.einsum("vc,vrc->vr", points - bound[joint, 3, :3], turns[joint])
        np.minimum.at(low, joint, local)
        np.maximum.at(high, joint, local)
    filled = np.isfinite(low).all(axis=1)
    half[filled] = 0.5 * (high - low)[filled].min(axis=1)
    parents = np.array(skeleton.parents, np.int64)
    reach = np.maximum(half, np.where(parents >= 0, half[parents], 0.0))
    below = np.zeros(len(half))
    np.maximum.at(below, parents[parents >= 0], half[parents >= 0])
    reach = np.where(reach > 0, reach, below)
    return _DEPTH * np.where(reach > 0, reach, np.nan)


def _limbs(skeleton: Skeleton) -> Iterator[tuple[Float64, NDArray[np.int64]]]:
    """Of each mesh that the skeleton moves, its points as they were bound, and the joint that each follows most."""
    root = UsdSkel.Root.Find(skeleton.query.GetPrim()).GetPrim()
    for prim in Usd.PrimRange(root, Usd.TraverseInstanceProxies()):
        binding = binding_of(prim) if prim.IsA(UsdGeom.PointBased) else None
        if binding is None or binding.skeleton.path != skeleton.path:
            continue
        points = np.array(UsdGeom.PointBased(prim).GetPointsAttr().Get() or [], np.float64).reshape(-1, 3)
        skin = binding.skin(len(points)) if len(points) else None
        if skin is not None:
            most = np.take_along_axis(skin.joints, skin.weights.argmax(axis=1)[:, None], axis=1)[:, 0]
            yield points @ binding.base[:3, :3] + binding.base[3, :3], binding.order()[most]
