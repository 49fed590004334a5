"""The run loop: sample, render, annotate, encode, write.

The graph is sampled for windows of frames ahead (``sample_pool``); the main thread cuts them into chunks; a pool of
threads takes these through render, annotate, encode and write; the main thread commits what comes back in the order of
frames. A bounded number of chunks is in flight, so memory stays flat, and the slowest stage sets the pace. The kernels,
deflate and the disk release the interpreter lock, so threads are enough to keep a few cores busy; where there are more,
processes annotate, encode and write, and the threads render and hand over.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.loop.capture import CapturedBatch, frames_of
from replicator_dr.engines.embedded.loop.capture_plan import (
    CapturePlan,
    Firing,
    Writing,
    commit,
    firing,
    plan_for,
    plan_of,
    ready,
    write_batches,
)
from replicator_dr.engines.embedded.loop.chunk_width import default_chunk
from replicator_dr.engines.embedded.loop.finishing import finish
from replicator_dr.engines.embedded.loop.interrupt import interruptible
from replicator_dr.engines.embedded.loop.neighbours import with_neighbours
from replicator_dr.engines.embedded.loop.resting_heap import resting_heap
from replicator_dr.engines.embedded.loop.rolling import alike
from replicator_dr.engines.embedded.loop.sample_pool import Window, sample_pool
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.loop.statistics import Committed, Listener, RunStatistics
from replicator_dr.engines.embedded.loop.worker_choice import cores, sampling_processes, worker_pool
from replicator_dr.engines.embedded.loop.write_queue import QUEUE
from replicator_dr.engines.embedded.products import LastCapture
from replicator_dr.engines.embedded.require.redraw import Stopped
from replicator_dr.engines.embedded.require.redraw_notes import added, redraws
from replicator_dr.engines.embedded.scene.state import FrameState, Scene
from replicator_dr.errors import EngineError, OutputError, RequirementError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.worker_pool import WorkerPool
    from replicator_dr.engines.embedded.runtime import Runtime
    from replicator_dr.render.renderer import Renderer

__all__ = ["Committed", "Listener", "RunStatistics", "captures", "run", "stream"]

WINDOW = 128
"""Frames sampled at a time on the CPU: sampling is vectorised, and a frame in 128 costs 0.7 ms where one in 64 costs 1.
What is in flight keeps the workers busy meanwhile."""
CUDA_WINDOW = 256
"""The same on CUDA, where more frames are in flight."""
CUDA_CHUNKS = 5
"""Chunks that are rendered or written at a time where processes write what CUDA renders."""

S = TypeVar("S")
T = TypeVar("T")


class Session:
    """What all chunks of a run share.

    batch: frames of a chunk, workers: threads; None as the machine asks for. processes: False for sampling here alone.
    alone: whether nothing but sampling needs the cores.
    """

    def __init__(
        self,
        runtime: Runtime,
        plan: CapturePlan,
        batch: int | None,
        workers: int | None,
        processes: bool | None = None,
        alone: bool = False,
    ) -> None:
        if batch is not None and batch < 1:
            raise EngineError(f"the batch width is {batch}; give 1 or more frames")
        if workers is not None and workers < 1:
            raise EngineError(f"the number of workers is {workers}; give 1 or more")
        self.runtime = runtime
        self.plan = plan
        self.clock = StageClock()
        self.workers = workers or cores()
        self.processes = processes
        self.alone = alone
        self.threads = self.workers
        self.scene: Scene = runtime.scene()
        self.renderer: Renderer = runtime.products.renderer(self.scene)
        self.tracer = runtime.color_tracer(self.scene)
        self.chunk = batch or default_chunk(self.plan.pixels, self.renderer.device.is_cpu, alone)

    def threads_beside_processes(self) -> int:
        """Threads that render and wait for processes: so many that both are busy."""
        return self.workers + self.workers // 2 + 1 if self.renderer.device.is_cpu else CUDA_CHUNKS

    def chunks(self, frames: Sequence[int] | NDArray[np.int64]) -> Generator[FrameState, None, None]:
        """These frames sampled, cut into chunks, and where a product changes its size.

        While one window is taken the next is sampled, on a thread or in processes.
        """
        most = WINDOW if self.renderer.device.is_cpu else CUDA_WINDOW
        window = max(self.chunk, most // self.chunk * self.chunk)
        firsts = range(0, len(frames), window)
        windows = (np.asarray(frames[first : first + window], np.int64) for first in firsts)

        def sampled(frames: NDArray[np.int64]) -> Window:
            with self.clock.measure("sample"):
                return self._sampled(frames)

        wanted = False if self.runtime.requirements is not None else self.processes
        processes = sampling_processes(self.renderer.device.is_cpu, len(firsts), wanted, self.alone)
        with sample_pool(sampled, lambda: self.runtime.sampler(), processes) as pool:
            ahead = deque(pool.submit(frames) for frames in islice(windows, pool.depth))
            while ahead:
                window_taken = ahead.popleft().result()
                if window_taken.failure is None:
                    ahead.extend(pool.submit(frames) for frames in islice(windows, 1))
                if window_taken.state is not None:
                    yield from self._cut(window_taken.state)
                if window_taken.failure is not None:
                    raise window_taken.failure
                if window_taken.state is None:
                    return

    def _cut(self, state: FrameState) -> Iterator[FrameState]:
        state = with_neighbours(state, self.runtime.evaluate, self.plan.steps)
        for run in alike(self.plan.products, state.frames, self.runtime.seed):
            for begin in range(run.start, run.stop, self.chunk):
                yield frames_of(state, slice(begin, min(begin + self.chunk, run.stop)))

    def _sampled(self, frames: NDArray[np.int64]) -> Window:
        """The state of these frames, or of those before one that cannot meet what is required, with its error.

        Neither where the run was ended meanwhile.
        """
        try:
            return Window(self.runtime.evaluate(frames))
        except Stopped:
            return Window(None)
        except RequirementError as error:
            before, failure = frames[: int(np.argmax(frames == error.frame))], error
        # One of these may fail, too: those that nothing is drawn for fail at the first attempt, before others do.
        earlier = self._sampled(before) if len(before) else Window(None)
        return Window(earlier.state, earlier.failure or failure)

    def capture(self, state: FrameState, on_device: bool = False) -> CapturedBatch:
        """Render one chunk; on any thread."""
        renderer, seed = self.renderer, self.runtime.seed
        return self.plan.capture(renderer, self.scene, state, self.clock, seed, self.tracer, on_device)

    def in_order(
        self, chunks: Iterator[S], work: Callable[[S], T], stopping: Callable[[], bool]
    ) -> Generator[Future[T], None, None]:
        """Futures of the chunks' work, each finished, in order; a bounded number is in flight.

        After ``stopping`` turns true nothing new is begun, what is in flight still comes. An error of ``chunks``
        itself comes as the last future's.
        """
        flight: deque[Future[T]] = deque()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="pipeline") as pool:
            try:
                more = True
                while True:
                    while more and not stopping() and len(flight) < self.threads + 2:
                        try:
                            flight.append(pool.submit(work, next(chunks)))
                        except StopIteration:
                            more = False
                        except Exception as error:  # noqa: BLE001 - it is raised by the future's reader
                            more = False
                            flight.append(Future())
                            flight[-1].set_exception(error)
                    if not flight:
                        return
                    first = flight.popleft()
                    _wait(first)
                    yield first
            finally:
                for future in flight:
                    future.cancel()


def _wait(future: Future[Any]) -> None:
    """Wait without raising what the work raised."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    done.wait()


