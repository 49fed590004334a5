"""Surfaces to scatter on: triangles in world coordinates, and points spread evenly over their area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """Triangles of S states.

    corners: (S, T, 3, 3) [m], world; S is 1 where the surface stands still. shares: (S, T)
    float64, running share of the area, ending at 1. normals: (S, T, 3) unit.
    """

    corners: Float64
    shares: Float64
    normals: Float64

    def sample(self, u: Float64) -> tuple[Float64, Float64]:
        """Uniforms (R, ..., 3) -> points (R, ..., 3) and the normals there; one state serves every row."""
        states, count = self.shares.shape
        row = np.arange(len(u)) * (states > 1)
        rows = row.reshape(-1, *([1] * (u.ndim - 2)))
        # One search over all states: the shares of state s lie in s .. s + 1.
        steps = (self.shares + np.arange(states)[:, None]).ravel()
        found = np.searchsorted(steps, u[..., 0] + rows, side="right") - rows * count
        triangle = np.clip(found, 0, count - 1)
        corners = self.corners[rows, triangle]
        root = np.sqrt(np.ascontiguousarray(u[..., 1]))
        weights = (1.0 - root, root * (1.0 - u[..., 2]), root * u[..., 2])
        first, second, third = (weight[..., None] * corners[..., i, :] for i, weight in enumerate(weights))
        return first + second + third, self.normals[rows, triangle]


def make_surface(corners: Float64, low: Float64, high: Float64) -> Surface | None:
    """A surface from triangles (S, T, 3, 3), cut to the box from low to high (3,); None where nothing is left."""
    if len(corners) == 1 and (np.isfinite(low).any() or np.isfinite(high).any()):
        corners = clip(corners[0], low, high)[None]
    cross = np.cross(corners[:, :, 1] - corners[:, :, 0], corners[:, :, 2] - corners[:, :, 0])
    double_area = np.sqrt(np.sum(cross * cross, axis=-1))
    total = double_area.sum(axis=1, keepdims=True)
    if corners.shape[1] == 0 or not (total > 0).all():
        return None
    shares = np.cumsum(double_area, axis=1) / total
    normals = cross / np.where(double_area > 0, double_area, 1.0)[..., None]
    return Surface(corners, shares, normals)


def clip(triangles: Float64, low: Float64, high: Float64) -> Float64:
    """The part of triangles (T, 3, 3) inside a box, as triangles (Sutherland and Hodgman 1974)."""
    inside = ((triangles >= low) & (triangles <= high)).all(axis=(1, 2))
    beyond = np.logical_or((triangles < low).all(axis=1), (triangles > high).all(axis=1))
    outside = np.asarray(beyond.any(axis=1))
    kept = [triangles[inside]]
    for triangle in triangles[~inside & ~outside]:
        polygon = [np.asarray(corner) for corner in triangle]
        for axis in range(3):
            for bound, sign in ((low[axis], 1.0), (high[axis], -1.0)):
                polygon = _cut(polygon, axis, bound, sign) if np.isfinite(bound) else polygon
        fan = [[polygon[0], polygon[i], polygon[i + 1]] for i in range(1, len(polygon) - 1)]
        kept.append(np.array(fan, dtype=np.float64).reshape(-1, 3, 3))
    return np.concatenate(kept)


def _cut(polygon: list[Float64], axis: int, bound: float, sign: float) -> list[Float64]:
    result = []
    for corner, following in zip(polygon, polygon[1:] + polygon[:1]):
        here, there = sign * (corner[axis] - bound), sign * (following[axis] - bound)
        if here >= 0:
            result.append(corner)
        if (here >= 0) != (there >= 0):
            result.append(corner + (following - corner) * (here / (here - there)))
    return result
