"""What an effect sees while it is evaluated: its executions, its draws, and the state so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.distributions import distribution_of, pick, sample
from replicator_dr.engines.embedded.draws.values import fit
from replicator_dr.engines.embedded.scene.plan import Plan, Tables

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Apply = Callable[[str, Int64, Float64, slice], None]

ALL = slice(None)


@dataclass
class Firing:
    """R firings of one effect.

    rows: (R,) rows of the tables, None for all of them. executions: (R,) int64. memory: where the samples of named
    distributions are kept, by node and number of samples; None where nobody asks for them. frames: (R,) int64, the
    frames of the firings, for messages; -1 before the first.
    """

    plan: Plan
    seed: int
    executions: Int64
    rows: Int64 | None
    tables: Tables
    apply: Apply
    frames: Int64
    memory: dict[tuple[int, int], Float64] | None = None

    def read(self, channel: str, columns: Int64) -> Float64:
        """(R, n, k): the values now, before this effect writes."""
        table = self.tables[channel]
        return table[:, columns] if self.rows is None else table[self.rows[:, None], columns]

    def write(self, channel: str, columns: Int64, values: Float64, components: slice = ALL) -> None:
        """Write (R, n, k) values to the columns' components."""
        if len(columns):
            self.apply(channel, columns, values, components)

    def numbers(self, value: object, count: int, width: int) -> Float64:
        """(R, count, width) of a distribution or constant."""
        node = distribution_of(value)
        if node is None or self.memory is None or not node.name or not node.fixed_width:
            return sample(value, self.seed, self.executions, count, width)
        # Named samples are recorded with the frame: keep them, so that they are not drawn a second time.
        samples = node.sample(self.seed, self.executions, count, width)
        self.memory[id(node), count] = samples
        return fit(samples, width, node.kind)

    def picks(self, value: object, count: int) -> Int64:
        """(R, count) rows of ``things_of(value)``."""
        return pick(value, self.seed, self.executions, count).index

    def world(self, paths: tuple[str, ...]) -> Float64:
        """(R, n, 4, 4): local to world of prims as things stand now."""
        return self.plan.world(self.tables, paths, self.rows)

    def parent_world(self, paths: tuple[str, ...]) -> Float64:
        """(R, n, 4, 4): the frame in which each prim's own pose is written."""
        return self.plan.parent_world(self.tables, paths, self.rows)
