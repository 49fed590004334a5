"""randomizer.scatter_2d: prims spread over surfaces, kept apart when asked for.

Prims are placed one after the other, each with a stream of its own, and look only at those before them: a prim added at
the end leaves the others where they were. Positions put a prim's *origin* on the surface, ``offset`` along its normal,
as Replicator does. With the input ``stand`` (ours, set by ``item.set_input("stand", True)``) each prim is lifted
besides, so that its lowest point touches the surface in the orientation and scale that it has when the scatter fires.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.effects.footprints import Footprint, footprint, overlap, pick
from replicator_dr.engines.embedded.effects.posing import PosingEffect
from replicator_dr.engines.embedded.effects.surface_source import SurfaceSource, bounds
from replicator_dr.engines.embedded.effects.surfaces import Surface
from replicator_dr.engines.embedded.scene.shaped import shaped_points

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Shapes = Mapping[int, Float64]
"""Vertices (R, N, 3), in their own frames, of the deformed ones among some prims, by their number."""

# Candidates for each prim, in rounds: most find room in the first, the few that do not get ever more.
ROUNDS = (8, 24, 96, 384)


class ScatterEffect(PosingEffect):
    """Places prims on surfaces.

    inputs: surface_prims, no_coll_prims (callables giving paths), min_samp, max_samp, offset,
    check_for_collisions, stand.
    """

    reads_state = True

    def __init__(
        self,
        targets: Callable[[], list[str]],
        surfaces: Callable[[], list[str]],
        obstacles: Callable[[], list[str]],
        source: Distribution,
        inputs: dict[str, Any],
        name: str | None,
    ) -> None:
        super().__init__("randomizer.scatter_2d", targets, inputs, name)
        self._surfaces = surfaces
        self._obstacles = obstacles
        self._source = source

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._extremes, self._margin = _corners(plan, self._paths)
        self._hull = _stack([plan.bounds.extremes(path).hull for path in self._paths])
        self._surface_source = SurfaceSource(plan, self._surfaces(), self.kind)
        self._in_the_way = tuple(self._obstacles())
        self._obstacle_extremes, self._obstacle_margin = _corners(plan, self._in_the_way)
        plan.watch_shapes((*self._paths, *self._in_the_way))

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        surface = self._surface_source.at(firing, self.inputs["min_samp"], self.inputs["max_samp"])
        linear = firing.world(self._paths)[..., :3, :3]
        self._put(firing, self._place(firing, surface, linear, _shaped(firing, self._paths)))

    def _candidates(
        self, firing: Firing, surface: Surface, first: int, count: int, linear: Float64, shaped: Shapes
    ) -> tuple[Float64, NDArray[np.bool_]]:
        """(R, n, count, 3) positions of the candidates from number ``first`` on, and which lie within the bounds."""
        key = self._source.key(firing.seed)
        key = key if first == 0 else sampling.stream_key("candidates", key, first)
        u = sampling.uniforms(key, firing.executions, len(self._paths), 3 * count)
        where, normals = surface.sample(u.reshape(*u.shape[:2], count, 3))
        low, high = bounds(self.inputs["min_samp"], self.inputs["max_samp"])
        within = np.ones(where.shape[:-1], dtype=bool)
        if len(surface.corners) > 1:
            within &= ((where >= low) & (where <= high)).all(axis=-1)
        lift = firing.numbers(self.inputs["offset"], len(self._paths), 1)
        if self.inputs["stand"]:
            lift = lift + self._depth(linear, normals, shaped)
        return where + lift[..., None] * normals, within

    def _depth(self, linear: Float64, normals: Float64, shaped: Shapes) -> Float64:
        """(R, n, count): how far each prim reaches below its origin, against the normals (R, n, count, 3)."""
        if (normals == normals[:1, :1, :1]).all():
            normals = normals[:, :, :1]
        local: Float64 = normals @ np.swapaxes(linear, -1, -2)
        heights: Float64 = local @ np.swapaxes(self._hull, -1, -2)
        depth: Float64 = -heights.min(axis=-1)
        for thing, points in shaped.items():
            depth[:, thing] = -np.matmul(local[:, thing], np.swapaxes(points, -1, -2)).min(axis=-1)
        return depth

    def _place(self, firing: Firing, surface: Surface, linear: Float64, shaped: Shapes) -> Float64:
        """(R, n, 3) positions."""
        checked = bool(self.inputs["check_for_collisions"]) or bool(self._in_the_way)
        if not checked and len(surface.corners) == 1:
            return self._candidates(firing, surface, 0, 1, linear, shaped)[0][:, :, 0]
        among = bool(self.inputs["check_for_collisions"])
        shape = _footprints(firing.plan, self._paths, self._extremes, self._margin, linear, shaped)
        obstacle, obstacle_at = self._obstacle_shapes(firing)
        rounds = [self._candidates(firing, surface, 0, ROUNDS[0], linear, shaped)]
        count = len(self._paths)
        positions = np.empty((len(firing.executions), count, 3))
        failed: dict[str, int] = {}
        for i in range(count):
            open_rows = np.arange(len(firing.executions))
            positions[:, i] = rounds[0][0][:, i, 0]
            for number, size in enumerate(ROUNDS):
                if number == len(rounds):
                    rounds.append(self._candidates(firing, surface, sum(ROUNDS[:number]), size, linear, shaped))
                where, within = (array[open_rows, i] for array in rounds[number])
                free = within.copy()
                mine = pick(shape, (open_rows[:, None, None], i))
                if len(self._in_the_way):
                    other = pick(obstacle, (open_rows, None))
                    free &= ~overlap(mine, where[:, :, None], other, obstacle_at[open_rows, None]).any(axis=-1)
                if among and i:
                    other = pick(shape, (open_rows, None, slice(0, i)))
                    free &= ~overlap(mine, where[:, :, None], other, positions[open_rows, None, :i]).any(axis=-1)
                first = np.argmax(free, axis=1)
                found = free[np.arange(len(open_rows)), first]
                positions[open_rows[found], i] = where[np.flatnonzero(found), first[found]]
                open_rows = open_rows[~found]
                if len(open_rows) == 0:
                    break
            if len(open_rows):
                failed[self._paths[i]] = len(open_rows)
        self._report(failed, len(positions))
        return positions

    def _obstacle_shapes(self, firing: Firing) -> tuple[Footprint, Float64]:
        worlds = firing.world(self._in_the_way) if self._in_the_way else np.zeros((len(firing.executions), 0, 4, 4))
        linear = worlds[..., :3, :3]
        if not self._in_the_way:
            empty = np.zeros((len(worlds), 0, 2))
            return Footprint(empty, empty, empty, empty[..., 0], empty[..., 0]), np.zeros((len(worlds), 0, 3))
        shaped = _shaped(firing, self._in_the_way)
        extremes, margin = self._obstacle_extremes, self._obstacle_margin
        shapes = _footprints(firing.plan, self._in_the_way, extremes, margin, linear, shaped)
        return shapes, worlds[..., 3, :3]

    def _report(self, failed: dict[str, int], frames: int) -> None:
        for path, times in failed.items():
            warnings.warn(
                f"{self.kind}: {path} found no free place among {sum(ROUNDS)} candidates in {times} of {frames} frames "
                "and overlaps another object there; use fewer or smaller objects or a larger surface",
                stacklevel=2,
            )


def _corners(plan: Plan, paths: tuple[str, ...]) -> tuple[Float64, Float64]:
    """Extreme points (n, K, 3) of prims in their own frames, and (n,) how far the hulls may reach beyond them."""
    found = [plan.bounds.extremes(path) for path in paths]
    return _stack([extremes.corners for extremes in found]), np.array([extremes.margin for extremes in found])


def _shaped(firing: Firing, paths: tuple[str, ...]) -> Shapes:
    return {i: points for i, points in enumerate(shaped_points(firing, paths)) if points is not None}


def _footprints(
    plan: Plan, paths: tuple[str, ...], extremes: Float64, margin: Float64, linear: Float64, shaped: Shapes
) -> Footprint:
    """The footprints (R, n); those of prims that have not been turned, scaled or deformed since are kept.

    What was scattered before stands in the way of all that comes after.
    """
    kept = plan.ground_plans
    moved = [
        i
        for i, path in enumerate(paths)
        if i not in shaped and (path not in kept or not np.array_equal(kept[path][0], linear[:, i]))
    ]
    if moved:
        made = footprint(extremes[moved], margin[moved], linear[:, moved])
        for place, i in enumerate(moved):
            kept[paths[i]] = linear[:, i], pick(made, (slice(None), place))
    own = {i: footprint(points[:, None], np.zeros(1), linear[:, [i]]) for i, points in shaped.items()}
    shapes = [pick(own[i], (slice(None), 0)) if i in own else kept[path][1] for i, path in enumerate(paths)]
    return Footprint(*(np.stack([getattr(shape, one.name) for shape in shapes], axis=1) for one in fields(Footprint)))


def _stack(clouds: Sequence[Float64]) -> Float64:
    """Clouds of points as (n, K, 3), the last point of each repeated to a common number."""
    most = max((len(cloud) for cloud in clouds), default=1)
    return np.array([np.pad(cloud, ((0, most - len(cloud)), (0, 0)), "edge") for cloud in clouds]).reshape(-1, most, 3)
