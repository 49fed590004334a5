"""Distributions for views: elevations that are even over a sphere's area, numbers that drift from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.require.moments import frame_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Zone(Distribution):
    """Elevations [degrees] of points that are even over the part of a sphere between two elevations.

    Equal areas of a sphere have equal heights (Archimedes), so the sine is uniform. inputs: lower, upper.
    """

    @override
    def parse(self) -> None:
        bounds = np.array([self.inputs["lower"], self.inputs["upper"]], dtype=np.float64)
        if not -90.0 <= bounds[0] <= bounds[1] <= 90.0:
            raise ValueError(f"{self.kind}: {bounds[0]:g} .. {bounds[1]:g} is not lower .. upper within -90 .. 90")
        self.bounds = bounds

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, 1) float64."""
        low, high = np.sin(np.deg2rad(self.bounds))
        height = sampling.uniform(self.uniforms(seed, executions, count, 1), low, high)
        return np.clip(np.rad2deg(np.arcsin(height)), *self.bounds)


class Drift(Distribution):
    """Numbers that are normal with mean 0 at every firing, and change smoothly from one to the next.

    Independent normal numbers stand ``smooth`` firings apart; between them lies a cubic B-spline, divided by the root
    of the sum of its squared weights, so that the standard deviation is ``std`` everywhere. What lies 4 * smooth
    firings apart is independent. smooth 0: all firings are. An attempt at a frame that is drawn anew has normal numbers
    of its own. inputs: std (k,), smooth.
    """

    @override
    def parse(self) -> None:
        self.std = np.atleast_1d(np.asarray(self.inputs["std"], dtype=np.float64))
        self.smooth = int(self.inputs["smooth"])
        if (self.std < 0).any() or self.smooth < 0:
            raise ValueError(f"{self.kind}: std {self.std.tolist()} and smooth {self.smooth} are to be 0 or more")

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, k) float64."""
        if not self.smooth:
            return self._normal(seed, executions, count) * self.std
        executions = np.asarray(executions, dtype=np.int64)
        firing = frame_of(executions)
        attempt = executions - firing
        knot, within = firing // self.smooth, (firing % self.smooth) / self.smooth
        weights = bspline(within)
        weights /= np.sqrt(np.sum(weights**2, axis=-1, keepdims=True))
        total = np.zeros((len(executions), count, len(self.std)))
        for offset in range(4):
            total += weights[:, offset, None, None] * self._normal(seed, attempt + knot + offset, count)
        return total * self.std

    def _normal(self, seed: int, executions: Int64, count: int) -> Float64:
        return sampling.inverse_normal(self.uniforms(seed, executions, count, len(self.std)))


def bspline(t: Float64) -> Float64:
    """Weights (..., 4) of the uniform cubic B-spline at t (...), 0 .. 1 of the way from the second number to the third.

    C. de Boor, "A practical guide to splines", 1978.
    """
    rest = 1.0 - t
    return (
        np.stack(
            [rest**3, 3.0 * t**3 - 6.0 * t**2 + 4.0, 3.0 * rest**3 - 6.0 * rest**2 + 4.0, t**3],
            axis=-1,
        )
        / 6.0
    )
