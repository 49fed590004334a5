"""A coco_depth dataset as its files show it: tables of ids in memory, everything else read when it is its turn."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.records import ANNOTATION_KEY, DOCUMENT, IMAGE_KEY, AnnotationKey, Document, ImageKey

FORMAT = "replicator_dr.coco_depth/"
ANNOTATIONS = "annotations.json"
MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
IMAGE_FOLDERS = ("rgb", "depth", "sensor_depth")

_EXPECTED = (
    "an audit takes a folder that coco_depth wrote: annotations.json, manifest.json, rgb/ and depth/; "
    "make one with: replicator-dr generate SPEC -o DIR"
)
_MILLIMETRE = 0.001


@dataclass(frozen=True)
class Tables:
    """The ids of the entries that could be read, and where each stands in annotations.json.

    images, annotations: the keys, in the file's order. image_rows, annotation_rows: their places in the file's lists.
    unreadable: entries of other types than expected.
    """

    images: list[ImageKey] = field(default_factory=list)
    image_rows: list[int] = field(default_factory=list)
    annotations: list[AnnotationKey] = field(default_factory=list)
    annotation_rows: list[int] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)


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
        return str(self.manifest.get("name") or self.folder.resolve().name)

    @property
    def metres_per_unit(self) -> float:
        """What one step of a 16-bit depth image stands for [m]."""
        depth = self.manifest.get("depth")
        return float(depth.get("metres_per_unit", _MILLIMETRE)) if isinstance(depth, dict) else _MILLIMETRE

    @cached_property
    def checksums(self) -> dict[str, str]:
        """{file: SHA-256} of the manifest."""
        listed = self.manifest.get("sha256")
        return listed if isinstance(listed, dict) else {}

    @cached_property
    def category_names(self) -> dict[int, str]:
        """{category id: name}."""
        return {category.id: category.name for category in self.document.categories}

    @cached_property
    def order(self) -> NDArray[np.int64]:
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
    def _by_image(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Image ids of the annotations, ascending, and their places in the file's list."""
        ids = np.array([key.image_id for key in self.tables.annotations], np.int64)
        order = np.argsort(ids, kind="stable")
        return ids[order], np.array(self.tables.annotation_rows, np.int64)[order]


def holds_dataset(folder: Path) -> bool:
    """Whether an audit can take the folder."""
    try:
        _manifest(folder / MANIFEST)
    except (AssetError, OSError):
        return False
    return (folder / ANNOTATIONS).is_file()


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as error:
        raise AssetError(f"{path} is not JSON ({error}); {_EXPECTED}") from error
    written = str(manifest.get("format", "nothing")) if isinstance(manifest, dict) else "nothing"
    if not written.startswith(FORMAT):
        raise AssetError(f"{path} says format {written}, not {FORMAT}1; {_EXPECTED}")
    return dict(manifest)


def _document(path: Path) -> Document:
    """The lists of annotations.json as views of the mapped file: what is not looked at takes no memory of ours."""
    try:
        with path.open("rb") as file:
            return DOCUMENT.decode(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (msgspec.DecodeError, ValueError) as error:  # an empty file cannot be mapped: ValueError
        raise AssetError(f"{path} is not a COCO instances file ({error}); {_EXPECTED}") from error


def _tables(document: Document) -> Tables:
    tables = Tables()
    for row, text in enumerate(document.images):
        try:
            tables.images.append(IMAGE_KEY.decode(text))
            tables.image_rows.append(row)
        except msgspec.DecodeError as error:
            tables.unreadable.append(Finding(f"images[{row}] cannot be read: {error}"))
    for row, text in enumerate(document.annotations):
        try:
            tables.annotations.append(ANNOTATION_KEY.decode(text))
            tables.annotation_rows.append(row)
        except msgspec.DecodeError as error:
            tables.unreadable.append(Finding(f"annotations[{row}] cannot be read: {error}"))
    return tables
