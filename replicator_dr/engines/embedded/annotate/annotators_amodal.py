"""Annotators of whole objects: the masks that they would have if nothing were in front, in the image and beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info, rows_by_frame
from replicator_dr.engines.embedded.scene.labels import FIRST, identities
from replicator_dr.errors import EngineError
from replicator_dr.storage.rle import Masks

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

_BOX = [("x_min", "<i4"), ("y_min", "<i4"), ("x_max", "<i4"), ("y_max", "<i4")]
AMODAL = np.dtype([("instanceId", "<u4"), ("semanticId", "<u4"), ("area", "<u4"), *_BOX])
SILHOUETTE = np.dtype([("instanceId", "<u4"), ("semanticId", "<u4"), ("pixels", "<u4"), *_BOX])


def amodal_segmentation(view: CapturedView, **filters: Any) -> BatchedAnnotation:
    """The pixels that each labelled prim would cover if nothing were in front of it, inside the image.

    A row for each prim that covers any: instanceId, semanticId, area [pixels], and its inclusive box. info: counts,
    the masks as COCO's compressed run lengths; size, [height, width]; primPaths, uids, all in the order of the rows.
    For writers of batches ``masks`` holds them all, value being the instance id.
    """
    from replicator_dr.encode.bit_masks import encode_bit_masks

    labels = view.labels(**_named(**filters))
    found = encode_bit_masks(_kept(view, "amodal_segmentation"))
    kept = np.flatnonzero(labels.seen[found.image, found.value])
    image, row = found.image[kept], found.value[kept]
    counts = tuple(found.counts[index] for index in kept.tolist())
    masks = Masks(image, row + FIRST, found.area[kept], found.box[kept], counts)
    table = np.empty(len(kept), AMODAL)
    table["area"] = masks.area
    tables = _tables(view, table, image, row, labels.semantic[image, row], masks.box)
    texts = np.split(np.array(counts, object), np.searchsorted(image, np.arange(1, len(view))))
    size = [view.rendered.view.height, view.rendered.view.width]

    def info(index: int) -> Info:
        return {"counts": texts[index].tolist(), "size": size, **identities(view.scene, tables[index]["instanceId"])}

    return BatchedAnnotation(tables, info, masks=masks)


def amodal_bits(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, words) uint64, the same masks as images: bit e % 64 of word e // 64 is instance id e + 2's."""
    return BatchedAnnotation(_kept(view, "amodal_bits").view(np.uint64))


def silhouette(view: CapturedView, **filters: Any) -> BatchedAnnotation:
    """The same counted beyond the image's borders too, up to a width and a height of the image on each side.

    A row for each labelled prim with a pixel inside the image, were nothing in front: instanceId, semanticId, pixels,
    and an inclusive box that may leave the image. info: primPaths, uids. They are BOP's px_count_all and bbox_obj.
    """
    whole, box = view.rendered.whole, view.rendered.whole_box
    if whole is None or box is None:
        raise EngineError("silhouettes were not counted for this batch; attach silhouette before capturing")
    labels = view.labels(**_named(**filters))
    frame, row = np.nonzero((view.rendered.entities.amodal > 0) & labels.seen)
    table = np.empty(len(row), SILHOUETTE)
    table["pixels"] = whole[frame, row]
    tables = _tables(view, table, frame, row, labels.semantic[frame, row], box[frame, row])
    return BatchedAnnotation(tables, lambda index: identities(view.scene, tables[index]["instanceId"]))


def _kept(view: CapturedView, name: str) -> NDArray[np.int64]:
    if view.rendered.amodal is None:
        raise EngineError(f"amodal masks were not kept for this batch; attach {name} before capturing")
    return view.rendered.amodal


def _named(
    semanticTypes: Sequence[str] | None = None,  # noqa: N803 - NVIDIA's names
    semanticFilter: str | None = None,  # noqa: N803
) -> dict[str, Any]:
    return {"types": semanticTypes, "predicate": semanticFilter}


def _tables(
    view: CapturedView,
    table: NDArray[Any],
    frame: NDArray[np.int64],
    row: NDArray[np.int64],
    semantic: NDArray[np.uint32],
    box: NDArray[np.integer],
) -> list[NDArray[Any]]:
    table["instanceId"] = row + FIRST
    table["semanticId"] = semantic
    for column, (name, _) in enumerate(_BOX):
        table[name] = box[:, column]
    return rows_by_frame(frame, table, len(view))
