"""Segmentations: which labels, which labelled prim, which leaf prim is seen in each pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info, Painting, string_keys
from replicator_dr.engines.embedded.scene.labels import (
    BACKGROUND,
    FIRST,
    UNLABELLED,
    FrameLabels,
    paint,
    palette,
    part_table,
)

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

Tables = Callable[[int], dict[str, dict[int, Any]]]


def semantic(
    view: CapturedView,
    *,
    colorize: bool = False,
    semanticTypes: Sequence[str] | None = None,  # noqa: N803 - NVIDIA's name
    semanticFilter: str | None = None,  # noqa: N803
    integer_keys: bool = False,
) -> BatchedAnnotation:
    """(B, H, W) uint32 semantic ids, or (B, H, W, 4) uint8 colours; idToLabels: {id: {type: label}}."""
    labels = view.labels(semanticTypes, semanticFilter)
    table = part_table(labels.semantic, view.scene.arrays.part_entity)

    def tables(frame: int) -> dict[str, dict[int, Any]]:  # noqa: ARG001 - the same for all frames
        return {"idToLabels": labels.semantic_table()}

    return _segmentation(Painting(view.rendered.part, table), tables, colorize, integer_keys)


def instance(
    view: CapturedView,
    *,
    colorize: bool = False,
    semanticTypes: Sequence[str] | None = None,  # noqa: N803
    semanticFilter: str | None = None,  # noqa: N803
    integer_keys: bool = False,
) -> BatchedAnnotation:
    """(B, H, W) uint32, one id per labelled prim; idToLabels: {id: prim path}, idToSemantics: {id: {type: label}}."""
    labels = view.labels(semanticTypes, semanticFilter)
    table = part_table(instance_ids(labels), view.scene.arrays.part_entity)
    paths = view.scene.labels.entity_paths

    def tables(frame: int) -> dict[str, dict[int, Any]]:
        rows = labels.instance_rows(frame)
        named = {BACKGROUND: "BACKGROUND", UNLABELLED: "UNLABELLED"}
        called = {BACKGROUND: {"class": "BACKGROUND"}, UNLABELLED: {"class": "UNLABELLED"}}
        return {
            "idToLabels": {**named, **{row + FIRST: paths[row] for row in rows}},
            "idToSemantics": {
                **called,
                **{row + FIRST: labels.sets[int(labels.semantic[frame, row])] for row in rows},
            },
        }

    return _segmentation(Painting(view.rendered.part, table), tables, colorize, integer_keys)


def instance_id(view: CapturedView, *, colorize: bool = False, integer_keys: bool = False) -> BatchedAnnotation:
    """(B, H, W) uint32, one id per leaf prim, labelled or not; idToLabels: {id: prim path}, 0 = "INVALID"."""
    arrays = view.scene.arrays
    table = np.append(arrays.part_prim + FIRST, BACKGROUND).astype(np.uint32)
    paths = view.scene.labels.prim_paths
    named: dict[int, Any] = {BACKGROUND: "INVALID", **{row + FIRST: path for row, path in enumerate(paths)}}

    def tables(frame: int) -> dict[str, dict[int, Any]]:  # noqa: ARG001 - the same for all frames
        return {"idToLabels": named}

    whole = np.broadcast_to(table, (len(view), len(table)))
    return _segmentation(Painting(view.rendered.part, whole), tables, colorize, integer_keys)


def instance_ids(labels: FrameLabels) -> NDArray[np.uint32]:
    """(B, E) uint32: the instance id of each labelled prim, UNLABELLED where it has no label that passes."""
    rows = np.arange(labels.seen.shape[1], dtype=np.uint32) + np.uint32(FIRST)
    return np.where(labels.seen, rows, np.uint32(UNLABELLED))


def _segmentation(painting: Painting, tables: Tables, colorize: bool, integer_keys: bool) -> BatchedAnnotation:
    def colored(table: dict[int, Any]) -> Info:
        colors = palette(np.array(list(table), np.uint32)).tolist()
        return {tuple(color): value for color, value in zip(colors, table.values())}  # type: ignore[misc]

    def info(frame: int) -> Info:
        keys = colored if colorize else (dict if integer_keys else string_keys)
        return {name: keys(table) for name, table in tables(frame).items()}

    if colorize:
        return BatchedAnnotation(lambda: _colors(painting), info)
    return BatchedAnnotation(lambda: paint(painting.table, painting.part), info, painting)


def _colors(painting: Painting) -> NDArray[np.uint8]:
    """(B, H, W, 4): the palette in place of the ids, a colour as one number of 32 bits: ids are few, pixels many."""
    colors = palette(painting.table).view(np.uint32)[..., 0]
    painted = paint(colors, painting.part)
    return painted.view(np.uint8).reshape(*painted.shape, 4)
