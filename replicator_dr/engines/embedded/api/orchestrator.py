"""``rep.orchestrator``: running and stepping.

The embedded runtime has no application loop: ``run`` makes all its frames before it returns, and the asynchronous
forms do their work when awaited. Subframes exist to let a path tracer or an asynchronous renderer catch up; here every
frame is finished when it is written, so that the subframe settings have no effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from replicator_dr.engines.embedded.loop.orchestration import Orchestration, Status, StatusCallback
from replicator_dr.engines.embedded.runtime import current
from replicator_dr.errors import UnsupportedError

__all__ = [
    "Status",
    "StatusCallback",
    "get_is_paused",
    "get_is_started",
    "get_is_stopped",
    "get_sim_times_to_write",
    "get_status",
    "pause",
    "preview",
    "preview_async",
    "register_status_callback",
    "resume",
    "run",
    "run_async",
    "run_until_complete",
    "run_until_complete_async",
    "set_capture_on_play",
    "set_minimum_next_rt_subframes",
    "set_next_rt_subframes",
    "step",
    "step_async",
    "stop",
    "stop_async",
    "wait_until_complete",
    "wait_until_complete_async",
]


def _state() -> Orchestration:
    runtime = current()
    if runtime.products.orchestration is None:
        runtime.products.orchestration = Orchestration(runtime)
    state: Orchestration = runtime.products.orchestration
    return state


def _no_timeline(function: str, start_timeline: bool) -> None:
    if start_timeline:
        raise UnsupportedError(
            f"orchestrator.{function}: start_timeline=True is not supported here; the embedded runtime has no timeline"
        )


def run(num_frames: int | None = None, start_timeline: bool = False) -> None:
    """Make frames until ``num_frames`` are written or every trigger with ``max_execs`` has ended.

    OrchestratorError when neither bounds the run: there is no application loop in which it could go on for ever.
    """
    _no_timeline("run", start_timeline)
    _state().run(num_frames)


async def run_async(num_frames: int | None = None, start_timeline: bool = False) -> None:
    """As ``run``."""
    run(num_frames, start_timeline)


def run_until_complete(num_frames: int | None = None, start_timeline: bool = False) -> None:
    """Write frames 0 to ``num_frames`` - 1, or until every trigger with ``max_execs`` has ended."""
    _no_timeline("run_until_complete", start_timeline)
    _state().run(num_frames)


async def run_until_complete_async(num_frames: int | None = None, start_timeline: bool = False) -> None:
    """As ``run_until_complete``."""
    run_until_complete(num_frames, start_timeline)


def step(
    rt_subframes: int = -1,
    pause_timeline: bool = True,
    delta_time: float | None = None,
    wait_for_render: bool = True,
) -> None:
    """Capture one frame: every trigger whose turn it is fires, the stage is updated, every writer is called once.

    delta_time: None or 0; other values would move a timeline, which there is none of (UnsupportedError).
    """
    if delta_time:
        raise UnsupportedError(
            f"orchestrator.step: delta_time={delta_time} is not supported here; the embedded runtime has no timeline, "
            "leave it out"
        )
    _state().step()


async def step_async(
    rt_subframes: int = -1,
    pause_timeline: bool = True,
    delta_time: float | None = None,
    wait_for_render: bool = True,
) -> None:
    """As ``step``; other tasks of the event loop get their turn."""
    await asyncio.sleep(0)
    step(rt_subframes, pause_timeline, delta_time, wait_for_render)


def preview() -> None:
    """Run the randomizers once, so that the stage shows frame 0; nothing is written."""
    _state().preview()


async def preview_async() -> None:
    """As ``preview``."""
    preview()


def stop() -> None:
    """End a run, from a writer or a callback, after what is in flight; or end a stepped session."""
    _state().stop()


async def stop_async() -> None:
    """As ``stop``."""
    stop()


def pause() -> None:
    """Hold a stepped session."""
    _state().pause()


def resume() -> None:
    """Go on with a session that was paused."""
    _state().resume()


def wait_until_complete() -> None:
    """End a stepped session: everything queued is written, then every writer's ``on_final_frame`` is called."""
    _state().finish()


async def wait_until_complete_async() -> None:
    """As ``wait_until_complete``."""
    wait_until_complete()


def get_status() -> Status:
    """What the orchestrator is doing."""
    return _state().status


def get_is_started() -> bool:
    """Whether a run is going on."""
    return _state().status == Status.STARTED


def get_is_paused() -> bool:
    """Whether a session is paused."""
    return _state().status == Status.PAUSED


def get_is_stopped() -> bool:
    """Whether nothing is going on."""
    return _state().status == Status.STOPPED


def register_status_callback(callback: Callable[[Status], Any]) -> StatusCallback:
    """Call ``callback(status)`` at each change, as long as what is returned is kept."""
    return _state().register(callback)


def get_sim_times_to_write() -> set[float]:
    """Times still to be written; always empty here, where a frame is written before the next begins."""
    return set()


def set_next_rt_subframes(n: int) -> None:
    """No effect here: every frame is finished when it is written."""


def set_minimum_next_rt_subframes(n: int) -> None:
    """No effect here: every frame is finished when it is written."""


def set_capture_on_play(value: bool) -> None:
    """Whether playing the timeline captures frames; kept, without effect, as there is no timeline."""
    _state().capture_on_play = bool(value)
