"""The files about a whole dataset, and manifest.json, made from the journal one line at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from replicator_dr.dataset.checksums import Checksums
from replicator_dr.dataset.folder import JOURNAL, MANIFEST
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.lines import JournalLine, Tally, decoded, tally
from replicator_dr.storage.atomic import AtomicFile, atomic_file, checksum, make_folder
from replicator_dr.storage.categories import supercategory_of
from replicator_dr.storage.journal import index, lines
from replicator_dr.storage.json_numbers import dumps


class Assembly:
    """What a format's ``assemble`` is given.

    folder: of the dataset. info: what is known about it beside the images (``name``, ``seed``, ``spec``, ...). counts:
    over all images. categories: {name: number from 1}; the declared ones in their order, then others that occur, by
    name. supercategories: {name: what stands above it}. splits: the names of the parts that it is divided into, in
    their order; empty where it is not.
    """

    def __init__(
        self,
        folder: Path,
        form: DatasetFormat,
        info: Mapping[str, Any],
        declared: Sequence[str] | None,
        splits: Sequence[str] = (),
        supercategories: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.info = info
        self.splits = tuple(splits)
        self._kind = form.line_type
        self._offsets = index(folder / JOURNAL)
        self.checksums: dict[str, str] = {}
        self.image_checksums = Checksums(folder)
        self.tally: Tally = tally(self._noted(form.keeps_files))
        self.counts = self.tally.counts()
        names = list(declared or ())
        names += sorted(set(self.tally.categories) - set(names))
        self.categories = {name: number for number, name in enumerate(names, start=1)}
        known = supercategories or {}
        self.supercategories = {name: known.get(name) or supercategory_of({"class": name}) for name in names}

    def lines(self, split: str | None = None) -> Iterator[Any]:
        """The lines of all images, or of those of a split, by ascending id, as the format's ``line_type``."""
        found = decoded(lines(self.folder / JOURNAL, self._offsets.values()), self._kind)
        return found if split is None else (line for line in found if line.split == split)

    def _noted(self, keeps_files: bool) -> Iterator[JournalLine]:
        """All lines; the checksums of their files are noted as they pass."""
        for line in self.lines():
            if keeps_files:
                self.image_checksums.add(line.sha256)
            yield line

    @contextmanager
    def file(self, name: str) -> Iterator[AtomicFile]:
        """A file of the dataset to write to, whole or not at all; the manifest has its checksum."""
        path = self.folder / name
        make_folder(path.parent)
        with atomic_file(path, durable=True) as file:
            yield file
        self.checksums[name] = file.sha256

    def keep(self, name: str) -> None:
        """Put a file that stands there already, and belongs to no image, into the manifest."""
        self.checksums[name] = checksum(self.folder / name)


def assemble(
    folder: Path,
    form: DatasetFormat,
    info: Mapping[str, Any],
    declared: Sequence[str] | None,
    splits: Sequence[str] = (),
    supercategories: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write a dataset's assembled files and its manifest from the journal.

    info: what the manifest says beside counts, frames and checksums. declared: category names in the order of their
    numbers. supercategories: what stands above each, where that is known. Returns the counts. OutputError when the
    disk does not take the files; the old ones stay then.
    """
    dataset = Assembly(folder, form, info, declared, splits, supercategories)
    form.assemble(dataset)
    head = {**info, "counts": dataset.counts, **dataset.tally.required(), "frames": dataset.tally.ranges()}
    own = Checksums(folder)
    own.add(dataset.checksums)
    with closing(own), closing(dataset.image_checksums), atomic_file(folder / MANIFEST, durable=True) as file:
        file.write((dumps(head)[:-1] + ',"sha256":{').encode())
        own.copy(file.write)
        dataset.image_checksums.copy(file.write, after=bool(dataset.checksums))
        file.write(b"\n}}\n")
    return dataset.counts


def write_list(file: AtomicFile, groups: Iterable[Sequence[bytes]]) -> None:
    """JSON texts as the items of a list, one a line; the brackets are the caller's. groups: those of an image."""
    separator = b"\n"
    for group in groups:
        if group:
            file.write(separator + b",\n".join(group))
            separator = b",\n"
