"""What a run reports while it goes and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Committed:
    """How far a run is: sums since its start.

    frames, images, bytes: committed. seconds: since the start, by the clock on the wall. stage_seconds: work done by
    all threads together, by stage (sample, render, annotate, encode, write). redraws: draws of these frames that did
    not meet what is required. failed: how many of them each requirement turned down, in their order.
    """

    frames: int
    images: int
    bytes: int
    seconds: float
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    redraws: int = 0
    failed: tuple[int, ...] = ()

    @property
    def acceptance(self) -> float:
        """Share of all draws of frames that met what is required, 0..1; 1 where nothing is required or drawn."""
        return self.frames / (self.frames + self.redraws) if self.frames else 1.0


@dataclass(frozen=True)
class RunStatistics(Committed):
    """A finished run. interrupted: Ctrl-C or orchestrator.stop() ended it early; what was committed is valid."""

    interrupted: bool = False


Listener = Callable[[Committed], None]
"""Called on the main thread after each commit."""
