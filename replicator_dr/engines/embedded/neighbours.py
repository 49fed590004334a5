"""The frames before and after those of a batch: what moves between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.state import FrameState
from replicator_dr.render.moment import Moment
from replicator_dr.render.scene import CameraArrays

PREVIOUS, NEXT = "previous", "next"
"""What annotators ask for (``AnnotatorKind.extra``)."""
STEPS = {PREVIOUS: -1, NEXT: 1}


def with_neighbours(
    state: FrameState, evaluate: Callable[[NDArray[np.int64]], FrameState], steps: Iterable[int]
) -> FrameState:
    """The same state with ``neighbours``; frame 0 is its own previous one.

    Frames are a function of their numbers: what a run begins or ends with changes nothing. Only frames that the state
    lacks are evaluated.
    """
    wanted = {step: np.maximum(state.frames + step, 0) for step in steps}
    if not wanted:
        return state
    numbers, moment = state.frames, Moment(state.arrays.world, state.arrays.cameras)
    missing = np.setdiff1d(np.concatenate(list(wanted.values())), numbers)
    if len(missing):
        further = evaluate(missing).arrays
        numbers = np.concatenate([numbers, missing])
        moment = _joined(moment, Moment(further.world, further.cameras))
    order = np.argsort(numbers, kind="stable")
    rows = {step: order[np.searchsorted(numbers, frames, sorter=order)] for step, frames in wanted.items()}
    return replace(state, neighbours={step: moment[row] for step, row in rows.items()})


def _joined(first: Moment, second: Moment) -> Moment:
    cameras = {
        name: np.concatenate([value, getattr(second.cameras, name)]) for name, value in vars(first.cameras).items()
    }
    return Moment(np.concatenate([first.world, second.world]), CameraArrays(**cameras))
