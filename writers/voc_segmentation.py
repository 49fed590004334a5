"""Segmentation of Pascal VOC: images of places in one palette, of classes and of objects."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content

VOID = 255
"""What evaluation passes over."""


@cache
def palette() -> NDArray[np.uint8]:
    """(256, 3) VOC's colours (devkit, VOClabelcolormap.m): bit 3 k + c of a place is bit 7 - k of its channel c."""
    places = np.arange(256)
    colors = [sum(((places >> (3 * k + c)) & 1) << (7 - k) for k in range(3)) for c in range(3)]
    return np.stack(colors, axis=-1).astype(np.uint8)


def segmentation_files(image: LabelledImage, level: int) -> tuple[Content, Content]:
    """The classes by their numbers, and the objects by their places in the annotation, both from 1; 0 is neither.

    What is filtered out is void. OutputError where numbers reach void's.
    """
    _ = image.category_numbers  # OutputError where a category has none
    for kind, count in (("categories", len(image.categories)), ("objects", len(image.rows))):
        if count >= VOID:
            raise OutputError(
                f"frame {image.frame} of {image.product} would need {count} colours for its {kind}, and a palette of "
                f"Pascal VOC has {VOID - 1}; annotate fewer, or choose another format"
            )
    batch, numbers = image.batch, {name: number for number, name in enumerate(image.categories, start=1)}

    def painted() -> list[list[Content]]:
        records, kept, below = batch.records, batch.selection.kept, batch.selection.below
        by_class, by_object = np.zeros((2, len(records)), np.uint32)
        by_class[kept] = [numbers.get(str(batch.selection.categories[row]), 0) for row in kept.tolist()]
        places = np.arange(len(kept)) - np.searchsorted(records.image[kept], records.image[kept])
        by_object[kept] = places + 1
        by_class[below] = by_object[below] = VOID
        return batch.label_files([by_class, by_object], palette(), level)

    files = batch.once(("voc segmentation", batch.rules, image.categories, level), painted)
    return files[0][image.index], files[1][image.index]
