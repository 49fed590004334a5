"""Where the records of ``annotations.json`` lie, found without decoding them.

``coco_depth`` writes one record a line: a line with the head, which ends in ``[``; the images, of which the last one
ends in ``],"annotations":[``; the annotations, of which the last one ends in ``],"categories":[...]}``. Newlines inside
JSON texts are escaped, so lines are records.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import DatasetError

Int64 = NDArray[np.int64]

_BLOCK = 1 << 26
_NEWLINE, _OPEN, _CLOSE, _COMMA = b"\n[},"
_ID = b'{"id":'
_DIGITS = 19
"""Of the largest id that 64 bits hold."""

HEAD_END = b'"images":['
BETWEEN = b'],"annotations":['
BEFORE_CATEGORIES = b'],"categories":['


@dataclass(frozen=True)
class Layout:
    """Offsets in bytes.

    head: where the list of images begins. images, annotations: (n + 1,) int64, where each record's line begins and,
    last, where the last one's ends.
    """

    head: int
    images: Int64
    annotations: Int64


def layout_of(path: Path, content: NDArray[np.uint8]) -> Layout:
    """Find the lines of the file, given its bytes. DatasetError where it is cut short or laid out in another way."""
    newlines = _newlines(content)
    if not len(newlines) or newlines[-1] != len(content) - 1 or content[newlines[-1] - 1] != _CLOSE:
        raise DatasetError(
            f"{path} is cut short: it ends after {len(content)} bytes, before its categories; run the same spec into "
            "the folder again, which makes the file anew"
        )
    last = content[newlines - 1]
    opening = np.flatnonzero(last == _OPEN)
    inner = np.delete(last[:-1], opening)
    first = bytes(content[: newlines[0]])
    # Without images the first line is all there is.
    head = len(first) if len(last) > 1 else first.rfind(BETWEEN)
    many = len(last) == 1 or (len(opening) in (1, 2) and opening[0] == 0 and (inner == _COMMA).all())
    if not many or not first[: max(head, 0)].endswith(HEAD_END):
        raise DatasetError(
            f"{path} is not laid out as coco_depth writes it, one record a line: another program has saved it. Take "
            "the original, or run the same spec into the folder again, which makes the file anew"
        )
    images_end = int(opening[1]) if len(opening) == 2 else len(last) - 1
    starts = np.concatenate([[0], newlines + 1])
    return Layout(head, starts[1 : images_end + 2], starts[images_end + 1 :])


def _newlines(content: NDArray[np.uint8]) -> Int64:
    """(n,) int64: where the newlines are."""
    blocks = [np.flatnonzero(content[at : at + _BLOCK] == _NEWLINE) + at for at in range(0, len(content), _BLOCK)]
    return np.concatenate([np.zeros(0, np.int64), *blocks])


def ids_at(path: Path, content: NDArray[np.uint8], starts: Int64) -> Int64:
    """(n,) int64: the ids of the records that begin there, each ``{"id":<number>,``. DatasetError for others."""
    begin = starts + len(_ID)
    # A record is longer than its id, so that all of this lies within the file.
    letters = content[starts[:, None] + np.arange(len(_ID))]
    foreign = np.flatnonzero((letters != np.frombuffer(_ID, np.uint8)).any(axis=1))
    if len(foreign):
        line = bytes(content[starts[foreign[0]] :][:40])
        raise DatasetError(f"{path} holds a record that does not begin with its id: {line!r}; make the file anew")
    ids: Int64 = np.zeros(len(starts), np.int64)
    reading = np.ones(len(starts), np.bool_)
    for place in range(_DIGITS):
        digit = content[np.minimum(begin + place, len(content) - 1)].astype(np.int64) - ord("0")
        reading &= (digit >= 0) & (digit <= 9)
        if not reading.any():
            break
        ids = np.where(reading, ids * 10 + digit, ids)
    return ids
