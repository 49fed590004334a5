"""Meshes with no long edges, so that what bends them has vertices to bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.scene import Mesh

MOST_ROUNDS = 12
"""Each round halves the long edges."""


def refine(mesh: Mesh, longest: float, linear: NDArray[np.float64]) -> Mesh:
    """The same surface with its long edges halved, again and again; the mesh itself where none is longer.

    longest: an edge's greatest length after the points were multiplied with linear, (3, 3) for row vectors. An edge is
    cut by its length alone, so that triangles that share it by position share its middle too and no gap opens.
    """
    for _ in range(MOST_ROUNDS):
        corners = (mesh.points.astype(np.float64) @ linear)[mesh.triangles]
        long = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=-1) > longest
        if not long.any():
            break
        mesh = _split(mesh, long)
    return mesh


def _split(mesh: Mesh, long: NDArray[np.bool_]) -> Mesh:
    """Cut the edges ``long``, (T, 3), edge k going from corner k to the next, in their middle."""
    first = mesh.triangles.astype(np.int64)
    ends = np.sort(np.stack([first, np.roll(first, -1, axis=1)], axis=-1), axis=-1)
    pairs, row = np.unique(ends[long], axis=0, return_inverse=True)
    middle = np.full(long.shape, -1, dtype=np.int64)
    middle[long] = len(mesh.points) + row.reshape(-1)
    pieces = [first[~long.any(axis=1)]]
    # Corners and middles turned so that the first edge is the one that is cut, or the last one the one that is not.
    for cut, turn in (
        (1, np.argmax(long, axis=1)),
        (2, (np.argmin(long, axis=1) + 1) % 3),
        (3, np.zeros(len(long), int)),
    ):
        here = long.sum(axis=1) == cut
        order = (turn[here][:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(first[here], order, axis=1).T
        ab, bc, ca = np.take_along_axis(middle[here], order, axis=1).T
        triangles = {
            1: ((a, ab, c), (ab, b, c)),
            2: ((ab, b, bc), (a, ab, bc), (a, bc, c)),
            3: ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)),
        }[cut]
        pieces += [np.stack(triangle, axis=1) for triangle in triangles]
    normals = _with_middles(mesh.normals, pairs)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return replace(
        mesh,
        points=_with_middles(mesh.points, pairs),
        normals=normals,
        uvs=_with_middles(mesh.uvs, pairs),
        colors=None if mesh.colors is None else _with_middles(mesh.colors, pairs),
        triangles=np.concatenate(pieces).astype(np.int32),
    )


def _with_middles(values: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Values at the vertices, and after them the means of those at pairs (M, 2)."""
    return np.concatenate([values, (values[pairs[:, 0]] + values[pairs[:, 1]]) * np.float32(0.5)])
