"""Whether a body lies wholly inside a mesh: triangles that do not meet leave that open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Corners nearer than this share of a mesh's extent are one: seams of files in single precision.
_WELD = 1e-6


@dataclass(frozen=True)
class Pieces:
    """The connected pieces of a mesh, in its own frame.

    extremes: (P, 6, 3), points of each piece, the least and greatest along each axis. closed: (T, 3, 3), triangles of
    the pieces that end nowhere: along each edge as many triangles run one way as the other. low, high: (3,), the box
    about these.
    """

    extremes: Float64
    closed: Float64
    low: Float64
    high: Float64


def pieces(points: Float64, faces: Int64) -> Pieces:
    """The pieces of a mesh: points (K, 3), faces (F, 3)."""
    used = np.unique(faces)
    spots = _welded(points, _WELD * float(np.ptp(points[used], axis=0).max()))
    corners = spots[faces]
    edges = np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1).reshape(-1, 2)
    piece_of = _connected(edges, len(points))
    _, number = np.unique(edges.min(axis=1) * len(points) + edges.max(axis=1), return_inverse=True)
    balance = np.bincount(number, weights=np.sign(edges[:, 1] - edges[:, 0]))
    leaky = np.unique(piece_of[edges[balance[number] != 0, 0]])
    closed = points[faces[~np.isin(piece_of[corners[:, 0]], leaky)]]
    bounds = closed.reshape(-1, 3) if len(closed) else np.zeros((1, 3))
    extremes = _extremes(points[used], piece_of[spots[used]])
    return Pieces(extremes, closed, bounds.min(axis=0), bounds.max(axis=0))


def _welded(points: Float64, near: float) -> Int64:
    """(K,): the same number for points (K, 3) that chains of points no farther than ``near`` join."""
    from scipy.spatial import KDTree

    return _connected(KDTree(points).query_pairs(near, output_type="ndarray"), len(points))


def _connected(pairs: Int64, count: int) -> Int64:
    """(count,): the number of the component that each node belongs to. pairs: (N, 2) nodes that are joined."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    joined = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, component = connected_components(joined, directed=False)
    return np.asarray(component, dtype=np.int64)


def _extremes(points: Float64, piece_of: Int64) -> Float64:
    """(P, 6, 3): of points (K, 3) the least and greatest of each piece along each axis."""
    found = []
    for axis in range(3):
        order = np.lexsort((points[:, axis], piece_of))
        _, first, count = np.unique(piece_of[order], return_index=True, return_counts=True)
        found += [points[order[first]], points[order[first + count - 1]]]
    return np.stack(found, axis=1)


def ball_pieces(middle: Float64, radius: Float64) -> Pieces:
    """A sphere, solid to whatever meets it: its extreme points, nothing that has to be tested. middle, radius: (3,)."""
    steps = np.repeat(np.diag(radius), 2, axis=0) * np.tile([[-1.0], [1.0]], (3, 1))
    return Pieces((middle + steps)[None], np.zeros((0, 3, 3)), middle, middle)


def encloses(outer: Pieces, extremes: Float64) -> bool:
    """Whether one of some pieces lies inside of the closed ones of another, given that no triangles of both meet.

    extremes: (P, 6, 3) of the pieces, in the frame of ``outer``. What faces inward is a room, which encloses nothing.
    """
    if not len(outer.closed):
        return False
    within = ((extremes >= outer.low) & (extremes <= outer.high)).all(axis=(1, 2))
    return any(winding(outer.closed, point) > 0 for point in extremes[within, 0])


def winding(triangles: Float64, point: Float64) -> int:
    """How often closed triangles (T, 3, 3) wind about a point (3,) off their surface: 0 outside, 1 inside.

    Each triangle's solid angle is that of A. Van Oosterom and J. Strackee, "The solid angle of a plane triangle", IEEE
    Transactions on Biomedical Engineering 30 (1983), equation 8.
    """
    corners = triangles - point
    lengths = np.sqrt(np.sum(corners * corners, axis=-1))
    a, b, c = (corners[:, i] for i in range(3))
    across = np.sum(a * np.cross(b, c), axis=-1)
    along = lengths.prod(axis=1)
    for i, (first, second) in enumerate(((b, c), (c, a), (a, b))):
        along = along + np.sum(first * second, axis=-1) * lengths[:, i]
    return round(float(np.sum(np.arctan2(across, along))) / (2.0 * np.pi))
