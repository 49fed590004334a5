"""Skeletons on Isaac Sim: stepped mode puts each frame's pose on Kit's stage, and labels are the embedded runtime's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.embedded.skeletons.read import skeletons_below
from replicator_dr.pool.usd_keypoints import read_keypoints
from tests.isaacsim.runs import SPEC, dataset, differences
from tests.isaacsim.standin import RELEASES, isaac_sim
from tests.isaacsim.test_same_numbers import HIDDEN, KEYPOINTS

WORKER = Path(__file__).parents[2] / "scenes" / "assets" / "characters" / "worker.usdc"


def spec(**changes: Any) -> dict[str, Any]:
    """Two workers, and boxes that are deformed, beside what else there is."""
    made = {**copy.deepcopy(SPEC), **changes}
    made["create"]["workers"] = {
        "from_usd": {"usd": str(WORKER), "count": 2, "scale": 0.5, "position": [0.4, 0, 0]},
        "semantics": {"class": "worker"},
    }
    entries = made["triggers"][0]["randomize"]
    entries += [{"animation": {"prims": "workers"}}, {"deform": {"prims": "boxes", "twist": {"uniform": [20, 60]}}}]
    return made


def places(stage: Any) -> list[np.ndarray]:
    """Of all skeletons on a stage, where their joints are shown."""
    return [skeleton.places() for skeleton in skeletons_below(stage.GetPseudoRoot())]


@pytest.mark.parametrize("num_envs", [1, 2])
def test_labels_and_boxes_are_the_same(tmp_path: Path, num_envs: int) -> None:
    with isaac_sim(list(RELEASES)[-1]):
        found = dataset(spec(mode="stepped", num_envs=num_envs), tmp_path / "kit", 4)
    wanted = dataset(spec(), tmp_path / "embedded", 4)
    assert any(one["category_id"] for one in wanted["annotations"])
    assert differences(found, wanted, (*HIDDEN, *KEYPOINTS)) == []


def test_the_stage_has_the_pose_of_the_frame_and_keypoints_at_joints() -> None:
    with build_graph(spec(), device="cpu") as graph:
        first = places(graph.stage)
        state = graph.sample([3])
        wanted = [matrix[:, 3, :3] for matrix in np.split(state.keypoint_world[0], 2)]
        worlds = state.entity_world[0]
        paths = graph.scene.labels.entity_paths
    with isaac_sim(list(RELEASES)[-1]), build_graph(spec(mode="stepped")) as graph:
        graph.preview(3, ("rgb",))
        found = places(graph.stage)
        held = [read_keypoints(prim) for prim in graph.stage.Traverse() if prim.GetTypeName() == "Skeleton"]
    rows = [row for row, path in enumerate(paths) if "workers" in path]
    for local, world, row, before in zip(found, wanted, rows, first, strict=True):
        matrix = worlds[row]
        np.testing.assert_allclose(local @ matrix[:3, :3] + matrix[3, :3], world, atol=1e-4)
        assert np.abs(local - before).max() > 0.05
    for one, local in zip(held, found, strict=True):
        assert one is not None
        assert len(one.names) == 17
        np.testing.assert_allclose(one.points, local, atol=1e-5)
