"""World poses written as the poses of prims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.effects.posing import write_angles
from replicator_dr.engines.embedded.scene.transforms import euler_angles

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def write_worlds(
    firing: Firing, paths: tuple[str, ...], columns: Int64, linear: Float64, origin: Float64, turned: bool
) -> None:
    """Write poses such that prims come to stand at ``origin`` (R, n, 3) [m] with ``linear`` (R, n, 3, 3).

    turned: whether the orientation is written too; scales never are.
    """
    inverse = np.linalg.inv(firing.parent_world(paths))
    local = np.sum(origin[..., :, None] * inverse[..., :3, :3], axis=-2) + inverse[..., 3, :3]
    own = np.matmul(linear, inverse[..., :3, :3])
    pivot = firing.read("pivot", columns)
    firing.write("translate", columns, local + np.sum(pivot[..., :, None] * own, axis=-2))
    if turned:
        scale = firing.read("scale", columns)
        rotation = own / np.where(scale == 0.0, 1.0, scale)[..., None]
        write_angles(firing, columns, euler_angles(rotation))


def turn_about_z(degrees: Float64) -> Float64:
    """Rotations (..., 3, 3), row vectors, by angles (...)."""
    radians = np.deg2rad(degrees)
    rotation = np.zeros((*radians.shape, 3, 3))
    rotation[..., 0, 0] = rotation[..., 1, 1] = np.cos(radians)
    rotation[..., 0, 1], rotation[..., 1, 0] = np.sin(radians), -np.sin(radians)
    rotation[..., 2, 2] = 1.0
    return rotation
