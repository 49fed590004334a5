"""Datasets of one format and one identity, made over ranges of frames, as one: as if a single run had made it."""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from replicator_dr.dataset.assembly import assemble
from replicator_dr.dataset.folder import JOURNAL, MANIFEST, DatasetFolder, Places
from replicator_dr.dataset.lines import JournalLine
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.dataset.shards import Span
from replicator_dr.errors import OutputError
from replicator_dr.spec.registry import WRITERS
from replicator_dr.storage.atomic import atomic_file
from replicator_dr.storage.journal import index, lines, read_header

_TOGETHER = 256
"""Lines that are committed at a time."""

_LINE = msgspec.json.Decoder(JournalLine)


@dataclass(frozen=True)
class Shard:
    """A finished dataset. header: of its journal. info: its manifest but for what is counted."""

    path: Path
    header: Mapping[str, Any]
    info: Mapping[str, Any]

    def lines(self) -> Iterator[tuple[int, bytes, Path]]:
        """(image id, line of the journal, this folder), by ascending id."""
        offsets = index(self.path / JOURNAL)
        for number, line in zip(offsets, lines(self.path / JOURNAL, offsets.values())):
            yield number, line.rstrip(b"\n"), self.path


@dataclass(frozen=True)
class Merged:
    """What came of it. counts: as in the manifest."""

    path: Path
    shards: int
    counts: Mapping[str, Any]


def merge(
    output: Path, shards: Sequence[Path], link: bool = False, listener: Callable[[int], None] | None = None
) -> Merged:
    """Unite datasets into ``output``: byte for byte what one run over all their frames would have written.

    output: a folder that is new or empty, or holds an earlier merge of the same dataset, which is continued. shards:
    finished datasets of one format, spec, seed and settings; frames that several of them have must be the same. link:
    hard links in place of copies, where the file system can. listener: told how many images are done.

    OutputError where they do not belong together, where a file is missing or is not what the journal says, or where
    the disk does not take them; the shards stay as they are.
    """
    if not shards:
        raise OutputError("there is nothing to merge; name the folders of two or more datasets")
    found = [_shard(path) for path in shards]
    for other in found[1:]:
        _check_same(found[0], other)
    plugin = _plugin(found[0])
    form = plugin.format()
    folder = DatasetFolder(output, dict(found[0].header), form.folders, form.tables)
    places = Places(output)
    place = _link if link else _copy
    spans = {shard.path: form.spans(shard.path) for shard in found}
    done = 0
    pending: list[bytes] = []
    try:
        for text, path in _united(found):
            for name, digest in _LINE.decode(text).sha256.items():
                if name in spans[path]:
                    _cut_out(spans[path][name], Path(places.of(name)), digest)
                else:
                    place(path / name, Path(places.of(name)), digest)
            pending.append(text)
            done += 1
            if len(pending) == _TOGETHER:
                folder.journal.append_lines(pending)
                pending.clear()
                if listener is not None:
                    listener(done)
        folder.journal.append_lines(pending)
    finally:
        folder.close()
    form.adopt(output, [shard.path for shard in found])
    info = {**found[0].info, **_versions(found)}
    header = found[0].header
    names = header.get("categories"), plugin.divided().names, header.get("supercategories")
    counts = assemble(output, form, info, *names)
    if listener is not None:
        listener(done)
    return Merged(output, len(found), counts)


def _shard(path: Path) -> Shard:
    header = read_header(path / JOURNAL)
    if header is None or "identity" not in header:
        raise OutputError(f"{path} holds no dataset of this project: there is no journal.jsonl that says what it is")
    try:
        with (path / MANIFEST).open("rb") as file:
            # Everything but the checksums stands in the first line, however many files there are.
            head = file.readline().decode().rstrip()
        info = json.loads(head.removesuffix(',"sha256":{') + "}")
        info["writer"], info["format"]
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(
            f"{path} is not finished: it has no manifest.json that can be read; run the command that made it again"
        ) from error
    return Shard(
        path, header, {key: value for key, value in info.items() if key not in ("counts", "require", "frames")}
    )


