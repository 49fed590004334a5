"""Prims as surfaces to place things on: their triangles at each frame, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.effects.surfaces import Surface, make_surface
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable, read_geometry
from replicator_dr.engines.embedded.scene.scene_prims import placed_prims
from replicator_dr.engines.embedded.scene.transforms import transform_points
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Limits = Sequence[float | None]


class SurfaceSource:
    """The surface that prims make. kind: the call, for messages. Raises EngineError for prims without faces."""

    def __init__(self, plan: Plan, paths: list[str], kind: str) -> None:
        self._paths, self._kind = paths, kind
        self._leaves, self._triangles = _triangles(plan, paths, kind)
        self._still: tuple[bytes, Surface | None] | None = None

    def at(self, firing: Firing, min_samp: Limits, max_samp: Limits) -> Surface:
        """The surface of each firing, one for all where it stands still. EngineError where the bounds leave nothing."""
        worlds = firing.world(self._leaves)
        low, high = bounds(min_samp, max_samp)
        if (worlds == worlds[:1]).all():
            worlds = worlds[:1]
            key = worlds.tobytes() + low.tobytes() + high.tobytes()
            if self._still is None or self._still[0] != key:
                self._still = key, self._make(worlds, low, high)
            surface = self._still[1]
        else:
            surface = self._make(worlds, low, high)
        if surface is None:
            raise EngineError(
                f"{self._kind}: nothing of the surfaces {self._paths} lies between min_samp {min_samp} and max_samp "
                f"{max_samp}; widen the bounds"
            )
        return surface

    def _make(self, worlds: Float64, low: Float64, high: Float64) -> Surface | None:
        corners = [
            transform_points(local.reshape(-1, 3), worlds[:, i]).reshape(len(worlds), -1, 3, 3)
            for i, local in enumerate(self._triangles)
        ]
        return make_surface(np.concatenate(corners, axis=1), low, high)


def bounds(min_samp: Limits, max_samp: Limits) -> tuple[Float64, Float64]:
    """Least and greatest coordinates (3,) [m], infinite where there is no limit."""
    low = [-np.inf if value is None else float(value) for value in min_samp]
    high = [np.inf if value is None else float(value) for value in max_samp]
    return np.array(low), np.array(high)


def _triangles(plan: Plan, paths: list[str], kind: str) -> tuple[tuple[str, ...], list[Float64]]:
    """The frames of the drawable prims at and below surfaces, and the triangles (T, 3, 3) of each in its frame."""
    leaves, triangles = [], []
    for path in paths:
        for prim, placed in placed_prims(plan.prim(path, kind), plan.hierarchy):
            if is_drawable(prim):
                for mesh in read_geometry(prim, plan.assets).meshes:
                    points = mesh.points.astype(np.float64)
                    if placed.offset is not None:
                        points = points @ placed.offset[:3, :3] + placed.offset[3, :3]
                    leaves.append(placed.frame)
                    triangles.append(points[mesh.triangles])
    if not leaves:
        raise EngineError(f"{kind}: the surfaces {paths} have no faces to scatter on; give a plane or a mesh")
    return tuple(leaves), triangles
