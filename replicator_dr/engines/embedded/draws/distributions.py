"""Distribution nodes: streams of samples, a value for each prim and component of each execution.

Numeric distributions give (R, n, k) float64 arrays for R executions and n prims. A choice among paths or items gives
*picks*: (R, n) indices into a list of things.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.copula import Copula
from replicator_dr.engines.embedded.draws.values import fit, is_number, is_numeric, spread
from replicator_dr.engines.embedded.nodes import Node

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Picks:
    """Choices among things that are not numbers. index: (R, n) int64, rows of things."""

    index: Int64
    things: tuple[Any, ...]


class Distribution(Node):
    """A stream of samples. seed: explicit seed, or None for one that follows the global seed and the node's number."""

    def __init__(self, kind: str, inputs: dict[str, Any], seed: int | None, name: str | None) -> None:
        super().__init__(kind, inputs, name)
        self.seed = seed
        self.number = -1
        self.joint: tuple[Copula, tuple[Distribution, ...]] | None = None
        self.parse()

    def parse(self) -> None:
        """Check the inputs and keep them as arrays. Raises ValueError."""

    @override
    def on_input_changed(self, name: str) -> None:
        """Take over a seed at once; other values are parsed when the graph is compiled, so that several can change."""
        if name == "seed":
            self.seed = self.inputs["seed"]

    @property
    def numeric(self) -> bool:
        """Whether samples are numbers (else ``picks`` is to be called)."""
        return True

    @property
    def fixed_width(self) -> bool:
        """Whether samples are the same whatever width is wanted of them."""
        return True

    def parts(self) -> Iterator[Distribution]:
        """The distributions that this one draws from."""
        return iter(())

    def key(self, seed: int) -> int:
        """The stream's 64-bit key under a global seed."""
        if self.seed is not None:
            return sampling.stream_key("seed", self.seed)
        return sampling.stream_key("node", seed, self.number)

    def recorded(self, count: int) -> int:
        """How many of ``count`` samples are recorded with a frame, for a distribution with a name."""
        return count

    def check(self, count: int) -> None:
        """Whether ``count`` samples at an execution can be had. Raises ValueError."""

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, k) float64; k is the distribution's own width, or ``width`` for items that need to know it."""
        del seed, executions, count, width
        raise TypeError(f"{self.kind}: chooses among paths or items, where numbers are wanted")

    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        """The choices of R executions for ``count`` prims."""
        del seed, executions, count
        raise TypeError(f"{self.kind}: gives numbers, where paths or items are wanted")

    def uniforms(self, seed: int, executions: Int64, count: int, components: int) -> Float64:
        """(R, count, components) uniforms of this node's stream, mixed with those that it is correlated with."""
        if self.joint is not None:
            copula, members = self.joint
            keys = [member.key(seed) for member in members]
            return copula.uniforms(keys, members.index(self), executions, count, components)
        return sampling.uniforms(self.key(seed), executions, count, components)


class Uniform(Distribution):
    """distribution.uniform."""

    @override
    def parse(self) -> None:
        self.lower, self.upper = _bounds(self.kind, self.inputs)

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.lower))
        return sampling.uniform(u, self.lower, self.upper)


class LogUniform(Distribution):
    """distribution.log_uniform."""

    @override
    def parse(self) -> None:
        self.lower, self.upper = _bounds(self.kind, self.inputs)
        if (self.lower <= 0).any():
            raise ValueError(f"{self.kind}: lower is {self.inputs['lower']}; a log-uniform needs bounds above 0")

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.lower))
        return sampling.log_uniform(u, self.lower, self.upper)


class Normal(Distribution):
    """distribution.normal, and truncated_normal where the inputs have bounds."""

    @override
    def parse(self) -> None:
        mean, std = _vector(self.kind, "mean", self.inputs), _vector(self.kind, "std", self.inputs)
        self.mean: Float64 = np.repeat(mean, len(std)) if len(mean) == 1 else mean
        self.std: Float64 = np.repeat(std, len(mean)) if len(std) == 1 else std
        if len(self.mean) != len(self.std):
            raise ValueError(f"{self.kind}: mean has {len(mean)} components and std {len(std)}; give as many of both")
        if (self.std < 0).any():
            raise ValueError(f"{self.kind}: std is {self.inputs['std']}; a standard deviation is 0 or more")
        self.lower: Float64 | None = None
        if "lower" in self.inputs:
            lower, upper = _bounds(self.kind, self.inputs)
            shape = (max(len(self.mean), len(lower)),)
            self.mean, self.std = np.broadcast_to(self.mean, shape), np.broadcast_to(self.std, shape)
            self.lower, self.upper = np.broadcast_to(lower, shape), np.broadcast_to(upper, shape)

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.mean))
        if self.lower is None:
            return sampling.normal(u, self.mean, self.std)
        return sampling.truncated_normal(u, self.mean, self.std, self.lower, self.upper)


def node_of(value: object) -> object:
    """The node behind an item, the value itself otherwise."""
    return getattr(value, "node", value)


def distribution_of(value: object) -> Distribution | None:
    """The distribution that a value stands for, None for constants."""
    node = node_of(value)
    return node if isinstance(node, Distribution) else None


def sample(value: object, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
    """(R, count, k) numbers of a distribution or a constant; k = ``width`` unless that is None."""
    distribution = distribution_of(value)
    if distribution is None:
        table = spread(value, count, width, "a constant")
        return np.broadcast_to(table, (len(executions), *table.shape))
    return fit(distribution.sample(seed, executions, count, width), width, distribution.kind)


def pick(value: object, seed: int, executions: Int64, count: int) -> Picks:
    """Choices of a distribution, or a constant (a list of ``count`` things is spread over the prims)."""
    distribution = distribution_of(value)
    if distribution is not None:
        return distribution.picks(seed, executions, count)
    if isinstance(value, (list, tuple)) and len(value) == count:
        row, things = np.arange(count, dtype=np.int64), tuple(value)
    else:
        row, things = np.zeros(count, dtype=np.int64), (value,)
    return Picks(np.broadcast_to(row, (len(executions), count)), things)


def things_of(value: object, count: int) -> tuple[Any, ...]:
    """All that ``pick`` may choose for ``count`` prims; its indices are rows of this."""
    return pick(value, 0, np.zeros(0, dtype=np.int64), count).things


def _vector(kind: str, name: str, inputs: dict[str, Any]) -> Float64:
    value = inputs[name]
    if not is_number(value) and not is_numeric(value):
        raise ValueError(f"{kind}: {name} is {value!r}; give a number or a tuple of numbers")
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def _bounds(kind: str, inputs: dict[str, Any]) -> tuple[Float64, Float64]:
    lower, upper = _vector(kind, "lower", inputs), _vector(kind, "upper", inputs)
    if len(lower) != len(upper):
        raise ValueError(f"{kind}: lower has {len(lower)} components and upper {len(upper)}; give as many of both")
    if (lower > upper).any():
        raise ValueError(f"{kind}: lower {inputs['lower']} is above upper {inputs['upper']}; exchange them")
    return lower, upper


def expand(parts: Sequence[object]) -> Iterator[Distribution]:
    """The distributions among values, and those that they draw from."""
    for value in parts:
        if (node := distribution_of(value)) is not None:
            yield node
            yield from node.parts()
