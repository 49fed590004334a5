"""A rate that was measured several times: the median, and how far the repeats lie apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Rate:
    """Frames a second over several repeats of the same work.

    frames, images: made in each repeat; a frame has an image for each camera. seconds: of each repeat, by the clock on
    the wall.
    """

    frames: int
    images: int
    seconds: tuple[float, ...]

    @property
    def repeats(self) -> list[float]:
        """Frames a second of each repeat."""
        return [self.frames / max(seconds, 1e-9) for seconds in self.seconds]

    @property
    def frames_per_second(self) -> float:
        """The median of the repeats."""
        return median(self.repeats)

    @property
    def milliseconds_per_image(self) -> float:
        """The median of the repeats; on several threads this is less than the work in an image."""
        return 1000 * median(self.seconds) / max(self.images, 1)

    def plain(self) -> dict[str, Any]:
        """The rate as plain JSON."""
        return {
            "frames": self.frames,
            "images": self.images,
            "frames_per_second": round(self.frames_per_second, 2),
            "slowest": round(min(self.repeats), 2),
            "fastest": round(max(self.repeats), 2),
            "milliseconds_per_image": round(self.milliseconds_per_image, 4),
            "repeats": [round(rate, 2) for rate in self.repeats],
        }


def timed(work: Callable[[], object]) -> float:
    """How long the work takes [s], by the clock on the wall."""
    began = perf_counter()
    work()
    return perf_counter() - began
