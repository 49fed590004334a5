"""Values given at some frames, and carried on or blended in between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution, Picks
from replicator_dr.engines.embedded.draws.values import is_numeric
from replicator_dr.engines.embedded.require.moments import frame_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

BLENDS = ("linear", "smooth", "step")


class Keyframes(Distribution):
    """One value a frame for all prims. interval: that of the trigger, whose firings are at multiples of it.

    linear: v0 + (v1 - v0) t with t = (frame - f0) / (f1 - f0); smooth: the same with 3 t^2 - 2 t^3, which stands still
    at each key; step: v0. Before the first key and after the last the value is theirs.
    """

    @override
    def parse(self) -> None:
        self.frames = np.asarray(self.inputs["frames"], dtype=np.int64)
        self.things: tuple[Any, ...] = tuple(self.inputs["values"])
        self.blend = str(self.inputs["interpolation"])
        if not len(self.frames) or len(self.frames) != len(self.things) or (np.diff(self.frames) <= 0).any():
            raise ValueError(f"{self.kind}: give ascending frames, and a value for each")
        if self.blend not in BLENDS:
            raise ValueError(f"{self.kind}: interpolation is '{self.blend}'; give one of {', '.join(BLENDS)}")
        self.table: Float64 | None = None
        if all(is_numeric(thing) for thing in self.things):
            self.table = np.stack([np.atleast_1d(np.asarray(thing, dtype=np.float64)) for thing in self.things])
        elif self.blend != "step":
            raise ValueError(f"{self.kind}: only numbers can be blended; give interpolation 'step'")

    @property
    @override
    def numeric(self) -> bool:
        return self.table is not None

    def _at(self, executions: Int64) -> tuple[Int64, Int64]:
        """The frames, and the row of the key at or before each, that of the first key before it."""
        frames = frame_of(executions) * int(self.inputs["interval"])
        return frames, np.maximum(np.searchsorted(self.frames, frames, side="right") - 1, 0)

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if self.table is None:
            return super().sample(seed, executions, count, width)
        frames, row = self._at(executions)
        after = np.minimum(row + 1, len(self.frames) - 1)
        length = np.maximum(self.frames[after] - self.frames[row], 1)
        t = np.clip((frames - self.frames[row]) / length, 0.0, 1.0)[:, None]
        share = {"linear": t, "smooth": t * t * (3.0 - 2.0 * t), "step": np.zeros_like(t)}[self.blend]
        values = self.table[row] * (1.0 - share) + self.table[after] * share
        return np.repeat(values[:, None], count, axis=1)

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        return Picks(np.repeat(self._at(executions)[1][:, None], count, axis=1), self.things)
