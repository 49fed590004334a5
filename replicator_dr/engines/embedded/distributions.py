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

from replicator_dr.engines.embedded import sampling
from replicator_dr.engines.embedded.nodes import Node
from replicator_dr.engines.embedded.values import fit, is_number, is_numeric, spread

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
        self.parse()

    def parse(self) -> None:
        """Check the inputs and keep them as arrays. Raises ValueError."""

    def on_input_changed(self, name: str) -> None:
        """Take over the new value."""
        if name == "seed":
            self.seed = self.inputs["seed"]
        self.parse()

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

    def check(self, count: int) -> None:
        """Whether ``count`` samples at an execution can be had. Raises ValueError."""

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        """(R, count, k) float64; k is the distribution's own width, or ``width`` for items that need to know it."""
        raise TypeError(f"{self.kind}: chooses among paths or items, where numbers are wanted")

    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        """The choices of R executions for ``count`` prims."""
        raise TypeError(f"{self.kind}: gives numbers, where paths or items are wanted")

    def uniforms(self, seed: int, executions: Int64, count: int, components: int) -> Float64:
        """(R, count, components) uniforms of this node's stream."""
        return sampling.uniforms(self.key(seed), executions, count, components)


class Uniform(Distribution):
    """distribution.uniform."""

    def parse(self) -> None:
        self.lower, self.upper = _bounds(self.kind, self.inputs)

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.lower))
        return sampling.uniform(u, self.lower, self.upper)


class LogUniform(Distribution):
    """distribution.log_uniform."""

    def parse(self) -> None:
        self.lower, self.upper = _bounds(self.kind, self.inputs)
        if (self.lower <= 0).any():
            raise ValueError(f"{self.kind}: lower is {self.inputs['lower']}; a log-uniform needs bounds above 0")

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.lower))
        return sampling.log_uniform(u, self.lower, self.upper)


class Normal(Distribution):
    """distribution.normal, and truncated_normal where the inputs have bounds."""

    def parse(self) -> None:
        mean, std = _vector(self.kind, "mean", self.inputs), _vector(self.kind, "std", self.inputs)
        self.mean, self.std = np.broadcast_arrays(mean, std) if 1 in (len(mean), len(std)) else (mean, std)
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

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        u = self.uniforms(seed, executions, count, len(self.mean))
        if self.lower is None:
            return sampling.normal(u, self.mean, self.std)
        return sampling.truncated_normal(u, self.mean, self.std, self.lower, self.upper)


class Choice(Distribution):
    """distribution.choice: numbers and vectors, distributions (a switch), or paths and items."""

    def parse(self) -> None:
        self.choices: list[Any] = list(self.inputs["choices"])
        if not self.choices:
            raise ValueError(f"{self.kind}: there is nothing to choose from")
        self.replace = bool(self.inputs["with_replacements"])
        weights = self.inputs["weights"]
        self.weights = np.ones(len(self.choices)) if weights is None else np.asarray(weights, dtype=np.float64)
        if len(self.weights) != len(self.choices):
            raise ValueError(f"{self.kind}: {len(self.weights)} weights for {len(self.choices)} choices; give one each")
        if (self.weights < 0).any() or not self.weights.sum() > 0:
            raise ValueError(f"{self.kind}: weights {list(self.weights)} must be 0 or more and not all 0")
        self.switch = any(isinstance(node_of(item), Distribution) for item in self.choices)
        self.table: Float64 | None = None
        if not self.switch and all(is_numeric(item) for item in self.choices):
            rows = [np.atleast_1d(np.asarray(item, dtype=np.float64)) for item in self.choices]
            if len({row.shape for row in rows}) > 1:
                raise ValueError(f"{self.kind}: the choices differ in their number of components: {self.choices}")
            self.table = np.stack(rows)

    @property
    def numeric(self) -> bool:
        return self.table is not None or self.switch

    @property
    def fixed_width(self) -> bool:
        return self.table is not None

    def parts(self) -> Iterator[Distribution]:
        for item in self.choices:
            if isinstance(node := node_of(item), Distribution):
                yield node
                yield from node.parts()

    def check(self, count: int) -> None:
        if not self.replace and count > int((self.weights > 0).sum()):
            raise ValueError(
                f"{self.kind}: {count} prims and {int((self.weights > 0).sum())} choices without replacement; "
                "give at least as many choices, or with_replacements=True"
            )

    def _index(self, seed: int, executions: Int64, count: int) -> Int64:
        if self.replace:
            return sampling.choice(self.uniforms(seed, executions, count, 1)[..., 0], self.weights)
        self.check(count)
        u = self.uniforms(seed, executions, len(self.choices), 1)[..., 0]
        return sampling.choice_without_replacement(u, self.weights)[:, :count]

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        index = self._index(seed, executions, count)
        if self.table is not None:
            return self.table[index]
        if not self.switch:
            return super().sample(seed, executions, count, width)
        options = [sample(item, seed, executions, count, width) for item in self.choices]
        widest = max(option.shape[-1] for option in options)
        stack = np.stack([fit(option, widest, self.kind) for option in options])
        return np.take_along_axis(stack, index[None, :, :, None], axis=0)[0]

    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        return Picks(self._index(seed, executions, count), tuple(self.choices))


