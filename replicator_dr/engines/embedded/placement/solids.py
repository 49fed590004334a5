"""Bodies in the world: where they are at each firing, and whether two of them meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.placement.bodies import Body, collision_library
from replicator_dr.engines.embedded.placement.nesting import encloses
from replicator_dr.engines.embedded.placement.shaped_bodies import ShapedBody

Float64 = NDArray[np.float64]


class Solids:
    """m bodies at R firings.

    bodies: m of them. linear: (R, m, 3, 3) and origin: (R, m, 3), local to world [m]; row vectors. An origin may be
    set later, with a turn after the linear part. shaped: what stands for some of the bodies, by their number.
    """

    def __init__(
        self, bodies: Sequence[Body], linear: Float64, origin: Float64, shaped: Mapping[int, ShapedBody] | None = None
    ) -> None:
        self.bodies = bodies
        self._shaped = shaped or {}
        self.linear = linear.copy()
        self.origin = origin.copy()
        self._middle = self._each_row(np.array([body.middle for body in bodies]))
        half = self._each_row(np.array([body.half for body in bodies]))
        for column, one in self._shaped.items():
            self._middle[:, column], half[:, column] = one.middle, one.half
        scale = np.sqrt(np.sum(linear * linear, axis=-1))
        rotation = linear / np.where(scale > 0, scale, 1.0)[..., None]
        gram = np.matmul(rotation, np.swapaxes(rotation, -1, -2))
        rigid = np.abs(gram - np.eye(3)).max(axis=(-1, -2)) < 1e-9
        mirrored = np.linalg.det(rotation) < 0
        # Rounded, so that turning a thing does not count as another scale of it.
        exact = np.round(scale, 12)
        exact[mirrored, 0] *= -1.0
        rotation[mirrored, 0] *= -1.0
        self._bake = exact[..., None] * np.eye(3)
        self._bake[~rigid] = linear[~rigid]
        rotation[~rigid] = np.eye(3)
        self._rotation = rotation
        self.edges = half[..., None] * linear
        self.centre = self.origin + self.offset
        self.radius = np.sqrt(np.sum(self.edges * self.edges, axis=(-1, -2)))

    def _each_row(self, values: Float64) -> Float64:
        """(R, m, 3) of (m, 3)."""
        return np.repeat(values.reshape(1, -1, 3), len(self.linear), axis=0)

    @property
    def offset(self) -> Float64:
        """(R, m, 3): from the origins to the boxes' centres."""
        return np.sum(self._middle[..., :, None] * self.linear, axis=-2)

    def offset_of(self, rows: NDArray[np.int64], column: int) -> Float64:
        """(r, 3): the same of one body in some rows."""
        return np.sum(self._middle[rows, column][..., None] * self.linear[rows, column], axis=-2)

    def move(self, rows: NDArray[np.int64], column: int, origin: Float64, turn: Float64 | None) -> None:
        """Put a body somewhere in some rows. origin: (r, 3); turn: (r, 3, 3), after the present orientation."""
        if turn is not None:
            self.linear[rows, column] = np.matmul(self.linear[rows, column], turn)
            self.edges[rows, column] = np.matmul(self.edges[rows, column], turn)
            self._rotation[rows, column] = np.matmul(self._rotation[rows, column], turn)
        self.origin[rows, column] = origin
        self.centre[rows, column] = origin + self.offset_of(rows, column)

    def shape(self, row: int, column: int, turn: Float64 | None, origin: Float64) -> PlacedBody:
        """A body at a place. turn: (3, 3), after the present orientation."""
        fcl = collision_library()
        body = self._shaped[column].body(row) if column in self._shaped else self.bodies[column]
        rotation, linear = self._rotation[row, column], self.linear[row, column]
        if turn is not None:
            rotation, linear = np.matmul(rotation, turn), np.matmul(linear, turn)
        # A sphere's place is its centre; it knows no other.
        placed = fcl.CollisionObject(body.geometry(self._bake[row, column]), fcl.Transform(rotation.T, origin))
        return PlacedBody(body, linear, origin, placed)

    def placed(self, row: int, column: int) -> PlacedBody:
        """A body where it is now."""
        return self.shape(row, column, None, self.origin[row, column])


@dataclass(frozen=True)
class PlacedBody:
    """A body in the world: its linear part (3, 3) and origin (3,), row vectors [m], and FCL's object of it."""

    body: Body
    linear: Float64
    origin: Float64
    object: Any

    def holds(self, other: PlacedBody) -> bool:
        """Whether a piece of another one, whose surface meets no part of this one's, lies inside of this one."""
        if self.body.kind != "mesh":
            return False  # solid to FCL, which found nothing
        if not self.body.pieces.closed.size or np.linalg.det(self.linear) == 0.0:
            return False
        world = other.body.pieces.extremes @ other.linear + other.origin
        return encloses(self.body.pieces, (world - self.origin) @ np.linalg.inv(self.linear))


def meet(first: PlacedBody, second: PlacedBody, gap: float) -> bool:
    """Whether two bodies overlap, one lies inside of the other, or they come nearer than ``gap`` [m]."""
    fcl = collision_library()
    if gap <= 0.0:
        touch = bool(fcl.collide(first.object, second.object, fcl.CollisionRequest(), fcl.CollisionResult()))
    else:
        touch = bool(fcl.distance(first.object, second.object, fcl.DistanceRequest(), fcl.DistanceResult()) < gap)
    return touch or first.holds(second) or second.holds(first)
