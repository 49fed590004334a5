"""A factor of a design: at frame k the quantile of its distribution at the design's point k."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.choices import Choice
from replicator_dr.engines.embedded.draws.color_distributions import ColorDistribution
from replicator_dr.engines.embedded.draws.design_points import Cube
from replicator_dr.engines.embedded.draws.distributions import (
    Distribution,
    LogUniform,
    Normal,
    Picks,
    Uniform,
    distribution_of,
    expand,
)
from replicator_dr.engines.embedded.require.moments import frame_of
from replicator_dr.errors import EngineError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def components_of(source: Distribution) -> int:
    """How many uniforms a sample takes. EngineError for a distribution that has no quantiles here."""
    if isinstance(source, (Uniform, LogUniform)):
        return len(source.lower)
    if isinstance(source, Normal):
        return len(source.mean)
    if isinstance(source, Choice) and not source.switch:
        return 1
    if isinstance(source, ColorDistribution):
        return source.width
    known = "uniform, log_uniform, normal, truncated_normal, choice, hsv and palette"
    raise EngineError(f"{source.kind}: a design takes {known}")


def quantile(source: Distribution, u: Float64) -> Float64:
    """(R, k) numbers at the levels (R, components) of the distribution function, one for each component."""
    if isinstance(source, Uniform):
        return sampling.uniform(u, source.lower, source.upper)
    if isinstance(source, LogUniform):
        return sampling.log_uniform(u, source.lower, source.upper)
    if isinstance(source, Normal):
        if source.lower is None:
            return sampling.normal(u, source.mean, source.std)
        return sampling.truncated_normal(u, source.mean, source.std, source.lower, source.upper)
    if isinstance(source, ColorDistribution):
        return source.color(u)
    assert isinstance(source, Choice)
    assert source.table is not None
    return source.table[sampling.choice(u[:, 0], source.weights)]


@lru_cache(maxsize=32)
def _points(cube: Cube, key: int, frames: bytes) -> Float64:
    """(R, dimensions): the points of frames, int64 as bytes. All factors of a design ask for the same ones."""
    return cube.points(key, np.frombuffer(frames, dtype=np.int64), np.arange(cube.dimensions))


class Factor(Distribution):
    """One value a frame. As a sequence, it goes by the frame, not by chance: another attempt shows the same."""

    source: Distribution
    cube: Cube

    @override
    def parse(self) -> None:
        source = distribution_of(self.inputs["source"])
        if source is None:
            raise EngineError(f"{self.kind}: {self.inputs['source']!r} is not a distribution")
        self.source = source
        self.cube = Cube(
            self.inputs["design"],
            int(self.inputs["dimensions"]),
            int(self.inputs["samples"]),
            tuple(self.inputs["levels"]),
            bool(self.inputs["random"]),
        )
        first = int(self.inputs["first"])
        self.columns = np.arange(first, first + components_of(source), dtype=np.int64)

    @property
    @override
    def numeric(self) -> bool:
        return self.source.numeric

    @override
    def parts(self) -> Iterator[Distribution]:
        return expand([self.source])

    def _levels(self, seed: int, executions: Int64) -> Float64:
        return _points(self.cube, self.key(seed), frame_of(executions).tobytes())[:, self.columns]

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if not self.numeric:
            return super().sample(seed, executions, count, width)
        values = quantile(self.source, self._levels(seed, executions))
        return np.repeat(values[:, None], count, axis=1)

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        assert isinstance(self.source, Choice)
        index = sampling.choice(self._levels(seed, executions)[:, 0], self.source.weights)
        return Picks(np.repeat(index[:, None], count, axis=1), tuple(self.source.choices))
