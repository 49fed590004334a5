"""Which runtime a graph runs on, and running it inside an event loop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded.runtime import Runtime, activate
from replicator_dr.errors import AssetError, EngineError
from tests.isaacsim.runs import SPEC, dataset, differences


def test_the_embedded_runtime_is_the_default() -> None:
    for engine in (None, "embedded"):
        with build_graph(SPEC, engine=engine) as graph:
            assert (graph.engine, graph.mode) == ("embedded", "graph")


def test_an_engine_that_is_not_there() -> None:
    with pytest.raises(EngineError, match=r"Isaac Sim is not running in this process; .* --engine isaacsim"):
        build_graph(SPEC, engine="isaacsim")
    with pytest.raises(EngineError, match="there is no engine 'unity'; engines are: embedded, isaacsim"):
        build_graph(SPEC, engine="unity")


def test_urls_are_for_isaac_sim() -> None:
    made = {"create": {"mug": {"from_usd": {"usd": "omniverse://server/mug.usd"}}}}
    with pytest.raises(AssetError, match=r"omniverse://server/mug\.usd can only be resolved inside Isaac Sim"):
        build_graph(made)


def test_inside_an_event_loop(tmp_path: Path) -> None:
    async def run() -> list[str]:
        happened: list[str] = []

        async def other() -> None:
            await asyncio.sleep(0.01)
            happened.append("other")

        with build_graph(SPEC) as graph:
            task = asyncio.create_task(other())
            done = await graph.run_async(6, 0, tmp_path / "async")
            happened.append(f"{done.frames} frames")
            await task
        return happened

    # The loop goes on while frames are made.
    assert asyncio.run(run()) == ["other", "6 frames"]
    found = json.loads((tmp_path / "async" / "annotations.json").read_text())
    assert differences(found, dataset(SPEC, tmp_path / "blocking", 6)) == []


def test_the_current_stage_is_left_as_it_was() -> None:
    with activate(Runtime()) as runtime:
        runtime.stage.DefinePrim("/World/Crate", "Cube")
        before = [str(prim.GetPath()) for prim in runtime.stage.Traverse()]
        with build_graph({**SPEC, "stage": "current"}) as graph, build_graph({**SPEC, "stage": "current"}) as second:
            assert graph.stage is second.stage is runtime.stage
            assert len(graph.products) == len(second.products) == 2
            assert len([prim for prim in runtime.stage.Traverse() if prim.GetName() == "Cube"]) == 6
        after = [str(prim.GetPath()) for prim in runtime.stage.Traverse()]
        assert [path for path in after if not path.startswith("/Render")] == before
        assert runtime.graph.nodes == []
