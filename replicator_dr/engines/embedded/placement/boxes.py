"""Broad phase: boxes and the spheres about them, any number of pairs at once.

A box is its centre (..., 3) and its half edges (..., 3, 3), one a row [m]; edges need not be square to each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


def spheres_meet(first: Float64, first_radius: Float64, second: Float64, second_radius: Float64) -> Bool:
    """Whether spheres overlap or touch; all axes broadcast. Centres (..., 3), radii (...)."""
    reach = first_radius + second_radius
    between = [first[..., axis] - second[..., axis] for axis in range(3)]
    return np.asarray(between[0] ** 2 + between[1] ** 2 + between[2] ** 2 <= reach * reach)


def boxes_meet(first: Float64, first_edges: Float64, second: Float64, second_edges: Float64, gap: float) -> Bool:
    """(M,): whether M pairs of boxes come within ``gap`` of each other, by their 15 separating axes.

    The axes are the normals of the faces of both and the cross products of their edges (S. Gottschalk, M. Lin and D.
    Manocha, "OBBTree", 1996). With a gap above 0 a few pairs count that are a little farther apart.
    """
    axes = np.concatenate(
        [
            _normals(first_edges),
            _normals(second_edges),
            _cross(first_edges[:, :, None], second_edges[:, None]).reshape(-1, 9, 3),
        ],
        axis=1,
    )
    length = np.sqrt(np.sum(axes * axes, axis=-1))
    between = np.abs(np.sum(axes * (second - first)[:, None], axis=-1))
    reach = _reach(axes, first_edges) + _reach(axes, second_edges) + gap * length
    # Parallel edges give no axis.
    usable = length > 1e-12 * np.max(length, axis=1, keepdims=True)
    return np.asarray(~(usable & (between > reach)).any(axis=1))


def _normals(edges: Float64) -> Float64:
    return _cross(edges[:, [1, 2, 0]], edges[:, [2, 0, 1]])


def _reach(axes: Float64, edges: Float64) -> Float64:
    """(M, A): how far boxes reach along axes (M, A, 3)."""
    return np.sum(np.abs(np.sum(axes[:, :, None] * edges[:, None], axis=-1)), axis=-1)


def _cross(first: Float64, second: Float64) -> Float64:
    x = first[..., 1] * second[..., 2] - first[..., 2] * second[..., 1]
    y = first[..., 2] * second[..., 0] - first[..., 0] * second[..., 2]
    z = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return np.stack([x, y, z], axis=-1)
