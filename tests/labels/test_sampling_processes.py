"""Sampling in other processes: the same states, whatever the graph holds and whatever becomes of a process."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.loop import pipeline
from replicator_dr.engines.embedded.loop.sample_pool import SamplePool, Window, sample_pool
from replicator_dr.engines.embedded.loop.sampler import packed, unpacked
from replicator_dr.engines.embedded.loop.worker_choice import sampling_processes
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import EngineError


def same(one: Any, other: Any) -> bool:
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray):
        content = [a.tolist() if a.dtype == object else a.tobytes() for a in (one, other)]
        return one.dtype == other.dtype and one.shape == other.shape and content[0] == content[1]
    return bool(one == other)


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """Two balls that roll about, one of them by a closure of this file."""
    made = Runtime()
    with activate(made):
        made.seed = 5
        balls = api.create.sphere(count=2, semantics=[("class", "ball")])
        with api.trigger.on_frame(interval=3), balls:
            api.modify.pose(position=api.distribution.uniform((-1, -1, 0), (1, 1, 1)))
        with api.trigger.on_frame(), balls:
            api.randomizer.color(api.distribution.choice([(1, 0, 0), (0, 1, 0)]))
        api.create.camera(position=(0, 0, 9), look_at=balls)
        yield made


@pytest.mark.parametrize("scene", ["parts", "bin", "domain_randomization", "lights"])
def test_a_packed_sampler_gives_the_same_states(scene: str) -> None:
    frames = np.array([7, 0, 300, 12])
    with build_graph(f"scenes/{scene}.yaml", device="cpu") as graph:
        session: Any = graph._session
        next(graph.frames(1))  # what rendering leaves behind stays here, too
        content = packed(session.runtime.sampler())
        assert len(content) < 5_000_000, "meshes and pictures stay where they are"
        assert same(unpacked(content)(frames), session.runtime.evaluate(frames))


def test_processes_give_the_same_states(runtime: Runtime) -> None:
    windows = [np.arange(first, first + 8) for first in range(0, 48, 8)]
    here: list[np.ndarray] = []

    def sampled(frames: np.ndarray) -> Any:
        here.append(frames)
        return Window(runtime.evaluate(frames))

    with sample_pool(sampled, runtime.sampler, 2) as pool:
        assert pool.depth == 3
        while not pool._started:  # until a process answers, frames are sampled here
            pool.submit(windows[0]).result()
        pool.submit(windows[0]).result()
        count = len(here)
        states = [future.result().state for future in [pool.submit(window) for window in windows]]
        assert len(here) <= count + 1
    assert all(same(state, runtime.evaluate(window)) for state, window in zip(states, windows, strict=True))


def test_a_graph_that_cannot_be_sent_is_sampled_here(runtime: Runtime) -> None:
    runtime.graph.effects()[0].inputs["open"] = threading.Lock()
    with ExitStack() as stack:
        with pytest.warns(UserWarning, match="the graph cannot be sent: cannot pickle"):
            pool = stack.enter_context(sample_pool(lambda frames: Window(runtime.evaluate(frames)), runtime.sampler, 2))
        assert pool.depth == 1
        assert same(pool.submit(np.arange(3)).result().state, runtime.evaluate(np.arange(3)))


def test_what_a_process_cannot_do_is_done_here(runtime: Runtime) -> None:
    content = packed(dataclasses.replace(runtime.sampler(), plan=None))  # type: ignore[arg-type]
    pool = SamplePool(lambda frames: Window(runtime.evaluate(frames)), content, 1)
    try:
        pool._idle.get()  # the turn of this process
        assert same(pool.submit(np.arange(3)).result().state, runtime.evaluate(np.arange(3)))
        assert pool._started
    finally:
        pool.close()


def test_a_process_that_dies_is_named(runtime: Runtime) -> None:
    with sample_pool(lambda frames: Window(runtime.evaluate(frames)), runtime.sampler, 1) as pool:
        pool._idle.get()
        pool.submit(np.arange(3)).result()
        os.kill(pool._processes[0]._process.pid, signal.SIGKILL)
        with pytest.raises(EngineError, match=r"a sampling process was killed \(SIGKILL\)"):
            pool.submit(np.arange(3)).result()


def test_a_run_with_processes_gives_the_same_frames(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    product = api.create.render_product("/Replicator/Camera_Xform/Camera", (32, 24))
    del product
    plain = list(pipeline.stream(runtime, 300, annotators=("instance_segmentation",)))
    monkeypatch.setattr(pipeline, "sampling_processes", lambda *_: 2)
    other = list(pipeline.stream(runtime, 300, annotators=("instance_segmentation",)))
    assert all(same(one, two) for one, two in zip(plain, other, strict=True))


def test_who_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replicator_dr.engines.embedded.loop.worker_choice.cores", lambda: 16)
    assert sampling_processes(False, 100, None, False) == 8
    assert sampling_processes(False, 100, None, True) == 14
    assert sampling_processes(False, 9, None, False) == 2
    assert sampling_processes(True, 100, None, True) == 0
    assert sampling_processes(False, 100, False, True) == 0
    monkeypatch.setattr("replicator_dr.engines.embedded.loop.worker_choice.cores", lambda: 2)
    assert sampling_processes(False, 100, None, False) == 0
