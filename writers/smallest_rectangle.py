"""The rectangle of the least area around a mask, turned as need be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray


def smallest_rectangle(rings: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """(4, 2) corners around the points [x0, y0, x1, y1, ...] of rings, clockwise on screen, from the highest on.

    A side of such a rectangle lies along a side of the convex hull (H. Freeman, R. Shapira: Determining the
    minimum-area encasing rectangle for an arbitrary closed curve, 1975): all of these are tried, in whole numbers. Of
    rectangles of one area it is that of the hull's first side.
    """
    hull = convex_hull(np.fromiter(chain.from_iterable(rings), np.int64).reshape(-1, 2))
    side = np.roll(hull, -1, axis=0) - hull
    across = np.stack([-side[:, 1], side[:, 0]], axis=-1)
    along, over = hull @ side.T, hull @ across.T
    length = (side**2).sum(axis=1)
    area = np.ptp(along, axis=0) * np.ptp(over, axis=0) / length
    best = int(np.argmin(area))
    ends = [(along[:, best].min(), along[:, best].max()), (over[:, best].min(), over[:, best].max())]
    corners = np.array(
        [
            (ends[0][a] * side[best] + ends[1][b] * across[best]) / length[best]
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
        ]
    )
    first = np.lexsort((corners[:, 0], corners[:, 1]))[0]
    return np.roll(corners, -first, axis=0)


def convex_hull(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """(h, 2) corners of the hull of (n, 2) points that do not lie on one line, clockwise on screen (y points down).

    A. M. Andrew's monotone chain (1979), over the first and last point of each row.
    """
    ordered = points[np.lexsort((points[:, 0], points[:, 1]))]
    begins = np.append(True, ordered[1:, 1] != ordered[:-1, 1])
    outer = ordered[begins | np.append(begins[1:], True)].tolist()
    right = _chain(outer)
    left = _chain(outer[::-1])
    return np.array(right[:-1] + left[:-1], np.int64)


def _chain(points: list[list[int]]) -> list[list[int]]:
    """Points of which each turns clockwise on screen."""
    kept: list[list[int]] = []
    for x, y in points:
        while len(kept) > 1:
            (a, b), (c, d) = kept[-2:]
            if (c - a) * (y - b) - (d - b) * (x - a) > 0:
                break
            kept.pop()
        kept.append([x, y])
    return kept
