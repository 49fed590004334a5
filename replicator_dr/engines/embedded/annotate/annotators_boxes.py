"""Annotators with a row for each labelled prim: boxes, occlusion, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info, rows_by_frame, string_keys
from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.engines.embedded.scene.labels import FIRST, FrameLabels, identities
from replicator_dr.pool.tables import BOX_2D, BOX_3D
from replicator_dr.render.scene import EntityTable

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

OCCLUSION = np.dtype([("instanceId", "<u4"), ("semanticId", "<u4"), ("occlusionRatio", "<f4")])
COVERAGE = np.dtype(
    [
        ("instanceId", "<u4"),
        ("semanticId", "<u4"),
        ("visible", "<u4"),
        ("amodal", "<u4"),
        ("extent", "<f4", (4,)),
        ("depthRange", "<f4", (2,)),
    ]
)


def tight(view: CapturedView, *, integer_keys: bool = False, **filters: Any) -> BatchedAnnotation:
    """Boxes of the visible pixels, inclusive corners; a prim that is fully hidden has no row."""
    entities = view.rendered.entities
    return _boxes_2d(view, entities.visible, entities.visible_box, integer_keys, _labels(view, **filters))


def loose(view: CapturedView, *, integer_keys: bool = False, **filters: Any) -> BatchedAnnotation:
    """Boxes of the pixels that would be seen if nothing were in front, inside the image; hidden prims included."""
    entities = view.rendered.entities
    return _boxes_2d(view, entities.amodal, entities.amodal_box, integer_keys, _labels(view, **filters))


def box_3d(view: CapturedView, *, integer_keys: bool = False, **filters: Any) -> BatchedAnnotation:
    """Extents in each prim's own frame and its local-to-world matrix (row vectors), for prims within the image."""
    return _boxes_3d(view, view.rendered.entities.amodal > 0, integer_keys, _labels(view, **filters))


def box_3d_360(view: CapturedView, *, integer_keys: bool = False, **filters: Any) -> BatchedAnnotation:
    """The same for all labelled prims, wherever they are; occlusionRatio is nan for those outside the image."""
    everywhere = np.ones_like(view.rendered.entities.amodal, np.bool_)
    return _boxes_3d(view, everywhere, integer_keys, _labels(view, **filters))


def occlusion(view: CapturedView, *, integer_keys: bool = False, **filters: Any) -> BatchedAnnotation:  # noqa: ARG001
    """How much of each prim in the image is hidden: 0 fully visible, 1 fully hidden."""
    labels = _labels(view, **filters)
    entities = view.rendered.entities
    frame, row, table = _table(OCCLUSION, entities.amodal > 0, labels)
    table["instanceId"] = row + FIRST
    table["occlusionRatio"] = occlusion_ratio(entities)[frame, row]
    return BatchedAnnotation(rows_by_frame(frame, table, len(view)))


def coverage(view: CapturedView, **filters: Any) -> BatchedAnnotation:
    """What each prim in the image covers, exactly; an annotator of this runtime's own.

    Rows: instanceId, semanticId, visible and amodal [pixels], extent (x_min, y_min, x_max, y_max of the projected
    triangles, image borders ignored), depthRange (nearest and farthest visible depth [m]). info: primPaths, uids.
    """
    labels = _labels(view, **filters)
    entities = view.rendered.entities
    frame, row, table = _table(COVERAGE, entities.amodal > 0, labels)
    table["instanceId"] = row + FIRST
    table["visible"] = entities.visible[frame, row]
    table["amodal"] = entities.amodal[frame, row]
    table["extent"] = entities.extent[frame, row]
    table["depthRange"] = np.stack([entities.depth_min[frame, row], entities.depth_max[frame, row]], axis=-1)
    tables = rows_by_frame(frame, table, len(view))
    return BatchedAnnotation(tables, lambda index: identities(view.scene, tables[index]["instanceId"]))


def occlusion_ratio(entities: EntityTable) -> NDArray[np.float32]:
    """(B, E) float32: 1 - visible / amodal, nan where an entity covers no pixel of the image."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (1.0 - entities.visible / entities.amodal.astype(np.float64)).astype(np.float32)


def _labels(
    view: CapturedView,
    semanticTypes: Sequence[str] | None = None,  # noqa: N803 - NVIDIA's names
    semanticFilter: str | None = None,  # noqa: N803
) -> FrameLabels:
    return view.labels(semanticTypes, semanticFilter)


def _table(
    dtype: np.dtype[Any], present: NDArray[np.bool_], labels: FrameLabels
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """Frames and prims of the rows, and the rows themselves, of those prims of present (B, E) that have labels."""
    frame, row = np.nonzero(present & labels.seen)
    table = np.empty(len(row), dtype)
    table["semanticId"] = labels.semantic[frame, row]
    return frame, row, table


def _boxes_2d(
    view: CapturedView, pixels: NDArray[np.int32], corners: NDArray[np.int32], integer_keys: bool, labels: FrameLabels
) -> BatchedAnnotation:
    frame, row, table = _table(BOX_2D, pixels > 0, labels)
    for column, name in enumerate(("x_min", "y_min", "x_max", "y_max")):
        table[name] = corners[frame, row, column]
    table["occlusionRatio"] = occlusion_ratio(view.rendered.entities)[frame, row]
    return _rows(view, frame, row, table, integer_keys, labels)


def _boxes_3d(
    view: CapturedView, present: NDArray[np.bool_], integer_keys: bool, labels: FrameLabels
) -> BatchedAnnotation:
    frame, row, table = _table(BOX_3D, present, labels)
    bounds = entity_boxes(view.scene, view.state)
    for end, suffix in enumerate(("min", "max")):
        for axis, name in enumerate("xyz"):
            table[f"{name}_{suffix}"] = bounds[frame, row, end, axis]
    table["transform"] = view.state.entity_world[frame, row]
    table["occlusionRatio"] = occlusion_ratio(view.rendered.entities)[frame, row]
    return _rows(view, frame, row, table, integer_keys, labels)


def _rows(
    view: CapturedView,
    frame: NDArray[np.int64],
    row: NDArray[np.int64],
    table: NDArray[Any],
    integer_keys: bool,
    labels: FrameLabels,
) -> BatchedAnnotation:
    tables = rows_by_frame(frame, table, len(view))
    rows = rows_by_frame(frame, row, len(view))
    paths = view.scene.labels.entity_paths

    def info(index: int) -> Info:
        names = {number: labels.sets[number] for number in sorted(set(tables[index]["semanticId"].tolist()))}
        return {
            "idToLabels": names if integer_keys else string_keys(names),
            "bboxIds": (rows[index] + FIRST).astype(np.uint32),
            "primPaths": [paths[entity] for entity in rows[index].tolist()],
        }

    return BatchedAnnotation(tables, info)
