"""What proposes places: a surface, a volume, a path, a grid. Rules decide which of them is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """C places for a thing in r rows.

    where: (r, C, 3) [m], world. up: (r, C, 3) unit, what the thing stands on. turn: (r, C, 3, 3), the rotation from the
    world's axes that a thing is to follow, None where it keeps its own. within: (r, C), which of them count.
    """

    where: Float64
    up: Float64
    turn: Float64 | None
    within: NDArray[np.bool_]


@dataclass(frozen=True)
class Tries:
    """Places as things would take them. where: (r, C, 3), origins [m]; spot: (r, C, 3), where they were proposed."""

    where: Float64
    spot: Float64
    turn: Float64 | None
    within: NDArray[np.bool_]

    def only(self, rows: NDArray[np.bool_]) -> Tries:
        """Those of some rows, (r,) bool."""
        return Tries(
            self.where[rows], self.spot[rows], None if self.turn is None else self.turn[rows], self.within[rows]
        )


class Proposal(Protocol):
    """A source of places.

    width: uniform numbers that a place takes. spacing: least distance between the things' places [m], 0 for none.
    """

    kind: str
    width: int
    spacing: float

    def prepare(self, plan: Plan, count: int) -> None:
        """Look up what is needed, once for a compiled plan. count: how many things are placed."""

    def begin(self, firing: Firing, keys: list[int]) -> None:
        """Read the state of R firings. keys: the things' streams, for what concerns all of them."""

    def propose(self, thing: int, rows: Int64, u: Float64, first: int) -> Places:
        """Places for one thing in some rows. u: (r, C, width); first: number of the first of these C tries."""


def upright(rows: int, count: int) -> Float64:
    """(r, C, 3): straight up."""
    return np.broadcast_to(np.array([0.0, 0.0, 1.0]), (rows, count, 3))


def along_normal(normals: Float64) -> Float64:
    """Rotations (..., 3, 3), row vectors, that take +Z to unit vectors (..., 3) by the shortest way.

    Rodrigues' formula with the axis z x n; straight down it is half a turn about X.
    """
    x, y, z = (normals[..., i] for i in range(3))
    down = z < -1.0 + 1e-12
    factor = 1.0 / np.where(down, 1.0, 1.0 + z)
    rotation = np.empty((*normals.shape, 3))
    rotation[..., 0, 0], rotation[..., 0, 1], rotation[..., 0, 2] = 1.0 - x * x * factor, -x * y * factor, -x
    rotation[..., 1, 0], rotation[..., 1, 1], rotation[..., 1, 2] = -x * y * factor, 1.0 - y * y * factor, -y
    rotation[..., 2, :] = normals
    rotation[down] = np.diag([1.0, -1.0, -1.0])
    return rotation
