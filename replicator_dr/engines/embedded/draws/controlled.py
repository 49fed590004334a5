"""Distributions that are not left to chance: factors of designs, keyframes, and exact values in named frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.draws.design_factor import Factor
from replicator_dr.engines.embedded.draws.keyframes import Keyframes
from replicator_dr.engines.embedded.draws.pinned import Pinned
from replicator_dr.engines.embedded.item import ReplicatorItem


def factor(
    source: ReplicatorItem,
    design: str,
    dimensions: int,
    first: int,
    samples: int = 0,
    levels: Sequence[int] = (),
    random: bool = True,
    seed: int | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """The quantiles of ``source`` at a design's points.

    design: grid, latin_hypercube, sobol or halton. dimensions: of all its factors together; first: the first one of
    this factor. samples: points of a cycle, 0 without end. levels: of each dimension of a grid. random: whether the
    points are scrambled. seed: that of the design, the same for all its factors.
    """
    inputs = {"source": source, "design": design, "dimensions": dimensions, "first": first, "samples": samples}
    return make_distribution(Factor("distribution.factor", {**inputs, "levels": levels, "random": random}, seed, name))


def keyframes(
    frames: Sequence[int],
    values: Sequence[Any],
    interpolation: str = "linear",
    interval: int = 1,
    name: str | None = None,
) -> ReplicatorItem:
    """Values at frames, blended in between: linear, smooth or step. interval: that of the trigger."""
    inputs = {"frames": frames, "values": values, "interpolation": interpolation, "interval": interval}
    return make_distribution(Keyframes("distribution.keyframes", inputs, None, name))


def pinned(
    source: Any, frames: Sequence[int], values: Sequence[Any], interval: int = 1, name: str | None = None
) -> ReplicatorItem:
    """``source`` with exact values in some frames; without frames, the one value in all. interval: the trigger's."""
    inputs = {"source": source, "frames": frames, "values": values, "interval": interval}
    return make_distribution(Pinned("distribution.pinned", inputs, None, name))


FUNCTIONS = (factor, keyframes, pinned)
