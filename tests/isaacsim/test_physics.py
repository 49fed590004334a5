"""Physics on Isaac Sim: the bodies of the spec on Kit's stage, and the embedded runtime's poses in stepped mode."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from pxr import UsdGeom, UsdPhysics

from replicator_dr import build_graph
from tests.isaacsim.runs import SPEC
from tests.isaacsim.standin import RELEASES, isaac_sim

pytest.importorskip("mujoco", reason="the extra physics is not installed")

MADE = copy.deepcopy(SPEC)
MADE["create"] |= {
    "crate": {"cube": {"scale": 0.2, "physics": {"mass": 2}}, "semantics": {"class": "crate"}},
    "ground": {"plane": {"scale": 9, "physics": {"body": "static", "friction": 0.8}}},
}
START = {"pose": {"prims": "crate", "position": [0, 0, 1], "rotation": {"uniform": [[0, 0, 0], [90, 90, 90]]}}}
MADE["triggers"] = [
    {"on_frame": {}, "randomize": [START, {"settle": {"prims": "crate", "colliders": "ground"}}]},
]


@pytest.mark.parametrize("release", RELEASES)
def test_bodies_and_poses_are_on_kit_s_stage(release: str) -> None:
    with build_graph(MADE) as own:
        state = own.sample([0])
        row = [path.endswith("/crate") for path in own.scene.labels.entity_paths].index(True)
        wanted = state.entity_world[0, row]
    assert wanted[3, 2] == pytest.approx(0.1, abs=1e-3)
    with isaac_sim(release), build_graph(MADE) as graph:
        assert graph.mode == "stepped"
        graph.preview(0, ("rgb",))
        (crate,) = [prim for prim in graph.stage.Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)]
        assert UsdPhysics.MassAPI(crate).GetMassAttr().Get() == 2
        assert any(prim.IsA(UsdPhysics.Scene) for prim in graph.stage.Traverse())
        world = np.array(UsdGeom.Xformable(crate).ComputeLocalToWorldTransform(0))
        assert np.allclose(world, wanted, atol=1e-9)
