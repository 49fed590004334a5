"""The folder of a dataset: who may write into it, and what lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from replicator_dr.errors import OutputError
from replicator_dr.storage.atomic import make_folder, remove_leftovers
from replicator_dr.storage.journal import Journal, index, read_header

JOURNAL = "journal.jsonl"
MANIFEST = "manifest.json"


def identity(layout: str, settings: Mapping[str, Any], spec_hash: str) -> str:
    """What makes two runs parts of one dataset: the same format, spec (with its seed) and writer settings."""
    text = json.dumps([layout, spec_hash, dict(settings)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Places:
    """Where the files of a dataset go; safe on several threads, and in several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = os.fspath(path)
        self._made: set[str] = set()

    def of(self, name: str) -> str:
        """The path of a file of the dataset, its folder made. As text: there are many, and a Path costs as a file."""
        folder = name.rpartition("/")[0]
        if folder not in self._made:
            make_folder(self.path / folder)
            self._made.add(folder)
        return f"{self._root}/{name}"


class DatasetFolder:
    """A dataset's folder, open for appending.

    A folder that is new or empty is taken. One that holds a dataset of the same identity is extended: frames that are
    there already are replaced, and come out the same. Anything else is an OutputError, unless ``overwrite`` says that
    a dataset of this writer may be deleted first; files of others are never deleted.
    header: the journal's, with ``format``, ``name`` and ``identity``. folders, tables: as in ``DatasetFormat``.
    """

    def __init__(
        self,
        path: Path,
        header: Mapping[str, Any],
        folders: Sequence[str],
        tables: Sequence[str],
        *,
        overwrite: bool = False,
    ) -> None:
        self.path = path
        self._folders = folders
        self._tables = tables
        self._admit(header, overwrite)
        make_folder(path)
        self.journal = Journal(path / JOURNAL, header)

    def _admit(self, header: Mapping[str, Any], overwrite: bool) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise OutputError(f"the output folder {self.path} is a file; choose another output_dir")
        found = read_header(self.path / JOURNAL)
        if found is not None and found.get("format") == header["format"]:
            if overwrite:
                self._clear()
            elif found.get("identity") != header["identity"]:
                raise OutputError(
                    f"{self.path} holds a dataset of another spec, seed or writer setting "
                    f"({found.get('name') or 'unnamed'}); choose another output_dir, or delete it with overwrite=True "
                    "(--overwrite)"
                )
            elif found.get("categories") != header.get("categories"):
                raise OutputError(
                    f"{self.path} was begun with other categories: the scene's assets have changed; choose another "
                    "output_dir, or delete it with overwrite=True (--overwrite)"
                )
            else:
                remove_leftovers(self.path)
                for name in self._folders:
                    for folder, _, _ in os.walk(self.path / name):
                        remove_leftovers(Path(folder))
            return
        foreign = sorted(path.name for path in self.path.iterdir() if not path.name.startswith("."))
        if foreign:
            raise OutputError(
                f"{self.path} is not empty and holds no dataset of this writer (there is {foreign[0]}, "
                f"{len(foreign)} in all); choose another output_dir"
            )

    def _clear(self) -> None:
        """Delete what this writer makes, the journal last: a folder half cleared is still known as a dataset."""
        try:
            for name in self._folders:
                if (self.path / name).is_dir():
                    shutil.rmtree(self.path / name)
            for path in (found for pattern in self._tables for found in self.path.glob(pattern)):
                path.unlink()
            for name in (MANIFEST, JOURNAL):
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"the old dataset in {self.path} cannot be deleted: {error.strerror or error}") from error

    def committed(self) -> dict[int, int]:
        """{image id: offset in the journal}; empty where somebody has deleted it."""
        try:
            return index(self.path / JOURNAL)
        except FileNotFoundError:
            return {}

    def close(self) -> None:
        """Flush the journal to the disk and close it. OutputError where it was deleted."""
        try:
            self.journal.require()
            self.journal.sync()
        finally:
            self.journal.close()
