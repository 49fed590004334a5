"""The writer ``tfrecord``: TensorFlow's record files with the keys of its Object Detection API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.shards import Span, part_name, shards_of, spans_of, write_shards
from replicator_dr.labels.content import Content
from replicator_dr.labels.depth import depth_description
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import DEPTH, KEYPOINTS, RGB
from replicator_dr.storage.json_numbers import dumps
from replicator_dr.storage.tf_example import example, framed
from writers.image_files import ColorOptions, colors
from writers.tfrecord_features import image_features, keypoint_features, mask_features, object_features


class Tfrecord(ColorOptions):
    """TFRecord files of tf.train.Example messages, with the keys of TensorFlow's Object Detection API."""

    shard_name: str = Field(default="samples", pattern=r"^[A-Za-z0-9_-]+$")
    """What the shards are called where there are no ``splits``; with them it is the split's name."""
    samples_per_shard: int = Field(default=1000, ge=1, le=1_000_000)
    """Images of a shard at most."""
    depth: Literal["png16", "none"] = "png16"
    """How depth is stored: 16-bit PNG in steps of ``depth_scale``, or not at all."""
    depth_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 1.0 reaches 65.5 m, 0.1 reaches 6.55 m; beyond is stored as 0."""
    masks: bool = False
    """Whether each object has a PNG image of its visible pixels."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return TfrecordFormat(self)


@dataclass(frozen=True)
class TfrecordFormat(DatasetFormat):
    """A record an image. categories: {name: number from 1}, known once the dataset is open."""

    options: Tfrecord
    categories: Mapping[str, int] = field(default_factory=dict)

    optional = (KEYPOINTS,)
    folders: ClassVar[tuple[str, ...]] = ("parts",)
    tables: ClassVar[tuple[str, ...]] = ("*-?????-of-?????", "shards.json", "label_map.pbtxt")
    names_classes: ClassVar[bool] = True
    keeps_files: ClassVar[bool] = False

    @property
    def annotators(self) -> tuple[str, ...]:  # type: ignore[override]
        """Colours, and depth where it is wanted."""
        return (RGB,) if self.options.depth == "none" else (RGB, DEPTH)

    def opened(self, writer: Any, folder: Path, categories: Sequence[str] | None) -> DatasetFormat:
        """The format with numbers for the categories."""
        return replace(self, categories={name: number for number, name in enumerate(categories or (), start=1)})

    def warm_up(self, encoders: Encoders) -> None:
        """As every format; and masks where they are wanted."""
        super().warm_up(encoders)
        if self.options.masks:
            encoders.mask_files(["1"], 1, 1, self.options.compression)

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The record, as it stands in its shard."""
        own = self.options
        color = colors(image.batch, own)[image.index]
        depth = None
        if own.depth != "none":
            depth = image.batch.depth(own.depth, own.depth_scale, own.compression).files[image.index]
        features = {
            **image_features(image, color, own.image_format, depth, own.depth_scale),
            **object_features(image, self.categories),
            **keypoint_features(image),
            **(mask_features(image, own.compression) if own.masks else {}),
        }
        return {part_name(image.id): Content(framed(example(features)))}

    def assemble(self, dataset: Assembly) -> None:
        """The shards, which take the parts in, and the categories' numbers."""
        own = self.options
        write_shards(
            dataset,
            own.samples_per_shard,
            lambda split, number, count: f"{split or own.shard_name}-{number:05d}-of-{count:05d}",
            self.tables[:1],
        )
        with dataset.file("label_map.pbtxt") as file:
            for name, number in dataset.categories.items():
                file.write(f"item {{\n  id: {number}\n  name: {_quoted(name)}\n}}\n".encode())

    def spans(self, folder: Path) -> Mapping[str, Span]:
        """Where the records lie in the shards."""
        return spans_of(folder, shards_of(folder))

    def description(self) -> dict[str, Any]:
        """The unit of depth."""
        return depth_description(self.options.depth, self.options.depth_scale)


def _quoted(name: str) -> str:
    """A string in Protocol Buffers' text format, which has JSON's escapes for quotation marks and backslashes."""
    return dumps(name)
