"""The orchestrator: how many frames are written, which, and what its status says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from replicator_dr.engines.embedded.api import orchestrator
from replicator_dr.engines.embedded.api.errors import OrchestratorError
from replicator_dr.engines.embedded.api.orchestrator import Status
from replicator_dr.engines.embedded.api.writers import Writer
from replicator_dr.errors import UnsupportedError
from tests.flat_world import FlatRuntime


class Counter(Writer):
    def __init__(self) -> None:
        self.annotators = ["distance_to_image_plane"]
        self.frames: list[int] = []
        self.finals = 0
        self.stop_at: int | None = None

    def write(self, data: dict[str, Any]) -> None:
        self.frames.append(data["frame"])
        if data["frame"] == self.stop_at:
            orchestrator.stop()

    def on_final_frame(self) -> None:
        self.finals += 1


@pytest.fixture
def writer(runtime: FlatRuntime) -> Counter:
    writer = Counter()
    writer.attach(runtime.product("view", (8, 6)))
    return writer


def test_a_run_writes_as_many_frames_as_asked_from_zero(writer: Counter) -> None:
    orchestrator.run_until_complete(num_frames=7)
    assert writer.frames == list(range(7))
    assert writer.finals == 1
    orchestrator.run(num_frames=2)
    assert writer.frames[7:] == [0, 1]


@pytest.mark.parametrize(("num_frames", "written"), [(None, 5), (3, 3), (9, 5)])
def test_executions_and_frames_bound_a_run_together(
    runtime: FlatRuntime, writer: Counter, num_frames: int | None, written: int
) -> None:
    runtime.limit = 5
    orchestrator.run_until_complete(num_frames=num_frames)
    assert writer.frames == list(range(written))


def test_a_run_without_end_is_refused(writer: Counter) -> None:
    with pytest.raises(
        OrchestratorError, match=r"would never end: .*give orchestrator\.run_until_complete\(num_frames"
    ):
        orchestrator.run_until_complete()


def test_steps_count_up_write_the_stage_and_start_over_after_the_end(runtime: FlatRuntime, writer: Counter) -> None:
    for _ in range(3):
        orchestrator.step(rt_subframes=4, delta_time=0.0)
    assert orchestrator.get_status() == Status.STEPPED
    orchestrator.wait_until_complete()
    assert writer.frames == runtime.written_back == [0, 1, 2]
    assert writer.finals == 1
    assert orchestrator.get_is_stopped()
    orchestrator.step()
    assert writer.frames[-1] == 0


def test_preview_shows_frame_zero_and_writes_nothing(runtime: FlatRuntime, writer: Counter) -> None:
    orchestrator.preview()
    assert runtime.written_back == [0]
    assert writer.frames == []


def test_a_writer_can_stop_a_run(writer: Counter) -> None:
    writer.stop_at = 20
    orchestrator.run(num_frames=1000)
    assert 21 <= len(writer.frames) < 1000
    assert writer.frames == list(range(len(writer.frames)))
    assert writer.finals == 1


def test_the_status_and_who_is_told(writer: Counter) -> None:
    seen: list[Status] = []
    kept = orchestrator.register_status_callback(seen.append)
    orchestrator.run(num_frames=1)
    assert seen == [Status.STARTING, Status.STARTED, Status.STOPPED]
    orchestrator.step()
    orchestrator.pause()
    assert orchestrator.get_is_paused()
    orchestrator.resume()
    orchestrator.stop()
    assert seen[3:] == [
        Status.INITIALIZING,
        Status.STEPPING,
        Status.STEPPED,
        Status.PAUSED,
        Status.STEPPED,
        Status.STOPPING,
        Status.STOPPED,
    ]
    del kept
    orchestrator.run(num_frames=1)
    assert len(seen) == 10


def test_numbers_of_the_status_are_replicator_s() -> None:
    assert [status.name for status in sorted(Status)] == [
        "STOPPED", "STARTED", "STARTING", "LOADING", "STOPPING", "PAUSED", "INITIALIZING", "STEPPING", "STEPPED",
    ]  # fmt: skip


def test_the_asynchronous_forms(writer: Counter) -> None:
    async def session() -> None:
        await orchestrator.preview_async()
        await orchestrator.step_async()
        await orchestrator.step_async()
        await orchestrator.wait_until_complete_async()
        await orchestrator.run_until_complete_async(num_frames=2)
        await orchestrator.run_async(num_frames=1)
        await orchestrator.stop_async()

    asyncio.run(session())
    assert writer.frames == [0, 1, 0, 1, 0]


def test_a_timeline_there_is_none_of(writer: Counter) -> None:
    with pytest.raises(UnsupportedError, match=r"delta_time=0.5 is not supported here; the embedded runtime has no"):
        orchestrator.step(delta_time=0.5)
    with pytest.raises(UnsupportedError, match="run_until_complete: start_timeline=True is not supported here"):
        orchestrator.run_until_complete(1, start_timeline=True)
    orchestrator.set_capture_on_play(False)
    orchestrator.set_next_rt_subframes(8)
    orchestrator.set_minimum_next_rt_subframes(8)
    assert not orchestrator.get_sim_times_to_write()
    assert not orchestrator.get_is_started()
