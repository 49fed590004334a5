"""Poses as matrices, for any number of leading axes. Row vectors: p' = p @ M; angles in degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

ORDERS = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
_NUDGE = 1e-5


def axis_rotations(degrees: Float64) -> tuple[Float64, Float64, Float64]:
    """Angles (..., 3) -> rotations (..., 3, 3) about X, Y and Z."""
    radians = np.deg2rad(np.ascontiguousarray(degrees, dtype=np.float64))
    cos, sin = np.cos(radians), np.sin(radians)
    matrices = []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        matrix = np.zeros((*radians.shape, 3))
        matrix[..., axis, axis] = 1.0
        matrix[..., first, first] = matrix[..., second, second] = cos[..., axis]
        matrix[..., first, second] = sin[..., axis]
        matrix[..., second, first] = -sin[..., axis]
        matrices.append(matrix)
    return matrices[0], matrices[1], matrices[2]


def euler_matrix(degrees: Float64, order: str = "XYZ") -> Float64:
    """Euler angles (..., 3), about X, Y, Z, applied in ``order`` -> rotations (..., 3, 3)."""
    about = axis_rotations(degrees)
    first, second, third = (about["XYZ".index(letter)] for letter in order)
    return np.matmul(np.matmul(first, second), third)


def euler_matrix_by_code(degrees: Float64, code: Float64) -> Float64:
    """The same where ``code`` (...) holds the row of ORDERS for each rotation."""
    codes = np.unique(code)
    if len(codes) == 1:
        return euler_matrix(degrees, ORDERS[int(codes[0])])
    result = np.empty((*degrees.shape, 3))
    for one in codes:
        chosen = code == one
        result[chosen] = euler_matrix(degrees[chosen], ORDERS[int(one)])
    return result


def euler_angles(rotation: Float64) -> Float64:
    """Rotations (..., 3, 3) -> XYZ angles (..., 3) that give them back; the middle one within 90 degrees."""
    sin_y = np.clip(-rotation[..., 0, 2], -1.0, 1.0)
    y = np.arcsin(sin_y)
    locked = np.abs(sin_y) > 1.0 - 1e-12
    x = np.where(locked, 0.0, np.arctan2(rotation[..., 1, 2], rotation[..., 2, 2]))
    z_free = np.arctan2(rotation[..., 0, 1], rotation[..., 0, 0])
    z_locked = np.arctan2(-rotation[..., 1, 0], rotation[..., 1, 1])
    return np.rad2deg(np.stack([x, y, np.where(locked, z_locked, z_free)], axis=-1))


def compose(translate: Float64, rotate: Float64, scale: Float64, pivot: Float64) -> Float64:
    """Local matrices (..., 4, 4): away from the pivot, scale, rotate, translate, so that the pivot lands on translate.

    translate, scale, pivot: (..., 3); rotate: (..., 4), angles and the row of ORDERS.
    """
    linear = scale[..., :, None] * euler_matrix_by_code(rotate[..., :3], rotate[..., 3])
    matrix = np.zeros((*translate.shape[:-1], 4, 4))
    matrix[..., :3, :3] = linear
    matrix[..., 3, :3] = translate - np.sum(pivot[..., :, None] * linear, axis=-2)
    matrix[..., 3, 3] = 1.0
    return matrix


def decompose(matrix: Float64) -> tuple[Float64, Float64, Float64]:
    """A matrix (4, 4) -> translate (3,), XYZ angles (3,), scale (3,); shear is lost, a mirror turns the scale's x."""
    linear = np.asarray(matrix, dtype=np.float64)[:3, :3]
    scale = np.linalg.norm(linear, axis=1)
    if np.linalg.det(linear) < 0:
        scale[0] = -scale[0]
    rotation = linear / np.where(scale == 0, 1.0, scale)[:, None]
    return np.array(matrix[3, :3]), euler_angles(rotation), scale


def normalized(vectors: Float64) -> Float64:
    """Vectors (..., 3) of length 1; zero vectors stay zero."""
    length = np.sqrt(np.sum(vectors * vectors, axis=-1, keepdims=True))
    return vectors / np.where(length > 0, length, 1.0)


def look_at(eye: Float64, target: Float64, up: Float64) -> Float64:
    """Rotations (..., 3, 3) that turn local -Z from eye toward target, with +Y as near to ``up`` as can be.

    Where the direction is parallel to ``up``, the eye is taken 1e-5 beside itself: along X on a Z-up stage, along Z
    when up is mainly Y, as in Replicator.
    """
    back = eye - target
    right = np.cross(np.broadcast_to(up, back.shape), back)
    parallel = np.sum(right * right, axis=-1, keepdims=True) <= 1e-20 * np.sum(back * back, axis=-1, keepdims=True)
    sideways = np.where(np.abs(up[..., 1:2]) > np.abs(up[..., 2:3]), [0.0, 0.0, _NUDGE], [_NUDGE, 0.0, 0.0])
    at_target = np.sum(back * back, axis=-1, keepdims=True) == 0
    back = np.where(at_target, -sideways, np.where(parallel, back + sideways, back))
    z = normalized(back)
    across: Float64 = np.cross(np.broadcast_to(up, z.shape), z).astype(np.float64)
    x = normalized(across)
    return np.stack([x, np.cross(z, x), z], axis=-2)


def rigid(matrices: Float64) -> Float64:
    """Matrices (..., 4, 4) without scale and shear: Gram-Schmidt from Z, then Y; a mirror turns X round."""
    result = matrices.copy()
    z = normalized(matrices[..., 2, :3])
    y = matrices[..., 1, :3]
    y = normalized(y - np.sum(y * z, axis=-1, keepdims=True) * z)
    result[..., 0, :3], result[..., 1, :3], result[..., 2, :3] = np.cross(y, z), y, z
    return result


def row_scale(matrices: Float64) -> Float64:
    """Matrices (..., 4, 4) -> lengths of the local axes in the parent frame, (..., 3)."""
    return np.sqrt(np.sum(matrices[..., :3, :3] ** 2, axis=-1))


def transform_points(points: Float64, matrices: Float64) -> Float64:
    """Points (..., N, 3) by matrices (..., 4, 4)."""
    return np.matmul(points, matrices[..., :3, :3]) + matrices[..., None, 3, :3]


def transform_directions(vectors: Float64, matrix: Float64) -> Float64:
    """Vectors (..., 3) by the linear part of one matrix (4, 4), elementwise so that batches do not matter."""
    return np.sum(vectors[..., :, None] * matrix[:3, :3], axis=-2)
