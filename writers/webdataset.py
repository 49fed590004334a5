"""The writer ``webdataset``: samples in tar files, which trainers read from front to back, also over a network."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.shards import Span, part_name, shards_of, spans_of, write_shards
from replicator_dr.labels.content import Content
from replicator_dr.labels.depth import depth_description
from replicator_dr.labels.images import DEPTH, KEYPOINTS, RGB
from replicator_dr.storage.json_numbers import line
from writers.coco_annotations import annotations_of, image_entry
from writers.coco_keypoints import keypoint_sets
from writers.image_files import ColorOptions, colors

_SIZE, _CHECKSUM = slice(124, 135), slice(148, 155)
"""Fields of a member's head that change (POSIX.1-1988, ustar)."""


class Webdataset(ColorOptions):
    """WebDataset: tar files of samples, each with its colours, its depth and everything known of its objects."""

    shard_name: str = Field(default="samples", pattern=r"^[A-Za-z0-9_-]+$")
    """What the shards are called where there are no ``splits``; with them it is the split's name."""
    samples_per_shard: int = Field(default=1000, ge=1, le=1_000_000)
    """Images of a shard at most."""
    depth: Literal["png16", "npy", "none"] = "png16"
    """How depth is stored: 16-bit PNG in steps of ``depth_scale``, float32 metres as .npy, or not at all."""
    depth_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 1.0 reaches 65.5 m, 0.1 reaches 6.55 m; beyond is stored as 0."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return WebdatasetFormat(self)


@dataclass(frozen=True)
class WebdatasetFormat(DatasetFormat):
    """Members of a sample are adjacent, and share their name up to its first dot.

    categories: {name: number from 1}, known once the dataset is open.
    """

    options: Webdataset
    categories: Mapping[str, int] = field(default_factory=dict)

    optional = (KEYPOINTS,)
    folders: ClassVar[tuple[str, ...]] = ("parts",)
    tables: ClassVar[tuple[str, ...]] = ("*-[0-9][0-9][0-9][0-9][0-9][0-9].tar", "shards.json", "categories.json")
    names_classes: ClassVar[bool] = True
    keeps_files: ClassVar[bool] = False

    @property
    def annotators(self) -> tuple[str, ...]:  # type: ignore[override]
        """Colours, and depth where it is wanted."""
        return (RGB,) if self.options.depth == "none" else (RGB, DEPTH)

    def opened(self, writer: Any, folder: Path, categories: Sequence[str] | None) -> DatasetFormat:
        """The format with numbers for the categories."""
        return replace(self, categories={name: number for number, name in enumerate(categories or (), start=1)})

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The sample, as it stands in its shard."""
        own = self.options
        key = f"{image.frame:06d}_{image.position:02d}"
        color = colors(image.batch, own)[image.index]
        members = {f"rgb.{own.image_format}": color.data}
        if own.depth != "none":
            depth = image.batch.depth(own.depth, own.depth_scale, own.compression)
            members["depth.npy" if own.depth == "npy" else "depth.png"] = depth.files[image.index].data
        members["json"] = self._labels(image)
        return {part_name(image.id): Content(tar_members(key, members))}

    def _labels(self, image: LabelledImage) -> bytes:
        """The image's record with its annotations, as ``coco_depth`` has them."""
        objects = [
            {"id": one.pop("id"), "category_id": self.categories[one["category"]], **one}
            for one in annotations_of(image)
        ]
        split = {} if image.split is None else {"split": image.split}
        named = {"keypoint_sets": sets} if (sets := keypoint_sets(image)) else {}
        return line({**image_entry(image, {}), **split, "annotations": objects, **named})

    def assemble(self, dataset: Assembly) -> None:
        """The shards, which take the parts in, and the categories' numbers."""
        own = self.options
        write_shards(
            dataset,
            own.samples_per_shard,
            lambda split, number, count: f"{split or own.shard_name}-{number:06d}.tar",
            self.tables[:1],
            tar_end,
        )
        with dataset.file("categories.json") as file:
            file.write(line(dataset.categories) + b"\n")

    def spans(self, folder: Path) -> Mapping[str, Span]:
        """Where the samples lie in the shards."""
        return spans_of(folder, shards_of(folder))

    def description(self) -> dict[str, Any]:
        """The unit of depth."""
        return depth_description(self.options.depth, self.options.depth_scale)


def tar_members(key: str, files: Mapping[str, bytes]) -> bytes:
    """Files in a POSIX (ustar) archive, ``<key>.<ending>`` by ending.

    They are of nobody, from the epoch, so that the bytes follow from their content. key, endings: ASCII. ValueError
    where the archive's heads have no room for them.
    """
    parts: list[bytes] = []
    for ending, data in files.items():
        parts += [_head(f"{key}.{ending}", len(data)), data, bytes(-len(data) % tarfile.BLOCKSIZE)]
    return b"".join(parts)


def _head(name: str, size: int) -> bytes:
    if len(name) > tarfile.LENGTH_NAME:
        raise ValueError(f"{name!r} is longer than {tarfile.LENGTH_NAME} characters")
    head = bytearray(_head_of_nothing())
    head[: len(name)] = name.encode("ascii")
    head[_SIZE] = b"%011o" % size
    head[_CHECKSUM] = b"%06o\0" % sum(head)
    return bytes(head)


@cache
def _head_of_nothing() -> bytes:
    """The head of an empty file without a name; blanks where its checksum goes, as that counts them."""
    info = tarfile.TarInfo("")
    info.mode = 0o644
    head = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    head[148:156] = b" " * 8
    return bytes(head)


def tar_end(size: int) -> bytes:
    """What ends an archive whose members take ``size`` bytes: two empty blocks, and the rest of a record."""
    return bytes(2 * tarfile.BLOCKSIZE + -(size + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE)
