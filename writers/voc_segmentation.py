"""Segmentation of Pascal VOC: images of places in one palette, of classes and of objects."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content
from replicator_dr.storage.png import encode_png_indexed

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
    classes, objects = image.category_numbers, range(1, len(image.rows) + 1)
    for kind, count in (("categories", len(image.categories)), ("objects", len(objects))):
        if count >= VOID:
            raise OutputError(
                f"frame {image.frame} of {image.product} would need {count} colours for its {kind}, and a palette of "
                f"Pascal VOC has {VOID - 1}; annotate fewer, or choose another format"
            )
    records, images = image.batch.records, image.batch.images
    instances = images.instance_image(image.index)

    def painted(numbers: range | list[int]) -> Content:
        table = np.zeros(int(instances.max(initial=0)) + 1, np.uint8)
        table[records.instance[image.rows]] = numbers
        table[records.instance[image.rows_below]] = VOID
        return Content(encode_png_indexed(table[np.maximum(instances, 0)], palette(), level))

    return painted(classes), painted(objects)
