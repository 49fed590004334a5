"""Threads that write files in the background, for writers that hand their data to a backend."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from replicator_dr.errors import OutputError

THREADS = 2
LONGEST = 64
"""Jobs that may wait; each holds an image, so this bounds the memory."""


class WriteQueue:
    """A bounded queue of writing jobs. The first failure is kept, and raised where its writer will meet it."""

    def __init__(self, threads: int = THREADS, longest: int = LONGEST) -> None:
        self._jobs: queue.Queue[Callable[[], object]] = queue.Queue(longest)
        self._threads = threads
        self._started = False
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def put(self, job: Callable[[], object]) -> None:
        """Queue a job; waits while the queue is full. Raises the failure of an earlier job."""
        self._raise_failure()
        with self._lock:
            if not self._started:
                for number in range(self._threads):
                    threading.Thread(target=self._work, name=f"write-{number}", daemon=True).start()
                self._started = True
        self._jobs.put(job)

    def wait(self) -> None:
        """Wait until everything queued is written. Raises the failure of the first job that failed."""
        self._jobs.join()
        self._raise_failure()

    def idle(self) -> bool:
        """Whether nothing is queued or being written."""
        return self._jobs.unfinished_tasks == 0

    def resize(self, longest: int) -> None:
        """How many jobs may wait from now on."""
        with self._jobs.mutex:
            self._jobs.maxsize = int(longest)
            self._jobs.not_full.notify_all()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                # After a failure the rest of the queue is drained: those files would fail in the same way.
                if self._failure is None:
                    job()
            except BaseException as error:  # noqa: BLE001 - it is raised again on the writer's own thread
                self._failure = error
            finally:
                with contextlib.suppress(ValueError):
                    self._jobs.task_done()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            if isinstance(failure, OutputError):
                raise failure
            raise OutputError(f"writing in the background failed: {failure}") from failure


QUEUE = WriteQueue()
"""The queue of this process: backends share it, so that one wait covers them all."""
