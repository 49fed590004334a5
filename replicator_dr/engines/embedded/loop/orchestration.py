"""The state machine behind ``rep.orchestrator``: stepping, running, and who is told about it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from replicator_dr.engines.embedded.api.errors import OrchestratorError
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.loop.capture_plan import commit, firing, plan_of, ready, write_batches
from replicator_dr.engines.embedded.loop.finishing import finish
from replicator_dr.engines.embedded.loop.neighbours import with_neighbours
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.loop.statistics import RunStatistics
from replicator_dr.engines.embedded.loop.write_queue import QUEUE
from replicator_dr.engines.embedded.products import LastCapture

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime


class Status(IntEnum):
    """What the orchestrator is doing, numbered as in Replicator."""

    STOPPED = 0
    STARTED = 1
    STARTING = 2
    LOADING = 3
    STOPPING = 4
    PAUSED = 5
    INITIALIZING = 6
    STEPPING = 7
    STEPPED = 8


class StatusCallback:
    """A subscription to status changes; it ends when this object is released."""

    def __init__(self, callback: Callable[[Status], Any]) -> None:
        self.callback = callback


class Orchestration:
    """The orchestrator's state for one runtime.

    stepping: a stepped session is open, so that the next step continues it. limit: frames after which a bounded graph
    has nothing more to write.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = weakref.proxy(runtime)
        self.status = Status.STOPPED
        self.capture_on_play = True
        self._callbacks: list[weakref.ref[StatusCallback]] = []
        self._stop = False
        self._paused = False
        self._prepared = False

    def become(self, status: Status) -> None:
        """Change the status and tell those who asked."""
        self.status = status
        self._callbacks = [reference for reference in self._callbacks if reference() is not None]
        for reference in list(self._callbacks):
            if (callback := reference()) is not None:
                callback.callback(status)

    def register(self, callback: Callable[[Status], Any]) -> StatusCallback:
        """Tell ``callback`` about each change, as long as what is returned is kept."""
        subscription = StatusCallback(callback)
        self._callbacks.append(weakref.ref(subscription))
        return subscription

    def run(self, num_frames: int | None) -> RunStatistics:
        """Write frames 0 to N - 1; N from the argument and from the triggers' ``max_execs``, whichever ends first."""
        limits = [limit for limit in (num_frames, self._runtime.graph.frame_limit()) if limit is not None]
        if not limits:
            raise OrchestratorError(
                "this run would never end: no trigger has max_execs and no num_frames was given; "
                "give orchestrator.run_until_complete(num_frames=...) or trigger.on_frame(max_execs=...)"
            )
        if self.status not in (Status.STOPPED, Status.STEPPED):
            raise OrchestratorError(f"the orchestrator is {self.status.name}; wait until it is STOPPED")
        self._stop = self._paused = False
        self.become(Status.STARTING)
        self.become(Status.STARTED)
        try:
            return pipeline.run(self._runtime, min(limits), stopping=lambda: self._stop)
        finally:
            self._runtime.next_frame = 0
            self._prepared = False
            self.become(Status.STOPPED)

    def step(self) -> None:
        """Capture one frame: evaluate it, author it on the stage, render, and call the writers."""
        runtime = self._runtime
        if self.status == Status.STOPPED:
            self.become(Status.INITIALIZING)
            runtime.next_frame = 0
        if not self._prepared:
            for writer in runtime.writers:
                if hasattr(writer, "prepare"):
                    writer.prepare()
            self._prepared = True
        self.become(Status.STEPPING)
        scene = runtime.scene()
        values = runtime.values(np.array([runtime.next_frame], np.int64))
        runtime.write_back(values, 0)
        plan = plan_of(runtime)
        state = with_neighbours(runtime.state_of(values), runtime.evaluate, plan.steps)
        writers = [writer for writer in runtime.writers if ready(writer, plan)]
        tracer = runtime.color_tracer(scene)
        batch = plan.capture(runtime.products.renderer(scene), scene, state, StageClock(), runtime.seed, tracer)
        commit(batch, write_batches(batch, writers, firing(writers, state)))
        runtime.products.captured = LastCapture(batch, 0)
        runtime.next_frame += 1
        self.become(Status.STEPPED)

    def preview(self) -> None:
        """Show frame 0 on the stage; nothing is rendered or written."""
        self._runtime.write_back(self._runtime.values(np.zeros(1, np.int64)), 0)

    def stop(self) -> None:
        """End a run after what is in flight, or a stepped session now."""
        self._stop = True
        if self.status in (Status.STEPPED, Status.PAUSED):
            self.finish()

    def finish(self) -> None:
        """End a stepped session: flush the queues, then call every writer's ``on_final_frame``."""
        QUEUE.wait()
        if self.status == Status.STOPPED:
            return
        self.become(Status.STOPPING)
        try:
            errors = finish(self._runtime.writers)
            QUEUE.wait()
            if errors:
                raise errors[0]
        finally:
            self._runtime.next_frame = 0
            self._prepared = False
            self.become(Status.STOPPED)

    def pause(self) -> None:
        """Hold a stepped session."""
        if self.status in (Status.STARTED, Status.STEPPED):
            self.become(Status.PAUSED)

    def resume(self) -> None:
        """Go on with a session that was paused."""
        if self.status == Status.PAUSED:
            self.become(Status.STEPPED)