def run(
    runtime: Runtime,
    n_frames: int,
    start: int = 0,
    batch: int | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    stopping: Callable[[], bool] | None = None,
    processes: bool | None = None,
) -> RunStatistics:
    """Make frames ``start`` to ``start + n_frames - 1`` and give them to every attached writer.

    batch: frames rendered together. workers: threads or processes, by default one per core. processes: whether
    annotating, encoding and writing go to processes of their own instead of threads; by default they do from six cores
    on. None of these has an effect on the result. listener: called after each commit. stopping: asked between chunks;
    true ends the run early, as Ctrl-C does: what is in flight is finished and committed, writers finish their files,
    and the statistics say ``interrupted``. A second Ctrl-C raises KeyboardInterrupt.

    When a chunk fails, everything before it is committed, the writers finish, and its error is raised. OutputError for
    a folder that cannot be written to comes before anything is rendered.
    """
    began = time.perf_counter()
    for writer in runtime.writers:
        if hasattr(writer, "prepare"):
            writer.prepare()
    plan = plan_of(runtime)
    writers = [writer for writer in runtime.writers if ready(writer, plan)]
    session = Session(runtime, plan, batch, workers, processes)
    commits = _Commits(session, began, listener)
    pool: WorkerPool | None = None

    def work(sampled: tuple[FrameState, Firing]) -> Done:
        captured = session.capture(sampled[0])
        return captured, write_batches(captured, writers, sampled[1], pool)

    def fired(states: Iterator[FrameState]) -> Iterator[tuple[FrameState, Firing]]:
        return ((state, firing(writers, state)) for state in states)

    with resting_heap(), interruptible() as interrupted:

        def stop() -> bool:
            return commits.failure is not None or interrupted() or (stopping is not None and stopping())

        try:
            if runtime.requirements is not None:
                runtime.requirements.stopping = stop
            pool = worker_pool(session.scene, plan, writers, n_frames, session.workers, processes)
            if pool is not None:
                session.threads = session.threads_beside_processes()
            with (
                closing(session.chunks(range(start, start + n_frames))) as states,
                closing(session.in_order(fired(states), work, stop)) as results,
            ):
                for future in results:
                    commits.take(future)
        except BaseException as error:
            commits.failure = error
            raise
        finally:
            if runtime.requirements is not None:
                runtime.requirements.stopping = lambda: False
            if pool is not None:
                pool.close()
            unfinished = _finish(runtime, commits.failure)
    if isinstance(commits.failure, OutputError):
        raise OutputError(_account(commits.failure, commits.frames, n_frames, unfinished)) from commits.failure
    if commits.failure is not None:
        raise commits.failure
    return RunStatistics(**vars(commits.committed()), interrupted=commits.frames < n_frames)


