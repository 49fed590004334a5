"""How channel tables become the renderer's arrays: indices that never change between two compilations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdLux

from replicator_dr.engines.embedded.scene.hierarchy import pack
from replicator_dr.engines.embedded.scene.scene_labels import LabelLayout, pad
from replicator_dr.engines.embedded.scene.scene_lights import DOME_TURN, LightKinds, is_normalized, is_thin, light_type
from replicator_dr.engines.embedded.scene.scene_motion import body_of
from replicator_dr.engines.embedded.scene.scene_prims import Placed

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Shown:
    """Visibility of n things.

    always: (n,) what the stage says above and at each. columns: (n, D) visibility columns
    that it depends on besides, padded with the number of columns.
    """

    always: Bool
    columns: Int64

    def at(self, visible: Float64) -> Bool:
        """(B, N, 1) channel -> (B, n)."""
        padded = np.concatenate([visible[..., 0] > 0.5, np.ones((len(visible), 1), dtype=bool)], axis=1)
        return self.always & padded[:, self.columns].all(axis=-1)


@dataclass(frozen=True)
class Layout:
    """anchors, offsets: of transforms, entities, lights, cameras and holders of keypoints, one after the other.

    counts: how many of each.

    part_material: (P,) row bound on the stage. part_binding: (P, D) binding columns, nearest prim first, -1 = none.
    transform_body, camera_body: (X,) and (C,) motion columns of what transforms and cameras move with, -1 = none.
    unit: metres in a stage unit. codes_per_second: time codes of the stage in a second.
    joint_holders: those holders of keypoints that stand for a joint whose pose varies, and the joints' rows of the rig.
    """

    anchors: Int64
    offsets: Float64
    counts: tuple[int, ...]
    part_shown: Shown
    part_material: Int64
    part_binding: Int64
    light_shown: Shown
    lights: LightKinds
    transform_body: NDArray[np.int32]
    camera_body: NDArray[np.int32]
    labels: LabelLayout
    unit: float
    codes_per_second: float
    joint_holders: tuple[Int64, Int64]


def anchor(plan: Plan, placed: Placed) -> tuple[int, Float64]:
    """(column, offset) of a prim at its place, as ``Hierarchy.anchor`` gives them."""
    column, offset = plan.hierarchy.anchor(placed.frame)
    return (column, offset) if placed.offset is None else (column, placed.offset @ offset)


def transforms(
    plan: Plan, prims: Sequence[Placed]
) -> tuple[list[tuple[int, Float64]], NDArray[np.int32], NDArray[np.int32]]:
    """The distinct transforms of parts, which of them each part has, and the bodies that the transforms move with."""
    known: dict[tuple[int, int, bytes], int] = {}
    pairs: list[tuple[int, Float64]] = []
    rows, bodies = [], []
    for placed in prims:
        column, offset = anchor(plan, placed)
        body = body_of(plan, placed.chain)
        key = (body, column, offset.tobytes())
        if key not in known:
            known[key] = len(pairs)
            bodies.append(body)
            pairs.append((column, offset))
        rows.append(known[key])
    return pairs, np.array(rows, dtype=np.int32), np.array(bodies, dtype=np.int32)


def light_anchors(plan: Plan) -> list[tuple[int, Float64]]:
    """Anchors of the lights; a dome's carries the turn from its own up axis to the stage's."""
    pairs = []
    for path in plan.lights.index:
        column, offset = plan.hierarchy.anchor(path)
        prim = plan.stage.GetPrimAtPath(path)
        if prim.GetTypeName() in ("DomeLight", "DomeLight_1") and _pole_is_z(prim):
            offset = DOME_TURN @ offset
        pairs.append((column, offset))
    return pairs


def _pole_is_z(prim: Usd.Prim) -> bool:
    if prim.GetTypeName() == "DomeLight_1":
        pole = UsdLux.DomeLight_1(prim).GetPoleAxisAttr().Get()
        if pole in ("Y", "Z"):
            return bool(pole == "Z")
    return bool(UsdGeom.GetStageUpAxis(prim.GetStage()) == UsdGeom.Tokens.z)


def shown(plan: Plan, chains: Sequence[Sequence[str]]) -> Shown:
    """Visibility from the stage and from visibility columns of prims, each of which has a chain of prims above it."""
    always, columns = [], []
    hidden: dict[str, bool] = {}
    for chain in chains:
        for path in chain:
            if path not in hidden:
                attribute = plan.stage.GetPrimAtPath(path).GetAttribute("visibility")
                hidden[path] = path not in plan.visible and bool(attribute and attribute.Get() == "invisible")
        always.append(not any(hidden[path] for path in chain))
        columns.append([plan.visible.index[path] for path in chain if path in plan.visible])
    return Shown(np.array(always, dtype=bool), pad(columns, len(plan.visible)))


def bindings(plan: Plan, chains: Sequence[Sequence[str]]) -> Int64:
    """(P, D) binding columns in the chains of parts, nearest first, -1 = none."""
    return pad([[plan.binding.index[path] for path in chain if path in plan.binding] for chain in chains], -1)


def stack(*groups: list[tuple[int, Float64]]) -> tuple[Int64, Float64, tuple[int, ...]]:
    """Anchors and offsets of several groups as one, and the size of each."""
    anchors, offsets = pack([pair for group in groups for pair in group])
    return anchors, offsets, tuple(len(group) for group in groups)


def light_kinds(plan: Plan) -> LightKinds:
    """What each light is for good."""
    prims = [plan.stage.GetPrimAtPath(path) for path in plan.lights.index]
    kinds = [int(kind) for prim in prims if (kind := light_type(prim)) is not None]
    return LightKinds(
        types=np.array(kinds, dtype=np.int32),
        normalized=np.array([is_normalized(prim) for prim in prims], dtype=bool),
        thin=np.array([is_thin(prim) for prim in prims], dtype=bool),
    )
