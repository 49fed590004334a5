"""Choices, sequences and combinations: distributions over given things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.distributions import Distribution, Picks, expand, node_of, sample
from replicator_dr.engines.embedded.draws.values import fit, is_numeric, spread
from replicator_dr.engines.embedded.require.moments import frame_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Choice(Distribution):
    """distribution.choice: numbers and vectors, distributions (a switch), or paths and items."""

    @override
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
    @override
    def numeric(self) -> bool:
        return self.table is not None or self.switch

    @property
    @override
    def fixed_width(self) -> bool:
        return self.table is not None

    @override
    def parts(self) -> Iterator[Distribution]:
        return expand(self.choices)

    @override
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

    @override
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

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        return Picks(self._index(seed, executions, count), tuple(self.choices))


class Cycle(Distribution):
    """distribution.sequence: one item at each execution, shared by all prims unless it holds a value for each.

    A sequence goes by executions, not by chance: another attempt at a frame shows the same item.
    """

    @override
    def parse(self) -> None:
        self.items: list[Any] = list(self.inputs["items"])
        self.ordered = bool(self.inputs["ordered"])
        if not self.items:
            raise ValueError(f"{self.kind}: the sequence is empty")

    @property
    @override
    def numeric(self) -> bool:
        return all(is_numeric(item) for item in self.items)

    @property
    @override
    def fixed_width(self) -> bool:
        return False

    def _rows(self, seed: int, executions: Int64) -> Int64:
        turn, place = np.divmod(frame_of(executions), len(self.items))
        if self.ordered:
            return place
        u = self.uniforms(seed, turn, len(self.items), 1)[..., 0]
        order = np.argsort(u, axis=-1, kind="stable")
        return np.take_along_axis(order, place[:, None], axis=-1)[:, 0]

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if not self.numeric:
            return super().sample(seed, executions, count, width)
        table = np.stack([spread(item, count, width, self.kind) for item in self.items])
        return table[self._rows(seed, executions)]

    @override
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

    @override
    def parse(self) -> None:
        self.items = list(_flatten(self.inputs["distributions"]))
        if not self.items:
            raise ValueError(f"{self.kind}: there is nothing to combine")

    @override
    def parts(self) -> Iterator[Distribution]:
        return expand(self.items)

    @override
    def check(self, count: int) -> None:
        for part in self.parts():
            part.check(count)

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        return np.concatenate([sample(item, seed, executions, count, None) for item in self.items], axis=-1)


def _flatten(value: object) -> Iterator[object]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flatten(item)
    else:
        yield value
