"""Outlines of convex things on a plane, many at once: their areas, and how much one covers of another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

DIRECTIONS = 32
"""Corners that an outline has; several may coincide."""
PROBES = 192
"""Points inside an outline that are asked whether they are covered."""
HALVINGS = 14


@dataclass(frozen=True)
class Outline:
    """R convex polygons. corners: (R, DIRECTIONS, 2), counter-clockwise."""

    corners: Float64

    @cached_property
    def _fans(self) -> Float64:
        """(R, DIRECTIONS): twice the area of the triangle of the first corner and each edge."""
        a = self.corners - self.corners[:, :1]
        b = np.roll(a, -1, axis=1)
        return np.maximum(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], 0.0)

    @property
    def area(self) -> Float64:
        """(R,)."""
        return 0.5 * self._fans.sum(axis=1)

    @property
    def middle(self) -> Float64:
        """(R, 2): the centroid."""
        total = np.maximum(self._fans.sum(axis=1), 1e-300)[:, None]
        thirds = (self.corners[:, :1] + self.corners + np.roll(self.corners, -1, axis=1)) / 3.0
        return np.asarray((self._fans[..., None] * thirds).sum(axis=1) / total)

    def probes(self) -> Float64:
        """(R, PROBES, 2): points spread evenly over the area, the same whatever else is in the batch.

        Triangles of the fan by their share of the area, and in them the additive sequence of the plastic number
        (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018).
        """
        share = np.cumsum(self._fans, axis=1)
        share /= np.maximum(share[:, -1:], 1e-300)
        number = np.arange(PROBES)
        level = (number + 0.5) / PROBES
        row = np.minimum((share[:, None, :] <= level[:, None]).sum(axis=-1), DIRECTIONS - 1)
        u, v = (0.5 + number * 0.7548776662466927) % 1.0, (0.5 + number * 0.5698402909980532) % 1.0
        u, v = np.where(u + v > 1.0, 1.0 - u, u), np.where(u + v > 1.0, 1.0 - v, v)
        first, rows = self.corners[:, :1], np.arange(len(share))[:, None]
        a = self.corners[rows, row] - first
        b = self.corners[rows, (row + 1) % DIRECTIONS] - first
        return np.asarray(first + u[:, None] * a + v[:, None] * b)


def outline(points: Float64) -> Outline:
    """The convex hulls of points (R, K, 2), by the points that lie farthest out in each of the directions."""
    angle = 2.0 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    reach = points @ np.stack([np.cos(angle), np.sin(angle)])
    row = np.argmax(reach, axis=1)
    return Outline(np.take_along_axis(points, row[..., None], axis=1))


def stretches(probes: Float64, cover: Outline, start: Float64, side: Float64) -> tuple[Float64, Float64]:
    """(R, N) least and greatest: each probe (R, N, 2) is in the outline when this is moved by start + at * side.

    Inside of an edge e from corner c is where e x (p - c - start) - at (e x side) >= 0. start, side: (R, 2).
    """
    edge = np.roll(cover.corners, -1, axis=1) - cover.corners
    there = probes[:, :, None] - (cover.corners + start[:, None])[:, None]
    beside = edge[:, None, :, 0] * there[..., 1] - edge[:, None, :, 1] * there[..., 0]
    rate = edge[..., 0] * side[:, None, 1] - edge[..., 1] * side[:, None, 0]
    limit = beside / np.where(rate == 0.0, 1.0, rate)[:, None]
    never = (beside < 0.0) & (rate == 0.0)[:, None]
    least = np.where((rate < 0.0)[:, None], limit, -np.inf).max(axis=-1)
    greatest = np.where((rate > 0.0)[:, None], limit, np.inf).min(axis=-1)
    return np.where(never.any(axis=-1), np.inf, least), greatest


def aside(target: Outline, cover: Outline, side: Float64, share: Float64) -> Float64:
    """(R,): how far along side (R, 2) an outline stands from the target's middle to cover a share of it.

    0 where it covers less even in the middle.
    """
    least, greatest = stretches(target.probes(), cover, target.middle - cover.middle, side)

    def covered(at: Float64) -> Float64:
        return np.asarray(((least <= at[:, None]) & (at[:, None] <= greatest)).mean(axis=1))

    reach = [np.linalg.norm(one.corners - one.middle[:, None], axis=-1).max(axis=1) for one in (target, cover)]
    near: Float64 = np.zeros(len(share))
    far: Float64 = reach[0] + reach[1]
    for _ in range(HALVINGS):
        at = 0.5 * (near + far)
        more = covered(at) > share
        near, far = np.where(more, at, near), np.where(more, far, at)
    return np.where(covered(np.zeros(len(share))) > share, 0.5 * (near + far), 0.0)
