"""Keypoints of the labelled prims: found on the stage, brought together by object."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.scene_labels import nearest
from replicator_dr.engines.embedded.scene.scene_prims import Placed, placed_prims, upward
from replicator_dr.engines.embedded.scene.state import KeypointSet, KeypointTables
from replicator_dr.engines.embedded.skeletons.read import at_joints, skeleton_of
from replicator_dr.errors import EngineError
from replicator_dr.pool.usd_keypoints import Point, UsdKeypoints, read_keypoints

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Int64 = NDArray[np.int64]
Holder = tuple[Placed, UsdKeypoints]

SHARE = 0.02
"""Tolerance where none is authored, as a share of the diagonal of the object's box."""


def find_keypoints(plan: Plan, entities: dict[str, int]) -> dict[int, list[Holder]]:
    """{row of a labelled prim: the prims that hold its keypoints, in stage order}, by row."""
    known: dict[str, UsdKeypoints | None] = {}
    found: dict[int, list[Holder]] = {}
    for prim, placed in placed_prims(plan.stage.GetPseudoRoot(), plan.hierarchy):
        if placed.source not in known:
            held = read_keypoints(prim)
            known[placed.source] = at_joints(prim, held) if held is not None and held.joints else held
        held = known[placed.source]
        if held is not None and (row := nearest(placed.path, entities)) >= 0:
            each = one_by_one(held) if held.joints and placed.source in plan.clips else [held]
            found.setdefault(row, []).extend((placed, one) for one in each)
    return dict(sorted(found.items()))


def one_by_one(held: UsdKeypoints) -> list[UsdKeypoints]:
    """Keypoints at joints whose pose varies, each at the origin of a frame that goes with its joint; then the rest."""
    parts = zip(held.names, held.joints, held.tolerances or itertools.repeat(held.tolerance))
    each = [UsdKeypoints((name,), ((0.0, 0.0, 0.0),), (), reach, (), (joint,)) for name, joint, reach in parts]
    each[0] = replace(each[0], bones=held.bones)
    count = len(each)
    rest = replace(held, names=held.names[count:], points=held.points[count:], bones=(), tolerances=(), joints=())
    return [*each, rest] if rest.names else each


def joint_holders(plan: Plan, found: dict[int, list[Holder]]) -> tuple[Int64, Int64]:
    """Of the holders, in the order of ``found``, those that go with a joint, and the joints' rows of the plan's rig."""
    holders = [holder for each in found.values() for holder in each]
    pairs = []
    for column, (placed, held) in enumerate(holders):
        if held.joints and plan.rig is not None and placed.source in plan.clips:
            skeleton = skeleton_of(plan.prim(placed.source, "keypoints"))
            assert skeleton is not None
            (row,) = skeleton.rows(held.joints)
            pairs.append((column, plan.rig.first[placed.source] + row))
    columns, joints = np.array(pairs, np.int64).reshape(-1, 2).T
    return columns, joints


def keypoint_tables(
    found: dict[int, list[Holder]],
    paths: Sequence[str],
    bounds: NDArray[np.float32],
    part_paths: Sequence[str],
    bodies: Sequence[tuple[int, NDArray[np.float64]]],
) -> KeypointTables | None:
    """The tables of what was found, None where nothing was.

    paths, bounds: of the labelled prims; part_paths: the leaf prim of each part. Holders are numbered in the order of
    ``found``; bodies: what each is deformed with, -1 = nothing, and the matrix to that body's frame. EngineError for a
    name that an object has twice, or a bone of a keypoint that it has not.
    """
    if not found:
        return None
    sets: list[KeypointSet] = []
    rows: list[tuple[int, int, int, int, int]] = []
    points: list[Point] = []
    tolerance: list[float] = []
    holder = 0
    for owner, (entity, holders) in enumerate(found.items()):
        described = _described([held for _, held in holders], paths[entity])
        if described not in sets:
            sets.append(described)
        index = 0
        for _, held in holders:
            alike = np.nan if held.tolerance is None else held.tolerance
            tolerance += held.tolerances or [alike] * len(held.points)
            for point in held.points:
                rows.append((entity, sets.index(described), index, holder, owner))
                points.append(point)
                index += 1
            holder += 1
    entities, of_set, numbers, columns, owners = np.array(rows, np.int32).reshape(-1, 5).T
    return KeypointTables(
        sets=tuple(sets),
        entity=entities,
        of_set=of_set,
        index=numbers,
        holder=columns,
        point=np.array(points, np.float64).reshape(-1, 3),
        tolerance=np.array(tolerance, np.float64),
        share=SHARE * np.linalg.norm(bounds[entities, 1] - bounds[entities, 0], axis=-1).astype(np.float64),
        parts=_below([paths[entity] for entity in found], part_paths),
        entities=_below([paths[entity] for entity in found], paths),
        owner=owners,
        body=np.array([bodies[column][0] for column in columns], np.int32),
        to_body=np.array([bodies[column][1] for column in columns], np.float64),
    )


def _below(objects: Sequence[str], paths: Sequence[str]) -> NDArray[np.bool_]:
    """(U, n) bool: which of the prims stand at or below which objects."""
    rows = {path: row for row, path in enumerate(objects)}
    below = np.zeros((len(objects), len(paths)), np.bool_)
    for column, path in enumerate(paths):
        below[[rows[above] for above in upward(path) if above in rows], column] = True
    return below


def _described(held: Sequence[UsdKeypoints], path: str) -> KeypointSet:
    names = [name for one in held for name in one.names]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise EngineError(f"{path}: has two keypoints called '{twice}'; rename one of them")
    bones = []
    for bone in (bone for one in held for bone in one.bones):
        for name in bone:
            if name not in names:
                there = ", ".join(names) or "none"
                raise EngineError(
                    f"{path}: the skeleton names a keypoint '{name}' that is not there; there are: {there}"
                )
        bones.append((names.index(bone[0]), names.index(bone[1])))
    return KeypointSet(tuple(names), tuple(dict.fromkeys(bones)))
