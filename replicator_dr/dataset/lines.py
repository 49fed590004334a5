"""Lines of the journal: one for each image, from which everything about a dataset but its images is made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

import msgspec

from replicator_dr.storage.json_numbers import loads


class Redraws(msgspec.Struct):
    """How a frame came to meet what is required: how often it was drawn anew, and what turned down earlier draws.

    failed: a number for each condition, in the order of the spec.
    """

    attempt: int
    failed: list[int]


class JournalLine(msgspec.Struct):
    """What every format's line has.

    sha256: {file: checksum}, relative names. split: the part of the dataset. filtered: {threshold: objects that it
    filtered out}. require: where frames must meet conditions.
    """

    id: int
    sha256: dict[str, str]
    split: str | None = None
    filtered: dict[str, int] = {}
    require: Redraws | None = None

    @property
    def frame_number(self) -> int:
        """Which frame it is an image of."""
        raise NotImplementedError

    @property
    def categories(self) -> Mapping[str, int]:
        """{name: annotated objects}."""
        raise NotImplementedError

    @property
    def numbers(self) -> Mapping[str, int]:
        """Further counts of the format, which add up over the images."""
        return {}


class ImageLine(JournalLine, kw_only=True):
    """A line as formats have it by default. record: JSON text of the format's own, null where it has none."""

    frame: int
    product: str
    objects: dict[str, int]
    counts: dict[str, int] = {}
    record: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def frame_number(self) -> int:
        """Which frame it is an image of."""
        return self.frame

    @property
    def value(self) -> Any:
        """The format's record as plain Python."""
        return loads(bytes(self.record))

    @property
    def categories(self) -> Mapping[str, int]:
        """{name: annotated objects}."""
        return self.objects

    @property
    def numbers(self) -> Mapping[str, int]:
        """Further counts of the format."""
        return self.counts


class TextLine(JournalLine, kw_only=True):
    """A line that ends with long JSON texts, which are passed on and hardly ever read.

    texts: by name, in the order of ``names``. They are cut out by their lengths, which stand at the beginning.
    """

    names: ClassVar[tuple[str, ...]] = ()

    texts: dict[str, bytes] = {}

    @classmethod
    def joined(cls, head: bytes, texts: Mapping[str, bytes]) -> bytes:
        """The line of a head, JSON text with the key ``lengths`` behind ``id``, and its texts."""
        return head[:-1] + b"".join(b',"%s":%s' % (name.encode(), texts[name]) for name in cls.names) + b"}"

    @classmethod
    def cut(cls, line: bytes, decode: Callable[[bytes], Any]) -> Any:
        """The line, its head read by ``decode``."""
        found = _LENGTHS.match(line)
        if found is None:
            raise ValueError(f"the journal holds a line of another kind: {line[:80]!r}")
        end = len(line) - (2 if line.endswith(b"\n") else 1)
        texts = {}
        for name, length in zip(reversed(cls.names), reversed(loads(found[1])), strict=True):
            texts[name] = line[end - length : end]
            end -= length + len(name) + 4
        made = decode(line[:end] + b"}")
        made.texts = texts
        return made


_LENGTHS = re.compile(rb'\{"id":\d+,"lengths":(\[[0-9,]*\])')


class Tally:
    """Counts over the journal's lines, which come by ascending image id, so also by ascending frame."""

    def __init__(self) -> None:
        self._images = self._empty = 0
        self._categories: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._filtered: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()
        self._ranges: list[list[int]] = []
        self._accepted = self._draws = 0
        self._failed: list[int] = []

    def add(self, line: JournalLine) -> None:
        """Count one image."""
        self._images += 1
        found = line.categories
        self._empty += not found
        for sums, own in ((self._categories, found), (self._filtered, line.filtered), (self._numbers, line.numbers)):
            for name, number in own.items():
                sums[name] += number
        if line.split is not None:
            self._splits[line.split] += 1
        frame = line.frame_number
        if line.require is not None and not (self._ranges and frame == self._ranges[-1][1]):
            self._count_draws(line.require)
        if self._ranges and frame <= self._ranges[-1][1] + 1:
            self._ranges[-1][1] = max(frame, self._ranges[-1][1])
        else:
            self._ranges.append([frame, frame])

    def _count_draws(self, redraws: Redraws) -> None:
        self._accepted += 1
        self._draws += redraws.attempt + 1
        held = self._failed or [0] * len(redraws.failed)
        self._failed = [sum(pair) for pair in zip(held, redraws.failed, strict=True)]

    def required(self) -> dict[str, Any]:
        """How many draws of frames there were, and how many each condition turned down; empty without conditions."""
        if not self._accepted:
            return {}
        rate = round(self._accepted / self._draws, 6)
        return {
            "require": {"draws": self._draws, "accepted": self._accepted, "acceptance": rate, "failed": self._failed}
        }

    def counts(self) -> dict[str, Any]:
        """What the manifest says."""
        return {
            "frames": sum(last - first + 1 for first, last in self._ranges),
            "images": self._images,
            "images_without_objects": self._empty,
            "annotations": sum(self._categories.values()),
            "annotations_by_category": dict(sorted(self._categories.items())),
            **self._numbers,
            "filtered": dict(sorted(self._filtered.items())),
            **({"images_by_split": dict(sorted(self._splits.items()))} if self._splits else {}),
        }

    @property
    def categories(self) -> list[str]:
        """The names that occur, sorted."""
        return sorted(self._categories)

    def ranges(self) -> list[list[int]]:
        """[[first, last], ...] of the frames, ascending."""
        return self._ranges


def tally(lines: Iterable[JournalLine]) -> Tally:
    """The counts over all lines."""
    found = Tally()
    for line in lines:
        found.add(line)
    return found


def decoded(lines: Iterable[bytes], kind: type[JournalLine]) -> Iterator[Any]:
    """Lines of the journal as a format reads them."""
    decode = msgspec.json.Decoder(kind).decode
    if issubclass(kind, TextLine):
        return (kind.cut(line, decode) for line in lines)
    return map(decode, lines)
