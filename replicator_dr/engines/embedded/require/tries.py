"""The account of all draws of some frames: which conditions failed how often, how close they came, and the error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import RequirementError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.require.conditions import Condition, Judged


class Tries:
    """Counts over the draws of B frames, a column for each of K conditions.

    failed, asked: (B, K) int64, draws that failed a condition, and those that it was asked of. off, value: (B, K)
    float64, the closest that a draw came, as in :class:`~replicator_dr.engines.embedded.require.conditions.Judged`.
    """

    def __init__(self, conditions: Sequence[Condition], frames: int) -> None:
        self.conditions = tuple(conditions)
        shape = (frames, len(self.conditions))
        self.failed: NDArray[np.int64] = np.zeros(shape, np.int64)
        self.asked: NDArray[np.int64] = np.zeros(shape, np.int64)
        self.off = np.full(shape, np.inf)
        self.value = np.full(shape, np.nan)

    def note(self, rows: NDArray[np.intp], judged: Judged, draws: NDArray[np.intp] | slice) -> NDArray[np.bool_]:
        """Count a draw of each of R frames. draws: rows of ``judged``, (R,). Gives (R,) bool, whether it failed."""
        off, value = judged.off[draws], judged.value[draws]
        self.failed[rows] += off > 0
        self.asked[rows] += ~np.isnan(off)
        closer = off < self.off[rows]
        self.value[rows] = np.where(closer, value, self.value[rows])
        self.off[rows] = np.where(closer, off, self.off[rows])
        failing: NDArray[np.bool_] = ~(off == 0).all(axis=1)
        return failing

    def error(self, row: int, frame: int, draws: int, can_differ: bool) -> RequirementError:
        """What is said of a frame of which no draw meets all conditions. draws: how many there were.

        can_differ: whether anything is drawn for that frame alone.
        """
        what = "draws, and none meets" if draws > 1 else "draw, which does not meet"
        lines = [f"frame {frame}: {draws} {what} what is required"]
        lines += [self._line(row, k) for k in range(len(self.conditions))]
        return RequirementError(frame, "\n".join([*lines, self._remedy(row, can_differ)]))

    def _line(self, row: int, k: int) -> str:
        condition, failed, asked = self.conditions[k], int(self.failed[row, k]), int(self.asked[row, k])
        text = f"  {condition.place}: {condition.asked}: "
        if not asked:
            return text + "not asked, as no draw met the conditions that need no image"
        text += f"failed in {failed} of {asked}"
        if failed < asked or condition.draws is not None:
            return text
        value = self.value[row, k]
        return text + (", none of these prims was there" if np.isnan(value) else f", the closest value was {value:.4g}")

    def _remedy(self, row: int, can_differ: bool) -> str:
        if not can_differ:
            return "nothing is drawn for this frame alone: the triggers have fired max_execs times; raise that"
        never = (self.failed[row] == self.asked[row]) & (self.asked[row] > 0)
        if not never.any():
            return "each condition is met at times, but not together: raise redraws, or widen the bounds"
        names = " and ".join(one.name for one, bad in zip(self.conditions, never, strict=True) if bad)
        return f"widen the bounds of {names}, vary the scene so that they can be met, or raise redraws if they are rare"
