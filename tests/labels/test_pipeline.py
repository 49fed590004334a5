"""The run loop: order, batch widths, failures, interrupts, bounded memory."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded.api.writers import Writer
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.loop.capture import CapturedBatch
from replicator_dr.engines.embedded.loop.capture_plan import plan_for
from replicator_dr.engines.embedded.loop.chunk_width import default_chunk
from replicator_dr.engines.embedded.loop.stage_clock import StageClock
from replicator_dr.engines.embedded.loop.statistics import Committed
from replicator_dr.errors import EngineError
from tests.flat_world import FlatRuntime


class Batches(Writer):
    """A batched writer that keeps records in memory and can fail at a frame."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.annotators = ["rgb", "bounding_box_2d_tight"]
        self.fail_at = fail_at
        self.committed: list[dict[str, Any]] = []
        self.discarded: list[int] = []
        self.order: list[str] = []
        self.threads: set[int] = set()
        self.in_flight = self.most_in_flight = 0

    def prepare(self) -> None:
        self.order.append("prepare")

    def write(self, data: dict[str, Any]) -> None:
        raise AssertionError("the batched path is taken")

    def write_batch(self, batch: CapturedBatch) -> list[dict[str, Any]]:
        self.threads.add(threading.get_ident())
        with batch.clock.measure("encode"):
            frames = batch.state.frames.tolist()
            if self.fail_at in frames:
                raise ValueError(f"frame {self.fail_at} is cursed")
            rgb = np.asarray(batch.annotator("rgb", batch.products[0].name).data)
        return [{"id": frame, "sum": int(image.sum()), "bytes": 10} for frame, image in zip(frames, rgb)]

    def commit(self, records: list[dict[str, Any]]) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.order.append("commit")
        self.committed += records

    def discard(self, records: list[dict[str, Any]]) -> None:
        self.discarded += [record["id"] for record in records]

    def on_final_frame(self) -> None:
        self.order.append("final")


def run(runtime: FlatRuntime, writer: Batches, frames: int, **options: Any) -> pipeline.RunStatistics:
    writer.attach(runtime.product("view", (16, 12)))
    return pipeline.run(runtime, frames, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [1, 3, 16, 100])
@pytest.mark.parametrize("workers", [1, 4])
def test_batch_width_and_threads_change_nothing(runtime: FlatRuntime, batch: int, workers: int) -> None:
    writer = Batches()
    statistics = run(runtime, writer, 70, batch=batch, workers=workers)
    reference = Batches()
    with_one = FlatRuntime()
    reference._products = (with_one.product("view", (16, 12)),)
    with_one.writers.append(reference)
    pipeline.run(with_one, 70, batch=7, workers=2)  # type: ignore[arg-type]
    assert writer.committed == reference.committed
    assert [record["id"] for record in writer.committed] == list(range(70))
    assert (statistics.frames, statistics.images, statistics.bytes) == (70, 70, 700)
    assert not statistics.interrupted


def test_a_frame_alone_is_the_frame_of_the_run(runtime: FlatRuntime) -> None:
    writer = Batches()
    run(runtime, writer, 20)
    pipeline.run(runtime, 1, start=13)  # type: ignore[arg-type]
    assert writer.committed[20] == writer.committed[13]


def test_writers_are_prepared_first_and_finished_last(runtime: FlatRuntime) -> None:
    writer = Batches()
    run(runtime, writer, 5, batch=2)
    assert writer.order == ["prepare", "commit", "commit", "commit", "final"]


def test_a_folder_that_fails_stops_before_anything_is_sampled(runtime: FlatRuntime) -> None:
    class Barred(Batches):
        def prepare(self) -> None:
            raise OSError("barred")

    with pytest.raises(OSError, match="barred"):
        run(runtime, Barred(), 5)
    assert runtime.sampled == []


def test_a_failure_commits_all_before_it_and_gives_back_all_after(runtime: FlatRuntime) -> None:
    writer = Batches(fail_at=9)
    with pytest.raises(ValueError, match="frame 9 is cursed"):
        run(runtime, writer, 400, batch=2, workers=2)
    assert [record["id"] for record in writer.committed] == list(range(8))
    assert writer.order[-1] == "final"
    assert writer.discarded == list(range(10, 10 + len(writer.discarded)))
    assert len(writer.discarded) <= 8


def test_a_failure_of_sampling_commits_what_was_sampled_before(runtime: FlatRuntime) -> None:
    evaluate = runtime.evaluate

    def fail_later(frames: np.ndarray) -> Any:
        if frames.min() >= pipeline.WINDOW:
            raise EngineError("the graph is broken")
        return evaluate(frames)

    runtime.evaluate = fail_later  # type: ignore[method-assign]
    writer = Batches()
    with pytest.raises(EngineError, match="the graph is broken"):
        run(runtime, writer, 200)
    assert len(writer.committed) == pipeline.WINDOW


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_everything_committed(runtime: FlatRuntime, number: signal.Signals) -> None:
    writer = Batches()
    before = signal.getsignal(number)

    def interrupt(committed: Committed) -> None:
        if committed.frames == 8:
            os.kill(os.getpid(), number)

    statistics = run(runtime, writer, 5000, batch=4, workers=2, listener=interrupt)
    assert statistics.interrupted
    assert 8 <= statistics.frames < 5000
    assert [record["id"] for record in writer.committed] == list(range(statistics.frames))
    assert writer.order[-1] == "final"
    assert writer.discarded == []
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_interrupts_at_once(runtime: FlatRuntime) -> None:
    def interrupt(committed: Committed) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(runtime, Batches(), 5000, batch=4, workers=2, listener=interrupt)


