"""What is said where a thing finds no place, and what is recorded with the frame."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Int64 = NDArray[np.int64]

REMEDY = "use fewer or smaller things, more room, more tries or a smaller clearance"


def count_column(plan: Plan, record: str | None) -> Int64:
    """(1,) where the number of things without a place is kept; (0,) where nobody asks for it."""
    return np.zeros(0, np.int64) if record is None else plan.fact_column(record)


def report(
    firing: Firing, kind: str, paths: tuple[str, ...], placed: NDArray[np.bool_], no_room: str, where: str, count: Int64
) -> None:
    """EngineError or a warning for each thing without a place, and their number in ``count``. placed: (R, n)."""
    firing.write("fact", count, np.sum(~placed, axis=1)[:, None, None])
    for thing in np.flatnonzero(~placed.all(axis=0)):
        frames = firing.frames[~placed[:, thing]]
        when = f"in frame {frames[0]}" if frames[0] >= 0 else "before the first frame"
        message = f"{kind}: {paths[thing]} found no free place {when} {where}"
        if no_room == "error":
            raise EngineError(f"{message}; {REMEDY}, or set no_room: hide")
        does = "is hidden" if no_room == "hide" else "overlaps others"
        warnings.warn(f"{message} and {does}, in {len(frames)} of {len(placed)} frames; {REMEDY}", stacklevel=2)
