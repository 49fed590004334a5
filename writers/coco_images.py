"""The images of one render product over a batch, as the annotations and the files are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from writers.coco_camera import Camera, camera_of

SEGMENTATION = "instance_segmentation_fast"
RGB = "rgb"
DEPTH = "distance_to_image_plane"
SENSOR_DEPTH = "sensor_depth"
CAMERA = "camera_params"
IMAGES = (SEGMENTATION, RGB, DEPTH, SENSOR_DEPTH)


class Product(Protocol):
    """A render product of a batch."""

    name: str


class Batch(Protocol):
    """What this writer asks of a captured batch."""

    products: Sequence[Product]

    def __len__(self) -> int: ...

    def annotation(self, annotator: Any, product: str) -> Any:
        """The result of an annotator for all frames of the batch."""


@dataclass(frozen=True)
class ImageBatch:
    """B images of one render product.

    values: the tables of each image, by annotator, in the "renderProduct" layout. cameras: of each image. rgb:
    (B, H, W, 4) uint8; depth, sensor_depth: (B, H, W) float32 [m], the latter None where it is not asked for. ids:
    (B, H, W) integers of 32 bits, of which row i of ``table``, (B, T), says which instance each belongs to; ids below
    0, and instances below 2, are no object.
    """

    product: str
    values: Sequence[Mapping[str, Any]]
    cameras: Sequence[Camera]
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    ids: NDArray[np.integer]
    table: NDArray[np.integer]
    sensor_depth: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def instance_image(self, image: int) -> NDArray[np.integer]:
        """(H, W) the instance seen in each pixel, 0 where there is none."""
        return np.append(self.table[image], 0)[self.ids[image]]


def of_payload(product: str, values: Mapping[str, Any]) -> ImageBatch:
    """One image, from the render product's part of a payload."""
    ids = np.asarray(values[SEGMENTATION]["data"])[None]
    return ImageBatch(
        product,
        [values],
        [camera_of(values[CAMERA])],
        np.asarray(values[RGB]["data"])[None] if RGB in values else np.zeros((1, 0, 0, 4), np.uint8),
        np.asarray(values[DEPTH]["data"], np.float32)[None],
        ids,
        np.arange(int(ids.max(initial=0)) + 1)[None],
        np.asarray(values[SENSOR_DEPTH]["data"], np.float32)[None] if SENSOR_DEPTH in values else None,
    )


def of_batch(batch: Batch, product: str, annotators: Sequence[Any]) -> ImageBatch:
    """All images of a product, from the arrays of a captured batch."""
    found = {annotator.name: batch.annotation(annotator, product) for annotator in annotators}
    values = [
        {
            name: annotation.info(index) if name in IMAGES else annotation.flat(index)
            for name, annotation in found.items()
        }
        for index in range(len(batch))
    ]
    painting = found[SEGMENTATION].painting
    if painting is not None:
        ids, table = painting.part, painting.table[:, :-1]
    else:
        ids = np.asarray(found[SEGMENTATION].data)
        table = np.tile(np.arange(int(ids.max(initial=0)) + 1), (len(ids), 1))
    return ImageBatch(
        product,
        values,
        [camera_of(value[CAMERA]) for value in values],
        np.asarray(found[RGB].data),
        np.asarray(found[DEPTH].data, np.float32),
        ids,
        table,
        np.asarray(found[SENSOR_DEPTH].data, np.float32) if SENSOR_DEPTH in found else None,
    )
