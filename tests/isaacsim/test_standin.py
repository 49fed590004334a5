"""The stand-in objects to everything that NVIDIA's product does not have, and carries out the rest."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded import api
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.rep import inside_isaac_sim, rep
from tests.isaacsim.standin import RELEASES, StandinFault, isaac_sim
from tests.isaacsim.standin.manifest import callables
from tests.isaacsim.standin.types import fits


def fault(release: str, act: Callable[[Any], Any], message: str) -> None:
    """The act is objected to, at once and again at the end: a fault that is caught still counts."""

    def session() -> None:
        with isaac_sim(release) as standin, pytest.raises(StandinFault, match=message):
            act(standin.core)

    with pytest.raises(StandinFault, match=message):
        session()


async def _steps(core: Any) -> None:
    core.orchestrator.step()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda core: core.create.cube(colour=(1, 0, 0)), r"create\.cube.*unexpected keyword argument 'colour'"),
        (lambda core: core.create.light("distant", 3), r"create\.light: .* is "),
        (lambda core: core.create.render_product("/eye", (64, 48, 3)), r"resolution is \(64, 48, 3\); it takes tuple"),
        (lambda core: core.create.render_product(), r"missing a required argument: 'camera'"),
        (lambda core: core.trigger.on_frame(interval="often"), "interval is 'often'; it takes int"),
        (lambda core: core.distribution.uniform(0, 1), "seed is None; give a number above 0"),
        (lambda core: core.distribution.choice([1, 2], seed=0), "seed is 0; give a number above 0"),
        (lambda core: core.annotators.get("coverage"), "no annotator 'coverage'"),
        (lambda core: core.randomizer.rotation(seed=-1), "seed is -1"),
        (lambda core: asyncio.run(_steps(core)), r"blocks Kit's event loop; await orchestrator\.step_async"),
    ],
)
def test_calls_that_are_not_published(act: Callable[[Any], Any], message: str) -> None:
    fault("5.1", act, message)


@pytest.mark.parametrize(
    ("release", "act", "message"),
    [
        ("5.1", lambda core: core.orchestrator.step(wait_for_render=True), r"wait_for_render came with 1\.13\.4"),
        ("4.5", lambda core: core.functional.modify.pose([], position_value=(0, 0, 0)), r"came with 1\.12\.0"),
        ("4.5", lambda core: core.create.render_product("/eye", (8, 8), render_vars=["rgb"]), "render_vars came with"),
    ],
)
def test_calls_of_another_release(release: str, act: Callable[[Any], Any], message: str) -> None:
    fault(release, act, message)


def test_names_that_are_not_published() -> None:
    with isaac_sim("5.1") as standin:
        for name in ("create.teapot", "distribution.shared", "distribution.subset", "randomizer.settle"):
            module, _, last = name.partition(".")
            assert not hasattr(getattr(standin.core, module), last), name


def test_an_input_that_only_we_have() -> None:
    def stand(core: Any) -> None:
        cubes, floor = core.create.cube(), core.create.plane()
        with core.trigger.on_frame():
            core.randomizer.scatter_2d(floor, seed=3, input_prims=cubes).set_input("stand", True)

    fault("6.0", stand, "scatter_2d has no input 'stand'")


def _leaves_a_product() -> None:
    with isaac_sim("5.1") as standin:
        standin.core.create.render_product(standin.core.create.camera(), (8, 8), name="left")


def _leaves_a_writer() -> None:
    with isaac_sim("5.1") as standin:
        product = standin.core.create.render_product(standin.core.create.camera(), (8, 8))
        writer = standin.core.WriterRegistry.get("BasicWriter")
        writer.initialize(output_dir="unused", rgb=True)
        writer.attach([product])
        product.destroy()


def _calls_after_the_end() -> None:
    with isaac_sim("6.0") as standin:
        standin.close()
        with pytest.raises(StandinFault):
            standin.core.create.cube()


@pytest.mark.parametrize(
    ("session", "message"),
    [
        (_leaves_a_product, "render product .* was never destroyed"),
        (_leaves_a_writer, "writer BasicWriter was never detached"),
        (_calls_after_the_end, "was called after the app was closed"),
    ],
)
def test_what_is_wrong_at_the_end(session: Callable[[], None], message: str) -> None:
    with pytest.raises(StandinFault, match=message):
        session()


def test_it_is_there_while_it_runs() -> None:
    assert not inside_isaac_sim()
    with isaac_sim("6.0") as standin:
        assert inside_isaac_sim()
        from replicator_dr.rep import rep as active

        assert active is standin.core
    assert not inside_isaac_sim()
    assert rep is api


@pytest.mark.parametrize("release", RELEASES)
def test_calls_are_carried_out(tmp_path: Path, release: str) -> None:
    """A script of documented calls writes what it writes on the embedded runtime itself."""

    def script(core: Any, folder: Path) -> None:
        core.set_global_seed(5)
        cubes = core.create.cube(count=3, semantics={"class": "cube"}, scale=0.3)
        core.create.light(light_type="distant", intensity=2000)
        eye = core.create.camera(position=(3, 0, 2), look_at=(0, 0, 0), clipping_range=(0.01, 100))
        product = core.create.render_product(eye, (32, 24), name="eye")
        with core.trigger.on_frame(), cubes:
            core.modify.pose(position=core.distribution.uniform((-1, -1, 0), (1, 1, 1), seed=7))
        writer = core.WriterRegistry.get("BasicWriter")
        writer.initialize(output_dir=str(folder), rgb=True, distance_to_image_plane=True, bounding_box_2d_tight=True)
        writer.attach([product])
        for _ in range(2):
            core.orchestrator.step(rt_subframes=4)
        core.orchestrator.wait_until_complete()
        writer.detach()
        product.destroy()

    with isaac_sim(release) as standin:
        script(standin.core, tmp_path / "standin")
    with activate(Runtime()):
        script(api, tmp_path / "embedded")
    names = sorted(path.name for path in (tmp_path / "embedded").iterdir())
    assert len(names) >= 8
    assert names == sorted(path.name for path in (tmp_path / "standin").iterdir())
    for name in names:
        assert (tmp_path / "standin" / name).read_bytes() == (tmp_path / "embedded" / name).read_bytes(), name


def test_listings_are_stable() -> None:
    with isaac_sim("5.1") as standin:
        cubes = standin.core.create.cube(count=2)
        with standin.core.trigger.on_frame():
            standin.core.modify.pose(
                position=standin.core.distribution.uniform((0, 0, 0), (1, 1, 1), seed=9), input_prims=cubes
            )
        assert standin.listing().splitlines() == [
            "%0 = create.cube(count=2)",
            "%1 = trigger.on_frame()",
            "%2 = distribution.uniform(lower=(0, 0, 0), upper=(1, 1, 1), seed=9)",
            "%3 = modify.pose(position=%2, input_prims=%0)",
        ]


def test_the_whole_interface_is_there() -> None:
    assert len(callables()) > 300
    typed = [words for entry in callables().values() for words in entry.types.values()]
    assert len(typed) > 1000
    # Words that admit a Writer admit everything; nearly all others tell a set of numbers from a path.
    telling = [words for words in typed if not (fits(3.5, words) and fits("a", words) and fits(np.zeros(3), words))]
    assert len(telling) > 0.9 * len(typed)
    assert all(isinstance(entry.signature, inspect.Signature) for entry in callables().values())
