"""How long each stage of a run takes, counted by several threads at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

STAGES = ("sample", "render", "annotate", "encode", "write")


class StageClock:
    """Seconds of work by stage, summed over threads. A stage measured inside another does not count twice."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(STAGES, 0.0)
        self._lock = threading.Lock()
        self._inner = threading.local()

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes, less that of blocks measured inside it, to ``stage``."""
        outer: float = getattr(self._inner, "seconds", 0.0)
        self._inner.seconds = 0.0
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            with self._lock:
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent - self._inner.seconds
            self._inner.seconds = outer + spent

    def add(self, seconds: Mapping[str, float]) -> None:
        """Add work that was counted elsewhere."""
        with self._lock:
            for stage, spent in seconds.items():
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent

    def seconds(self) -> dict[str, float]:
        """{stage: seconds} in the pipeline's order."""
        with self._lock:
            return dict(self._seconds)