@pytest.mark.parametrize("frozen", [False, True])
def test_the_collector_leaves_what_was_there_alone_and_is_put_back(runtime: FlatRuntime, frozen: bool) -> None:
    if frozen:
        gc.freeze()
    before, during = gc.get_freeze_count(), []
    try:
        run(runtime, Batches(), 8, batch=4, listener=lambda _: during.append(gc.get_freeze_count()))
        assert min(during) > 1000
        assert (gc.get_freeze_count() > 0) == frozen == (before > 0)
    finally:
        gc.unfreeze()


def test_the_listener_hears_sums_and_stages(runtime: FlatRuntime) -> None:
    heard: list[Committed] = []
    statistics = run(runtime, Batches(), 10, batch=4, listener=heard.append)
    assert [(event.frames, event.images, event.bytes) for event in heard] == [(4, 4, 40), (8, 8, 80), (10, 10, 100)]
    assert heard[-1].seconds >= heard[0].seconds > 0
    assert set(statistics.stage_seconds) == {"sample", "render", "annotate", "encode", "write"}
    assert min(statistics.stage_seconds.values()) >= 0
    assert statistics.stage_seconds["render"] > 0


def test_no_more_than_a_few_chunks_are_in_flight(runtime: FlatRuntime) -> None:
    handed_out, first_may_end, others_done = [], threading.Event(), threading.Event()

    def chunks() -> Iterator[int]:
        for number in range(1000):
            handed_out.append(number)
            yield number

    def work(number: int) -> int:
        if number == 0:
            assert first_may_end.wait(30)
        if number == 3:
            others_done.set()
        return number

    session = pipeline.Session(runtime, plan_for([], []), 1, 2)  # type: ignore[arg-type]
    results = session.in_order(chunks(), work, lambda: False)
    reader = threading.Thread(target=lambda: next(results))
    reader.start()
    assert others_done.wait(30)
    assert handed_out == [0, 1, 2, 3], "two workers, and two chunks that wait"
    first_may_end.set()
    reader.join()
    assert [future.result() for future in results] == list(range(1, 1000))


def test_no_writers_no_rendering(runtime: FlatRuntime) -> None:
    statistics = pipeline.run(runtime, 3)  # type: ignore[arg-type]
    assert (statistics.frames, statistics.images) == (3, 0)


@pytest.mark.parametrize(
    ("size", "on_cpu", "alone", "frames"),
    [
        ((640, 480), True, False, 8),
        ((640, 480), True, True, 8),
        ((320, 240), True, False, 16),
        ((4000, 3000), True, False, 1),
        ((640, 480), False, False, 64),
        ((4000, 3000), False, False, 64),
        ((640, 480), False, True, 256),
        ((1280, 960), False, True, 64),
        ((40000, 30000), False, True, 1),
    ],
)
def test_chunks_are_as_wide_as_the_machine_likes(size: tuple[int, int], on_cpu: bool, alone: bool, frames: int) -> None:
    assert default_chunk(size[0] * size[1], on_cpu, alone) == frames


@pytest.mark.parametrize("options", [{"batch": 0}, {"workers": 0}])
def test_widths_below_one_are_refused(runtime: FlatRuntime, options: dict[str, int]) -> None:
    with pytest.raises(EngineError, match="is 0; give 1 or more"):
        run(runtime, Batches(), 1, **options)


def test_streaming_gives_arrays_in_order_and_writes_nothing(runtime: FlatRuntime) -> None:
    runtime.product("left", (16, 12))
    runtime.product("right", (8, 6))
    names = ("rgb", "bounding_box_2d_tight")
    batches = list(pipeline.stream(runtime, 10, 5, names, batch=4))  # type: ignore[arg-type]
    assert [batch["frames"].tolist() for batch in batches] == [[5, 6, 7, 8], [9, 10, 11, 12], [13, 14]]
    assert batches[0]["left"]["rgb"].shape == (4, 12, 16, 4)
    assert batches[0]["right"]["rgb"].shape == (4, 6, 8, 4)
    assert len(batches[2]["left"]["bounding_box_2d_tight"]) == 2
    assert batches[0]["draws"]["size"].shape == (4, 5, 2)
    first = next(iter(pipeline.stream(runtime, 10_000, 5, names, batch=4)))  # type: ignore[arg-type]
    assert np.array_equal(first["left"]["rgb"], batches[0]["left"]["rgb"])


def test_a_stage_inside_another_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 12.0, 15.0, 16.0, 20.0, 21.0])
    monkeypatch.setattr("replicator_dr.engines.embedded.loop.stage_clock.time.perf_counter", lambda: next(times))
    clock = StageClock()
    with clock.measure("encode"), clock.measure("annotate"):
        pass
    with clock.measure("write"):
        pass
    assert clock.seconds() == {"sample": 0.0, "render": 0.0, "annotate": 3.0, "encode": 3.0, "write": 1.0}
