"""The characters in the repository: bound as they should be, and their keypoints on what is drawn of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdSkel

from replicator_dr import build_graph
from replicator_dr.engines.embedded.skeletons.read import binding_of

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "scenes" / "assets" / "characters").glob("*.usdc"))
SCENE = ROOT / "scenes" / "randomizers" / "animation.yaml"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_vertex_follows_joints_of_the_skeleton(path: Path) -> None:
    stage = Usd.Stage.Open(str(path))
    meshes = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    assert len(meshes) > 3
    for prim in meshes:
        binding = binding_of(prim)
        assert binding is not None
        count = len(UsdGeom.Mesh(prim).GetPointsAttr().Get())
        skin = binding.skin(count)
        assert skin is not None
        assert skin.weights.min() >= 0
        np.testing.assert_allclose(skin.weights.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_array_equal(binding.base, np.eye(4))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_feet_stay_near_the_ground_while_it_walks(path: Path) -> None:
    stage = Usd.Stage.Open(str(path))
    cache = UsdSkel.Cache()
    cache.Populate(UsdSkel.Root(stage.GetDefaultPrim()), Usd.PrimDefaultPredicate)
    skeleton = next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton))
    query = cache.GetSkelQuery(UsdSkel.Skeleton(skeleton))
    names = [str(name).rpartition("/")[2] for name in query.GetJointOrder()]
    ankles = [names.index(f"{side}_ankle") for side in ("left", "right")]
    times = query.GetAnimQuery().GetJointTransformTimeSamples()
    heights = [np.array(query.ComputeJointSkelTransforms(Usd.TimeCode(t)))[ankles, 3, 2].min() for t in times]
    assert len(times) == 25
    assert 0.08 < min(heights) <= max(heights) < 0.1


def test_keypoints_that_can_be_seen_lie_on_their_worker() -> None:
    with build_graph(SCENE, device="cpu") as graph:
        (batch,) = graph.frames(4, annotators=("keypoints", "instance_segmentation"), batch=4)
    shares = []
    for frame in range(4):
        table = batch["eye"]["keypoints"][frame]
        ids = np.pad(np.asarray(batch["eye"]["instance_segmentation"][frame]), 1)
        seen = table[table["visibility"] == 2]
        shares.append(len(seen) / max(len(table[table["visibility"] > 0]), 1))
        for row in seen:
            x, y = int(row["x"]) + 1, int(row["y"]) + 1
            assert row["instanceId"] in ids[y - 1 : y + 2, x - 1 : x + 2]
    # What is hidden is behind another worker, or behind the trunk.
    assert 0.5 < np.mean(shares) < 1