Done = tuple[CapturedBatch, list[Writing]]
"""What a worker gives back for a chunk."""


class _Commits:
    """Commits chunks in order until one fails, and takes back what comes after it.

    frames, images, size: committed so far. failure: the first error.
    """

    def __init__(self, session: Session, began: float, listener: Listener | None) -> None:
        self.frames = self.images = self.size = self.redraws = 0
        self.failed: tuple[int, ...] = ()
        self.failure: BaseException | None = None
        self._session = session
        self._began = began
        self._listener = listener

    def take(self, future: Future[Done]) -> None:
        """Commit a finished chunk; on the main thread."""
        self.failure = self.failure or future.exception()
        if self.failure is None:
            try:
                self._commit(*future.result())
            except Exception as error:  # noqa: BLE001 - raised by run(), once the writers have finished
                self.failure = error
        if self.failure is not None:
            _discard(future)

    def _commit(self, captured: CapturedBatch, done: list[Writing]) -> None:
        images, size = commit(captured, done)
        self.frames += len(captured)
        self.images += images
        self.size += size
        again, failed = redraws(captured.state.draws)
        self.redraws += again
        self.failed = added(self.failed, failed)
        self._session.runtime.products.captured = LastCapture(captured, len(captured) - 1)
        if self._listener is not None:
            self._listener(self.committed())

    def committed(self) -> Committed:
        """Sums since the start."""
        seconds = time.perf_counter() - self._began
        stages = self._session.clock.seconds()
        return Committed(self.frames, self.images, self.size, seconds, stages, self.redraws, self.failed)


def _discard(future: Future[Done]) -> None:
    """Take back what a chunk has written that is not committed, so that a full disk gets its space back."""
    if future.exception() is None:
        for writing in future.result()[1]:
            if writing.records is not None and hasattr(writing.writer, "discard"):
                writing.writer.discard(writing.records)


def _account(failure: OutputError, frames: int, wanted: int, unfinished: Sequence[Exception]) -> str:
    """What went wrong with the disk, and what a user has now."""
    text = f"{failure}; {frames} of {wanted} frames are committed"
    if unfinished:
        return f"{text}, and the journal holds their annotations, which could not be brought together: {unfinished[0]}"
    return f"{text} and valid"


def _finish(runtime: Runtime, failure: BaseException | None) -> list[Exception]:
    """Let every writer finish its files. After a failure its error is the one that counts; others are given back."""
    errors: list[Exception] = []
    try:
        QUEUE.wait()
    except Exception as error:  # noqa: BLE001 - the writers finish all the same; the error is raised below
        errors.append(error)
    errors += finish(runtime.writers)
    if errors and failure is None:
        raise errors[0]
    return errors


def stream(
    runtime: Runtime,
    n_frames: int,
    start: int = 0,
    annotators: Sequence[str] = ("rgb", "distance_to_image_plane", "instance_segmentation"),
    batch: int = 16,
    workers: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The frames as arrays, nothing written: one dict per batch, in order.

    {name of each render product: {annotator: (B, ...) array, or a list of B tables}, "frames": (B,) int64,
    "draws": {distribution: (B, n, k)}}.
    """

    def arrays(captured: CapturedBatch) -> dict[str, Any]:
        shown = {
            product.name: {name: captured.annotator(name, product.name).data for name in annotators}
            for product in captured.products
        }
        return {**shown, "frames": captured.state.frames, "draws": dict(captured.state.draws)}

    return captures(runtime, range(start, start + n_frames), annotators, arrays, batch, workers)


def captures(
    runtime: Runtime,
    frames: Sequence[int] | NDArray[np.int64],
    annotators: Sequence[str],
    work: Callable[[CapturedBatch], T],
    batch: int = 16,
    workers: int | None = None,
    on_device: bool = False,
) -> Iterator[T]:
    """What ``work`` makes, on any thread, of frames in any order: one result a batch, in the order given.

    annotators: the names of those that ``work`` asks for; what they need is rendered for every product. on_device:
    whether images stay on the device that draws them, as the views' ``on_device``.
    """
    products = runtime.products.products
    session = Session(runtime, plan_for(products, [(product, annotators) for product in products]), batch, workers)

    def captured(state: FrameState) -> T:
        return work(session.capture(state, on_device))

    with (
        closing(session.chunks(frames)) as chunks,
        closing(session.in_order(chunks, captured, lambda: False)) as results,
    ):
        for future in results:
            yield future.result()
