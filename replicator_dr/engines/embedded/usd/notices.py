"""USD change notices: a stage edited by hand is compiled again before the next frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pxr import Tf, Usd


class StageWatch:
    """Counts changes of a stage. version: grows with each notice that comes while the watch is not paused."""

    def __init__(self, stage: Usd.Stage) -> None:
        self.version = 0
        self._paused = 0
        self._key = Tf.Notice.Register(Usd.Notice.ObjectsChanged, self._on_change, stage)

    def _on_change(self, notice: Any, sender: Any) -> None:  # noqa: ARG002 - pxr is untyped
        if not self._paused:
            self.version += 1

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Ignore the changes that the engine itself makes."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1
