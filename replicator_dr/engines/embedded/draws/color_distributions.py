"""Distributions of colours: hue, saturation and value; palettes. Their samples are linear RGB.

A sample takes as many uniforms whatever it gives, and follows its uniforms without a jump within a component, so that
designs can use them too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.render.color import to_linear

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def hsv_to_rgb(hsv: Float64) -> Float64:
    """(..., 3) hue [degrees, any turn], saturation and value, 0 .. 1, to red, green and blue of the same encoding.

    c = v - v s max(0, min(k, 4 - k, 1)) with k = (n + hue / 60) mod 6 and n = 5, 3, 1 (Smith 1978, in closed form).
    """
    hue, saturation, value = np.moveaxis(hsv, -1, 0)[..., None]
    k = (np.array([5.0, 3.0, 1.0]) + hue / 60.0) % 6.0
    return np.asarray(value - value * saturation * np.clip(np.minimum(k, 4.0 - k), 0.0, 1.0))


class ColorDistribution(Distribution):
    """Draws linear RGB from a fixed number of uniforms. width: how many."""

    width = 3

    def color(self, u: Float64) -> Float64:
        """(..., 3) float64, linear RGB, of uniforms (..., width)."""
        raise NotImplementedError

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, 3) float64."""
        return self.color(self.uniforms(seed, executions, count, self.width))


class Hsv(ColorDistribution):
    """Hue, saturation and value, each uniform; hue goes round where its end lies before its beginning."""

    @override
    def parse(self) -> None:
        lower, upper = np.array(self.inputs["lower"], np.float64), np.array(self.inputs["upper"], np.float64)
        if lower.shape != (3,) or upper.shape != (3,):
            raise ValueError(f"{self.kind}: lower and upper are hue, saturation and value, three numbers each")
        if upper[0] < lower[0]:
            upper[0] += 360.0 * np.ceil((lower[0] - upper[0]) / 360.0)
        self.lower, self.upper = lower, upper

    @override
    def color(self, u: Float64) -> Float64:
        """Uniform components, as sRGB, made linear."""
        return np.asarray(to_linear(hsv_to_rgb(sampling.uniform(u, self.lower, self.upper))))


class Palette(ColorDistribution):
    """One of some colours, each component moved by up to ``jitter`` and kept within 0 .. 1, made linear."""

    width = 4

    @override
    def parse(self) -> None:
        self.colors = np.array(self.inputs["colors"], np.float64).reshape(-1, 3)
        weights = self.inputs["weights"]
        self.weights = np.ones(len(self.colors)) if weights is None else np.array(weights, np.float64)
        if not len(self.colors) or len(self.weights) != len(self.colors):
            raise ValueError(f"{self.kind}: {len(self.colors)} colours, {len(self.weights)} weights; give one a colour")
        self.jitter = float(self.inputs["jitter"])

    @override
    def color(self, u: Float64) -> Float64:
        """The first uniform chooses, the others move red, green and blue."""
        chosen = self.colors[sampling.choice(u[..., 0], self.weights)]
        moved = chosen + self.jitter * (2.0 * u[..., 1:] - 1.0)
        return np.asarray(to_linear(np.clip(moved, 0.0, 1.0)))


def hsv(
    lower: tuple[float, float, float],
    upper: tuple[float, float, float],
    seed: int | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Linear RGB of hue [degrees], saturation and value between lower and upper, as sRGB has them."""
    return make_distribution(Hsv("distribution.hsv", {"lower": lower, "upper": upper}, seed, name))


def palette(
    colors: Sequence[tuple[float, float, float]],
    jitter: float = 0.0,
    weights: Sequence[float] | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """Linear RGB of one of the sRGB colours (0 .. 1), by weight, its components moved by up to ``jitter``."""
    inputs = {"colors": colors, "jitter": jitter, "weights": weights}
    return make_distribution(Palette("distribution.palette", inputs, seed, name))


FUNCTIONS = (hsv, palette)
