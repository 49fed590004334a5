"""Distributions that Replicator lacks: truncated normal, shared draws, random subsets; and those of other modules.

They are made known through the documented ``rep.distribution.register``, so that a graph calls them beside NVIDIA's:
``rep.distribution.truncated_normal(0, 1, 0.5, 0.2)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.distributions import Distribution, Normal, Picks, distribution_of
from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.errors import EngineError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Shared(Distribution):
    """One stream of samples in several places: scale * sample + offset.

    The source is sampled at the *frame* in which the trigger fired (execution times interval), so that triggers with
    different intervals see the same value in the same frame. per: "frame", one sample for all prims; "prim", one each.
    """

    source: Distribution

    def parse(self) -> None:
        """Find the source and keep the factors as arrays."""
        source = distribution_of(self.inputs["source"])
        if source is None:
            raise EngineError(f"{self.kind}: {self.inputs['source']!r} is not a distribution")
        self.source = source
        self.scale = np.atleast_1d(np.asarray(self.inputs["scale"], dtype=np.float64))
        self.offset = np.atleast_1d(np.asarray(self.inputs["offset"], dtype=np.float64))

    @property
    def numeric(self) -> bool:
        """As the source."""
        return self.source.numeric

    def parts(self) -> Iterator[Distribution]:
        """The source, and what it draws from."""
        yield self.source
        yield from self.source.parts()

    def _count(self, count: int) -> int:
        return 1 if self.inputs["per"] == "frame" else count

    def check(self, count: int) -> None:
        """Whether the source can be sampled that often."""
        self.source.check(self._count(count))

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, k) float64."""
        frames = executions * int(self.inputs["interval"])
        samples = self.source.sample(seed, frames, self._count(count), None) * self.scale + self.offset
        return np.broadcast_to(samples, (len(executions), count, samples.shape[-1]))

    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        """The source's choices."""
        picks = self.source.picks(seed, executions * int(self.inputs["interval"]), self._count(count))
        return Picks(np.broadcast_to(picks.index, (len(executions), count)), picks.things)


class Subset(Distribution):
    """Truth values over n prims: how many are true is uniform over least .. most, and which ones is random."""

    def parse(self) -> None:
        """Check the bounds."""
        self.least, self.most = int(self.inputs["least"]), int(self.inputs["most"])
        if not 0 <= self.least <= self.most:
            raise ValueError(f"{self.kind}: {self.least} .. {self.most} is not least .. most")

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, 1) float64, 0 or 1. The first uniform says how many, the ranks of the others say which."""
        u = self.uniforms(seed, executions, count + 1, 1)[..., 0]
        number = self.least + np.floor(u[:, :1] * (self.most - self.least + 1))
        ranks = np.argsort(np.argsort(u[:, 1:], axis=1, kind="stable"), axis=1, kind="stable")
        return (ranks < number).astype(np.float64)[..., None]


def truncated_normal(
    lower: Any,
    upper: Any,
    mean: Any,
    std: Any,
    seed: int | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """A normal distribution given that the value lies between lower and upper; infinite bounds are no bounds."""
    inputs = {"lower": lower, "upper": upper, "mean": mean, "std": std}
    return _made(Normal("distribution.truncated_normal", inputs, seed, name))


def shared(
    source: ReplicatorItem,
    per: str = "frame",
    interval: int = 1,
    scale: Any = 1.0,
    offset: Any = 0.0,
    name: str | None = None,
) -> ReplicatorItem:
    """Scale * source + offset, sampled by frame. interval: that of the trigger under which it is used."""
    inputs = {"source": source, "per": per, "interval": interval, "scale": scale, "offset": offset}
    return _made(Shared("distribution.shared", inputs, None, name))


def subset(least: int, most: int, seed: int | None = None, name: str | None = None) -> ReplicatorItem:
    """Truth values, of which least .. most are true."""
    return _made(Subset("distribution.subset", {"least": least, "most": most}, seed, name))


def _made(node: Distribution) -> ReplicatorItem:
    item = make_item(node)
    if node.graph is not None:
        node.number = node.graph.next_seeded_id()
    return item


def register(rep: ModuleType) -> None:
    """Make the distributions known to the API."""
    from replicator_dr.engines.embedded import color_distributions, controlled

    for function in (truncated_normal, shared, subset, *controlled.FUNCTIONS, *color_distributions.FUNCTIONS):
        if not hasattr(rep.distribution, function.__name__):
            rep.distribution.register(function)
