"""A distribution or a constant, with exact values in some frames or in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import (
    Distribution,
    Picks,
    distribution_of,
    expand,
    pick,
    sample,
    things_of,
)
from replicator_dr.engines.embedded.draws.values import is_numeric, spread
from replicator_dr.engines.embedded.require.moments import frame_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


class Pinned(Distribution):
    """The source, except in ``frames``, where each of ``values`` stands; a single value without frames holds in all.

    interval: that of the trigger, whose firings are at multiples of it.
    """

    @override
    def parse(self) -> None:
        self.frames = np.asarray(self.inputs["frames"], dtype=np.int64)
        self.things: tuple[Any, ...] = tuple(self.inputs["values"])
        self.source: Any = self.inputs["source"]
        self.always = not len(self.frames)
        if len(self.things) != (1 if self.always else len(self.frames)) or (np.diff(self.frames) <= 0).any():
            raise ValueError(f"{self.kind}: give ascending frames with a value each, or one value")

    @property
    @override
    def numeric(self) -> bool:
        node = distribution_of(self.source)
        return is_numeric(self.source) if node is None else node.numeric

    @property
    @override
    def fixed_width(self) -> bool:
        node = distribution_of(self.source)
        return node is not None and node.fixed_width

    @override
    def parts(self) -> Iterator[Distribution]:
        return expand([self.source])

    @override
    def check(self, count: int) -> None:
        if (node := distribution_of(self.source)) is not None:
            node.check(count)

    def _rows(self, executions: Int64) -> tuple[NDArray[np.bool_], Int64]:
        """(R,) whether a value stands at each execution, and which."""
        if self.always:
            return np.ones(len(executions), np.bool_), np.zeros(len(executions), np.int64)
        frames = frame_of(executions) * int(self.inputs["interval"])
        rows = np.minimum(np.searchsorted(self.frames, frames), len(self.frames) - 1)
        return self.frames[rows] == frames, rows

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if not self.numeric:
            return super().sample(seed, executions, count, width)
        drawn = sample(self.source, seed, executions, count, width)
        table = np.stack([spread(thing, count, drawn.shape[-1], self.kind) for thing in self.things])
        here, rows = self._rows(executions)
        return np.where(here[:, None, None], table[rows], drawn)

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        things = things_of(self.source, count)
        drawn = pick(self.source, seed, executions, count).index
        here, rows = self._rows(executions)
        return Picks(np.where(here[:, None], len(things) + rows[:, None], drawn), (*things, *self.things))