def _check_same(first: Shard, other: Shard) -> None:
    if first.header["format"] != other.header["format"]:
        raise OutputError(
            f"{other.path} is of the format {other.header['format']}, {first.path} of {first.header['format']}; merge "
            "datasets of one format at a time"
        )
    if first.header["identity"] != other.header["identity"]:
        differing = [key for key in ("spec_hash", "seed", "writer") if first.info.get(key) != other.info.get(key)]
        raise OutputError(
            f"{other.path} is of another dataset than {first.path} ({', '.join(differing) or 'identity'} differ); only "
            "runs of one spec, seed and writer settings can be merged"
        )
    if first.header.get("categories") != other.header.get("categories"):
        raise OutputError(
            f"{other.path} has other categories than {first.path}: its scene's assets differ; make both with the same"
        )


def _plugin(shard: Shard) -> DatasetPlugin:
    """The writer that made it, with its settings."""
    settings = dict(shard.info["writer"])
    kind = settings.pop("name")
    settings.pop("version")
    if kind not in WRITERS.kinds():
        raise OutputError(f"{shard.path} was made by the writer {kind!r}, which is not installed here; install it")
    plugin = WRITERS.get(kind)
    if not issubclass(plugin, DatasetPlugin) or plugin.format_name() != shard.header["format"]:
        raise OutputError(
            f"{shard.path} is of the format {shard.header['format']}, which the installed writer {kind!r} does not "
            "make; use the version of replicator_dr that made it"
        )
    return plugin.model_validate({"output_dir": str(shard.path), **settings})


def _united(shards: Sequence[Shard]) -> Iterator[tuple[bytes, Path]]:
    """The lines of all shards by ascending id, each once, with the shard's folder.

    OutputError where two shards differ about an image.
    """
    ordered = heapq.merge(*(shard.lines() for shard in shards), key=lambda entry: entry[0])
    for number, group in groupby(ordered, key=lambda entry: entry[0]):
        first, *others = group
        for other in others:
            if other[1] != first[1]:
                raise OutputError(
                    f"{first[2]} and {other[2]} have both image {number}, and they differ: they come from different "
                    "versions or assets; make those frames again"
                )
        yield first[1:]


def _versions(shards: Sequence[Shard]) -> dict[str, Any]:
    """The versions that the shards were made with, all of them where they differ."""
    if "versions" not in shards[0].info:
        return {}
    names = dict.fromkeys(name for shard in shards for name in shard.info.get("versions", {}))
    found = {name: {shard.info.get("versions", {}).get(name, "none") for shard in shards} for name in names}
    return {"versions": {name: ", ".join(sorted(values)) for name, values in found.items()}}


def _copy(source: Path, target: Path, digest: str) -> None:
    """Copy a file whose checksum is known."""
    try:
        _cut_out(Span(source, 0, source.stat().st_size), target, digest)
    except FileNotFoundError as error:
        raise _missing(source) from error


def _cut_out(source: Span, target: Path, digest: str) -> None:
    """Copy the part of a file that was a file with this checksum."""
    with atomic_file(target) as file:
        source.copy(file.write)
        if file.sha256 != digest:
            raise OutputError(f"{source.file} is damaged: its checksum is not the journal's; make its frame again")


def _link(source: Path, target: Path, digest: str) -> None:
    """Link a file, or copy it where the file system cannot."""
    with suppress(FileExistsError):
        try:
            os.link(source, target)
        except FileNotFoundError as error:
            raise _missing(source) from error
        except FileExistsError:
            raise
        except OSError:
            _copy(source, target, digest)


def _missing(source: Path) -> OutputError:
    return OutputError(f"{source} is missing, though the journal of its dataset names it; make its frame again")
