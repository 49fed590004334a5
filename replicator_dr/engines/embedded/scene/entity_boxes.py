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
    """Pairs of all entities that hold something deformed, or something that the graph moves or hides below them.

    None where there are none.
    """
    rows: list[tuple[int, int]] = []
    boxes, clouds, moving, matrices = [], [], [], []
    for number, entity in enumerate(entities):
        if entity.placed.is_instance:
            continue
        path = entity.placed.path
        held = [p for p, placed in enumerate(parts.placed) if path in placed.chain]
        shaped = [p for p in held if bodies is not None and bodies.part_body[p] >= 0]
        chosen = any(above in plan.visible for p in held for above in _below(parts.placed[p].chain, path))
        moved = [p for p in held if _moves(plan, parts.placed[p].frame, path)]
        if not (shaped or chosen or moved):
            continue
        for p in held:
            matrix = _rest(plan, parts, p, path)
            points = parts.meshes[parts.mesh[p]].points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]
            if p in shaped:
                assert bodies is not None
                clouds.append(len(rows))
                matrices.append(np.linalg.inv(bodies.part_frame[p]) @ matrix)
            if p in moved:
                moving.append(len(rows))
            rows.append((number, p))
            boxes.append([points.min(axis=0), points.max(axis=0)])
    if not rows:
        return None
    pairs = np.array(rows, np.int32)
    to_entity = np.array(matrices, np.float64).reshape(-1, 4, 4)
    meshes = [parts.meshes[parts.mesh[rows[pair][1]]] for pair in clouds]
    rigid = [pair for pair in moving if pair not in clouds]
    return BoxTables(
        pairs[:, 0], pairs[:, 1], np.array(boxes), np.array(clouds, np.int32), to_entity,
        tuple(mesh.points for mesh in meshes), tuple(mesh.skin for mesh in meshes),
        np.isin(clouds, moving), np.array(rigid, np.int32),
        tuple(parts.meshes[parts.mesh[rows[pair][1]]].points for pair in rigid),
    )  # fmt: skip


def _moves(plan: Plan, below: str, path: str) -> bool:
    """Whether the graph moves a prim, or one between it and the prim at ``path`` above it."""
    while below != path:
        if below in plan.hierarchy.columns:
            return True
        below = below.rpartition("/")[0]
    return False


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
        boxes[:, tables.cloud] = _deformed(scene, state, scene.arrays.deform, state.arrays.deform)
    if len(tables.rigid):
        points = np.concatenate(tables.rigid_points).astype(np.float64)[None]
        boxes[:, tables.rigid] = _moved(scene, state, tables.rigid, tables.rigid_points, points)
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


def _deformed(scene: Scene, state: FrameState, layout: DeformLayout, shapes: DeformArrays) -> Float64:
    """(B, M, 2, 3): boxes of the deformed parts, in the entities' frames."""
    from replicator_dr.render.shapes import cloud_boxes, moved_clouds

    tables = scene.boxes
    assert tables is not None
    parts = tables.part[tables.cloud]
    bodies, frames = layout.part_body[parts], layout.part_frame[parts]
    boxes = cloud_boxes(layout, shapes, bodies, frames, tables.to_entity, tables.points, tables.skins)
    moves = np.flatnonzero(tables.cloud_moves)
    if len(moves):
        clouds, skins = [tables.points[m] for m in moves], [tables.skins[m] for m in moves]
        back = np.linalg.inv(frames[moves]).astype(np.float64)
        points = moved_clouds(layout, shapes, bodies[moves], frames[moves], back, clouds, skins)
        boxes[:, moves] = _moved(scene, state, tables.cloud[moves], clouds, points)
    return boxes


def _moved(
    scene: Scene, state: FrameState, pairs: NDArray[np.int32], clouds: Sequence[NDArray[np.float32]], points: Float64
) -> Float64:
    """(B, L, 2, 3): boxes of points (B or 1, K, 3) in their parts' frames, in the frames of the pairs' entities."""
    from replicator_dr.render.moved_boxes import moved_boxes

    tables = scene.boxes
    assert tables is not None
    parts = state.arrays.world[:, scene.arrays.part_transform[tables.part[pairs]]]
    entities = state.entity_world[:, tables.entity[pairs]]
    flat = np.linalg.det(entities) == 0.0  # shows nothing
    matrices = parts @ np.linalg.inv(np.where(flat[..., None, None], np.eye(4), entities))
    return moved_boxes(matrices, [len(cloud) for cloud in clouds], points)


def to_body(plan: Plan, path: str) -> tuple[int, Float64]:
    """The body that a prim is deformed with, -1 = none, and (4, 4) from the prim's frame to the body's."""
    from replicator_dr.engines.embedded.scene.scene_prims import Placed, upward

    chain = tuple(upward(path))
    body = next((above for above in chain if above in plan.deform), None)
    if body is None:
        return -1, np.eye(4)
    return plan.deform.index[body], to_above(plan, Placed(path, path, chain, path), body)
