"""What becomes of things that find no place: what is said, and what is recorded with the frame."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

REMEDY = "use fewer or smaller things, more room, more tries or a smaller clearance"


class NoRoom:
    """What one effect does with such things. does: "error", "hide" or "overlap"; record: see ``calls``."""

    def __init__(self, plan: Plan, kind: str, paths: tuple[str, ...], does: str, record: str | None) -> None:
        self._kind, self._paths, self._does = kind, paths, does
        self._shown = plan.visible_columns(paths, kind) if does == "hide" else np.zeros(0, np.int64)
        self._count = np.zeros(0, np.int64) if record is None else plan.fact_column(record)

    def settle(self, firing: Firing, placed: NDArray[np.bool_], where: str) -> None:
        """Hide them, write their number; EngineError or a warning for each.

        placed: (R, n), whether each thing has a place. where: among what it was looked for, in words.
        """
        if self._does == "hide":
            shown = firing.read("visible", self._shown)
            firing.write("visible", self._shown, shown * placed[..., None])
        firing.write("fact", self._count, np.sum(~placed, axis=1)[:, None, None])
        for thing in np.flatnonzero(~placed.all(axis=0)):
            frames = firing.frames[~placed[:, thing]]
            when = f"in frame {frames[0]}" if frames[0] >= 0 else "before the first frame"
            message = f"{self._kind}: {self._paths[thing]} found no free place {when} {where}"
            if self._does == "error":
                raise EngineError(f"{message}; {REMEDY}, or set no_room: hide")
            does = "is hidden" if self._does == "hide" else "overlaps others"
            warnings.warn(f"{message} and {does}, in {len(frames)} of {len(placed)} frames; {REMEDY}", stacklevel=2)
