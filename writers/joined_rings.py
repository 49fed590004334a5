"""Rings of a mask, holes included, as one closed way: for formats that hold one polygon an object.

The way goes from ring to ring over bridges of no width, there and back between two corners, so that it encloses what
the rings do: by the even-odd rule and, as rings around holes run the other way, by the winding rule too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

_PAIRS = 1 << 22
"""Distances between corners that are worked out at a time."""


def joined(rings: Sequence[Sequence[int]]) -> list[int]:
    """[x0, y0, x1, y1, ...] of one way through rings of the same form.

    It begins with the largest ring. Then, again and again, the ring that has the corner nearest to a corner of the way
    is joined there. Of equals it is the ring that begins higher up, then the one farther left. In which order they
    come, and where each begins, does not matter.
    """
    if len(rings) == 1:
        return list(rings[0])
    pieces = sorted(map(_from_the_top, rings), key=lambda piece: (int(piece[0, 1]), int(piece[0, 0])))
    ends = np.cumsum([len(piece) for piece in pieces])
    first = ends - [len(piece) for piece in pieces]
    corners = np.concatenate(pieces)
    owner = np.repeat(np.arange(len(rings)), ends - first)
    following = np.arange(1, len(corners) + 1)
    following[ends - 1] = first
    # A bridge needs both of its corners twice: nodes that are not corners stand for the second time.
    node_corner, after = list(range(len(corners))), following.tolist()

    start = int(np.argmax(_areas(corners, following, first)))
    waiting = owner != start
    distance = np.full(len(corners), np.iinfo(np.int64).max)
    nearest = np.zeros(len(corners), np.int64)
    newest = start
    for _ in range(len(rings) - 1):
        rows = np.flatnonzero(waiting)
        _update(corners, rows, np.arange(first[newest], ends[newest]), distance, nearest)
        there = int(rows[np.argmin(distance[rows])])
        here, newest = int(nearest[there]), int(owner[there])
        before = there - 1 if there > first[newest] else int(ends[newest]) - 1
        back, again = len(after), len(after) + 1
        node_corner += [there, here]
        after += [again, after[here]]
        after[before], after[here] = back, there
        waiting &= owner != newest
    order, node = [], int(first[start])
    for _ in range(len(after)):
        order.append(node_corner[node])
        node = after[node]
    way: list[int] = corners[order].reshape(-1).tolist()
    return way


def _from_the_top(ring: Sequence[int]) -> Int64:
    """(n, 2) the corners of a ring, from its highest, leftmost one on, by which it passes once."""
    corners = np.asarray(ring, np.int64).reshape(-1, 2)
    return np.roll(corners, -int(np.lexsort((corners[:, 0], corners[:, 1]))[0]), axis=0)


def _areas(corners: Int64, following: Int64, first: Int64) -> Int64:
    """Twice the signed area of each ring, negative around holes (shoelace formula)."""
    ahead = corners[following]
    areas: Int64 = np.add.reduceat(corners[:, 0] * ahead[:, 1] - ahead[:, 0] * corners[:, 1], first)
    return areas


def _update(corners: Int64, rows: Int64, fresh: Int64, distance: Int64, nearest: Int64) -> None:
    """Note for each corner of ``rows`` where a corner of ``fresh`` is nearer than those of the way so far."""
    step = max(1, _PAIRS // max(len(rows), 1))
    for begin in range(0, len(fresh), step):
        some = fresh[begin : begin + step]
        across = corners[rows, 0][:, None] - corners[some, 0]
        down = corners[rows, 1][:, None] - corners[some, 1]
        squared = across * across + down * down
        best = np.argmin(squared, axis=1)
        found = squared[np.arange(len(rows)), best]
        nearer = found < distance[rows]
        distance[rows[nearer]], nearest[rows[nearer]] = found[nearer], some[best[nearer]]
