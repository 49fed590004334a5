"""Images in few large files: a part for each while a run goes on, strung together in order when it ends.

A part is a file of its own until its image stands in a shard; which shards hold what is said by ``shards.json``. At any
moment an image is in its part, or in a shard that the index names, so that nothing is lost when a run is killed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.errors import OutputError
from replicator_dr.storage.atomic import atomic_file, make_folder
from replicator_dr.storage.json_numbers import dumps

INDEX = "shards.json"
PARTS = "parts"
_PARTS_IN_A_FOLDER = 1000
_BLOCK = 1 << 20


class Shard(msgspec.Struct):
    """One file. ids, sizes: of its images, in their order [bytes]; split: None where there are no splits."""

    file: str
    split: str | None
    ids: list[int]
    sizes: list[int]


class _Index(msgspec.Struct):
    shards: list[Shard] = []


@dataclass(frozen=True)
class Span:
    """Bytes of a file: where a part lies after assembly."""

    file: Path
    offset: int
    size: int

    def copy(self, write: Callable[[bytes], None]) -> None:
        """Hand the bytes on, a block at a time."""
        with self.file.open("rb") as file:
            file.seek(self.offset)
            rest = self.size
            while rest and (block := file.read(min(rest, _BLOCK))):
                write(block)
                rest -= len(block)


def part_name(image_id: int) -> str:
    """The file of an image's part, relative to the dataset."""
    return f"{PARTS}/{image_id // _PARTS_IN_A_FOLDER:06d}/{image_id:09d}"


def shards_of(folder: Path) -> list[Shard]:
    """The shards that a dataset has; none before its first assembly."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=_Index).shards
    except FileNotFoundError:
        return []


def spans_of(folder: Path, shards: Iterable[Shard]) -> dict[str, Span]:
    """{part: where it lies}."""
    spans = {}
    for shard in shards:
        file, offset = folder / shard.file, 0
        for number, size in zip(shard.ids, shard.sizes, strict=True):
            spans[part_name(number)] = Span(file, offset, size)
            offset += size
    return spans


def write_shards(
    dataset: Assembly,
    per_shard: int,
    name: Callable[[str | None, int, int], str],
    patterns: Sequence[str],
    end: Callable[[int], bytes] = lambda size: b"",
) -> None:
    """String the parts of all images together, by split and ascending id; the parts are gone then.

    per_shard: images of a shard at most. name: a shard's file, from its split, its number and how many the split has.
    patterns: of all such files. end: what follows the last of so many bytes. Shards that are as they were are kept.
    """
    folder = dataset.folder
    plan = _plan(dataset, per_shard, name)
    found = {shard.file: shard for shard in shards_of(folder)}
    kept = {
        shard.file: found[shard.file]
        for shard in plan
        if shard.file in found
        and found[shard.file].ids == shard.ids
        and (folder / shard.file).is_file()
        and not any((folder / part_name(number)).is_file() for number in shard.ids)
    }
    _restore(dataset, [shard for shard in found.values() if shard.file not in kept])
    _write_index(folder, list(kept.values()))
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink()
    for position, shard in enumerate(plan):
        if shard.file in kept:
            plan[position] = kept[shard.file]
            dataset.keep(shard.file)
            continue
        with dataset.file(shard.file) as file:
            for number in shard.ids:
                path = folder / part_name(number)
                shard.sizes.append(path.stat().st_size)
                Span(path, 0, shard.sizes[-1]).copy(file.write)
            file.write(end(file.size))
    _write_index(folder, plan)
    dataset.keep(INDEX)
    if (folder / PARTS).is_dir():
        shutil.rmtree(folder / PARTS)


def _plan(dataset: Assembly, per_shard: int, name: Callable[[str | None, int, int], str]) -> list[Shard]:
    plan = []
    for split in dataset.splits or (None,):
        ids = [line.id for line in dataset.lines(split)]
        groups = [ids[first : first + per_shard] for first in range(0, len(ids), per_shard)]
        plan += [Shard(name(split, number, len(groups)), split, own, []) for number, own in enumerate(groups)]
    return plan


def _restore(dataset: Assembly, shards: Sequence[Shard]) -> None:
    """Make parts of what stands in these shards, but for images that were made anew.

    OutputError where a shard no longer holds what the journal says.
    """
    spans = spans_of(dataset.folder, shards)
    if not spans:
        return
    for part, digest in (entry for line in dataset.lines() for entry in line.sha256.items()):
        path = dataset.folder / part
        if part in spans and not path.is_file():
            make_folder(path.parent)
            with atomic_file(path) as file:
                spans[part].copy(file.write)
                if file.sha256 != digest:
                    raise OutputError(
                        f"{spans[part].file} is damaged: the checksum of {part} is not the journal's; make its frame "
                        "again"
                    )


def _write_index(folder: Path, shards: Sequence[Shard]) -> None:
    texts = [dumps(msgspec.to_builtins(shard)) for shard in shards]
    with atomic_file(folder / INDEX, durable=True) as file:
        file.write(('{"shards":[\n' + ",\n".join(texts) + "\n]}\n").encode())
