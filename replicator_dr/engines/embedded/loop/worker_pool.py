"""Processes that annotate, encode and write, where one interpreter could not keep all cores busy.

Images go through anonymous shared memory, one region a process, which has no name that could be left behind and is not
bounded by the size of /dev/shm.
"""

from __future__ import annotations

import mmap
import os
import pickle
import queue
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from replicator_dr.engines.embedded.loop.capture import CapturedBatch
from replicator_dr.engines.embedded.loop.child_process import ChildProcess
from replicator_dr.engines.embedded.loop.shared_batch import described, put
from replicator_dr.engines.embedded.loop.worker_process import Records, Reply

PIECE_PIXELS = 2_600_000
"""Pixels of a message's images, about eight of 640x480: enough that the message itself costs little."""


class WorkerProcess:
    """One process, which takes one batch at a time."""

    def __init__(self, setup: bytes) -> None:
        self._setup: tuple[bytes, ...] = (setup,)
        self._memory = os.memfd_create("replicator_dr")
        self._map: mmap.mmap | None = None
        self._process = ChildProcess("replicator_dr.engines.embedded.loop.worker_process", "worker", [self._memory])

    def write(self, batch: CapturedBatch, frames: slice) -> Reply:
        """Have some frames of a batch written. EngineError where the process has ended."""
        message, images = described(batch, frames)
        put(self._room(message.size), images)
        setup, self._setup = self._setup, ()
        reply: Reply = pickle.loads(self._process.ask(*setup, pickle.dumps(message, pickle.HIGHEST_PROTOCOL)))
        return reply

    def _room(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            # Allocated now: memory that runs out later would kill whoever touches it.
            os.posix_fallocate(self._memory, 0, max(size, 1))
            self._map = mmap.mmap(self._memory, 0)
        return self._map

    def hang_up(self) -> None:
        """Let the process end, without waiting for it."""
        self._process.hang_up()

    def close(self) -> None:
        """End the process."""
        self._process.close()
        self._map = None
        os.close(self._memory)


class WorkerPool:
    """Several worker processes. writers: by position, those whose jobs the setup holds."""

    def __init__(self, count: int, setup: bytes, writers: Mapping[int, Any]) -> None:
        self._writers = writers
        self._workers = [WorkerProcess(setup) for _ in range(count)]
        self._idle: queue.SimpleQueue[WorkerProcess] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="to-worker")

    def write(self, batch: CapturedBatch) -> dict[int, Records]:
        """Have a batch written: {position of a writer: its records}, in the order of frames; on any thread.

        After a failure nothing of the batch is left, and the failure is raised.
        """
        pixels = sum(product.resolution[0] * product.resolution[1] for product in batch.products)
        width = max(1, PIECE_PIXELS // max(pixels, 1))
        pieces = [slice(first, first + width) for first in range(0, len(batch), width)]
        futures = [self._threads.submit(self._one, batch, piece) for piece in pieces]
        replies = [future.result() for future in futures if future.exception() is None]
        failure = _first_failure(futures, replies)
        for reply in replies:
            batch.clock.add(reply.seconds)
            if failure is not None:
                self._discard(reply.records)
        if failure is not None:
            raise failure
        return {position: [r for reply in replies for r in reply.records[position]] for position in self._writers}

    def _one(self, batch: CapturedBatch, frames: slice) -> Reply:
        worker = self._idle.get()
        try:
            return worker.write(batch, frames)
        finally:
            self._idle.put(worker)

    def _discard(self, records: Mapping[int, Records]) -> None:
        for position, several in records.items():
            if hasattr(self._writers[position], "discard"):
                self._writers[position].discard(several)

    def close(self) -> None:
        """End all processes, once they have finished what they were given."""
        self._threads.shutdown()
        for worker in self._workers:
            worker.hang_up()
        for worker in self._workers:
            worker.close()


def _first_failure(futures: Sequence[Future[Reply]], replies: Sequence[Reply]) -> BaseException | None:
    raised = [future.exception() for future in futures]
    return next((error for error in [*raised, *(reply.failure for reply in replies)] if error is not None), None)
