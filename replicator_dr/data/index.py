"""An index of a written dataset: where each image's records lie, and what is needed to choose among images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.lines import BEFORE_CATEGORIES, BETWEEN, Int64, ids_at, layout_of
from replicator_dr.data.records import Annotation, Category, Depth, Head, Image, ImageHead, Info
from replicator_dr.errors import DatasetError

ANNOTATIONS = "annotations.json"
INSTANCES_PER_IMAGE = 100_000
"""Annotation ids are image id times this plus the instance's id (docs/dataset.md)."""

_IMAGE = msgspec.json.Decoder(Image)
_HEAD_OF_IMAGE = msgspec.json.Decoder(ImageHead)
_ANNOTATIONS = msgspec.json.Decoder(list[Annotation])
_CATEGORIES = msgspec.json.Decoder(list[Category])
_HEAD = msgspec.json.Decoder(Head)

R = TypeVar("R")


@dataclass(frozen=True)
class DatasetIndex:
    """Which images a dataset holds and where their records lie: some 50 bytes an image, whatever is in them.

    file: annotations.json, or that of a split. info, categories: of the dataset as a whole. ids, frames: (n,) int64,
    ascending image ids and their frames. images, objects: (n, 2) int64, first byte and the one after the last of each
    image's record and of its annotations' records.
    """

    file: Path
    info: Info
    categories: tuple[Category, ...]
    ids: Int64
    frames: Int64
    images: Int64
    objects: Int64

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def folder(self) -> Path:
        """Of the dataset."""
        return self.file.parent

    @property
    def depth(self) -> Depth:
        """How depth files hold metres."""
        return self.info.depth or Depth()

    def image(self, row: int, text: bytes) -> Image:
        """The record of an image, from its text."""
        return decoded(_IMAGE, text, f"the record of image {self.ids[row]} in {self.file}")

    def annotations(self, row: int, text: bytes) -> list[Annotation]:
        """The records of an image's objects, from their text, lines with commas in between."""
        what = f"the annotations of image {self.ids[row]} in {self.file}"
        records = decoded(_ANNOTATIONS, b"[" + text + b"]", what)
        if any(record.image_id != self.ids[row] for record in records):
            raise DatasetError(f"{what} name another image; make the file anew")
        return records


def read_index(folder: str | Path, split: str | None = None) -> DatasetIndex:
    """Open a folder that ``coco_depth`` wrote, all of it or a split.

    DatasetError where there is none, where it has no such split, or where its annotations are broken.
    """
    file = _annotations_file(Path(folder).expanduser().absolute(), split)
    content = np.memmap(file, np.uint8, "r")
    layout = layout_of(file, content)
    images = _spans(layout.images)
    if len(images):
        images[-1, 1] = _before(content, images[-1], BETWEEN)
    starts = layout.annotations
    owners = ids_at(file, content, starts[:-1]) // INSTANCES_PER_IMAGE
    tail = int(starts[-2]) if len(starts) > 1 else int(layout.images[-2]) if len(images) else 0
    categories_at = _before(content, np.array([tail, len(content)]), BEFORE_CATEGORIES)
    tail_text = bytes(content[categories_at + len(BEFORE_CATEGORIES) - 1 : -2])
    head_text = bytes(content[: layout.head]) + b"]}"
    heads = [decoded(_HEAD_OF_IMAGE, _record(content, span), f"an image's record in {file}") for span in images]
    categories: list[Category] = decoded(_CATEGORIES, tail_text, f"the categories of {file}")
    ids = np.array([head.id for head in heads], np.int64)
    first, last = np.searchsorted(owners, ids, "left"), np.searchsorted(owners, ids, "right")
    if (np.diff(ids) <= 0).any() or (np.diff(owners) < 0).any() or (last - first).sum() != len(owners):
        raise DatasetError(f"{file} holds annotations of images that are not in it, or out of order; make it anew")
    ends = np.append(starts[:-1], categories_at)
    return DatasetIndex(
        file=file,
        info=decoded(_HEAD, head_text, f"the head of {file}").info,
        categories=tuple(categories),
        ids=ids,
        frames=np.array([head.frame for head in heads], np.int64),
        images=images,
        objects=np.stack([ends[first], ends[last]], axis=1),
    )


def _annotations_file(folder: Path, split: str | None) -> Path:
    file = folder / (ANNOTATIONS if split is None else f"annotations_{split}.json")
    if file.is_file() and file.stat().st_size > 0:
        return file
    if split is not None and (folder / ANNOTATIONS).is_file():
        found = sorted(path.stem.removeprefix("annotations_") for path in folder.glob("annotations_*.json"))
        known = ", ".join(found) or "none: ask for them with the writer's `splits`"
        raise DatasetError(f"{folder} has no split {split!r}; it has {known}")
    raise DatasetError(
        f"{folder} holds no {ANNOTATIONS}: give a folder that coco_depth wrote, and let its run come to an end"
    )


def _spans(starts: Int64) -> Int64:
    return np.stack([starts[:-1], starts[1:]], axis=1)


def _before(content: NDArray[np.uint8], span: Int64, mark: bytes) -> int:
    """Where the last ``mark`` within a span begins; the span's end where there is none."""
    found = bytes(content[span[0] : span[1]]).rfind(mark)
    return int(span[0]) + found if found >= 0 else int(span[1])


def _record(content: NDArray[np.uint8], span: Int64) -> bytes:
    return bytes(content[span[0] : span[1]]).rstrip(b",\n")


def decoded(decoder: msgspec.json.Decoder[R], text: bytes, what: str) -> R:
    """A typed record. DatasetError with what does not fit."""
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise DatasetError(f"{what} cannot be read: {error}; the file was changed, make it anew") from error
