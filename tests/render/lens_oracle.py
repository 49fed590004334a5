"""An independent oracle of lenses: OpenCV's formulas, their inverse by brute force, and rays against all triangles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.render.raycast import Oracle

Array = NDArray[np.float64]
Forward = Callable[[Array], Array]
"""(R, 3) directions in camera axes x right, y down, z forward -> (R, 2) pixels."""


def opencv_pinhole(
    fx: float, fy: float, cx: float, cy: float, k1: float = 0, k2: float = 0, p1: float = 0, p2: float = 0,
    k3: float = 0, k4: float = 0, k5: float = 0, k6: float = 0, s1: float = 0, s2: float = 0, s3: float = 0,
    s4: float = 0,
) -> Forward:  # fmt: skip
    """cv::projectPoints, as its documentation writes it; arguments in the order of distCoeffs."""

    def forward(d: Array) -> Array:
        x, y = d[:, 0] / d[:, 2], d[:, 1] / d[:, 2]
        r = np.sqrt(x**2 + y**2)
        radial = (1 + k1 * r**2 + k2 * r**4 + k3 * r**6) / (1 + k4 * r**2 + k5 * r**4 + k6 * r**6)
        u = x * radial + 2 * p1 * x * y + p2 * (r**2 + 2 * x**2) + s1 * r**2 + s2 * r**4
        v = y * radial + p1 * (r**2 + 2 * y**2) + 2 * p2 * x * y + s3 * r**2 + s4 * r**4
        return np.stack([fx * u + cx, fy * v + cy], axis=-1)

    return forward


def opencv_fisheye(
    fx: float, fy: float, cx: float, cy: float, k1: float = 0, k2: float = 0, k3: float = 0, k4: float = 0
) -> Forward:
    """cv::fisheye::projectPoints; the angle is taken all the way round."""

    def forward(d: Array) -> Array:
        theta = np.arctan2(np.hypot(d[:, 0], d[:, 1]), d[:, 2])
        theta_d = theta * (1 + k1 * theta**2 + k2 * theta**4 + k3 * theta**6 + k4 * theta**8)
        phi = np.arctan2(d[:, 1], d[:, 0])
        return np.stack([fx * theta_d * np.cos(phi) + cx, fy * theta_d * np.sin(phi) + cy], axis=-1)

    return forward


def inverse(forward: Forward, pixels: Array, start: Array) -> Array:
    """(R, 3) unit directions that are seen at pixels (R, 2): Gauss-Newton in the tangent plane, slopes by differences.

    start: (R, 3) where to begin. nan where it does not end.
    """
    d = start / np.linalg.norm(start, axis=1, keepdims=True)
    step = 1e-6
    for _ in range(40):
        side = np.cross(d, np.where(np.abs(d[:, :1]) < 0.7, [[1.0, 0, 0]], [[0, 1.0, 0]]))
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        other = np.cross(d, side)
        slope = np.stack([(forward(d + step * t) - forward(d - step * t)) / (2 * step) for t in (side, other)], axis=-1)
        move = np.linalg.solve(slope, (pixels - forward(d))[..., None])[..., 0]
        move *= np.minimum(1.0, 0.2 / np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-12))
        d = d + side * move[:, :1] + other * move[:, 1:]
        d /= np.linalg.norm(d, axis=1, keepdims=True)
    good = np.linalg.norm(forward(d) - pixels, axis=1) < 1e-7
    return np.where(good[:, None], d, np.nan)


@dataclass(frozen=True)
class RayHits:
    """What each ray meets first: (R,) each; part, triangle: -1 where nothing; distance: inf there."""

    distance: Array
    part: NDArray[np.int64]
    triangle: NDArray[np.int64]


def cast(world: Oracle, rays: Array, axial: bool) -> RayHits:
    """Unit rays (R, 3) from the camera against all triangles. axial: near and far count along the axis."""
    distance, triangle = np.full(len(rays), np.inf), np.full(len(rays), -1)
    near, far = world.clipping
    for number, (a, b, c) in enumerate(world.corners):
        # Moeller and Trumbore 1997.
        e1, e2 = b - a, c - a
        p = np.cross(rays, e2)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = 1.0 / (p @ e1)
            u = -(p @ a) * scale
            q = np.cross(-a, e1)
            v = (rays @ q) * scale
            t = (e2 @ q) * scale
        along = t * rays[:, 2] if axial else t
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (along >= near) & (along <= far) & (t < distance)
        distance[hit], triangle[hit] = t[hit], number
    part = np.append(world.part, -1)[triangle]
    return RayHits(distance, np.where(triangle < 0, -1, part), triangle)


def pixel_places(width: int, height: int) -> Array:
    """(H * W, 2): the pixels' centres, row by row."""
    y, x = (grid.reshape(-1) + 0.5 for grid in np.mgrid[:height, :width])
    return np.stack([x, y], axis=-1)
