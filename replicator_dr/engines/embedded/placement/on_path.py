"""Places along a path: a polyline, or USD's curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.placement.curves import read_curve
from replicator_dr.engines.embedded.placement.proposal import Places, Proposal, upright
from replicator_dr.engines.embedded.scene.transforms import normalized, transform_points
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class OnPath(Proposal):
    """Lengths along a path: even or at random.

    path: points (P, 3) [m], or a function that gives the prim of a curve. step: metres from one thing to the next; None
    spreads them evenly over the whole length. random: each anywhere on it instead. start: metres before the first.
    jitter: greatest shift along the path, aside: across it on the level, either way [m]. align: things follow the path
    with their own +X, upright as far as it lets them.
    """

    spacing = 0.0
    width = 2

    def __init__(
        self,
        kind: str,
        path: Sequence[Sequence[float]] | Callable[[], list[str]],
        step: float | None,
        random: bool,
        start: float,
        jitter: float,
        aside: float,
        align: bool,
    ) -> None:
        self.kind = kind
        self._path = path
        self._step, self._random, self._start = step, random, start
        self._jitter, self._aside, self._align = jitter, aside, align

    @override
    def prepare(self, plan: Plan, count: int) -> None:
        self._count = count
        self._frame: tuple[str, ...] = ()
        if callable(self._path):
            self._points, leaf, self._closed = read_curve(plan, self.kind, self._path())
            self._frame = (leaf,)
        else:
            self._points = np.array(self._path, dtype=np.float64).reshape(-1, 3)
            self._closed = bool((self._points[0] == self._points[-1]).all())
        if len(self._points) < 2 or not (np.diff(self._points, axis=0) != 0.0).any():
            raise EngineError(f"{self.kind}: the path has no length; give it two different points or more")

    @override
    def begin(self, firing: Firing, keys: list[int]) -> None:
        points = np.broadcast_to(self._points, (len(firing.executions), *self._points.shape))
        if self._frame:
            points = transform_points(points, firing.world(self._frame)[:, 0])
        self._world = points
        pieces = np.sqrt(np.sum(np.diff(points, axis=1) ** 2, axis=-1))
        self._reached = np.concatenate([np.zeros((len(points), 1)), np.cumsum(pieces, axis=1)], axis=1)

    @override
    def propose(self, thing: int, rows: Int64, u: Float64, first: int) -> Places:
        total = self._reached[rows, -1][:, None]
        if self._random:
            along = self._start + u[..., 0] * (total - self._start)
        else:
            # Both ends of an open path are used; on a closed one they are the same.
            parts = self._count if self._closed else max(self._count - 1, 1)
            step = (total - self._start) / parts if self._step is None else self._step
            along = self._start + thing * step + self._jitter * (2.0 * u[..., 0] - 1.0)
        if self._closed:
            along = np.mod(along, total)
        within = (along >= -1e-9) & (along <= total + 1e-9)
        along = np.clip(along, 0.0, total)
        piece = np.sum(along[..., None] >= self._reached[rows, None, 1:-1], axis=-1)
        row = rows[:, None]
        begin, end = self._world[row, piece], self._world[row, piece + 1]
        before, after = self._reached[row, piece], self._reached[row, piece + 1]
        share = (along - before) / np.where(after > before, after - before, 1.0)
        tangent = normalized(end - begin)
        across = np.stack([-tangent[..., 1], tangent[..., 0], np.zeros(along.shape)], axis=-1)
        vertical = np.sum(across * across, axis=-1, keepdims=True) < 1e-12
        across = normalized(np.where(vertical, [0.0, 1.0, 0.0], across))
        where: Float64 = begin + (end - begin) * share[..., None] + across * (self._aside * (2.0 * u[..., 1:] - 1.0))
        if not self._align:
            return Places(where, upright(*where.shape[:2]), None, within)
        up = np.asarray(np.cross(tangent, across), np.float64)
        return Places(where, up, np.stack([tangent, across, up], axis=-2), within)
