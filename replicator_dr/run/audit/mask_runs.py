"""COCO's masks as runs of pixels: all masks of an image decoded in one vectorised pass.

Format: cocodataset/cocoapi, common/maskApi.c (rleFrString): five bits a character after taking 48 off, least
significant first, the sixth saying that more follow, the fifth of the last being the sign; from the fourth count on a
count is stored less the count two before it. Pixels go column by column, and the first count is of zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]


class MaskError(ValueError):
    """A mask that is not one."""


@dataclass(frozen=True)
class MaskRuns:
    """Runs of the pixels of N masks of one image, mask after mask.

    mask: (R,) which mask; start, stop: (R,) first pixel and the one after the last, counted as x * height + y.
    number: N; width, height: of the image [pixels].
    """

    mask: Int64
    start: Int64
    stop: Int64
    number: int
    height: int
    width: int

    @cached_property
    def length(self) -> Int64:
        """(R,) pixels of each run."""
        return self.stop - self.start

    @cached_property
    def area(self) -> Int64:
        """(N,) pixels of each mask."""
        return np.bincount(self.mask, self.length, self.number).astype(np.int64)

    @cached_property
    def bounds(self) -> Int64:
        """(N, 4) x_min, y_min, x_max, y_max, inclusive; of an empty mask width, height, -1, -1."""
        column, row = np.divmod(self.start, self.height)
        last_column, last_row = np.divmod(self.stop - 1, self.height)
        several = last_column > column  # a run that goes on in the next column spans all rows
        bounds = np.tile(np.array([self.width, self.height, -1, -1], np.int64), (self.number, 1))
        np.minimum.at(bounds[:, 0], self.mask, column)
        np.minimum.at(bounds[:, 1], self.mask, np.where(several, 0, row))
        np.maximum.at(bounds[:, 2], self.mask, last_column)
        np.maximum.at(bounds[:, 3], self.mask, np.where(several, self.height - 1, last_row))
        return bounds

    @cached_property
    def first(self) -> Int64:
        """(N + 1,) where the pixels of each mask begin in ``pixels``, and their number."""
        return np.concatenate([[0], np.cumsum(self.area)])

    @cached_property
    def pixels(self) -> Int64:
        """(P,) the pixels of all masks, mask after mask, counted as x * height + y."""
        before = np.cumsum(self.length) - self.length
        pixels: Int64 = np.repeat(self.start - before, self.length) + np.arange(int(self.length.sum()))
        return pixels


def decode_masks(counts: Sequence[str | bytes], height: int, width: int) -> MaskRuns:
    """Compressed masks of one image as runs. MaskError naming the mask, by its number, that does not fit the image."""
    texts = [text.encode() if isinstance(text, str) else text for text in counts]
    numbers, owner, place = _numbers(texts)
    # From the fourth on, a count is the sum of all differences of its parity; the first stands by itself.
    for chain in ((place % 2 == 1), (place % 2 == 0) & (place >= 2)):
        numbers[chain] = _sums_within(numbers[chain], owner[chain])
    ends = _sums_within(numbers, owner)
    whole = np.bincount(owner, numbers, len(texts)).astype(np.int64) if len(owner) else np.zeros(len(texts), np.int64)
    for wrong in np.flatnonzero(whole != height * width).tolist():
        raise MaskError(f"mask {wrong} counts {whole[wrong]} pixels, the image has {height * width}")
    if (numbers < 0).any():
        raise MaskError(f"mask {int(owner[numbers < 0][0])} holds a negative count")
    ones = (place % 2 == 1) & (numbers > 0)
    return MaskRuns(owner[ones], ends[ones] - numbers[ones], ends[ones], len(texts), height, width)


def _numbers(texts: Sequence[bytes]) -> tuple[Int64, Int64, Int64]:
    """The stored numbers of all texts, which text each comes from, and its place in it."""
    characters = np.frombuffer(b"".join(texts), np.uint8).astype(np.int64) - 48
    if len(characters) == 0:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    if characters.min() < 0 or characters.max() > 63:
        raise MaskError("a mask holds a character that COCO's run lengths do not know")
    last = (characters & 0x20) == 0
    end = np.flatnonzero(last)
    start = np.concatenate([[0], end[:-1] + 1])
    if len(end) == 0 or end[-1] != len(characters) - 1:
        raise MaskError("a mask ends within a number")
    within = np.arange(len(characters)) - np.repeat(start, end - start + 1)
    if within.max() > 7:
        raise MaskError("a mask holds a number too large for any image")
    numbers = np.add.reduceat((characters & 0x1F) << (5 * within), start)
    negative = (characters[end] & 0x10) != 0
    numbers -= np.where(negative, np.int64(1) << (5 * (within[end] + 1)), 0)
    ends_of_texts = np.cumsum([len(text) for text in texts])
    owner = np.searchsorted(ends_of_texts, start, side="right")
    first = np.searchsorted(owner, np.arange(len(texts)))
    return numbers, owner, np.arange(len(numbers)) - first[owner]


def _sums_within(numbers: Int64, owner: Int64) -> Int64:
    """Running sums that begin anew with each owner; owner: ascending."""
    if len(numbers) == 0:
        return numbers
    sums = np.cumsum(numbers)
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    before = sums[first] - numbers[first]
    return sums - np.repeat(before, np.diff(np.append(first, len(numbers))))
