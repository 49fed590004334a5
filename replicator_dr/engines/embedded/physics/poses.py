"""Prims as rigid bodies, and back: the graph's poses have scales, MuJoCo's have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.effects.posing import to_parent
from replicator_dr.engines.embedded.scene.transforms import euler_angles, euler_matrix_by_code, rigid

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Rigid:
    """Worlds (..., 4, 4) taken apart: a point p stands at ``p @ stretch @ turn + position``, in metres.

    stretch (..., 3, 3) has scale and shear, to a nanometre in a metre, so that turning a thing does not make another of
    it; turn (..., 3, 3) is a rotation.
    """

    stretch: Float64
    turn: Float64
    position: Float64

    def row(self, index: int) -> Rigid:
        """One frame."""
        return Rigid(self.stretch[index], self.turn[index], self.position[index])


def rigid_frames(worlds: Float64) -> Rigid:
    """From matrices (..., 4, 4), local to world [m]."""
    turn = rigid(worlds)[..., :3, :3]
    stretch = np.round(worlds[..., :3, :3] @ np.swapaxes(turn, -1, -2), 9)
    return Rigid(stretch + 0.0, turn, worlds[..., 3, :3])


def from_world(
    firing: Firing,
    paths: tuple[str, ...],
    columns: Int64,
    moved: NDArray[np.bool_],
    position: Float64,
    before: Float64,
    after: Float64,
) -> None:
    """Write the poses of prims that moved (R, n) to ``position`` (R, n, 3) [m], turned from ``before`` to ``after``.

    Parents are taken without their scale where they turn something.
    """
    parent = firing.parent_world(paths)
    above = rigid(parent)[..., :3, :3]
    rotate, scale, pivot = (firing.read(channel, columns) for channel in ("rotate", "scale", "pivot"))
    by = above @ (np.swapaxes(before, -1, -2) @ after) @ np.swapaxes(above, -1, -2)
    turned = euler_matrix_by_code(rotate[..., :3], rotate[..., 3]) @ by
    angles = np.concatenate([euler_angles(turned), np.zeros((*moved.shape, 1))], axis=-1)
    linear = scale[..., :, None] * euler_matrix_by_code(angles[..., :3], angles[..., 3])
    place = to_parent(position, parent) + np.sum(pivot[..., :, None] * linear, axis=-2)
    old = firing.read("translate", columns)
    firing.write("translate", columns, np.where(moved[..., None], place, old))
    firing.write("rotate", columns, np.where(moved[..., None], angles, rotate))
