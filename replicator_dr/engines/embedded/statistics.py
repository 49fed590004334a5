"""What a run reports while it goes and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Committed:
    """How far a run is: sums since its start.

    frames, images, bytes: committed. seconds: since the start, by the clock on the wall. stage_seconds: work done by
    all threads together, by stage (sample, render, annotate, encode, write).
    """

    frames: int
    images: int
    bytes: int
    seconds: float
    stage_seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RunStatistics(Committed):
    """A finished run. interrupted: Ctrl-C or orchestrator.stop() ended it early; what was committed is valid."""

    interrupted: bool = False


Listener = Callable[[Committed], None]
"""Called on the main thread after each commit."""
