"""Boxes into rooms: each is let down from above, at the lowest place there is, then the hindmost, then the leftmost.

A place to try is a corner that the room or a box before leaves: a coordinate along X where one ends, and one along Y.
The corners are those of the bottom-left heuristic (B. Baker, E. Coffman, R. Rivest, "Orthogonal packings in two
dimensions", 1980), with a floor that the boxes below make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

# Lengths this near count as equal [m].
SAME = 1e-9

# Pairs of a place and a box looked at together.
_BLOCK = 1 << 21


@dataclass
class Rooms:
    """R rows of C rooms, and what has been put into them.

    size: (R, C, 3) [m]. low, high: (R, n, 3), boxes in their room's frame, a corner of the room being 0. room: (R, n),
    -1 where a box is in none. layer: (R, n), how many boxes are below each. support: share of a box's base that has to
    lie on something. layers: greatest number of boxes on each other.
    """

    size: Float64
    low: Float64
    high: Float64
    room: Int64
    layer: Int64
    support: float
    layers: int

    @classmethod
    def empty(cls, size: Float64, count: int, support: float, layers: int) -> Rooms:
        """Room for ``count`` boxes in each row."""
        shape = (len(size), count)
        boxes = np.zeros((*shape, 3)), np.zeros((*shape, 3))
        return cls(size, *boxes, np.full(shape, -1), np.zeros(shape, dtype=np.int64), support, layers)

    def put(self, thing: int, box: Float64, first: Int64) -> Bool:
        """Put a box (R, 3) into the first room that takes it, from room ``first`` (R,) on; (R,) whether one does."""
        placed = np.zeros(len(box), dtype=bool)
        for step in range(self.size.shape[1]):
            rows = np.flatnonzero(~placed)
            block = max(_BLOCK // max((thing + 1) ** 2 * max(thing, 1), 1), 1)
            for start in range(0, len(rows), block):
                some = rows[start : start + block]
                placed[some] = self._try(thing, some, box[some], (first[some] + step) % self.size.shape[1])
        return placed

    def _try(self, thing: int, rows: Int64, box: Float64, room: Int64) -> Bool:
        size = self.size[rows, room]
        low, high, layer = self.low[rows, :thing], self.high[rows, :thing], self.layer[rows, :thing]
        here = self.room[rows, :thing] == room[:, None]
        ends = np.where(here[..., None], high, 0.0)
        ends = np.concatenate([np.zeros((len(rows), 1, 3)), ends], axis=1)
        x, y = np.broadcast_arrays(ends[:, :, None, 0], ends[:, None, :, 1])
        x, y = x.reshape(len(rows), -1), y.reshape(len(rows), -1)
        fits = (x + box[:, :1] <= size[:, :1] + SAME) & (y + box[:, 1:2] <= size[:, 1:2] + SAME)
        shared = [
            np.minimum((at + box[:, axis : axis + 1])[..., None], high[:, None, :, axis])
            - np.maximum(at[..., None], low[:, None, :, axis])
            for axis, at in ((0, x), (1, y))
        ]
        under = (shared[0] > SAME) & (shared[1] > SAME) & here[:, None]
        z = np.max(np.where(under, high[:, None, :, 2], 0.0), axis=2, initial=0.0)
        bears = under & (high[:, None, :, 2] >= z[..., None] - SAME)
        area = np.sum(np.where(bears, shared[0] * shared[1], 0.0), axis=2)
        level = np.max(np.where(bears, layer[:, None] + 1, 0), axis=2, initial=0)
        fits &= z + box[:, 2:] <= size[:, 2:] + SAME
        fits &= (z <= SAME) | (area >= self.support * (box[:, 0] * box[:, 1])[:, None])
        fits &= level < self.layers
        best = _best(fits, z, y, x)
        found = fits[np.arange(len(rows)), best]
        chosen, each = rows[found], np.flatnonzero(found)
        corner = np.stack([x[each, best[each]], y[each, best[each]], z[each, best[each]]], axis=-1)
        self.low[chosen, thing], self.high[chosen, thing] = corner, corner + box[found]
        self.room[chosen, thing], self.layer[chosen, thing] = room[found], level[each, best[each]]
        return found


def _best(fits: Bool, *keys: Float64) -> Int64:
    """(r,): the place with the least first key, among these the least second one, and so on."""
    for key in keys:
        value = np.where(fits, key, np.inf)
        fits = fits & (value <= value.min(axis=1, keepdims=True) + SAME)
    return np.argmax(fits, axis=1)
