"""The lens models, on the normalised image plane: pixels less the centre, over the focal length.

OPENCV_PINHOLE, OPENCV_FISHEYE: OpenCV's ``calib3d`` and ``calib3d::fisheye``. With (a, b) = (x / z, y / z) and
r2 = a^2 + b^2 the first maps to

    g = (1 + k1 r2 + k2 r2^2 + k3 r2^3) / (1 + k4 r2 + k5 r2^2 + k6 r2^3)
    a g + 2 p1 a b + p2 (r2 + 2 a^2) + s1 r2 + s2 r2^2,  b g + p1 (r2 + 2 b^2) + 2 p2 a b + s3 r2 + s4 r2^2

and the second puts what lies at angle theta from the axis at the distance

    theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8)

from the centre; theta goes on beyond 90 degrees, where OpenCV's own functions, which divide by z, end. FTHETA is
NVIDIA's polynomial, from the distance m to the angle: theta = m + c2 m^2 + c3 m^3 + c4 m^4 + c5 m^5, seen up to
``half_view`` [rad].

A model holds where it is one to one. Each has a ``limit``: the distance r (OPENCV_PINHOLE) or the angle [rad] at which
its image first folds; what lies beyond is not in the picture.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


class LensModel(IntEnum):
    """The models, as the renderer numbers them."""

    PINHOLE = 0
    OPENCV_PINHOLE = 1
    OPENCV_FISHEYE = 2
    FTHETA = 3


COEFFICIENTS: dict[LensModel, tuple[str, ...]] = {
    LensModel.PINHOLE: (),
    LensModel.OPENCV_PINHOLE: ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", "s1", "s2", "s3", "s4"),
    LensModel.OPENCV_FISHEYE: ("k1", "k2", "k3", "k4"),
    LensModel.FTHETA: ("c2", "c3", "c4", "c5", "half_view"),
}
"""The coefficients of each model in their order, which for OpenCV's is that of its distCoeffs."""

ROOM = 12
"""Coefficients that every model fits into."""

WIDEST = 100.0
"""r of an OPENCV_PINHOLE that never folds: 89.4 degrees from the axis."""
_DIRECTIONS = np.stack([f(np.arange(64) * (np.pi / 32)) for f in (np.cos, np.sin)])


def limit_of(model: LensModel, k: Float64) -> float:
    """Where a model's image first folds, see above. k: (ROOM,)."""
    if model == LensModel.PINHOLE:
        return WIDEST
    if model == LensModel.OPENCV_PINHOLE:
        with np.errstate(divide="ignore", invalid="ignore"):  # the limit may be where the denominator vanishes
            return _plane_limit(k)
    if model == LensModel.OPENCV_FISHEYE:
        # The derivative of theta_d, in theta^2.
        return float(min(np.sqrt(_first_root([1.0, 3 * k[0], 5 * k[1], 7 * k[2], 9 * k[3]])), np.pi))
    end = ftheta_fold(k)
    top = angle_of(k, np.array(end)) if np.isfinite(end) else np.inf
    return float(min(top, k[4], np.pi))


def ftheta_fold(k: Float64) -> float:
    """The distance at which FTHETA's polynomial stops growing, inf where it never does."""
    return _first_root([1.0, 2 * k[0], 3 * k[1], 4 * k[2], 5 * k[3]])


def _plane_limit(k: Float64) -> float:
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = k.tolist()
    over, under = np.array([1.0, k1, k2, k3]), np.array([1.0, k4, k5, k6])
    # d(r g)/dr = 0 in r^2: N D + 2 u (N' D - N D').
    slope = np.convolve(over, under)
    turn = np.convolve(over[1:] * [1, 2, 3], under) - np.convolve(over, under[1:] * [1, 2, 3])
    slope = np.append(slope, np.zeros(max(len(turn) + 1 - len(slope), 0)))
    slope[1 : 1 + len(turn)] += 2 * turn
    limit = min(np.sqrt(_first_root(slope)), np.sqrt(_first_root(under)), WIDEST)
    if not any((p1, p2, s1, s2, s3, s4)):
        return float(limit)
    # Closer together near the centre, where most lenses are used.
    radii = limit * np.linspace(0.0, 1.0, 257) ** 2
    folded = (_determinant(k, radii) <= 0.0).any(axis=1)
    if not folded.any():
        return float(limit)
    first = int(folded.argmax())
    low, high = radii[first - 1], radii[first]
    for _ in range(40):
        middle = 0.5 * (low + high)
        if (_determinant(k, np.array([middle])) <= 0.0).any():
            high = middle
        else:
            low = middle
    return float(low)


