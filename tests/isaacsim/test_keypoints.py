"""Keypoints on Isaac Sim: attributes of the prims, in both modes, for writers that project them there."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.pool.usd_keypoints import UsdKeypoints, read_keypoints
from replicator_dr.pool.usd_stereo import read_left
from tests.isaacsim.runs import SPEC
from tests.isaacsim.standin import RELEASES, isaac_sim


def spec(mode: str, **further: Any) -> dict[str, Any]:
    made = {**copy.deepcopy(SPEC), "mode": mode, **further}
    made["create"]["boxes"] |= {
        "keypoints": {"top": [0, 0, 0.5], "low": [0, 0, -0.5]},
        "skeleton": [["low", "top"]],
        "keypoint_tolerance": 0.1,
    }
    return made


@pytest.mark.parametrize("mode", ["graph", "stepped"])
@pytest.mark.parametrize("release", RELEASES)
def test_prims_carry_them(release: str, mode: str) -> None:
    with isaac_sim(release), build_graph(spec(mode)) as graph:
        held = [found for prim in graph.stage.Traverse() if (found := read_keypoints(prim)) is not None]
        graph.preview(0, ("rgb",))
    assert held == [UsdKeypoints(("top", "low"), ((0, 0, 0.5), (0, 0, -0.5)), (("low", "top"),), 0.1)] * 3


def test_so_do_the_environments_copies() -> None:
    with isaac_sim(list(RELEASES)[-1]), build_graph(spec("stepped", num_envs=2)) as graph:
        assert sum(read_keypoints(prim) is not None for prim in graph.stage.Traverse()) == 6


@pytest.mark.parametrize("mode", ["graph", "stepped"])
def test_stereo_pairs_are_there_too(mode: str) -> None:
    made = spec(mode)
    made["create"]["eye"] = {"camera": {"position": [3, 0, 1], "look_at": [0, 0, 0]}}
    made["create"]["other"] = {"camera": {"stereo": {"left": "eye", "baseline": 0.06}}}
    with isaac_sim(list(RELEASES)[-1]), build_graph(made) as graph:
        lefts = [left for prim in graph.stage.Traverse() if (left := read_left(prim))]
    assert lefts == ["/Replicator/eye/Camera"]
