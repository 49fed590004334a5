"""Places in volumes: evenly over what closed meshes, or bounds, hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.effects.surface_source import Limits, bounds
from replicator_dr.engines.embedded.placement.inside import Inside
from replicator_dr.engines.embedded.placement.proposal import Places, Proposal, upright
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Points drawn for a place; the first one inside is taken. Of a ball in its box all 12 are outside once in 65,000 times.
_POINTS = 12


class InVolume(Proposal):
    """Points inside of volumes, each part alike, outside of excluded ones and within bounds.

    once: what several volumes share counts once, else as often as there are volumes there.
    """

    spacing = 0.0
    width = 4 * _POINTS

    def __init__(
        self,
        kind: str,
        volumes: Callable[[], list[str]],
        excluded: Callable[[], list[str]],
        min_samp: Limits,
        max_samp: Limits,
        once: bool,
    ) -> None:
        self.kind = kind
        self._volumes = volumes
        self._excluded = excluded
        self._limits = min_samp, max_samp
        self._once = once

    @override
    def prepare(self, plan: Plan, count: int) -> None:
        self._low, self._high = bounds(*self._limits)
        self._paths, self._holes = tuple(self._volumes()), tuple(self._excluded())
        if not self._paths and not (np.isfinite(self._low).all() and np.isfinite(self._high).all()):
            raise EngineError(f"{self.kind}: without volume_prims it needs all numbers of min_samp and max_samp")
        if (self._low > self._high).any():
            raise EngineError(f"{self.kind}: min_samp {self._limits[0]} is above max_samp {self._limits[1]}")
        self._inside = [Inside(self.kind, path, self._triangles(plan, path)) for path in self._paths]
        self._inside_holes = [Inside(self.kind, path, self._triangles(plan, path)) for path in self._holes]

    def _triangles(self, plan: Plan, path: str) -> Float64:
        plan.prim(path, self.kind)
        return plan.bounds.triangles(path)

    @override
    def begin(self, firing: Firing, keys: list[int]) -> None:
        self._worlds = firing.world(self._paths) if self._paths else np.zeros((len(firing.executions), 0, 4, 4))
        holes = firing.world(self._holes) if self._holes else np.zeros((len(firing.executions), 0, 4, 4))
        self._inverses, self._hole_inverses = np.linalg.inv(self._worlds), np.linalg.inv(holes)
        sizes = np.array([inside.box_volume for inside in self._inside]) * np.abs(np.linalg.det(self._worlds))
        self._edges = np.cumsum(sizes, axis=1) / np.sum(sizes, axis=1, keepdims=True)

    @override
    def propose(self, thing: int, rows: Int64, u: Float64, first: int) -> Places:
        u = u.reshape(*u.shape[:2], _POINTS, 4)
        where = np.empty((*u.shape[:2], 3))
        within = np.zeros(u.shape[:2], dtype=bool)
        for number in range(_POINTS):
            row, place = np.nonzero(~within)
            if not len(row):
                break
            where[row, place], within[row, place] = self._points(rows[row], u[row, place, number])
        return Places(where, upright(*where.shape[:2]), None, within)

    def _points(self, rows: Int64, u: Float64) -> tuple[Float64, NDArray[np.bool_]]:
        """Points (m, 3) at firings (m,) from uniforms (m, 4), and which of them count."""
        if self._paths:
            points, within = self._in_boxes(rows, u)
        else:
            points, within = self._low + (self._high - self._low) * u[:, 1:], np.ones(len(u), dtype=bool)
        within &= ((points >= self._low) & (points <= self._high)).all(axis=-1)
        for number, inside in enumerate(self._inside_holes):
            within &= ~inside(_moved(points, self._hole_inverses[rows, number]))
        return points, within

    def _in_boxes(self, rows: Int64, u: Float64) -> tuple[Float64, NDArray[np.bool_]]:
        """Points in the boxes about the volumes, by the boxes' size, and whether they are in the volume itself."""
        chosen = np.minimum(np.sum(u[:, :1] >= self._edges[rows], axis=-1), len(self._paths) - 1)
        low = np.array([inside.low for inside in self._inside])[chosen]
        high = np.array([inside.high for inside in self._inside])[chosen]
        local = low + (high - low) * u[:, 1:]
        points = _moved(local, self._worlds[rows, chosen])
        within = np.zeros(len(points), dtype=bool)
        for number, inside in enumerate(self._inside):
            mine = chosen == number
            within[mine] = inside(local[mine])
        for number, inside in enumerate(self._inside if self._once else ()):
            # What a volume shares with a later one belongs to it alone.
            later = within & (chosen > number)
            within[later] = ~inside(_moved(points[later], self._inverses[rows[later], number]))
        return points, within


def _moved(points: Float64, matrices: Float64) -> Float64:
    """Points (m, 3) by matrices (m, 4, 4)."""
    return np.sum(points[:, :, None] * matrices[:, :3, :3], axis=-2) + matrices[:, 3, :3]
