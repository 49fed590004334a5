"""The manifest's checksums: as many as a dataset has files, so they are kept as text, and on the disk when many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import SpooledTemporaryFile

from replicator_dr.storage.json_numbers import copy_of

_BLOCK = 1 << 20


class Checksums:
    """``"file":"checksum"`` lines, in the order in which they come. folder: on whose disk they are kept."""

    def __init__(self, folder: Path) -> None:
        self._file = SpooledTemporaryFile(_BLOCK, dir=str(folder))  # noqa: SIM115 - close() does it
        self._separator = b"\n"

    def add(self, sums: Mapping[str, str]) -> None:
        """{file: checksum} of some files."""
        if sums:
            lines = b",\n".join(b'%s:"%s"' % (copy_of(name), digest.encode()) for name, digest in sums.items())
            self._file.write(self._separator + lines)
            self._separator = b",\n"

    def copy(self, write: Callable[[bytes], None], after: bool = False) -> None:
        """Hand the lines on. after: whether others stand before them."""
        self._file.seek(0)
        first = True
        while block := self._file.read(_BLOCK):
            write((b"," if first and after else b"") + block)
            first = False

    def close(self) -> None:
        """Let go of them."""
        self._file.close()
