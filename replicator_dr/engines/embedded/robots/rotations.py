"""Rotations of links and joints as matrices for row vectors, p' = p @ M."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

_LOCKED = 1e-9
"""Cosine of the middle angle below which the outer two turn about one axis."""


def matrix_of_quaternion(quaternion: Float64) -> Float64:
    """(..., 4) w, x, y, z, of any length above 0 -> (..., 3, 3)."""
    q = np.asarray(quaternion, dtype=np.float64)
    w, x, y, z = np.moveaxis(q / np.linalg.norm(q, axis=-1, keepdims=True), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
        [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
        [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternion_between(first: Float64, second: Float64) -> Float64:
    """(4,) w, x, y, z: the shortest turn of one unit vector (3,) onto another; about any normal where they oppose."""
    cosine = float(first @ second)
    if cosine < -1.0 + 1e-12:
        other = np.eye(3)[int(np.argmin(np.abs(first)))]
        axis = np.cross(first, other)
        return np.array([0.0, *(axis / np.linalg.norm(axis))])
    quaternion = np.array([1.0 + cosine, *np.cross(first, second)])
    return quaternion / np.linalg.norm(quaternion)


def about(axis: Float64, degrees: Float64) -> Float64:
    """Turns about unit axes (..., 3) by angles (...) [degrees] -> (..., 4, 4), by Rodrigues' formula."""
    angle = np.deg2rad(degrees)[..., None, None]
    x, y, z = np.moveaxis(np.asarray(axis, dtype=np.float64), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([np.stack(row, axis=-1) for row in ((zero, z, -y), (-z, zero, x), (y, -x, zero))], axis=-2)
    turn = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)
    matrix = np.zeros((*turn.shape[:-2], 4, 4))
    matrix[..., :3, :3] = turn
    matrix[..., 3, 3] = 1.0
    return matrix


def by_vector(degrees: Float64) -> Float64:
    """Rotation vectors (..., 3), axis times angle [degrees] -> (..., 4, 4)."""
    angle = np.sqrt(np.sum(degrees * degrees, axis=-1))
    axis = degrees / np.where(angle > 0.0, angle, 1.0)[..., None]
    return about(axis, angle)


def translation(offset: Float64) -> Float64:
    """(..., 3) -> (..., 4, 4)."""
    matrix = np.zeros((*offset.shape[:-1], 4, 4))
    matrix[..., range(4), range(4)] = 1.0
    matrix[..., 3, :3] = offset
    return matrix


def angles_of(rotation: Float64) -> Float64:
    """Rotations (..., 3, 3) -> XYZ angles (..., 3) [degrees] that give them back, exact at any middle angle."""
    cos_y = np.hypot(rotation[..., 0, 0], rotation[..., 0, 1])
    locked = cos_y < _LOCKED
    y = np.arctan2(-rotation[..., 0, 2], cos_y)
    x = np.where(locked, 0.0, np.arctan2(rotation[..., 1, 2], rotation[..., 2, 2]))
    free = np.arctan2(rotation[..., 0, 1], rotation[..., 0, 0])
    z = np.where(locked, np.arctan2(-rotation[..., 1, 0], rotation[..., 1, 1]), free)
    return np.rad2deg(np.stack([x, y, z], axis=-1))
