"""Draws without what comes of them: the same numbers, whatever a simulation would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.errors import EngineError, RequirementError
from replicator_dr.labels.facts import is_fact

SCENES = Path(__file__).parents[2] / "scenes"

# A box is thrown over the edge: a simulation ends in an error.
FALLS: dict[str, Any] = {
    "seed": 4,
    "draws": {"mood": {"uniform": [0, 1]}},
    "create": {
        "floor": {"plane": {"scale": 1}},
        "box": {"cube": {"scale": 0.1, "position": [0, 0, 0.2]}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant"}},
        "camera": {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"light": {"lights": "sun", "intensity": {"draw": "mood", "scale": 900, "offset": 100}}},
                {
                    "settle": {
                        "prims": "box",
                        "colliders": "floor",
                        "friction": {"uniform": [0.3, 1.5]},
                        "velocity": [20, 0, 0],
                    }
                },
            ],
        },
        {"on_frame": {"interval": 3}, "randomize": [{"pose": {"prims": "box", "rotation_z": {"uniform": [0, 1]}}}]},
    ],
    "render_products": [{"cameras": "camera", "resolution": [32, 24]}],
}


def same(graph: Any, frames: list[int]) -> dict[str, np.ndarray]:
    """The draws, equal to those of evaluated frames, which have facts besides."""
    drawn = graph.draws(frames)
    evaluated = {name: values for name, values in graph.sample(frames).draws.items() if not is_fact(name)}
    assert list(drawn) == list(evaluated)
    for name, values in evaluated.items():
        np.testing.assert_array_equal(drawn[name], values)
    return drawn


def test_draws_need_no_simulation() -> None:
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    with build_graph(FALLS) as graph:
        with pytest.raises(EngineError, match="fell for ever"):
            graph.sample([0])
        drawn = graph.draws(range(12))
        np.testing.assert_array_equal(graph.draws(7)["box.settle.friction"][0], drawn["box.settle.friction"][7])
    assert drawn["box.settle.friction"].shape == (12, 1, 1)
    assert len(np.unique(drawn["box.pose.rotation_z"])) == 4


def test_frames_drawn_anew_by_their_draws_need_none() -> None:
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    spec = {**FALLS, "require": [{"draws": "mood > 0.6"}]}
    with build_graph(spec) as graph:
        drawn = graph.draws(range(40))
    assert drawn["sun.light.intensity"].min() > 640
    assert drawn["require.attempt"].any()
    with build_graph({**spec, "redraws": 1}) as graph, pytest.raises(RequirementError, match=r"mood > 0\.6"):
        graph.draws(range(40))


@pytest.mark.parametrize("required", [None, {"draws": "mood > 0.6"}])
def test_they_are_those_of_the_frames(required: dict[str, Any] | None) -> None:
    """With physics that ends well, and with and without frames that are drawn anew."""
    pytest.importorskip("mujoco", reason="the extra physics is not installed")
    light, settle = FALLS["triggers"][0]["randomize"]
    calm = {"settle": {**settle["settle"], "velocity": [0, 0, 0]}}
    triggers = [{"on_frame": {}, "randomize": [light, calm]}, FALLS["triggers"][1]]
    spec = {**FALLS, "triggers": triggers, "require": [required] if required else []}
    with build_graph(spec) as graph:
        same(graph, [5, 0, 3, 11, 4])


@pytest.mark.parametrize("scene", ["require.yaml", "ties.yaml", "designs.yaml", "randomizers/joints.yaml"])
def test_draws_that_evaluation_decides_are_those_of_the_frames(scene: str) -> None:
    """Labels that are required, ties, designs, and joints that are chosen so that nothing collides."""
    with build_graph(SCENES / scene) as graph:
        assert same(graph, [2, 0])