def _determinant(k: Float64, radii: Float64) -> Float64:
    """(R, directions): of the Jacobian of the OPENCV_PINHOLE map on circles."""
    points = radii[:, None, None] * _DIRECTIONS.T
    (xa, xb), (ya, yb) = plane_jacobian(k, points)
    result: Float64 = xa * yb - xb * ya
    return result


def _first_root(ascending: NDArray[np.float64] | list[float]) -> float:
    """The least positive real root of a polynomial, inf where it has none."""
    coefficients = np.trim_zeros(np.asarray(ascending, np.float64), "b")
    roots = np.polynomial.polynomial.polyroots(coefficients) if len(coefficients) > 1 else np.zeros(0)
    real = roots.real[(np.abs(roots.imag) <= 1e-9 * np.maximum(np.abs(roots), 1.0)) & (roots.real > 0.0)]
    return float(real.min(initial=np.inf))


def plane_map(k: Float64, points: Float64) -> Float64:
    """OPENCV_PINHOLE: (..., 2) of the plane z = 1 to the normalised image plane."""
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = k.tolist()
    a, b = points[..., 0], points[..., 1]
    u = a * a + b * b
    g = (1 + u * (k1 + u * (k2 + u * k3))) / (1 + u * (k4 + u * (k5 + u * k6)))
    x = a * g + 2 * p1 * a * b + p2 * (u + 2 * a * a) + u * (s1 + s2 * u)
    y = b * g + p1 * (u + 2 * b * b) + 2 * p2 * a * b + u * (s3 + s4 * u)
    return np.stack([x, y], axis=-1)


def plane_jacobian(k: Float64, points: Float64) -> tuple[tuple[Float64, Float64], tuple[Float64, Float64]]:
    """Its derivatives: (dx/da, dx/db), (dy/da, dy/db)."""
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = k.tolist()
    a, b = points[..., 0], points[..., 1]
    u = a * a + b * b
    over, under = 1 + u * (k1 + u * (k2 + u * k3)), 1 + u * (k4 + u * (k5 + u * k6))
    g = over / under
    turn = ((k1 + u * (2 * k2 + u * 3 * k3)) * under - over * (k4 + u * (2 * k5 + u * 3 * k6))) / (under * under)
    cross = 2 * a * b * turn + 2 * (p1 * a + p2 * b)
    sx, sy = 2 * s1 + 4 * s2 * u, 2 * s3 + 4 * s4 * u
    xa = g + 2 * a * a * turn + 2 * p1 * b + 6 * p2 * a + sx * a
    yb = g + 2 * b * b * turn + 6 * p1 * b + 2 * p2 * a + sy * b
    return (xa, cross + sx * b), (cross + sy * a, yb)


def distance_of(k: Float64, theta: Float64) -> Float64:
    """OPENCV_FISHEYE: the distance from the centre at an angle [rad]."""
    u = theta * theta
    result: Float64 = theta * (1 + u * (k[0] + u * (k[1] + u * (k[2] + u * k[3]))))
    return result


def distance_slope(k: Float64, theta: Float64) -> Float64:
    """Its derivative."""
    u = theta * theta
    result: Float64 = 1 + u * (3 * k[0] + u * (5 * k[1] + u * (7 * k[2] + u * 9 * k[3])))
    return result


def angle_of(k: Float64, m: Float64) -> Float64:
    """FTHETA: the angle [rad] at a distance from the centre."""
    result: Float64 = m * (1 + m * (k[0] + m * (k[1] + m * (k[2] + m * k[3]))))
    return result


def angle_slope(k: Float64, m: Float64) -> Float64:
    """Its derivative."""
    result: Float64 = 1 + m * (2 * k[0] + m * (3 * k[1] + m * (4 * k[2] + m * 5 * k[3])))
    return result
