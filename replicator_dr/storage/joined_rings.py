"""Rings of a mask, holes included, as one closed way: for formats that hold one polygon an object.

The way goes from ring to ring over bridges of no width, there and back between two corners, so that it encloses what
the rings do: by the even-odd rule and, as rings around holes run the other way, by the winding rule too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

_PAIRS = 1 << 14
"""From this many distances on, a search tree is faster."""


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
    joined_as = np.full(len(rings), len(rings))  # when each ring became part of the way
    newest = start
    for number in range(len(rings) - 1):
        joined_as[newest] = number
        rows = np.flatnonzero(waiting)
        fresh = corners[first[newest] : ends[newest]]
        # Only corners that the box of the new ring comes nearer to than the way so far can find a nearer one.
        beside = np.maximum(fresh.min(axis=0) - corners[rows], corners[rows] - fresh.max(axis=0)).clip(0)
        near = rows[beside[:, 0] ** 2 + beside[:, 1] ** 2 < distance[rows]]
        distance[near] = np.minimum(distance[near], _squared_distances(corners[near], fresh))
        there = int(rows[np.argmin(distance[rows])])
        here = _first_at(corners, joined_as[owner], there, int(distance[there]))
        newest = int(owner[there])
        before = there - 1 if there > first[newest] else int(ends[newest]) - 1
        back, again = len(after), len(after) + 1
        node_corner += [there, here]
        after += [again, after[here]]
        after[before], after[here] = back, there
        waiting[first[newest] : ends[newest]] = False
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


def _squared_distances(points: Int64, others: Int64) -> Int64:
    """(n,) squared distance from each of ``points`` (n, 2) to the nearest of ``others`` (m, 2)."""
    if not len(points):
        return np.zeros(0, np.int64)
    if len(points) * len(others) > _PAIRS:
        from scipy.spatial import cKDTree

        found = cKDTree(others).query(points)[0]
        nearest: Int64 = np.rint(found * found).astype(np.int64)
        return nearest
    across = points[:, 0][:, None] - others[:, 0]
    down = points[:, 1][:, None] - others[:, 1]
    least: Int64 = (across * across + down * down).min(axis=1)
    return least


def _first_at(corners: Int64, order: Int64, there: int, squared: int) -> int:
    """Of the corners so far from corner ``there``, that of the ring which is longest part of the way; its first."""
    away = corners - corners[there]
    found = np.flatnonzero((away * away).sum(axis=1) == squared)
    return int(found[np.argmin(order[found])])
