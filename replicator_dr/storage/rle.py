"""COCO's run-length masks of all objects of id images, in one vectorised pass.

Format: cocodataset/cocoapi, common/maskApi.c (rleEncode, rleToString): pixels are read column by column, the first
run counts zeros; a count is written as five-bit groups, least significant first, with a sixth bit "more follows",
plus 48; from the fourth on a count is written as its difference to the count two before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_BITS = 5
_MORE = 0x20
_FIRST_CHARACTER = 48
# A difference of counts is below 2^36 in size for every image below 64 gigapixels: seven groups, sign included.
_GROUPS = 7


@dataclass(frozen=True)
class Runs:
    """The column-major runs of equal id in a batch of id images, runs of background left out.

    image: (R,) int64, which image of the batch; value: (R,) int64, the id; start, stop: (R,) int64, first pixel and
    the one after the last, in column-major order (x * height + y). Sorted by image, then value, then start.
    height, width: of each image.
    """

    image: NDArray[np.int64]
    value: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    height: int
    width: int


@dataclass(frozen=True)
class Masks:
    """Compressed masks, one per (image, id) that has a pixel, sorted by image, then id.

    image, value: (N,) int64. area: (N,) int64 [pixels]. box: (N, 4) int64, x_min, y_min, x_max, y_max, inclusive.
    counts: N strings, COCO's compressed ``counts``.
    """

    image: NDArray[np.int64]
    value: NDArray[np.int64]
    area: NDArray[np.int64]
    box: NDArray[np.int64]
    counts: tuple[str, ...]


def find_runs(ids: NDArray[np.integer], table: NDArray[np.integer] | None = None, background: int = -1) -> Runs:
    """The runs of a batch of id images.

    ids: (B, H, W) integers. table: maps an id to the value that counts (row ``ids`` of it; background pixels need no
    row), such as the entity of each part, (T,) or (B, T); None keeps the ids. background: the id, and the value, that
    belongs to no object.
    """
    batch, height, width = ids.shape
    # Boundaries along columns, found in the memory's own order: only the few thousand of them are ever sorted.
    inner = np.flatnonzero(ids[:, 1:] != ids[:, :-1])
    image, rest = np.divmod(inner, (height - 1) * width if height > 1 else 1)
    row, column = np.divmod(rest, width)
    changes = (image * width + column) * height + row + 1
    # Every column starts a run; those that continue the column before are joined below.
    columns = np.arange(batch * width, dtype=np.int64) * height
    start = np.sort(np.concatenate([columns, changes]))
    stop = np.append(start[1:], batch * width * height)
    pixels = height * width
    image, within = np.divmod(start, pixels)
    column, row = np.divmod(within, height)
    value = ids[image, row, column].astype(np.int64)
    if table is not None:
        known = value != background
        value[known] = np.broadcast_to(table, (batch, np.shape(table)[-1]))[image[known], value[known]]
    joined = np.zeros(len(start), np.bool_)
    joined[1:] = (value[1:] == value[:-1]) & (image[1:] == image[:-1])
    first = np.flatnonzero(~joined)
    last = np.append(first[1:], len(start)) - 1
    kept = value[first] != background
    first, last = first[kept], last[kept]
    image, value = image[first], value[first]
    offset = image * pixels
    order = np.lexsort((value, image)) if len(first) else np.arange(0)
    start, stop = start[first] - offset, stop[last] - offset
    return Runs(image[order], value[order], start[order], stop[order], height, width)


def bit_runs(bits: NDArray[np.int64]) -> Runs:
    """The runs of masks that may overlap. bits: (B, H, W, words), bit v % 64 of word v // 64 is id v's."""
    batch, height, width, words = bits.shape
    pixels = height * width
    # Where a pixel differs from the one before it in column-major order, a mask begins or ends.
    edges = np.flatnonzero(bits[:, 1:] != bits[:, :-1])
    image, row, column, word = np.unravel_index(edges, (batch, height - 1, width, words))
    inner = (
        image,
        column * height + row + 1,
        word,
        bits[image, row + 1, column, word] ^ bits[image, row, column, word],
    )
    tops, bottoms = bits[:, 0].copy(), bits[:, -1]
    last = bottoms[:, -1].copy()
    tops[:, 1:] ^= bottoms[:, :-1]
    image, column, word = np.nonzero(tops)
    outer = (image, column * height, word, tops[image, column, word])
    image, word = np.nonzero(last)
    ended = (image, np.full(len(image), pixels), word, last[image, word])
    image, position, word, changed = (np.concatenate(parts) for parts in zip(inner, outer, ended, strict=True))
    flags = np.unpackbits(changed.astype("<i8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    edge, bit = np.nonzero(flags)
    image, value, position = image[edge], word[edge] * 64 + bit, position[edge]
    order = np.lexsort((position, value, image))
    image, value, position = image[order], value[order], position[order]
    return Runs(image[::2], value[::2], position[::2], position[1::2], height, width)


def compress_runs(runs: Runs) -> Masks:
    """All masks of the runs, compressed: byte for byte what pycocotools' ``mask.encode`` gives."""
    number = len(runs.start)
    if number == 0:
        empty = np.zeros(0, np.int64)
        return Masks(empty, empty, empty, np.zeros((0, 4), np.int64), ())
    new = np.ones(number, np.bool_)
    new[1:] = (runs.image[1:] != runs.image[:-1]) | (runs.value[1:] != runs.value[:-1])
    first = np.flatnonzero(new)
    after = np.append(first[1:], number)
    last = after - 1
    length = runs.stop - runs.start
    area = np.add.reduceat(length, first)

    # The counts of one mask: gap, length, gap, length, ..., and a last gap unless the mask ends with the image.
    gap = runs.start.copy()
    gap[1:] -= np.where(new[1:], 0, runs.stop[:-1])
    tail = runs.height * runs.width - runs.stop[last]
    counts_of = 2 * (after - first) + (tail > 0)
    begin = np.concatenate([[0], np.cumsum(counts_of)])
    mask = np.cumsum(new) - 1
    at = begin[mask] + 2 * (np.arange(number) - first[mask])
    counts = np.empty(begin[-1], np.int64)
    counts[at] = gap
    counts[at + 1] = length
    ended = tail > 0
    counts[begin[1:][ended] - 1] = tail[ended]

    position = np.arange(len(counts)) - np.repeat(begin[:-1], counts_of)
    delta = counts.copy()
    delta[2:] -= np.where(position[2:] > 2, counts[:-2], 0)
    text, ends = _characters(delta)
    cut = np.concatenate([[0], ends[begin[1:] - 1]]).tolist()
    strings = tuple(text[a:b] for a, b in pairwise(cut))
    return Masks(runs.image[first], runs.value[first], area, _boxes(runs, first), strings)


def _boxes(runs: Runs, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Inclusive bounds of each mask, from its runs; a run that goes on in the next column spans all rows."""
    column, row = np.divmod(runs.start, runs.height)
    last_column, last_row = np.divmod(runs.stop - 1, runs.height)
    several = last_column > column
    top = np.where(several, 0, row)
    bottom = np.where(several, runs.height - 1, last_row)
    low, high = np.minimum.reduceat, np.maximum.reduceat
    return np.stack([low(column, first), low(top, first), high(last_column, first), high(bottom, first)], axis=-1)


def _characters(numbers: NDArray[np.int64]) -> tuple[str, NDArray[np.int64]]:
    """Signed numbers as COCO's characters, joined, and where each number's characters end."""
    # A number takes k groups when it fits k * 5 bits with its sign: the smallest k with -2^(5k-1) <= x < 2^(5k-1).
    magnitude = np.where(numbers < 0, ~numbers, numbers)
    limits = np.int64(1) << (_BITS * np.arange(1, _GROUPS, dtype=np.int64) - 1)
    groups = np.searchsorted(limits, magnitude, side="right") + 1
    ends = np.cumsum(groups)
    widest = int(groups.max())
    out = np.empty(ends[-1], np.uint8)
    starts = ends - groups
    for group in range(widest):
        present = np.flatnonzero(groups > group) if group else slice(None)
        bits = (numbers[present] >> (_BITS * group)) & 0x1F
        more = np.where(groups[present] > group + 1, _MORE, 0)
        out[starts[present] + group] = bits + more + _FIRST_CHARACTER
    return out.tobytes().decode("ascii"), ends


def encode_masks(ids: NDArray[np.integer], table: NDArray[np.integer] | None = None, background: int = -1) -> Masks:
    """Compressed masks of all objects in a batch of id images: ``compress_runs`` of ``find_runs``."""
    return compress_runs(find_runs(ids, table, background))


def run_lengths(counts: Sequence[str]) -> list[list[int]]:
    """The runs of masks, uncompressed: of zeros and ones by turns, zeros first."""
    if not any(counts):
        return [[] for _ in counts]
    characters = np.frombuffer("".join(counts).encode("ascii"), np.uint8).astype(np.int64) - _FIRST_CHARACTER
    ends = np.flatnonzero((characters & _MORE) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    group = np.arange(len(characters)) - np.repeat(starts, ends - starts + 1)
    numbers = np.add.reduceat((characters & 0x1F) << (_BITS * group), starts)
    # The highest bit of the last group is the sign.
    numbers -= ((characters[ends] & 0x10) > 0) * (np.int64(1) << (_BITS * (ends - starts + 1)))
    # From its fourth number on a mask has differences to the number two before: sums over every other number.
    first = np.searchsorted(starts, np.cumsum([0, *map(len, counts)]))
    place = np.arange(len(numbers)) - np.repeat(first[:-1], np.diff(first))
    for parity in (0, 1):
        own = np.flatnonzero((place % 2 == parity) & (place > 0))
        sums = np.cumsum(numbers[own])
        begins = np.flatnonzero(place[own] <= 2)
        before = np.where(begins > 0, sums[begins - 1], 0)
        numbers[own] = sums - np.repeat(before, np.diff(np.append(begins, len(own))))
    lengths = numbers.tolist()
    return [lengths[begin:end] for begin, end in pairwise(first.tolist())]


def painted(counts: str, width: int, height: int) -> NDArray[np.bool_]:
    """(H, W) one mask, decoded."""
    (runs,) = run_lengths([counts])
    down: NDArray[np.bool_] = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return down.reshape(width, height).T