class Cycle(Distribution):
    """distribution.sequence: one item at each execution, shared by all prims unless it holds a value for each."""

    def parse(self) -> None:
        self.items: list[Any] = list(self.inputs["items"])
        self.ordered = bool(self.inputs["ordered"])
        if not self.items:
            raise ValueError(f"{self.kind}: the sequence is empty")

    @property
    def numeric(self) -> bool:
        return all(is_numeric(item) for item in self.items)

    @property
    def fixed_width(self) -> bool:
        return False

    def _rows(self, seed: int, executions: Int64) -> Int64:
        turn, place = np.divmod(executions, len(self.items))
        if self.ordered:
            return place
        u = self.uniforms(seed, turn, len(self.items), 1)[..., 0]
        order = np.argsort(u, axis=-1, kind="stable")
        return np.take_along_axis(order, place[:, None], axis=-1)[:, 0]

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if not self.numeric:
            return super().sample(seed, executions, count, width)
        table = np.stack([spread(item, count, width, self.kind) for item in self.items])
        return table[self._rows(seed, executions)]

    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        things: list[Any] = []
        rows = []
        for item in self.items:
            each = list(item) if isinstance(item, (list, tuple)) and len(item) == count else [item] * count
            rows.append([len(things) + i for i in range(count)])
            things.extend(each)
        table = np.array(rows, dtype=np.int64).reshape(len(self.items), count)
        return Picks(table[self._rows(seed, executions)], tuple(things))


class Combine(Distribution):
    """distribution.combine: the components of several distributions or constants, side by side."""

    def parse(self) -> None:
        self.items = list(_flatten(self.inputs["distributions"]))
        if not self.items:
            raise ValueError(f"{self.kind}: there is nothing to combine")

    def parts(self) -> Iterator[Distribution]:
        for item in self.items:
            if isinstance(node := node_of(item), Distribution):
                yield node
                yield from node.parts()

    def check(self, count: int) -> None:
        for part in self.parts():
            part.check(count)

    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        return np.concatenate([sample(item, seed, executions, count, None) for item in self.items], axis=-1)


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


def _flatten(value: object) -> Iterator[object]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flatten(item)
    else:
        yield value


def _vector(kind: str, name: str, inputs: dict[str, Any]) -> Float64:
    value = inputs[name]
    if not is_number(value) and not is_numeric(value):
        raise ValueError(f"{kind}: {name} is {value!r}; give a number or a tuple of numbers")
    return np.atleast_1d(np.asarray(value, dtype=np.float64))


def _bounds(kind: str, inputs: dict[str, Any]) -> tuple[Float64, Float64]:
    lower, upper = _vector(kind, "lower", inputs), _vector(kind, "upper", inputs)
    if len(lower) != len(upper):
        raise ValueError(
            f"{kind}: lower has {len(lower)} components and upper {len(upper)}; give as many of both"
        )
    if (lower > upper).any():
        raise ValueError(f"{kind}: lower {inputs['lower']} is above upper {inputs['upper']}; exchange them")
    return lower, upper


def expand(parts: Sequence[object]) -> Iterator[Distribution]:
    """The distributions among values, and those that they draw from."""
    for value in parts:
        if (node := distribution_of(value)) is not None:
            yield node
            yield from node.parts()
