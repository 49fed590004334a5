"""A run inside a running Kit app, as the script, the extension and its panel all do it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from replicator_dr.errors import ReplicatorDrError
from replicator_dr.run.exit_codes import ExitCode, exit_code


class Status(Enum):
    """Where a job is."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Order:
    """What is wanted. output, mode: None leaves the spec's."""

    spec: str
    frames: int = 16
    start: int = 0
    output: str | None = None
    mode: str | None = None
    overwrite: bool = False
    overrides: Sequence[str] = field(default_factory=tuple)


@dataclass
class Progress:
    """status, message: for people. frames: written so far, of total. code: the exit code, once it is over."""

    status: Status = Status.IDLE
    message: str = ""
    frames: int = 0
    total: int = 0
    code: ExitCode = ExitCode.OK


class Job:
    """One run at a time. changed: called after every change of ``progress``."""

    def __init__(self, changed: Callable[[Progress], None] = lambda _: None) -> None:
        self.progress = Progress()
        self._changed = changed
        self._task: asyncio.Task[ExitCode] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._task is not None and not self._task.done()

    def start(self, order: Order) -> asyncio.Task[ExitCode]:
        """Begin in the running event loop; the task gives the exit code and never raises."""
        if self.is_running and self._task is not None:
            return self._task
        self._task = asyncio.ensure_future(self.run(order))
        return self._task

    def stop(self) -> None:
        """End the run after the frame in the making; what was written stays."""
        if self._task is not None:
            self._task.cancel()

    async def run(self, order: Order) -> ExitCode:
        """Generate; every fault ends in ``progress``."""
        from replicator_dr import build_graph, load_spec
        from replicator_dr.graph import Committed

        def written(committed: Committed) -> None:
            self._tell(Status.RUNNING, f"{committed.frames} of {order.frames} frames", committed.frames)

        self.progress = Progress(total=order.frames)
        self._tell(Status.RUNNING, f"preparing {order.spec}")
        try:
            spec = load_spec(order.spec, overrides=order.overrides)
            mode = "stepped" if order.start and (order.mode or spec.mode) == "auto" else order.mode
            with build_graph(spec, engine="isaacsim", mode=mode) as graph:
                statistics = await graph.run_async(
                    order.frames, order.start, order.output, overwrite=order.overwrite, listener=written
                )
                folders = ", ".join(str(folder) for folder in graph.output_dirs)
        except asyncio.CancelledError:
            return self._tell(Status.STOPPED, "stopped; what was written is valid", code=ExitCode.INTERRUPTED)
        except ReplicatorDrError as error:
            return self._tell(Status.FAILED, str(error), code=exit_code(error))
        except Exception as error:  # noqa: BLE001 - shown to people: an app must not end with a traceback alone
            return self._tell(Status.FAILED, f"{type(error).__name__}: {error}", code=ExitCode.RUN_FAILED)
        if statistics.interrupted:
            return self._tell(Status.STOPPED, "stopped; what was written is valid", code=ExitCode.INTERRUPTED)
        text = f"{statistics.frames} frames in {statistics.seconds:.1f} s: {folders}"
        return self._tell(Status.DONE, text, statistics.frames)

    def _tell(self, status: Status, message: str, frames: int | None = None, code: ExitCode = ExitCode.OK) -> ExitCode:
        self.progress.status, self.progress.message, self.progress.code = status, message, code
        if frames is not None:
            self.progress.frames = frames
        self._changed(self.progress)
        return code
