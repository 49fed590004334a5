"""A running graph as samples: rendered and labelled when they are taken, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.keypoints import CategoryKeypoints
from replicator_dr.data.labelled import objects_of
from replicator_dr.data.records import Camera, Category, Image
from replicator_dr.data.sample import PICTURES, Sample, sample_of
from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.dataset.splits import Splits
from replicator_dr.labels.encoders import NativeEncoders
from replicator_dr.labels.images import (
    COVERAGE,
    DEPTH,
    KEYPOINTS,
    LABELS,
    RGB,
    SEGMENTATION,
    SENSOR_DEPTH,
    ProductImages,
)
from replicator_dr.labels.keypoints import KeypointSet
from replicator_dr.labels.selection import Rules, category_of
from replicator_dr.storage.json_numbers import plain

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.capture import CapturedBatch
    from replicator_dr.graph import Graph
    from replicator_dr.render.photograph import DeviceImages

_SOURCES = {"rgb": RGB, "depth": DEPTH, "sensor_depth": SENSOR_DEPTH}
_WINDOW = 1024
"""Frames whose draws are looked at together, for splits that go by a draw."""


class LiveSamples:
    """The images of a graph's frames.

    graph: on the embedded runtime; it stays the caller's to close. frames: a number of them, counted from 0, or their
    numbers. split: only frames of that split. pictures: which of "rgb", "depth" and "sensor_depth" are rendered. batch:
    frames rendered together. workers: threads; by default one per core. on_device: rgb (then (H, W, 4), with alpha),
    depth and masks (then uint8) come as Warp arrays on the device that drew them, which others take by DLPack without a
    copy.

    What is annotated, how categories are numbered and how frames are split is as the spec's first dataset writer says,
    or as a ``coco_depth`` without options would. For the same frame and render product a sample equals that of the
    written dataset: colours to the byte, masks, boxes, poses and all numbers exactly; depth is not rounded to the steps
    of a 16-bit image, nor cut off where these end.
    """

    def __init__(
        self,
        graph: Graph,
        frames: int | Sequence[int] | NDArray[np.int64],
        split: str | None = None,
        pictures: Sequence[str] = ("rgb", "depth"),
        *,
        batch: int = 16,
        workers: int | None = None,
        on_device: bool = False,
    ) -> None:
        unknown = sorted(set(pictures) - set(PICTURES))
        if unknown:
            raise ValueError(f"there is no picture {unknown[0]!r}; there are {', '.join(PICTURES)}")
        self.graph = graph
        self.pictures = tuple(pictures)
        self._batch, self._workers, self._on_device = batch, workers, on_device
        options = _options(graph)
        self._rules = options.rules() if options else Rules()
        self._splits = options.divided() if options else Splits()
        self._encoders = NativeEncoders()
        self.products: tuple[str, ...] = tuple(product.name for product in graph.products)
        names = options.categories if options and options.categories is not None else self._names()
        asked = np.arange(frames, dtype=np.int64) if isinstance(frames, int) else np.asarray(frames, np.int64)
        self.frames: NDArray[np.int64] = asked if split is None else self._of_split(asked, split)
        sets = [KeypointSet(one.names, one.skeleton) for one in graph.scene.keypoints.sets]
        self._points = CategoryKeypoints(names, sets, self._sets())

    @property
    def categories(self) -> tuple[Category, ...]:
        """By ascending id, from 1, with the keypoints of their objects."""
        return self._points.categories

    def __len__(self) -> int:
        """Images: an image of each render product for each frame."""
        return len(self.frames) * len(self.products)

    def __iter__(self) -> Iterator[Sample]:
        return self.of_frames(self.frames)

    def of_frames(self, frames: Iterable[int] | NDArray[np.int64]) -> Iterator[Sample]:
        """The samples of frames in any order: for each frame one of every render product, in their order.

        While the caller uses some, the next are rendered.
        """
        numbers = np.fromiter(frames, np.int64)
        wanted = [*(_SOURCES[picture] for picture in self.pictures), *LABELS, *((KEYPOINTS,) if self._points else ())]
        made = self.graph.captures(numbers, self._samples, self._batch, wanted, self._workers, self._on_device)
        for samples in made:
            yield from samples

    def _samples(self, captured: CapturedBatch) -> list[Sample]:
        """All images of a rendered batch, by frame; on any thread."""
        frames = captured.state.frames.tolist()
        draws = [_draws(captured, index) for index in range(len(captured))]
        products: list[list[Sample]] = []
        for position, product in enumerate(captured.products):
            batch = LabelledBatch(self._images(captured, product.name), self._rules, self._encoders, captured.shared)
            shown = captured.view(product.name).on_device
            products.append([])
            for index, (frame, drawn) in enumerate(zip(frames, draws)):
                image_id = frame * len(captured.products) + position + 1
                products[-1].append(self._sample(LabelledImage(batch, index, image_id, frame, None, drawn), shown))
        captured.shared.clear()
        return [sample for frame in zip(*products) for sample in frame]

    def _sample(self, image: LabelledImage, on_device: DeviceImages | None) -> Sample:
        camera = image.camera
        record = Image(
            id=image.id,
            width=camera.width,
            height=camera.height,
            file_name="",
            frame=image.frame,
            product=image.product,
            camera=msgspec.convert(camera.record(), Camera),
            draws=image.draws,
        )
        part = None if on_device is None else on_device.part[image.index]
        return sample_of(record, objects_of(image, self._points, part), self._pictures(image, on_device))

    def _pictures(self, image: LabelledImage, on_device: DeviceImages | None) -> dict[str, Any]:
        shown, index = image.batch.images, image.index
        found: dict[str, Any] = {}
        for name in self.pictures:
            if on_device is not None and name != "sensor_depth":
                found[name] = getattr(on_device, name)[index]
            elif name == "rgb":
                found[name] = shown.rgb[index][..., :3]
            else:
                found[name] = (shown.depth if name == "depth" else shown.sensor_depth)[index]
        return found

    def _names(self) -> list[str]:
        """The categories that the scene's prims may have, as a writer without ``categories`` numbers them."""
        found = {category_of(labels, self._rules.label_type) for labels in self.graph.scene.labels.label_sets}
        return sorted(name for name in found if name is not None)

    def _sets(self) -> Iterator[tuple[str, int]]:
        """(category, number of a keypoint set) of the scene's objects, by their labels in the first frames."""
        tables = self.graph.scene.keypoints
        if not tables.sets or not len(self.frames):
            return
        rows = self.graph.sample(self.frames[:_WINDOW].tolist()).entity_labels
        sets = self.graph.scene.labels.label_sets
        for entity, number in set(zip(tables.entity.tolist(), tables.of_set.tolist())):
            for row in np.unique(rows[:, entity]).tolist():
                name = category_of(sets[row], self._rules.label_type) if row >= 0 else None
                if name is not None:
                    yield name, number

    def _images(self, captured: CapturedBatch, product: str) -> ProductImages:
        """A product's images with the annotators that dataset writers use."""

        def find(name: str) -> Any:
            params = {"colorize": False} if name == SEGMENTATION else {}
            return captured.annotator(name, product, **params)

        names = (*_SOURCES.values(), *LABELS, COVERAGE, *((KEYPOINTS,) if self._points else ()))
        return ProductImages(product, len(captured), find, {name: name for name in names})

    def _of_split(self, frames: NDArray[np.int64], split: str) -> NDArray[np.int64]:
        if split not in self._splits.names:
            known = ", ".join(self._splits.names) or "none: ask for them with the writer's `splits`"
            raise ValueError(f"the spec has no split {split!r}; it has {known}")
        kept: list[int] = []
        for first in range(0, len(frames), _WINDOW):
            window = frames[first : first + _WINDOW]
            drawn: dict[str, NDArray[Any]] = (
                {} if self._splits.group is None else self.graph.sample(window.tolist()).draws
            )
            for row, frame in enumerate(window.tolist()):
                values = {name: np.asarray(draw[row]).tolist() for name, draw in drawn.items()}
                if self._splits.of(frame, values) == split:
                    kept.append(frame)
        return np.array(kept, np.int64)


def _options(graph: Graph) -> DatasetPlugin | None:
    """The spec's first dataset writer."""
    plugins = (entry.writer for entry in graph.spec.writers)
    return next((plugin for plugin in plugins if isinstance(plugin, DatasetPlugin)), None)


def _draws(captured: CapturedBatch, index: int) -> dict[str, Any]:
    """{distribution: what it gave a frame}, as plain JSON, by name."""
    drawn = captured.payload(index, (), "renderProduct")["distribution_outputs"]
    return {name: plain(drawn[name]) for name in sorted(drawn)}
