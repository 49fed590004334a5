"""Prims on a path: evenly along its length, looking at a target or ahead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.effects.looking import Aim
from replicator_dr.engines.embedded.effects.posing import PosingEffect, write_angles
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.require.moments import frame_of
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import normalized, transform_directions

Float64 = NDArray[np.float64]

FINE = 128
"""Straight pieces that stand for a curve between two of its points."""


class Track:
    """A polygon, or a smooth curve through its corners, by the share of its length.

    points: (n, 3). closed: the last point is joined to the first. smooth: a centripetal Catmull-Rom curve (Yuksel et
    al. 2011), which goes through all points and neither loops nor overshoots, in FINE pieces from point to point.
    """

    def __init__(self, points: Float64, closed: bool, smooth: bool) -> None:
        corners = np.concatenate([points, points[:1]]) if closed else points
        self.points = _curve(corners, closed) if smooth else corners
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        self.points = self.points[np.concatenate([[True], steps > 0])]
        self._steps = steps[steps > 0]
        self._reached = np.concatenate([[0.0], np.cumsum(self._steps)])
        self.length = float(self._reached[-1])
        self._ahead = normalized(np.diff(self.points, axis=0))
        self._smooth = smooth

    def at(self, share: Float64) -> tuple[Float64, Float64]:
        """Places (..., 3) and unit directions (..., 3) at shares (...) of the length, 0 .. 1."""
        along = np.clip(share, 0.0, 1.0) * self.length
        piece = np.clip(np.searchsorted(self._reached, along, side="right") - 1, 0, len(self._steps) - 1)
        rest = ((along - self._reached[piece]) / self._steps[piece])[..., None]
        place = self.points[piece] * (1.0 - rest) + self.points[piece + 1] * rest
        if not self._smooth:
            return place, self._ahead[piece]
        # A curve's pieces meet in corners too small to see; directions pass from middle to middle of them all the same.
        before, after = np.maximum(piece - 1, 0), np.minimum(piece + 1, len(self._steps) - 1)
        early = rest < 0.5
        first = np.where(early, self._ahead[before], self._ahead[piece])
        second = np.where(early, self._ahead[piece], self._ahead[after])
        share_of_second = np.where(early, rest + 0.5, rest - 0.5)
        return place, normalized(first * (1.0 - share_of_second) + second * share_of_second)


def _curve(corners: Float64, closed: bool) -> Float64:
    """(m, 3): the Catmull-Rom curve with knots at the square roots of the distances (Barry and Goldman 1988)."""
    if closed:
        before, after = corners[-2], corners[1]
    else:
        before, after = 2.0 * corners[0] - corners[1], 2.0 * corners[-1] - corners[-2]
    through = np.concatenate([[before], corners, [after]])
    pieces = [corners[:1]]
    for p in (through[i : i + 4] for i in range(len(corners) - 1)):
        k = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1)))])
        t = np.linspace(k[1], k[2], FINE + 1)[1:, None]

        def blend(a: Float64, b: Float64, start: float, end: float, t: Float64 = t) -> Float64:
            return (a * (end - t) + b * (t - start)) / (end - start)

        a1, a2, a3 = (blend(p[i], p[i + 1], k[i], k[i + 1]) for i in range(3))
        b1, b2 = blend(a1, a2, k[0], k[2]), blend(a2, a3, k[1], k[3])
        pieces.append(blend(b1, b2, k[1], k[2]))
    return np.concatenate(pieces)


class PathEffect(PosingEffect):
    """Puts prims on a path.

    inputs: points, in the stage's frame; closed, smooth: see Track. along: the share of the path's length. frames: the
    whole path in so many firings instead, over and over, the first at its beginning. look_at: a point or prims; None
    looks ahead.
    """

    reads_state = True
    drawn, drawn_once = ("along", "look_at"), ("look_at",)

    def __init__(self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__(kind, targets, inputs)
        self.track = _track(kind, inputs["points"], bool(inputs["closed"]), bool(inputs["smooth"]))
        # Where it looks ahead, the aim's own point is not asked for.
        look_at = inputs["look_at"]
        self.aim = Aim(kind, (0.0, 0.0, 0.0) if look_at is None else look_at, None)

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.aim.prepare(plan, self._paths)

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        place, ahead = self.track.at(self._share(firing))
        correction = firing.plan.hierarchy.correction
        world, direction = transform_directions(place, correction), transform_directions(ahead, correction)
        self._put(firing, world)
        points = world + direction if self.inputs["look_at"] is None else self.aim.points(firing)[:, None, :]
        angles = self.aim.angles_to(firing, self._paths, points)
        write_angles(firing, self._columns, angles)

    def _share(self, firing: Firing) -> Float64:
        """(R, n)."""
        count, frames = len(self._paths), self.inputs["frames"]
        if frames is None:
            return firing.numbers(self.inputs["along"], count, 1)[..., 0]
        steps = frames if self.inputs["closed"] else max(frames - 1, 1)
        share = (frame_of(firing.executions) % frames) / steps
        return np.repeat(share[:, None], count, axis=1)


def _track(kind: str, points: Sequence[Any], closed: bool, smooth: bool) -> Track:
    corners = np.asarray(points, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 3 or len(corners) < 2:
        raise ValueError(f"{kind}: points has the shape {corners.shape}; give two or more of three numbers each")
    if (np.linalg.norm(np.diff(corners, axis=0), axis=1) == 0).any():
        raise ValueError(f"{kind}: two points that follow each other are the same; leave one out")
    return Track(corners, closed, smooth)
