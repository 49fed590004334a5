"""Boxes of labelled prims in their own frames, frame by frame: of what they show, in the shape that it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.scene_deform import to_above
from replicator_dr.engines.embedded.scene.scene_labels import Entity
from replicator_dr.engines.embedded.scene.scene_parts import Parts
from replicator_dr.engines.embedded.scene.state import BoxTables, FrameState, Scene
from replicator_dr.render.deformation import DeformArrays, DeformLayout

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


def box_tables(plan: Plan, entities: Sequence[Entity], parts: Parts, bodies: DeformLayout | None) -> BoxTables | None:
    """Pairs of all entities that hold something deformed, or something whose visibility the graph varies below them.

    None where there are none. Poses are those at rest, as for the boxes of all other prims.
    """
    rows: list[tuple[int, int]] = []
    boxes, clouds, matrices = [], [], []
    for number, entity in enumerate(entities):
        if entity.placed.is_instance:
            continue
        path = entity.placed.path
        held = [p for p, placed in enumerate(parts.placed) if path in placed.chain]
        shaped = [p for p in held if bodies is not None and bodies.part_body[p] >= 0]
        chosen = any(above in plan.visible for p in held for above in _below(parts.placed[p].chain, path))
        if not (shaped or chosen):
            continue
        for p in held:
            matrix = _rest(plan, parts, p, path)
            points = parts.meshes[parts.mesh[p]].points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]
            if p in shaped:
                assert bodies is not None
                clouds.append(len(rows))
                matrices.append(np.linalg.inv(bodies.part_frame[p]) @ matrix)
            rows.append((number, p))
            boxes.append([points.min(axis=0), points.max(axis=0)])
    if not rows:
        return None
    pairs = np.array(rows, np.int32)
    to_entity = np.array(matrices, np.float64).reshape(-1, 4, 4)
    meshes = [parts.meshes[parts.mesh[rows[pair][1]]] for pair in clouds]
    return BoxTables(
        pairs[:, 0], pairs[:, 1], np.array(boxes), np.array(clouds, np.int32), to_entity,
        tuple(mesh.points for mesh in meshes), tuple(mesh.skin for mesh in meshes),
    )  # fmt: skip


def _below(chain: Sequence[str], path: str) -> Sequence[str]:
    """The part of a chain of prims, nearest first, that is strictly below a prim."""
    return chain[: chain.index(path)]


def _rest(plan: Plan, parts: Parts, part: int, path: str) -> Float64:
    """(4, 4): from a part's frame to that of a prim above it, as authored."""
    placed = parts.placed[part]
    matrix = np.eye(4) if placed.offset is None else placed.offset
    below = placed.frame
    while below != path:
        matrix = matrix @ plan.hierarchy.rest_local(below)[0]
        below = below.rpartition("/")[0]
    return matrix


def entity_boxes(scene: Scene, state: FrameState) -> NDArray[np.float32]:
    """(B, E, 2, 3): minimum and maximum of each labelled prim's visible geometry, in its local frame [stage units].

    Prims that show nothing have their box at rest.
    """
    rest = scene.labels.entity_bounds
    tables = scene.boxes
    if tables is None:
        return np.broadcast_to(rest, (len(state), *rest.shape))
    boxes = np.repeat(tables.box[None], len(state), axis=0)
    if len(tables.cloud):
        assert scene.arrays.deform is not None
        assert state.arrays.deform is not None
        boxes[:, tables.cloud] = _deformed(scene.arrays.deform, tables, state.arrays.deform)
    shown = state.arrays.part_visible[:, tables.part]
    low = np.where(shown[..., None], boxes[:, :, 0], np.inf)
    high = np.where(shown[..., None], boxes[:, :, 1], -np.inf)
    result = np.repeat(rest[None], len(state), axis=0)
    first = np.flatnonzero(np.diff(tables.entity, prepend=-1))
    which = tables.entity[first]
    low, high = np.minimum.reduceat(low, first, axis=1), np.maximum.reduceat(high, first, axis=1)
    some = np.isfinite(low).all(axis=-1)
    frame, row = np.nonzero(some)
    result[frame, which[row], 0] = low[frame, row]
    result[frame, which[row], 1] = high[frame, row]
    return result


def _deformed(layout: DeformLayout, tables: BoxTables, shapes: DeformArrays) -> Float64:
    """(B, M, 2, 3): boxes of the deformed parts, in the entities' frames."""
    from replicator_dr.render.shapes import cloud_boxes

    parts = tables.part[tables.cloud]
    bodies, frames = layout.part_body[parts], layout.part_frame[parts]
    return cloud_boxes(layout, shapes, bodies, frames, tables.to_entity, tables.points, tables.skins)


def to_body(plan: Plan, path: str) -> tuple[int, Float64]:
    """The body that a prim is deformed with, -1 = none, and (4, 4) from the prim's frame to the body's."""
    from replicator_dr.engines.embedded.scene.scene_prims import Placed, upward

    chain = tuple(upward(path))
    body = next((above for above in chain if above in plan.deform), None)
    if body is None:
        return -1, np.eye(4)
    return plan.deform.index[body], to_above(plan, Placed(path, path, chain, path), body)
