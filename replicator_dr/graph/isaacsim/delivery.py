"""From what Kit renders to a spec's writers: pictures cut, frames numbered, files written on threads, in order."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np

from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.loop.statistics import Committed, Listener, RunStatistics
from replicator_dr.engines.embedded.require.redraw_notes import Redraws, added, redraws
from replicator_dr.labels.redraws import ATTEMPT, FAILED

Payloads = Sequence[Mapping[str, Any]]
"""One payload for each frame, in the "renderProduct" layout, with ``frame``."""


class TickBatch:
    """The frames of a tick for writers that take batches. clock: where their seconds are counted."""

    def __init__(self, payloads: Payloads, clock: StageClock) -> None:
        self._payloads = payloads
        self.clock = clock

    def __len__(self) -> int:
        return len(self._payloads)

    def payload(self, index: int, annotators: Sequence[Any], data_structure: str) -> Mapping[str, Any]:
        """One frame; the annotators are those that the writer was attached with."""
        return self._payloads[index]


class Delivery:
    """Gives frames to writers while the next ones are rendered, and commits them in order.

    A writer with ``write_batch`` and ``commit`` encodes on a thread; others are called on this one.
    """

    def __init__(self, writers: Sequence[Any], listener: Listener | None) -> None:
        self._writers = list(writers)
        self._listener = listener
        self._began = time.perf_counter()
        self.clock = StageClock()
        self._frames = self._images = self._bytes = self._redraws = 0
        self._failed: tuple[int, ...] = ()
        threads = max(1, len(os.sched_getaffinity(0)) - 1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="delivery")
        self._flight: deque[tuple[int, int, Redraws, list[tuple[Any, Future[Any]]]]] = deque()
        self._most = threads + 1

    def put(self, ticks: Sequence[Payloads], frames: int) -> None:
        """Take the frames of a tick, one list for each writer; frames: how many they are.

        Raises what a writer raised for an earlier tick.
        """
        batches = [
            (writer, self._pool.submit(writer.write_batch, TickBatch(payloads, self.clock)))
            for writer, payloads in zip(self._writers, ticks, strict=True)
            if _takes_batches(writer)
        ]
        for writer, payloads in zip(self._writers, ticks, strict=True):
            if not _takes_batches(writer):
                for payload in payloads:
                    writer.write(payload)
        images = sum(len(payload["renderProducts"]) for payloads in ticks for payload in payloads)
        self._flight.append((frames, images, _redraws(ticks), batches))
        while len(self._flight) > self._most:
            self._commit()

    def _commit(self) -> None:
        frames, images, again, batches = self._flight.popleft()
        for writer, future in batches:
            records = future.result()
            with self.clock.measure("write"):
                writer.commit(records)
            self._bytes += sum(int(record.get("bytes", 0)) for record in records)
        self._frames += frames
        self._images += images
        self._redraws += again[0]
        self._failed = added(self._failed, again[1])
        if self._listener is not None:
            self._listener(Committed(**self._sums()))

    def _sums(self) -> dict[str, Any]:
        return {
            "frames": self._frames,
            "images": self._images,
            "bytes": self._bytes,
            "seconds": time.perf_counter() - self._began,
            "stage_seconds": self.clock.seconds(),
            "redraws": self._redraws,
            "failed": self._failed,
        }

    def finish(self, interrupted: bool = False) -> RunStatistics:
        """Commit what is left."""
        while self._flight:
            self._commit()
        return RunStatistics(**self._sums(), interrupted=interrupted)

    def close(self) -> None:
        """Stop the threads, drop what is not committed, and let the writers finish their files."""
        self._pool.shutdown()
        for *_, batches in self._flight:
            for writer, future in batches:
                if hasattr(writer, "discard") and future.exception() is None:
                    with suppress(OSError):
                        writer.discard(future.result())
        self._flight.clear()
        for writer in self._writers:
            writer.on_final_frame()


def _takes_batches(writer: Any) -> bool:
    return hasattr(writer, "write_batch") and hasattr(writer, "commit")


def _redraws(ticks: Sequence[Payloads]) -> Redraws:
    """Of the frames of a tick; each writer is told the same."""
    told = [payload["distribution_outputs"] for payload in ticks[0]] if ticks else []
    return redraws({name: np.array([draws[name] for draws in told if name in draws]) for name in (ATTEMPT, FAILED)})
