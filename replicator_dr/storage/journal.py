"""The journal: one JSON line per committed image, from which everything else about a dataset can be made.

The first line is the header (what dataset this is). Every other line is an object whose first key is ``id``, a whole
number; a later line with the same id replaces the earlier one. A line is committed when its newline is on the disk: a
run that was killed while appending leaves a torn last line, which is left out on reading and cut off on opening.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from replicator_dr.errors import OutputError
from replicator_dr.storage.atomic import output_error
from replicator_dr.storage.json_numbers import dumps, loads

_READ_AHEAD = 1 << 18
_ID = re.compile(rb'\{"id":(\d+)[,}]')


class Journal:
    """An append-only file of JSON lines. Not safe for several threads at once: one thread commits."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Open for appending, making the file with its header where there is none, and cutting off a torn line."""
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._end = _whole_lines(path)
            os.ftruncate(self._file, self._end)
        except OSError as error:
            raise output_error(error, path) from error
        if self._end == 0:
            self._append(dumps(dict(header)).encode() + b"\n")

    def append(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Commit records, all or none. Each has the first key ``id`` (int). OutputError when the disk is full."""
        if records:
            self._append(b"".join(dumps(dict(record)).encode() + b"\n" for record in records))

    def append_lines(self, lines: Sequence[bytes]) -> None:
        """The same with records that are JSON text already, without their newlines."""
        if lines:
            self._append(b"".join(part for line in lines for part in (line, b"\n")))

    def _append(self, lines: bytes) -> None:
        rest = memoryview(lines)
        self.require()
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            os.ftruncate(self._file, self._end)
            raise output_error(error, self.path) from error
        self._end += len(lines)

    def require(self) -> None:
        """OutputError where somebody has deleted the file, and what lies beside it, since it was opened."""
        if os.fstat(self._file).st_nlink == 0:
            raise OutputError(f"{self.path.parent} was deleted while it was written to; run the same command again")

    def sync(self) -> None:
        """Wait until everything appended is on the disk itself."""
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file; the journal cannot be appended to any more."""
        os.close(self._file)


def _whole_lines(path: Path) -> int:
    """Size in bytes of the part that ends with a newline."""
    size = path.stat().st_size
    with path.open("rb") as file:
        block = 1 << 16
        end = size
        while end > 0:
            begin = max(0, end - block)
            file.seek(begin)
            newline = file.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
    return 0


def read_header(path: Path) -> dict[str, Any] | None:
    """The header line, or None where there is no journal, its header is torn, or the file is something else."""
    try:
        with path.open("rb") as file:
            line = file.readline()
        header = json.loads(line) if line.endswith(b"\n") else None
    except (FileNotFoundError, ValueError):
        return None
    return header if isinstance(header, dict) else None


def index(path: Path) -> dict[int, int]:
    """{id: offset in bytes} of the last whole line of each id, by ascending id. Memory: some 100 bytes an image."""
    offsets: dict[int, int] = {}
    with path.open("rb", buffering=_READ_AHEAD) as file:
        offset = len(file.readline())
        for line in file:
            match = _ID.match(line)
            if match and line.endswith(b"\n"):
                offsets[int(match[1])] = offset
            offset += len(line)
    return dict(sorted(offsets.items()))


def lines(path: Path, offsets: Iterable[int]) -> Iterator[bytes]:
    """The lines that begin at these offsets, read one at a time."""
    with path.open("rb", buffering=_READ_AHEAD) as file:
        for offset in offsets:
            file.seek(offset)
            yield file.readline()


def entries(path: Path) -> Iterator[dict[str, Any]]:
    """The last whole record of each id, by ascending id, read one at a time."""
    return (loads(line) for line in lines(path, index(path).values()))
