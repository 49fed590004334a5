"""Poses of objects in a camera's frame, in OpenCV's axes (x right, y down, z forward)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.cameras import Camera

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Poses:
    """Poses of N objects in the camera's frame: p_camera = R(quaternion) @ (scale * p_object) + translation.

    rotation: (N, 3, 3). quaternion: (N, 4), w x y z, unit, w >= 0. translation: (N, 3) [m]. scale: (N, 3); a mirrored
    object has a negative first component. Shear, which such a pose cannot express, is left out of the rotation.
    """

    rotation: Float64
    quaternion: Float64
    translation: Float64
    scale: Float64


def poses_of(camera: Camera, local_to_world: NDArray[np.floating]) -> Poses:
    """Poses from (N, 4, 4) row-vector matrices in the world."""
    # Columns are the object's axes in the camera's frame, scaled.
    to_camera = camera.from_world @ np.swapaxes(local_to_world.astype(np.float64), -1, -2)
    axes = to_camera[:, :3, :3]
    scale = np.linalg.norm(axes, axis=1)
    scale[:, 0] *= np.where(np.linalg.det(axes) < 0, -1.0, 1.0)
    unit = axes / np.where(scale == 0, 1.0, scale)[:, None, :]
    # Gram-Schmidt from the last axis on: leaves rotations as they are and takes shear out.
    z = unit[:, :, 2]
    y = unit[:, :, 1] - (unit[:, :, 1] * z).sum(axis=1, keepdims=True) * z
    length = np.linalg.norm(y, axis=1, keepdims=True)
    y = y / np.where(length == 0, 1.0, length)
    rotation = np.stack([np.cross(y, z), y, z], axis=-1)
    return Poses(rotation, quaternions(rotation), to_camera[:, :3, 3], scale)


def quaternions(rotation: Float64) -> Float64:
    """(N, 3, 3) rotations -> (N, 4) unit quaternions w x y z with w >= 0.

    Bar-Itzhack's symmetric form: each of four expressions gives the quaternion times one of its components; the one
    with the largest component is the well-conditioned one.
    """
    (a, b, c), (d, e, f), (g, h, i) = np.moveaxis(rotation, 0, -1)
    rows = np.stack(
        [
            np.stack([1 + a + e + i, h - f, c - g, d - b], axis=-1),
            np.stack([h - f, 1 + a - e - i, b + d, c + g], axis=-1),
            np.stack([c - g, b + d, 1 - a + e - i, f + h], axis=-1),
            np.stack([d - b, c + g, f + h, 1 - a - e + i], axis=-1),
        ],
        axis=1,
    )
    best = np.argmax(np.diagonal(rows, axis1=1, axis2=2), axis=1)
    chosen = rows[np.arange(len(rows)), best]
    unit = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    result: Float64 = np.where(unit[:, :1] < 0, -unit, unit)
    return result
