"""Moments: a frame together with the number of the attempt at it, in one integer.

A frame that does not meet what is required of it is drawn anew. Attempt 0 is the frame as it is without requirements;
attempt a > 0 has streams of its own for everything that is drawn for this frame alone: firings of triggers that fire at
every frame. What several frames share (triggers with an interval, events, what stands outside the triggers) stays, so
that every attempt is a pure function of the graph, the frame and the attempt.

The frame, or an execution, fills the lower 40 bits, the attempt those above: they become bits of the counter of every
draw (``sampling.uniforms``) that are zero otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.triggers import Trigger

Int64 = NDArray[np.int64]

BITS = 40
ATTEMPTS = 1 << (63 - BITS)
"""How many attempts have streams of their own."""
_FRAME = (1 << BITS) - 1


def moments(frames: Int64, attempts: Int64) -> Int64:
    """(B,) frames from 0 and (B,) attempts -> (B,) moments, those of attempt 0 being the frames' own numbers."""
    return frames | (attempts << BITS)


def frame_of(moment: Int64) -> Int64:
    """The frame of a moment, or the execution of what :func:`executions_at` gives."""
    return moment & _FRAME


def attempt_of(moment: Int64) -> Int64:
    """The attempt of a moment, or of what :func:`executions_at` gives; 0 for BEFORE and NEVER."""
    return np.maximum(moment, 0) >> BITS


def fired_at(trigger: Trigger, moment: Int64) -> Int64:
    """(B,) moments -> (B,) the moment of the firing that each shows, BEFORE or NEVER.

    That is the moment itself where the firing is drawn anew with each attempt, else one of attempt 0.
    """
    frames = frame_of(moment)
    return np.where(_own_firing(trigger, frames), moment, trigger.fired_at(frames))


def executions_at(trigger: Trigger, moment: Int64) -> Int64:
    """(B,) moments -> (B,) index of the firing that each shows, with the attempt above it where it is drawn anew."""
    frames = frame_of(moment)
    return trigger.executions(frames) + np.where(_own_firing(trigger, frames), moment - frames, 0)


def drawn_anew(triggers: Iterable[Trigger], frames: Int64) -> NDArray[np.bool_]:
    """(B,) bool: whether another attempt at a frame can differ from the last one."""
    anew = np.zeros(len(frames), np.bool_)
    for trigger in triggers:
        anew |= _own_firing(trigger, frames)
    return anew


def _own_firing(trigger: Trigger, frames: Int64) -> NDArray[np.bool_]:
    """(B,) bool: whether the trigger fires at that very frame, and at each of its frames."""
    return trigger.every_frame & (trigger.fired_at(frames) == frames)
