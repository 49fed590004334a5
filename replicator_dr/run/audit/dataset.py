"""A coco_depth dataset as its files show it: tables of ids in memory, everything else read when it is its turn."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.records import (
    ANNOTATION_KEY,
    DOCUMENT,
    IMAGE_KEY,
    MANIFEST_DECODER,
    Document,
    ImageKey,
    Manifest,
)

Int64 = NDArray[np.int64]

FORMAT = "replicator_dr.coco_depth/"
ANNOTATIONS = "annotations.json"
MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
IMAGE_FOLDERS = ("rgb", "depth", "sensor_depth")

_EXPECTED = (
    "an audit takes a folder that coco_depth wrote: annotations.json, manifest.json, rgb/ and depth/; "
    "make one with: replicator-dr generate SPEC -o DIR"
)


@dataclass(frozen=True)
class Tables:
    """The ids of the entries that could be read, and where each stands in annotations.json; some 40 bytes each.

    images: the keys, in the file's order; image_rows: their places in the file's list. annotations: (N, 5) int64, id,
    image id, category id, instance id and number of the prim in ``prims``, -1 for none; annotation_rows: (N,).
    unreadable: entries of other types than expected.
    """

    images: list[ImageKey]
    image_rows: list[int]
    annotations: Int64
    annotation_rows: Int64
    prims: list[str]
    unreadable: list[Finding]


class AuditedDataset:
    """A dataset's folder, open for reading."""

    def __init__(self, folder: Path) -> None:
        """Read the tables. AssetError, saying what was expected, where the folder holds no such dataset."""
        self.folder = folder
        if not folder.is_dir():
            raise AssetError(f"{folder} is {'a file' if folder.exists() else 'not there'}; {_EXPECTED}")
        for name in (ANNOTATIONS, MANIFEST):
            if not (folder / name).is_file():
                raise AssetError(f"{folder} holds no {name}; {_EXPECTED}")
        self.manifest = _manifest(folder / MANIFEST)
        self.document = _document(folder / ANNOTATIONS)
        self.tables = _tables(self.document)

    @property
    def name(self) -> str:
        """The spec's name; the folder's where the manifest does not say."""
        return self.manifest.name or self.folder.resolve().name

    @property
    def metres_per_unit(self) -> float:
        """What one step of a 16-bit depth image stands for [m]; 0 without depth."""
        return self.manifest.depth.metres_per_unit if self.manifest.depth is not None else 0.0

    @cached_property
    def table_names(self) -> list[str]:
        """annotations.json and those of the splits."""
        return [ANNOTATIONS, *sorted(path.name for path in self.folder.glob("annotations_*.json"))]

    @cached_property
    def category_names(self) -> dict[int, str]:
        """{category id: name}."""
        return {category.id: category.name for category in self.document.categories}

    @cached_property
    def order(self) -> Int64:
        """Rows of ``tables.images`` by product, then frame: what is taken one after the other was seen so."""
        keys = self.tables.images
        return np.array(sorted(range(len(keys)), key=lambda row: (keys[row].product, keys[row].frame, row)), np.int64)

    def image_text(self, row: int) -> msgspec.Raw:
        """The entry of an image. row: of ``tables.images``."""
        return self.document.images[self.tables.image_rows[row]]

    def annotation_texts(self, image_id: int) -> Iterable[msgspec.Raw]:
        """The entries of an image's annotations, in the file's order."""
        ids, rows = self._by_image
        first, after = np.searchsorted(ids, [image_id, image_id + 1])
        return (self.document.annotations[row] for row in np.sort(rows[first:after]).tolist())

    @cached_property
    def _by_image(self) -> tuple[Int64, Int64]:
        """Image ids of the annotations, ascending, and their places in the file's list."""
        ids = self.tables.annotations[:, 1]
        order = np.argsort(ids, kind="stable")
        return ids[order], self.tables.annotation_rows[order]


def holds_dataset(folder: Path) -> bool:
    """Whether an audit can take the folder."""
    try:
        _manifest(folder / MANIFEST)
    except (AssetError, OSError):
        return False
    return (folder / ANNOTATIONS).is_file()


def _manifest(path: Path) -> Manifest:
    try:
        manifest = MANIFEST_DECODER.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise AssetError(f"{path} is not a manifest ({error}); {_EXPECTED}") from error
    if not manifest.format.startswith(FORMAT):
        raise AssetError(f"{path} says format {manifest.format}, not {FORMAT[:-1]}; {_EXPECTED}")
    return manifest


def _document(path: Path) -> Document:
    """The lists of annotations.json as views of the mapped file: what is not looked at takes no memory of ours."""
    try:
        with path.open("rb") as file:
            return DOCUMENT.decode(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (msgspec.DecodeError, ValueError) as error:  # an empty file cannot be mapped: ValueError
        raise AssetError(f"{path} is not a COCO instances file ({error}); {_EXPECTED}") from error


def _tables(document: Document) -> Tables:
    unreadable: list[Finding] = []
    images: list[ImageKey] = []
    image_rows: list[int] = []
    for row, text in enumerate(document.images):
        try:
            images.append(IMAGE_KEY.decode(text))
            image_rows.append(row)
        except msgspec.DecodeError as error:
            unreadable.append(Finding(f"images[{row}] cannot be read: {error}"))
    numbers, rows = array("q"), array("q")
    prims: dict[str, int] = {}
    for row, text in enumerate(document.annotations):
        try:
            key = ANNOTATION_KEY.decode(text)
        except msgspec.DecodeError as error:
            unreadable.append(Finding(f"annotations[{row}] cannot be read: {error}"))
            continue
        prim = -1 if key.prim_path is None else prims.setdefault(key.prim_path, len(prims))
        instance = -1 if key.instance_id is None else key.instance_id
        numbers.extend((key.id, key.image_id, key.category_id, instance, prim))
        rows.append(row)
    table = np.array(numbers, np.int64).reshape(-1, 5)
    return Tables(images, image_rows, table, np.array(rows, np.int64), list(prims), unreadable)
