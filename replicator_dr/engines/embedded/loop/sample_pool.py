"""Who samples the frames of a run: a thread, and where that would hold a GPU up, processes."""

from __future__ import annotations

import pickle
import queue
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.loop.child_process import ChildProcess
from replicator_dr.engines.embedded.loop.sampler import Sampler, packed
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.errors import RequirementError


@dataclass(frozen=True)
class Window:
    """Frames that were sampled together. failure: why those that were wanted besides cannot be had."""

    state: FrameState | None
    failure: RequirementError | None = None


Sample = Callable[[NDArray[np.int64]], Window]
"""From frame numbers (B,) to their state."""


class SamplePool:
    """Samples windows of frames ahead of who takes them.

    here: samples in this process: alone, or until others have started. content: a packed sampler for ``processes``
    processes; None for a thread alone.
    depth: windows that are worth having under way.
    """

    def __init__(self, here: Sample, content: bytes | None = None, processes: int = 0) -> None:
        self._here = here
        self._content = content
        self._processes: list[ChildProcess] = []
        self._started = False
        self._idle: queue.SimpleQueue[tuple[ChildProcess | None, bool]] = queue.SimpleQueue()
        self._idle.put((None, False))
        if content is not None:
            for _ in range(processes):
                self._processes.append(ChildProcess("replicator_dr.engines.embedded.loop.sample_process", "sampling"))
                self._idle.put((self._processes[-1], True))
        self.depth = len(self._processes) + 1
        self._threads = ThreadPoolExecutor(self.depth, thread_name_prefix="sample")

    def submit(self, frames: NDArray[np.int64]) -> Future[Window]:
        """The state at these frames, in time."""
        return self._threads.submit(self._sample, frames)

    def _sample(self, frames: NDArray[np.int64]) -> Window:
        process, new = self._idle.get()
        if process is None or self._content is None:
            window = self._here(frames)
            if not self._started:  # once a process answers, they do it all
                self._idle.put((None, False))
            return window
        try:
            answer = pickle.loads(process.ask(*([self._content] if new else []), pickle.dumps(frames)))
            self._started = True
        finally:
            self._idle.put((process, False))
        # What a process cannot do is done, or explained, where the stage is.
        return Window(answer) if isinstance(answer, FrameState) else self._here(frames)

    def close(self) -> None:
        """End all processes, once they have finished what they were given."""
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.hang_up()
        for process in self._processes:
            process.close()


@contextmanager
def sample_pool(here: Sample, sampler: Callable[[], Sampler], processes: int) -> Iterator[SamplePool]:
    """A pool for one run. sampler: asked for where there are to be processes.

    A graph that cannot be sent to them is sampled here.
    """
    content = None
    if processes > 0:
        try:
            content = packed(sampler())
        except Exception as error:  # noqa: BLE001 - whatever the pickling of a script's own things raises
            warnings.warn(f"frames are sampled in one process, as the graph cannot be sent: {error}", stacklevel=2)
    pool = SamplePool(here, content, processes)
    try:
        yield pool
    finally:
        pool.close()
