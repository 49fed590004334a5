"""Places on surfaces: evenly by area."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.effects.surface_source import Limits, SurfaceSource, bounds
from replicator_dr.engines.embedded.effects.surfaces import Surface
from replicator_dr.engines.embedded.placement.proposal import Places, Proposal, along_normal

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class OnSurface(Proposal):
    """Points of triangles, each area alike. align: things follow the normal there, as their own +Z."""

    width = 3

    def __init__(
        self,
        kind: str,
        surfaces: Callable[[], list[str]],
        min_samp: Limits,
        max_samp: Limits,
        align: bool,
        spacing: float = 0.0,
    ) -> None:
        self.kind = kind
        self.spacing = spacing
        self._surfaces = surfaces
        self._limits = min_samp, max_samp
        self._align = align

    @override
    def prepare(self, plan: Plan, count: int) -> None:
        self._source = SurfaceSource(plan, self._surfaces(), self.kind)

    @override
    def begin(self, firing: Firing, keys: list[int]) -> None:
        self._surface = self._source.at(firing, *self._limits)

    @override
    def propose(self, thing: int, rows: Int64, u: Float64, first: int) -> Places:
        moving = len(self._surface.corners) > 1
        surface = _rows(self._surface, rows) if moving else self._surface
        where, normals = surface.sample(u)
        within = np.ones(where.shape[:-1], dtype=bool)
        if moving:
            low, high = bounds(*self._limits)
            within &= ((where >= low) & (where <= high)).all(axis=-1)
        return Places(where, normals, along_normal(normals) if self._align else None, within)


def _rows(surface: Surface, rows: Int64) -> Surface:
    return Surface(surface.corners[rows], surface.shares[rows], surface.normals[rows])
