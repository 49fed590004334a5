"""Labelled images, as a format makes its files from them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import OutputError
from replicator_dr.labels.cameras import Camera
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders, encode_depth
from replicator_dr.labels.images import AMODAL, DEPTH, KEYPOINTS, RGB, SENSOR_DEPTH, SILHOUETTE, ProductImages
from replicator_dr.labels.keypoints import Keypoints, keypoints_of
from replicator_dr.labels.records import LabelRecords
from replicator_dr.labels.selection import Rules, Selection, select
from replicator_dr.labels.shared import Shared
from replicator_dr.labels.whole_objects import amodal_counts, silhouettes

T = TypeVar("T")

OBJECTS_PER_IMAGE = 100_000
"""An object's id is its image's id times this plus its instance's: unique, whatever else is written."""


@dataclass(frozen=True)
class DepthContent:
    """Depth images as files, empty where none are wanted. missed, beyond: (B,) as in ``encoders.DepthFiles``."""

    files: list[Content]
    missed: list[int]
    beyond: list[int]


class LabelledBatch:
    """The images of one render product over a batch, as one writer sees them.

    What is worked out is kept in ``shared``, so that the writers of a batch have it worked out once. rules: the
    writer's, which objects count.
    """

    def __init__(self, images: ProductImages, rules: Rules, encoders: Encoders, shared: Shared) -> None:
        self.images = images
        self.rules = rules
        self._encoders = encoders
        self._shared = shared
        self._own: dict[Hashable, Any] = {}

    def once(self, name: Hashable, make: Callable[[], T], *annotators: str) -> T:
        """What ``make`` gives, made once for all writers whose results under this name depend on the same.

        annotators: those that it is made from, beside those of the label records; the same at each call with a name.
        """
        if name not in self._own:
            key = (name, self.images.label_key, self.images.key(*annotators))
            self._own[name] = self._shared.once(key, make)
        result: T = self._own[name]
        return result

    @cached_property
    def records(self) -> LabelRecords:
        """All objects of all images, whatever the writer's rules say."""
        return self.once("records", lambda: LabelRecords(self.images, self._encoders))

    @cached_property
    def cameras(self) -> list[Camera]:
        """The camera of each image."""
        return self.once("cameras", lambda: self.images.cameras)

    @cached_property
    def camera_records(self) -> list[dict[str, Any]]:
        """The same as they stand in images' records; they are shared, so not to be changed."""
        return self.once("camera records", lambda: [camera.record() for camera in self.cameras])

    @cached_property
    def selection(self) -> Selection:
        """What the writer's rules make of them."""
        return self.once(("selection", self.rules), lambda: select(self.records, self.rules))

    @cached_property
    def kept(self) -> list[NDArray[np.int64]]:
        """The rows of ``records`` that are annotated, for each image."""
        return self.once(("kept", self.rules), lambda: self._by_image(self.selection.kept))

    @cached_property
    def below(self) -> list[NDArray[np.int64]]:
        """The rows of wanted categories that the rules filter out, for each image."""
        return self.once(("below", self.rules), lambda: self._by_image(self.selection.below))

    @cached_property
    def category_names(self) -> list[list[str]]:
        """The categories of ``kept``."""
        names = self.selection.categories
        return self.once(
            ("names", self.rules), lambda: [[str(names[row]) for row in rows.tolist()] for rows in self.kept]
        )

    def _by_image(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        return np.split(rows, np.searchsorted(self.records.image[rows], np.arange(1, len(self.images))))

    @property
    def keypoints(self) -> Keypoints | None:
        """Named points of the objects; None where the format does not ask for them, or the runtime has none."""
        if KEYPOINTS not in self.images:
            return None
        return self.once("keypoints", lambda: keypoints_of(self.images, self.records), KEYPOINTS)

    @property
    def amodal_counts(self) -> list[str] | None:
        """Masks inside the image as if nothing were in front, as run lengths; None as for ``keypoints``."""
        if AMODAL not in self.images:
            return None
        return self.once("amodal", lambda: amodal_counts(self.images, self.records), AMODAL)

    @property
    def silhouettes(self) -> NDArray[Any] | None:
        """``pixels`` and boxes of whole objects, beyond the image's borders too; None as for ``keypoints``."""
        if SILHOUETTE not in self.images:
            return None
        return self.once("silhouettes", lambda: silhouettes(self.images, self.records), SILHOUETTE)

    def mask_files(self, level: int) -> list[Content]:
        """N PNG files of the visible pixels of each row of ``records``: 255 where it is seen, 0 elsewhere."""
        return self.once(("mask files", level), lambda: self._mask_files(self.records.counts, level))

    def amodal_mask_files(self, level: int) -> list[Content]:
        """The same of whole objects, inside the image, for formats that have ``amodal_counts``."""
        counts = self.amodal_counts
        assert counts is not None
        return self.once(("amodal mask files", level), lambda: self._mask_files(counts, level), AMODAL)

    def _mask_files(self, counts: Sequence[str], level: int) -> list[Content]:
        _, height, width = self.images.ids.shape

        def make(fresh: Sequence[str]) -> list[Content]:
            return [Content(data) for data in self._encoders.mask_files(fresh, width, height, level)]

        return self._of_masks(("files of masks", level), counts, make)

    def run_texts(self) -> list[bytes]:
        """N JSON lists of the runs of ``mask_files``, uncompressed, zeros first."""
        return self.once("run texts", lambda: self._run_texts(self.records.counts))

    def amodal_run_texts(self) -> list[bytes]:
        """The same of ``amodal_mask_files``."""
        counts = self.amodal_counts
        assert counts is not None
        return self.once("amodal run texts", lambda: self._run_texts(counts), AMODAL)

    def _run_texts(self, counts: Sequence[str]) -> list[bytes]:
        return self._of_masks("texts of masks", counts, self._encoders.run_texts)

    def _of_masks(self, name: Hashable, counts: Sequence[str], make: Callable[[Sequence[str]], Sequence[T]]) -> list[T]:
        """What is made of each mask, once for all that are alike: what nothing hides is seen whole."""
        known: dict[str, T] = self._shared.once((name, self.images.product), dict)
        fresh = [mask for mask in dict.fromkeys(counts) if mask not in known]
        known.update(zip(fresh, make(fresh), strict=True))
        return [known[mask] for mask in counts]

    def rgb(self, level: int) -> list[Content]:
        """PNG files of the colours. level: of compression, 0 to 3."""

        def make() -> list[Content]:
            return [Content(data) for data in self._encoders.colors(self.images.rgb, level)]

        return self._shared.once(("rgb", level, self.images.key(RGB)), make)

    def label_files(
        self, of_rows: Sequence[NDArray[np.integer]], palette: NDArray[np.uint8] | None, level: int
    ) -> list[list[Content]]:
        """For each of ``of_rows``, (N,) numbers of the rows of ``records``, a PNG file of each image; 0 is no object.

        palette: (n, 3) uint8 RGB, in which numbers are places; without one their bytes are R, G and B, the lowest
        first.
        """
        records, instances = self.records, self.images.instances
        of_instance = np.zeros((len(of_rows), len(self.images), int(instances.max(initial=0)) + 1), np.uint32)
        of_instance[:, records.image, records.instance] = np.stack(of_rows)
        of_id = np.take_along_axis(of_instance, instances.astype(np.int64)[None], axis=2)
        values = np.pad(of_id, ((0, 0), (0, 0), (0, 1)))  # the last column is that of pixels that show nothing, id -1
        files = self._encoders.label_files(self.images.ids, values, palette, level)
        return [[Content(data) for data in kind] for kind in files]

    def jpeg(self, quality: int, on_device: bool = False) -> list[Content]:
        """JPEG files of the colours, 4:4:4. on_device: those that the renderer's device made with nvJPEG."""

        def make() -> list[Content]:
            if on_device:
                return [Content(data) for data in self.images.jpegs(quality)]
            return [Content(data) for data in self._encoders.jpeg(self.images.rgb, quality)]

        return self._shared.once(("jpeg", quality, on_device, self.images.key(RGB)), make)

    def depth(self, form: str, scale: float, level: int, annotator: str = DEPTH) -> DepthContent:
        """Depth files: "png16" in steps of ``scale`` millimetres, "npy" in metres, or "none".

        annotator: ``distance_to_image_plane`` or ``sensor_depth``.
        """

        def make() -> DepthContent:
            depth = self.images.sensor_depth if annotator == SENSOR_DEPTH else self.images.depth
            files = encode_depth(self._encoders, depth, form, scale, level)
            return DepthContent([Content(data) for data in files.content], files.missed, files.beyond)

        return self._shared.once(("depth", form, scale, level, self.images.key(annotator)), make)


@dataclass(frozen=True)
class LabelledImage:
    """One image. index: its place in the batch. id: over the whole dataset, from 1.

    split: the part of the dataset that it belongs to, None where it has none. draws: {distribution: what it gave}.
    products: how many render products a frame has. categories: all that the dataset may have, in the order of their
    numbers; empty where they are not known yet.
    """

    batch: LabelledBatch
    index: int
    id: int
    frame: int
    split: str | None
    draws: dict[str, Any]
    products: int = 1
    categories: tuple[str, ...] = ()

    @property
    def position(self) -> int:
        """Which of the frame's products it is, from 0."""
        return self.id - 1 - self.frame * self.products

    @property
    def product(self) -> str:
        """The name of the render product."""
        return self.batch.images.product

    @property
    def camera(self) -> Camera:
        """The camera, with the image's size."""
        return self.batch.cameras[self.index]

    @property
    def camera_record(self) -> dict[str, Any]:
        """The camera as it stands in an image's record, not to be changed."""
        return self.batch.camera_records[self.index]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of ``batch.records`` that are annotated."""
        return self.batch.kept[self.index]

    @property
    def rows_below(self) -> NDArray[np.int64]:
        """Rows of wanted categories that the options filter out; most formats leave them out."""
        return self.batch.below[self.index]

    @property
    def category_names(self) -> list[str]:
        """The categories of ``rows``."""
        return self.batch.category_names[self.index]

    @cached_property
    def category_numbers(self) -> list[int]:
        """The numbers of these, from 1, for formats that say ``names_classes``.

        OutputError for a category that nothing named before the first image.
        """
        numbers = {name: number for number, name in enumerate(self.categories, start=1)}
        if unknown := sorted(set(self.category_names) - set(numbers)):
            raise OutputError(
                f"frame {self.frame} shows the category {unknown[0]!r}, and the dataset numbers {len(numbers)} others: "
                f"{', '.join(numbers) or 'none'}; name all of them with `categories`"
            )
        return [numbers[name] for name in self.category_names]

    def object_ids(self, rows: Sequence[int]) -> list[int]:
        """Ids of objects over the whole dataset, the same on every shard and resume."""
        instances = self.batch.records.instance
        return [self.id * OBJECTS_PER_IMAGE + int(instances[row]) for row in rows]
