"""What is worked out once for a batch of frames, and used by every writer of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Shared:
    """Results by what was asked for; safe on several threads. It lives as long as its batch, or until it is cleared."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._results: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result under a key, made when it is first asked for. ``make`` may ask for other results."""
        with self._lock:
            if key not in self._results:
                self._results[key] = make()
            result: T = self._results[key]
            return result

    def clear(self) -> None:
        """Forget everything: the batch is written."""
        with self._lock:
            self._results.clear()
