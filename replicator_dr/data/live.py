"""A running graph as samples: rendered and labelled when they are taken, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.from_labels import objects_of
from replicator_dr.data.labelling import labelling_of
from replicator_dr.data.records import Camera, Category, Image
from replicator_dr.data.sample import PICTURES, Sample, sample_of
from replicator_dr.dataset.labelled import LabelledBatch, LabelledImage
from replicator_dr.errors import UnsupportedError
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
from replicator_dr.storage.json_numbers import plain

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedBatch
    from replicator_dr.graph import Graph
    from replicator_dr.render.photograph import DeviceImages

_SOURCES = {"rgb": RGB, "depth": DEPTH, "sensor_depth": SENSOR_DEPTH}


class LiveSamples:
    """The images of a graph's frames.

    graph: on the embedded runtime; it stays the caller's to close. frames: a number of them, counted from 0, or their
    numbers. split: only frames of that split. pictures: which of "rgb", "depth" and "sensor_depth" are rendered. batch:
    frames rendered together. workers: threads; by default one per core. on_device: rgb (then (H, W, 4), with alpha),
    depth and masks (then uint8) come as Warp arrays on the device that drew them, which others take by DLPack without a
    copy.

    What is annotated, how categories are numbered and how frames are split is as the spec's ``coco_depth`` says, else
    its first dataset writer, else as a ``coco_depth`` without options would. For the same frame and render product a
    sample equals that of the written dataset: colours to the byte, masks, boxes, poses and all numbers exactly; depth
    is not rounded to the steps of a 16-bit image, nor cut off where these end. UnsupportedError for a graph on Isaac
    Sim.
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
        if graph.engine != "embedded":
            raise UnsupportedError(
                "live samples are made by the embedded runtime: build the graph with engine='embedded', or write a "
                "dataset on Isaac Sim and read that"
            )
        self.graph = graph
        self.pictures = tuple(pictures)
        self._batch, self._workers, self._on_device = batch, workers, on_device
        self._encoders = NativeEncoders()
        self.products: tuple[str, ...] = tuple(product.name for product in graph.products)
        asked = np.arange(frames, dtype=np.int64) if isinstance(frames, int) else np.asarray(frames, np.int64)
        self._labelling = labelling_of(graph, asked, split)

    @property
    def categories(self) -> tuple[Category, ...]:
        """By ascending id, from 1, with the keypoints of their objects."""
        return self._labelling.points.categories

    @property
    def frames(self) -> NDArray[np.int64]:
        """(n,) int64, their numbers."""
        return self._labelling.frames

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
        wanted = [
            *(_SOURCES[picture] for picture in self.pictures),
            *LABELS,
            *((KEYPOINTS,) if self._labelling.points else ()),
        ]
        made = self.graph.captures(numbers, self._samples, self._batch, wanted, self._workers, self._on_device)
        for samples in made:
            yield from samples

    def _samples(self, captured: CapturedBatch) -> list[Sample]:
        """All images of a rendered batch, by frame; on any thread."""
        frames = captured.state.frames.tolist()
        draws = [_draws(captured, index) for index in range(len(captured))]
        products: list[list[Sample]] = []
        for position, product in enumerate(captured.products):
            batch = LabelledBatch(
                self._images(captured, product.name), self._labelling.rules, self._encoders, captured.shared
            )
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
        return sample_of(record, objects_of(image, self._labelling.points, part), self._pictures(image, on_device))

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

    def _images(self, captured: CapturedBatch, product: str) -> ProductImages:
        """A product's images with the annotators that dataset writers use."""

        def find(name: str) -> Any:
            params = {"colorize": False} if name == SEGMENTATION else {}
            return captured.annotator(name, product, **params)

        names = (*_SOURCES.values(), *LABELS, COVERAGE, *((KEYPOINTS,) if self._labelling.points else ()))
        return ProductImages(product, len(captured), find, {name: name for name in names})


def _draws(captured: CapturedBatch, index: int) -> dict[str, Any]:
    """{distribution: what it gave a frame}, as plain JSON, by name."""
    drawn = captured.payload(index, (), "renderProduct")["distribution_outputs"]
    return {name: plain(drawn[name]) for name in sorted(drawn)}
