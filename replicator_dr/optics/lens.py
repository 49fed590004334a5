"""A lens over one image: points to pixels, pixels to rays, in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics.models import (
    COEFFICIENTS,
    ROOM,
    Float64,
    LensModel,
    angle_of,
    distance_of,
    ftheta_fold,
    limit_of,
    plane_jacobian,
    plane_map,
)

_HALVINGS, _STEPS = 60, 12


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
            return float(self._bisected(lambda m: angle_of(self.k, m), np.array([self.limit]), self._ftheta_end())[0])
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
        return plane * (focal_x, focal_y) + (centre_x, centre_y)

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
        return self._bisected(lambda m: angle_of(self.k, m), np.minimum(theta, self.limit), self.edge)

    def _angle(self, distance: Float64) -> Float64:
        if self.model == LensModel.FTHETA:
            return angle_of(self.k, distance)
        return self._bisected(lambda theta: distance_of(self.k, theta), distance, self.limit)

    def _ftheta_end(self) -> float:
        """A distance up to which FTHETA's polynomial grows, and passes the limit if it does at all."""
        fold, end = ftheta_fold(self.k), 1.0
        while end < fold and angle_of(self.k, np.array(end)) < self.limit:
            end *= 2.0
        return min(end, fold)

    @staticmethod
    def _bisected(function: Callable[[Float64], Float64], value: Float64, end: float) -> Float64:
        """Where a function that grows from 0 to ``end`` has a value."""
        low, high = np.zeros_like(value), np.full_like(value, end)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            below = function(middle) < value
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))

    def _undistorted(self, target: Float64) -> Float64:
        """(..., 2) of the image plane -> those of the plane z = 1 by Newton's method, nan where there are none."""
        flat = target.reshape(-1, 2)
        distance = np.linalg.norm(flat, axis=-1)
        radial = np.where(np.isin(np.arange(ROOM), (2, 3, 8, 9, 10, 11)), 0.0, self.k)

        def grown(r: Float64) -> Float64:
            return plane_map(radial, np.stack([r, np.zeros_like(r)], axis=-1))[..., 0]

        seen: NDArray[np.bool_] = distance < self.edge
        with np.errstate(all="ignore"):
            start = np.minimum(self._bisected(grown, distance, self.limit), 0.999 * self.limit)
            point = flat * (start / np.where(distance > 0.0, distance, 1.0))[:, None]
            for _ in range(_STEPS):
                gap = plane_map(self.k, point) - flat
                (xa, xb), (ya, yb) = plane_jacobian(self.k, point)
                step = np.stack([yb * gap[:, 0] - xb * gap[:, 1], xa * gap[:, 1] - ya * gap[:, 0]], axis=-1)
                point = point - step / (xa * yb - xb * ya)[:, None]
                out = np.linalg.norm(point, axis=-1)
                point = np.where((out > self.limit)[:, None], point * (self.limit / out)[:, None], point)
            gap = np.linalg.norm(plane_map(self.k, point) - flat, axis=-1)
            seen &= (gap < 1e-9 * (1.0 + distance)) & (np.linalg.norm(point, axis=-1) < self.limit)
        return np.where(seen[:, None], point, np.nan).reshape(target.shape)
