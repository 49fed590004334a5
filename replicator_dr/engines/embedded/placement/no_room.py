"""What is said where a thing finds no place."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing

REMEDY = "use fewer or smaller things, more room, more tries or a smaller clearance"


def report(
    firing: Firing, kind: str, paths: tuple[str, ...], placed: NDArray[np.bool_], no_room: str, where: str
) -> None:
    """EngineError or a warning for each thing without a place. placed: (R, n)."""
    for thing in np.flatnonzero(~placed.all(axis=0)):
        frames = firing.frames[~placed[:, thing]]
        when = f"in frame {frames[0]}" if frames[0] >= 0 else "before the first frame"
        message = f"{kind}: {paths[thing]} found no free place {when} {where}"
        if no_room == "error":
            raise EngineError(f"{message}; {REMEDY}, or set no_room: hide")
        does = "is hidden" if no_room == "hide" else "overlaps others"
        warnings.warn(f"{message} and {does}, in {len(frames)} of {len(placed)} frames; {REMEDY}", stacklevel=2)
