"""Distributions that Replicator lacks: truncated normal, draws shared by several fields, ties, and random subsets.

They are made known through the documented ``rep.distribution.register``, so that a graph calls them beside NVIDIA's:
``rep.distribution.truncated_normal(0, 1, 0.5, 0.2)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.api.distribution import make_distribution
from replicator_dr.engines.embedded.draws import color_distributions, controlled, sampling
from replicator_dr.engines.embedded.draws.copula import Copula
from replicator_dr.engines.embedded.draws.distributions import Distribution, Normal, Picks, distribution_of
from replicator_dr.engines.embedded.draws.tied_distributions import Allowed, Expressed, Switched, WeightedChoice
from replicator_dr.engines.embedded.item import ReplicatorItem
from replicator_dr.engines.embedded.ours import make_known
from replicator_dr.errors import EngineError
from replicator_dr.expressions import Tree

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
        """The source, and what it draws from, at the frames at which this is sampled."""
        yield self.source
        interval = int(self.inputs["interval"])
        for part in self.source.parts():
            yield part.every(interval) if isinstance(part, Drawn) and interval > 1 else part

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


class Drawn(Shared):
    """A shared draw that ties use: recorded by its own name, once where it is one sample for all prims."""

    def recorded(self, count: int) -> int:
        """One, or one for each prim."""
        return self._count(count)

    def every(self, interval: int) -> Drawn:
        """The same for entries with an interval, under a name that says so."""
        name = None if self.name is None else f"{self.name}.every_{interval}"
        return Drawn(self.kind, {**self.inputs, "interval": interval}, None, name)


class Subset(Distribution):
    """Truth values over n prims: how many are true is uniform over least .. most, and which ones is random.

    weights: one a prim; prims are taken one after the other by weight, and never where it is 0. None: all alike.
    """

    def parse(self) -> None:
        """Check the bounds."""
        self.least, self.most = int(self.inputs["least"]), int(self.inputs["most"])
        if not 0 <= self.least <= self.most:
            raise ValueError(f"{self.kind}: {self.least} .. {self.most} is not least .. most")
        weights = self.inputs["weights"]
        self.weights = None if weights is None else np.asarray(weights, dtype=np.float64)
        if self.weights is not None and ((self.weights < 0).any() or not self.weights.any()):
            raise ValueError(f"{self.kind}: weights {list(weights)} must be 0 or more and not all 0")

    def check(self, count: int) -> None:
        """Whether there is a weight for each prim."""
        if self.weights is not None and len(self.weights) != count:
            raise ValueError(f"{self.kind}: {len(self.weights)} weights for {count} prims; give one each")

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, 1) float64, 0 or 1. The first uniform says how many, the ranks of the others say which."""
        u = self.uniforms(seed, executions, count + 1, 1)[..., 0]
        number = self.least + np.floor(u[:, :1] * (self.most - self.least + 1))
        if self.weights is None:
            order = np.argsort(u[:, 1:], axis=1, kind="stable")
        else:
            order = sampling.choice_without_replacement(u[:, 1:], self.weights)
            number = np.minimum(number, np.count_nonzero(self.weights))
        return (np.argsort(order, axis=1, kind="stable") < number).astype(np.float64)[..., None]


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
    return make_distribution(Normal("distribution.truncated_normal", inputs, seed, name))


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
    return make_distribution(Shared("distribution.shared", inputs, None, name))


def subset(
    least: int, most: int, weights: Any = None, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """Truth values, of which least .. most are true; weights: one a prim."""
    inputs = {"least": least, "most": most, "weights": weights}
    return make_distribution(Subset("distribution.subset", inputs, seed, name))


def drawn(source: ReplicatorItem, per: str, interval: int, name: str | None) -> ReplicatorItem:
    """A shared draw as ties take it, with a name of its own."""
    inputs = {"source": source, "per": per, "interval": interval, "scale": 1.0, "offset": 0.0}
    return make_distribution(Drawn("distribution.drawn", inputs, None, name))


def expression(
    tree: Tree,
    sources: Mapping[str, ReplicatorItem],
    things: Mapping[str, Any] | None = None,
    allowed: Allowed | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """What an expression makes of other distributions. things: what its texts stand for; None for numbers."""
    inputs = {"tree": tree, "sources": dict(sources), "things": things, "allowed": allowed}
    return make_distribution(Expressed("distribution.expression", inputs, None, name))


def switch(
    conditions: Sequence[Tree],
    branches: Sequence[Any],
    sources: Mapping[str, ReplicatorItem],
    allowed: Allowed | None = None,
    name: str | None = None,
) -> ReplicatorItem:
    """The branch of the first condition that is true, else the last branch."""
    inputs = {
        "conditions": tuple(conditions), "branches": list(branches), "sources": dict(sources), "allowed": allowed,
    }  # fmt: skip
    return make_distribution(Switched("distribution.switch", inputs, None, name))


def weighted_choice(
    choices: Sequence[Any], weights: Sequence[Any], allowed: Allowed, seed: int | None = None, name: str | None = None
) -> ReplicatorItem:
    """One of the choices. weights: a number or a distribution for each."""
    inputs: dict[str, Any] = {"choices": list(choices), "weights": None, "with_replacements": True}
    inputs |= {"context": list(weights), "allowed": allowed}
    return make_distribution(WeightedChoice("distribution.weighted_choice", inputs, seed, name))


def correlate(items: Sequence[ReplicatorItem], correlation: Sequence[Sequence[float]]) -> ReplicatorItem:
    """Mix the streams of distributions, so that the normals behind them have these correlations; gives the first."""
    nodes = []
    for item in items:
        node = distribution_of(item)
        if node is None:
            raise EngineError(f"correlate: {item!r} is not a distribution")
        nodes.append(node)
    copula = Copula(correlation)
    for node in nodes:
        node.joint = copula, tuple(nodes)
    return items[0]


def register(rep: ModuleType) -> None:
    """Make the distributions known to the API."""
    ties = (drawn, expression, switch, weighted_choice, correlate)
    make_known(rep.distribution, truncated_normal, shared, subset, *ties)
    make_known(rep.distribution, *controlled.FUNCTIONS, *color_distributions.FUNCTIONS)
