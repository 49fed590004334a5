"""``require`` on Isaac Sim: stepped mode shows the embedded runtime's frames; graph mode cannot take a draw back."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.errors import RequirementError, UnsupportedError
from tests.isaacsim.runs import SPEC, dataset, differences
from tests.isaacsim.standin import isaac_sim

REQUIRE = [
    {"visible_fraction": {"prims": "boxes", "at_least": 0.5}},
    {"distance": {"prims": "ball", "at_most": 3.2, "of_cameras": "any"}},
]
HIDDEN = ("bbox_amodal", "area_amodal", "visible_fraction", "truncation")


def spec(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SPEC), "require": copy.deepcopy(REQUIRE), **changes}


@pytest.mark.parametrize("num_envs", [1, 3])
def test_stepped_frames_are_the_same(tmp_path: Path, num_envs: int) -> None:
    with isaac_sim("6.0"):
        found = dataset(spec(mode="stepped", num_envs=num_envs), tmp_path / "kit", 6)
        with build_graph(spec(mode="stepped")) as graph:
            statistics = graph.run(6, 0, tmp_path / "again")
    wanted = dataset(spec(), tmp_path / "embedded", 6)
    assert differences(found, wanted, HIDDEN) == []
    attempts = [image["draws"]["require.attempt"] for image in wanted["images"][::2]]
    assert any(attempts)
    assert statistics.redraws == sum(attempts)


def test_an_impossible_frame_stops_a_stepped_run_there(tmp_path: Path) -> None:
    made = spec(mode="stepped", require=[{"distance": {"prims": "boxes", "at_most": 2.6}}], redraws=6)
    with build_graph({**made, "mode": "auto"}) as graph:
        bad = next(frame for frame in range(60) if not _meets(graph, frame))
    assert bad > 0
    with isaac_sim("6.0"), build_graph(made) as graph, pytest.raises(RequirementError) as caught:
        graph.run(bad + 2, 0, tmp_path)
    assert caught.value.frame == bad


def _meets(graph: Any, frame: int) -> bool:
    try:
        graph.sample(frame)
    except RequirementError:
        return False
    return True


def test_auto_steps_and_graph_refuses() -> None:
    with isaac_sim("5.1"):
        with build_graph(spec()) as graph:
            assert graph.mode == "stepped"
        with pytest.raises(UnsupportedError, match=r"^require: in graph mode the draws .* use mode: stepped$"):
            build_graph(spec(), mode="graph")
