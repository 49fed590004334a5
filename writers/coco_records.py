"""The journal's records as annotations.json takes them: their text is passed on, hardly anything of it is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from replicator_dr.storage.json_numbers import copy_of, loads


class ImageRecord(msgspec.Struct):
    """An image's line of the journal. image, annotations: JSON text."""

    image: msgspec.Raw
    annotations: list[msgspec.Raw]
    sha256: dict[str, str]
    depth_missed: int
    depth_beyond: int


class _Drawn(msgspec.Struct):
    """What an image's draws say of the attempts at its frame, where frames must meet requirements."""

    attempt: int | None = msgspec.field(name="require.attempt", default=None)
    failed: list[int] = msgspec.field(name="require.failed", default_factory=list)


class _Numbered(msgspec.Struct):
    frame: int
    draws: _Drawn = msgspec.field(default_factory=_Drawn)


_RECORD = msgspec.json.Decoder(ImageRecord)
_FRAME = msgspec.json.Decoder(_Numbered)
# Every annotation begins so; the name is JSON text.
_HEAD = re.compile(rb'\{("id":\d+,"image_id":\d+),"category":("(?:[^"\\]|\\.)*")')
# The journal spells such numbers as Python does, annotations.json as msgspec does.
_EXPONENT = re.compile(rb"e[-+][0-9]")


def read_record(line: bytes) -> ImageRecord:
    """A line of the journal."""
    return _RECORD.decode(line)


def image_text(record: ImageRecord) -> bytes:
    """The image's entry in annotations.json."""
    text = bytes(record.image)
    return copy_of(loads(text)) if _EXPONENT.search(text) else text


def annotation_text(annotation: msgspec.Raw, ids: Mapping[str, int]) -> bytes:
    """An annotation's entry: its category by number."""
    text = bytes(annotation)
    head = _head(text)
    text = b'{%s,"category_id":%d%s' % (head[1], ids[loads(head[2])], text[head.end() :])
    return copy_of(loads(text)) if _EXPONENT.search(text) else text


def _head(text: bytes) -> re.Match[bytes]:
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"the journal holds an annotation of another kind: {text[:80]!r}")
    return head


class Tally:
    """Counts over the journal's records, which come by ascending image id, so also by ascending frame."""

    def __init__(self) -> None:
        self._images = self._annotations = self._empty = self._missed = self._beyond = 0
        self._by_category: Counter[bytes] = Counter()
        self._ranges: list[list[int]] = []
        self._last = -1
        self._accepted = self._draws = 0
        self._failed: list[int] = []

    def counted(self, records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
        """The same records, counted on the way."""
        for record in records:
            self._images += 1
            self._annotations += len(record.annotations)
            self._empty += not record.annotations
            self._by_category.update(_head(bytes(annotation))[2] for annotation in record.annotations)
            self._missed += record.depth_missed
            self._beyond += record.depth_beyond
            numbered = _FRAME.decode(record.image)
            frame = numbered.frame
            if frame != self._last and numbered.draws.attempt is not None:
                self._count_draws(numbered.draws.attempt + 1, numbered.draws.failed)
            self._last = frame
            if self._ranges and frame <= self._ranges[-1][1] + 1:
                self._ranges[-1][1] = max(frame, self._ranges[-1][1])
            else:
                self._ranges.append([frame, frame])
            yield record

    def _count_draws(self, draws: int, failed: list[int]) -> None:
        self._accepted += 1
        self._draws += draws
        self._failed = [sum(pair) for pair in zip(self._failed or [0] * len(failed), failed, strict=True)]

    def required(self) -> dict[str, Any]:
        """How many draws of frames there were, and how many each requirement turned down; empty without any."""
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
            "annotations": self._annotations,
            "annotations_by_category": dict(sorted(self.categories.items())),
            "depth_pixels_without_surface": self._missed,
            "depth_pixels_beyond_range": self._beyond,
        }

    @property
    def categories(self) -> dict[str, int]:
        """The names that occur, and how often."""
        return {loads(name): number for name, number in self._by_category.items()}

    def ranges(self) -> list[list[int]]:
        """[[first, last], ...] of the frames, ascending."""
        return self._ranges
