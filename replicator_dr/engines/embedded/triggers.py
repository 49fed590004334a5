"""When a node runs: the trigger as a function from frame numbers to the firing that each frame shows.

Frame 0 shows the preview's state, which is execution 0 of every ``on_frame`` trigger. A trigger that has not fired yet
at some frame says so with ``NEVER``; what stands outside every trigger ran once, at ``BEFORE`` (before frame 0).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.errors import EngineError

Frames = NDArray[np.int64]

BEFORE = -1
NEVER = -2


@dataclass
class Trigger:
    """Runs once: at ``born``, before frame 0 unless its node was made between two steps."""

    name: str = ""
    born: int = BEFORE

    def fired_at(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) the frame of the latest firing seen at each, BEFORE or NEVER."""
        return np.where(frames >= self.born, self.born, NEVER)

    def executions(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) index of that firing, counted from 0; 0 also where it has not fired."""
        return np.zeros_like(frames)

    @property
    def every_frame(self) -> bool:
        """Whether no other frame shares a firing, as long as it fires: then a frame can be drawn anew by itself."""
        return False

    def frame_limit(self) -> int | None:
        """How many frames are written until the trigger goes inactive; None = it never does."""
        return None


@dataclass
class OnFrame(Trigger):
    """Fires every ``interval`` frames, from frame 0 on, at most ``max_execs`` times (0 = no bound)."""

    name: str = "on_frame"
    interval: int = 1
    max_execs: int = 0
    rt_subframes: int = 1

    def __post_init__(self) -> None:
        if self.interval < 1:
            raise EngineError(
                f"trigger.on_frame: interval is {self.interval}; give the number of frames between "
                "two firings, 1 or more"
            )
        if self.max_execs < 0:
            raise EngineError(
                f"trigger.on_frame: max_execs is {self.max_execs}; give 0 for no bound or a positive number of firings"
            )

    def executions(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) index of the latest firing."""
        index = frames // self.interval
        return np.minimum(index, self.max_execs - 1) if self.max_execs else index

    def fired_at(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) frame of the latest firing."""
        return self.executions(frames) * self.interval

    @property
    @override
    def every_frame(self) -> bool:
        return self.interval == 1

    def frame_limit(self) -> int | None:
        """N executions give N written frames when the interval is 1, the preview's included."""
        return self.max_execs * self.interval if self.max_execs else None


@dataclass
class OnCustomEvent(Trigger):
    """Fires at the frame that follows ``utils.send_og_event(event_name)``; frames: where it has fired, ascending."""

    event_name: str = ""
    frames: list[int] = field(default_factory=list)

    def send(self, frame: int) -> None:
        """Note that the event fires at ``frame``; a second event before that frame is the same firing."""
        if not self.frames or self.frames[-1] < frame:
            self.frames.append(frame)

    def fired_at(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) frame of the latest event, NEVER before the first."""
        times = np.array([NEVER, *self.frames], dtype=np.int64)
        return times[np.searchsorted(times[1:], frames, side="right")]

    def executions(self, frames: Frames) -> Frames:
        """(B,) frames -> (B,) index of the latest event."""
        count = np.searchsorted(np.array(self.frames, dtype=np.int64), frames, side="right")
        return np.maximum(count - 1, 0).astype(np.int64)
