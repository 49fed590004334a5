"""The images of one render product over a batch, as label records and files are made from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import UnsupportedError
from replicator_dr.labels.cameras import Camera, camera_of

SEGMENTATION = "instance_segmentation_fast"
BOXES_3D = "bounding_box_3d_fast"
BOXES_AMODAL = "bounding_box_2d_loose_fast"
COVERAGE = "coverage"
CAMERA = "camera_params"
RGB = "rgb"
DEPTH = "distance_to_image_plane"
SENSOR_DEPTH = "sensor_depth"
KEYPOINTS = "keypoints"
AMODAL = "amodal_segmentation"
SILHOUETTE = "silhouette"
LABELS = (CAMERA, SEGMENTATION, BOXES_AMODAL, BOXES_3D)
"""Annotators that every label record is made from; ``coverage`` comes besides where the runtime has it."""


class Annotation(Protocol):
    """An annotator's result over B frames."""

    @property
    def painting(self) -> Any:
        """What data is painted from, where it is an id image and the runtime knows."""

    @property
    def data(self) -> Any:
        """(B, ...) array, B arrays, or None."""

    @property
    def jpegs(self) -> Mapping[int, Sequence[bytes]]:
        """B JPEG files by quality, where the renderer's device made them."""

    @property
    def info(self) -> Callable[[int], Mapping[str, Any]]:
        """One frame's tables."""


class Annotator(Protocol):
    """What a batch is asked with."""

    @property
    def name(self) -> str:
        """The name under which writers know it."""


class Product(Protocol):
    """A render product of a batch."""

    name: str


class Batch(Protocol):
    """What dataset writers ask of a captured batch."""

    products: Sequence[Product]

    def __len__(self) -> int: ...

    def annotation(self, annotator: Any, product: str) -> Annotation:
        """The result of an annotator for all frames of the batch."""


@dataclass(frozen=True)
class _Single:
    """An annotator's part of one frame's payload, in the "renderProduct" layout."""

    values: Mapping[str, Any]
    painting: None = None
    jpegs: ClassVar[Mapping[int, Sequence[bytes]]] = {}

    @property
    def data(self) -> NDArray[Any] | None:
        return np.asarray(self.values["data"])[None] if "data" in self.values else None

    def info(self, frame: int) -> Mapping[str, Any]:  # noqa: ARG002
        return self.values


class ProductImages:
    """B images of one render product, and their tables; what is not asked for is not computed.

    product: its name. names: the annotators that there are. A writer's annotator may be augmented: ``key`` tells what
    two writers have in common.
    """

    def __init__(self, product: str, count: int, found: Callable[[str], Annotation], keys: Mapping[str, Hashable]):
        self.product = product
        self._count = count
        self._find = found
        self._keys = keys
        self._found: dict[str, Annotation] = {}

    def __len__(self) -> int:
        return self._count

    def __contains__(self, annotator: str) -> bool:
        return annotator in self._keys

    def key(self, *annotators: str) -> Hashable:
        """What results made from these annotators depend on, within a batch; those that are missing are left out."""
        return (self.product, *(self._keys[name] for name in annotators if name in self._keys))

    @property
    def label_key(self) -> Hashable:
        """The same for label records. Depth images enter only where nobody knows each object's range of depths."""
        return self.key(*LABELS, COVERAGE) if COVERAGE in self else self.key(*LABELS, DEPTH)

    def annotation(self, annotator: str) -> Annotation:
        """One annotator's result. KeyError where the writer does not have it."""
        if annotator not in self._found:
            self._found[annotator] = self._find(annotator)
        return self._found[annotator]

    def tables(self, annotator: str) -> list[Mapping[str, Any]]:
        """The tables of each image."""
        info = self.annotation(annotator).info
        return [info(index) for index in range(self._count)]

    @cached_property
    def cameras(self) -> list[Camera]:
        """The camera of each image."""
        return [camera_of(params) for params in self.tables(CAMERA)]

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """(B, H, W, 4), sRGB and alpha."""
        return np.asarray(self.annotation(RGB).data)

    def jpegs(self, quality: int) -> Sequence[bytes]:
        """B files of the colours, which the renderer's device made. UnsupportedError where it made none."""
        files = self.annotation(RGB).jpegs.get(quality)
        if files is None:
            raise UnsupportedError(
                "jpeg_encoder: nvjpeg is for writers that get every frame of a run as it is; use jpeg_encoder: cpu"
            )
        return files

    @property
    def depth(self) -> NDArray[np.float32]:
        """(B, H, W) [m] along the optical axis, inf where nothing is hit."""
        return np.asarray(self.annotation(DEPTH).data, np.float32)

    @property
    def sensor_depth(self) -> NDArray[np.float32]:
        """(B, H, W) [m] along the optical axis as measured, inf where nothing is."""
        return np.asarray(self.annotation(SENSOR_DEPTH).data, np.float32)

    @cached_property
    def ids(self) -> NDArray[np.integer]:
        """(B, H, W) integers of 32 bits, of which row i of ``instances`` says what each pixel shows; -1 is nothing."""
        painting = self.annotation(SEGMENTATION).painting
        return np.asarray(self.annotation(SEGMENTATION).data if painting is None else painting.part)

    @cached_property
    def instances(self) -> NDArray[np.integer]:
        """(B, T): the instance of each of ``ids``; below 2 there is no object."""
        painting = self.annotation(SEGMENTATION).painting
        if painting is not None:
            return np.asarray(painting.table[:, :-1])
        return np.tile(np.arange(int(self.ids.max(initial=0)) + 1), (self._count, 1))

    def instance_image(self, image: int) -> NDArray[np.integer]:
        """(H, W) the instance seen in each pixel of an image, 0 or 1 where there is no object."""
        painted: NDArray[np.integer] = np.append(self.instances[image], 0)[self.ids[image]]
        return painted


def of_payload(product: str, values: Mapping[str, Any]) -> ProductImages:
    """One image, from the render product's part of a payload in the "renderProduct" layout."""
    names = [name for name, value in values.items() if isinstance(value, Mapping)]
    return ProductImages(product, 1, lambda name: _Single(values[name]), {name: name for name in names})


def of_batch(batch: Batch, product: str, annotators: Iterable[Any]) -> ProductImages:
    """All images of a product in a captured batch, as a writer with these annotators sees them."""
    named = {annotator.name: annotator for annotator in annotators}
    keys = {name: annotator.key for name, annotator in named.items()}
    return ProductImages(product, len(batch), lambda name: batch.annotation(named[name], product), keys)
