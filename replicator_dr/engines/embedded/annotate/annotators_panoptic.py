"""The annotator that gives each pixel one segment: an object, or stuff, of which all prims of a label are one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info, Painting
from replicator_dr.engines.embedded.annotate.annotators_segmentation import instance_ids
from replicator_dr.engines.embedded.scene.labels import BACKGROUND, FIRST, UNLABELLED, paint, part_table

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

STUFF = 1 << 16
"""Segments of stuff are this plus the semantic id; those of things are instance ids, which lie below."""


def panoptic_segmentation(
    view: CapturedView,
    *,
    stuff: Sequence[str] = (),
    semanticTypes: Sequence[str] | None = None,  # noqa: N803 - NVIDIA's names
    semanticFilter: str | None = None,  # noqa: N803
) -> BatchedAnnotation:
    """(B, H, W) uint32 segments: instance ids, for ``stuff`` 65536 plus the semantic id; 0 background and unlabelled.

    stuff: class labels whose prims are no objects of their own: floor, wall, sky. info: segments, a list by ascending
    id of {id, isthing, labels, primPath, uid} of all that the scene has, seen in the frame or not; primPath and uid of
    things alone. Ids depend on the scene only, as those of the other segmentations do.
    """
    labels = view.labels(semanticTypes, semanticFilter)
    kinds = {number for number, named in labels.sets.items() if set(named.get("class", "").split(",")[:1]) & set(stuff)}
    is_stuff = np.isin(labels.semantic, list(kinds))
    ids = np.where(is_stuff, labels.semantic + np.uint32(STUFF), instance_ids(labels))
    table = part_table(ids.astype(np.uint32), view.scene.arrays.part_entity)
    table[table == UNLABELLED] = BACKGROUND
    painting = Painting(view.rendered.part, table)
    paths, uids = view.scene.labels.entity_paths, view.scene.labels.entity_uids

    def info(frame: int) -> Info:
        things: list[dict[str, Any]] = [
            {
                "id": row + FIRST,
                "isthing": True,
                "labels": labels.sets[int(labels.semantic[frame, row])],
                "primPath": paths[row],
                "uid": uids[row],
            }
            for row in labels.instance_rows(frame)
            if not is_stuff[frame, row]
        ]
        there = sorted(set(labels.semantic[frame][is_stuff[frame]].tolist()))
        return {
            "segments": things
            + [{"id": number + STUFF, "isthing": False, "labels": labels.sets[number]} for number in there]
        }

    return BatchedAnnotation(lambda: paint(painting.table, painting.part), info, painting)
