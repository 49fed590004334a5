"""Files that are there whole or not at all.

A file is written under a temporary name in its own folder and then renamed, so a reader, or a run that was killed,
never meets half a file under a final name. Policy on power loss: images are *not* synchronised to the disk one by one
(that would cost more than making them); a killed process loses nothing, a machine that loses power may lose the last
seconds' images, which the checksums in the journal show. Small files that stand for a whole dataset
(annotations.json, manifest.json) are written with ``durable=True``, which does synchronise.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from replicator_dr.errors import OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_TEMPORARY = ".part"
_BINARY = getattr(os, "O_BINARY", 0)  # where files are text otherwise


class AtomicFile:
    """A file being written: takes bytes, counts them and keeps their checksum."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        """Append all of it; the system alone may take less when a disk or quota runs full."""
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        self._digest.update(content)
        self.size += len(content)

    @property
    def sha256(self) -> str:
        """Checksum of what was written so far, hexadecimal."""
        return self._digest.hexdigest()


def write_file(path: Path | str, content: bytes, *, durable: bool = False) -> bool:
    """Write a whole file atomically, and tell whether there was one before; its folder must exist.

    OutputError when the disk does not take it.
    """
    target = os.fspath(path)
    folder, separator, name = target.rpartition(os.sep)
    temporary = f"{folder}{separator}{_temporary(name)}"
    try:
        replaced = os.path.exists(target)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
    except BaseException as error:
        _remove(Path(temporary))
        if isinstance(error, OSError):
            raise output_error(error, Path(path)) from error
        raise
    return replaced


def _remove(temporary: Path) -> None:
    """Where there was no writing there may be no removing either; what is told is why it was not written."""
    with suppress(OSError):
        temporary.unlink()


def _temporary(name: str) -> str:
    """Several threads, and several processes, may write into one folder: the name tells them apart."""
    return f".{name}.{os.getpid()}-{threading.get_ident()}{_TEMPORARY}"


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. OutputError where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror or error}") from error
    return digest.hexdigest()


@contextmanager
def atomic_file(path: Path, *, durable: bool = False) -> Iterator[AtomicFile]:
    """A binary file to write to, which takes its final name when the block ends, and vanishes if it fails."""
    temporary = path.with_name(_temporary(path.name))
    try:
        with temporary.open("wb", buffering=0) as raw:
            yield AtomicFile(raw)
            if durable:
                os.fsync(raw.fileno())
        temporary.replace(path)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError):
            raise output_error(error, path) from error
        raise


def output_error(error: OSError, path: Path) -> OutputError:
    """An OSError met while writing ``path``, told with the folder, the free space and the remedy."""
    folder = path.parent
    if error.errno in _FULL:
        return OutputError(
            f"cannot write {path.name}: {os.strerror(error.errno or 0)}; folder {folder} has {_free(folder)} free. "
            "Free some space or choose another output folder, then run the same command again: what was committed stays"
        )
    return OutputError(f"cannot write {path}: {error.strerror or error}; choose a folder that can be written to")


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:.1f} MB"
    except OSError:
        return "an unknown amount"


def make_folder(folder: Path) -> None:
    """Make a folder (and those above it) and make sure that files can be written there, else OutputError."""
    probe = folder / f".{os.getpid()}-{threading.get_ident()}{_TEMPORARY}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        if error.errno in _FULL:
            raise output_error(error, probe) from error
        raise OutputError(
            f"the output folder {folder} cannot be written to: {error.strerror or error}; choose another output_dir "
            "or change its permissions"
        ) from error


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files that a killed run left in this folder (not in those below it)."""
    for leftover in folder.glob(f".*{_TEMPORARY}"):
        leftover.unlink(missing_ok=True)
