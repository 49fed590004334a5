"""A lens over one image: points to pixels, pixels to rays, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from replicator_dr.optics.models import (
    COEFFICIENTS,
    ROOM,
    Float64,
    LensModel,
    angle_of,
    angle_slope,
    distance_of,
    distance_slope,
    ftheta_fold,
    limit_of,
    plane_jacobian,
    plane_map,
)

_TABLE, _STEPS, _EXACT = 4096, 30, 1e-13


@dataclass(frozen=True)
class Lens:
    """fx, fy, cx, cy [pixels; pixel i covers i to i + 1] and the model's coefficients in COEFFICIENTS' order.

    Camera axes are OpenCV's: x right, y down, z forward.
    """

    model: LensModel
    intrinsics: tuple[float, float, float, float]
    coefficients: tuple[float, ...] = ()

    @cached_property
    def k(self) -> Float64:
        """(ROOM,) the coefficients, zeros behind them."""
        padded = np.zeros(ROOM)
        padded[: len(self.coefficients)] = self.coefficients
        return padded

    @cached_property
    def limit(self) -> float:
        """Where the model ends, see models.limit_of."""
        return limit_of(self.model, self.k)

    @cached_property
    def edge(self) -> float:
        """How far from the centre its image reaches at most, on the normalised image plane."""
        if self.model == LensModel.OPENCV_PINHOLE:
            turn = np.arange(720) * (np.pi / 360)
            rim = self.limit * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
            with np.errstate(divide="ignore", invalid="ignore"):
                reach = 1.001 * np.linalg.norm(plane_map(self.k, rim), axis=-1).max()
            return float(reach) if np.isfinite(reach) else np.inf
        if self.model == LensModel.OPENCV_FISHEYE:
            return float(distance_of(self.k, np.array(self.limit)))
        if self.model == LensModel.FTHETA:
            return float(_solved(angle_of, angle_slope, self.k, np.array([self.limit]), self._ftheta_end())[0])
        return self.limit

    def named(self) -> dict[str, float]:
        """The coefficients by name."""
        return dict(zip(COEFFICIENTS[self.model], self.k.tolist()))

    def project(self, points: Float64) -> Float64:
        """(..., 3) points in the camera's frame -> (..., 2) pixels; nan for what the lens does not see."""
        points = np.asarray(points, np.float64)
        x, y, z = np.moveaxis(points, -1, 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.model in (LensModel.PINHOLE, LensModel.OPENCV_PINHOLE):
                plane = points[..., :2] / np.where(z > 0.0, z, np.nan)[..., None]
                if self.model == LensModel.OPENCV_PINHOLE:
                    seen = (plane**2).sum(axis=-1) < self.limit**2
                    plane = np.where(seen[..., None], plane_map(self.k, plane), np.nan)
            else:
                across = np.hypot(x, y)
                theta = np.arctan2(across, z)
                reach = np.where((theta < self.limit) & (across + np.abs(z) > 0.0), self._distance(theta), np.nan)
                plane = points[..., :2] * (reach / np.where(across > 0.0, across, 1.0))[..., None]
        focal_x, focal_y, centre_x, centre_y = self.intrinsics
        pixels: Float64 = plane * (focal_x, focal_y) + (centre_x, centre_y)
        return pixels

    def unproject(self, pixels: Float64) -> Float64:
        """(..., 2) pixels -> (..., 3) unit rays; nan where the lens shows nothing."""
        focal_x, focal_y, centre_x, centre_y = self.intrinsics
        plane = (np.asarray(pixels, np.float64) - (centre_x, centre_y)) / (focal_x, focal_y)
        if self.model in (LensModel.PINHOLE, LensModel.OPENCV_PINHOLE):
            if self.model == LensModel.OPENCV_PINHOLE:
                plane = self._undistorted(plane)
            rays = np.concatenate([plane, np.ones((*plane.shape[:-1], 1))], axis=-1)
            return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True))
        distance = np.linalg.norm(plane, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            theta = np.where(distance < self.edge, self._angle(np.minimum(distance, self.edge)), np.nan)
            sine = np.sin(theta) / np.where(distance > 0.0, distance, 1.0)
        return np.concatenate([plane * sine[..., None], np.cos(theta)[..., None]], axis=-1)

    def directions(self, width: int, height: int) -> Float64:
        """(height, width, 3): the unit rays of the pixels' centres, nan where the lens shows nothing."""
        y, x = np.mgrid[:height, :width] + 0.5
        return self.unproject(np.stack([x, y], axis=-1))

    def _distance(self, theta: Float64) -> Float64:
        if self.model == LensModel.OPENCV_FISHEYE:
            return distance_of(self.k, theta)
        return _solved(angle_of, angle_slope, self.k, np.minimum(theta, self.limit), self.edge)

    def _angle(self, distance: Float64) -> Float64:
        if self.model == LensModel.FTHETA:
            return angle_of(self.k, distance)
        return _solved(distance_of, distance_slope, self.k, distance, self.limit)

    def _ftheta_end(self) -> float:
        """A distance up to which FTHETA's polynomial grows, and passes the limit if it does at all."""
        fold, end = ftheta_fold(self.k), 1.0
        while end < fold and angle_of(self.k, np.array(end)) < self.limit:
            end *= 2.0
        return min(end, fold)

    def _undistorted(self, target: Float64) -> Float64:
        """(..., 2) of the image plane -> those of the plane z = 1 by Newton's method, nan where there are none."""
        flat = target.reshape(-1, 2)
        distance = np.linalg.norm(flat, axis=-1)
        found = np.full_like(flat, np.nan)
        left = np.flatnonzero(distance < self.edge)
        with np.errstate(all="ignore"):
            start = np.minimum(self._radius(distance), 0.999 * self.limit)
            point = (flat * (start / np.where(distance > 0.0, distance, 1.0))[:, None])[left]
            for _ in range(_STEPS):
                gap = plane_map(self.k, point) - flat[left]
                done = np.linalg.norm(gap, axis=-1) < _EXACT * (1.0 + distance[left])
                inside = done & (np.linalg.norm(point, axis=-1) < self.limit)
                found[left[inside]] = point[inside]
                left, point, gap = left[~done], point[~done], gap[~done]
                (xa, xb), (ya, yb) = plane_jacobian(self.k, point)
                step = np.stack([yb * gap[:, 0] - xb * gap[:, 1], xa * gap[:, 1] - ya * gap[:, 0]], axis=-1)
                point = point - step / (xa * yb - xb * ya)[:, None]
                out = np.linalg.norm(point, axis=-1)
                point = np.where((out > self.limit)[:, None], point * (self.limit / out)[:, None], point)
        return found.reshape(target.shape)

    def _radius(self, distance: Float64) -> Float64:
        """About where OPENCV_PINHOLE's radial part has a value."""
        radial = np.where(np.isin(np.arange(ROOM), (2, 3, 8, 9, 10, 11)), 0.0, self.k)
        # Closer together near the centre, where most lenses are used.
        radii = self.limit * np.linspace(0.0, 1.0, _TABLE) ** 2
        grown = plane_map(radial, np.stack([radii, np.zeros_like(radii)], axis=-1))[:, 0]
        grown[~np.isfinite(grown)] = np.inf
        return np.asarray(np.interp(distance, np.maximum.accumulate(grown), radii))


def _solved(
    function: Callable[[Float64, Float64], Float64],
    slope: Callable[[Float64, Float64], Float64],
    k: Float64,
    value: Float64,
    end: float,
) -> Float64:
    """Where a function that grows from 0 to ``end`` has a value: Newton's method within the step of a table."""
    table: Float64 = np.linspace(0.0, end, _TABLE, dtype=np.float64)
    known = np.maximum.accumulate(function(k, table))
    row = np.clip(np.searchsorted(known, value) - 1, 0, _TABLE - 2)
    low, high = table[row], table[row + 1]
    found = np.interp(value, known, table)
    for _ in range(_STEPS):
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (function(k, found) - value) / slope(k, found)
        step = np.where(np.isfinite(step), step, 0.0)
        found = np.clip(found - step, low, high)
        if np.abs(step).max(initial=0.0) < _EXACT:
            break
    return np.asarray(found)
