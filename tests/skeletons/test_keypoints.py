"""Joints of skeletons as keypoints: places by trigonometry, on the limb that is drawn, in COCO's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import Usd, UsdSkel

from replicator_dr import build_graph
from replicator_dr.errors import AssetError
from tests.skeletons.conftest import FOCAL, RADIUS, joints_at, pixels, spec

MakeArm = Callable[..., Path]
NAMES = ["shoulder", "elbow", "wrist"]


def shown(given: dict[str, Any], *further: str) -> dict[str, Any]:
    with build_graph(given, device="cpu") as graph:
        found: dict[str, Any] = graph.preview(0, ("keypoints", *further))["eye"]
    return found


def places(table: NDArray[Any]) -> NDArray[np.float64]:
    return np.stack([table["x"], table["y"], table["depth"]], axis=-1)


@pytest.mark.parametrize("unit", [1.0, 0.01])
@pytest.mark.parametrize(("degrees", "tilt"), [(0.0, 0.0), (50.0, 0.0), (-70.0, 25.0)])
def test_joints_are_where_trigonometry_puts_them(make_arm: MakeArm, degrees: float, tilt: float, unit: float) -> None:
    found = shown(spec(make_arm(degrees, tilt=tilt, unit=unit)))["keypoints"]
    assert found["keypointSets"] == [{"names": NAMES, "skeleton": [[0, 1], [1, 2]]}]
    np.testing.assert_allclose(places(found["data"]), pixels(joints_at(degrees, tilt)), atol=2e-3)


def test_they_are_seen_through_their_limb_and_not_through_another_thing(make_arm: MakeArm) -> None:
    """The arm's surface is one radius in front of its joints."""
    given = spec(make_arm(50.0))
    assert shown(given)["keypoints"]["data"]["visibility"].tolist() == [2, 2, 2]
    given["create"]["lid"] = {"cube": {"scale": [0.4, 0.4, 0.02], "position": [1, 0, 1]}}
    assert shown(given)["keypoints"]["data"]["visibility"].tolist() == [2, 1, 2]
    given["create"].pop("lid")
    given["create"]["arm"]["keypoint_tolerance"] = 0.5 * RADIUS
    assert shown(given)["keypoints"]["data"]["visibility"].tolist() == [1, 1, 1]


def test_they_lie_on_the_limb_that_is_drawn(make_arm: MakeArm) -> None:
    """In the mask, as far from its border as the arm's radius, at the middle of the run of pixels across it."""
    found = shown(spec(make_arm(60.0)), "instance_segmentation")
    mask = np.asarray(found["instance_segmentation"]["data"]) > 1
    width = 2 * RADIUS * FOCAL / 6
    for x, y in places(found["keypoints"]["data"])[:, :2]:
        assert mask[int(y), int(np.clip(x, 0, mask.shape[1] - 1))]
    # Between shoulder and elbow the arm runs along x: at a third of it, the mask is a run of its width around the bone.
    shoulder, elbow = places(found["keypoints"]["data"])[:2, :2]
    x, y = shoulder + (elbow - shoulder) / 3
    rows = np.flatnonzero(mask[:, int(x)])
    assert abs(0.5 * (rows[0] + rows[-1] + 1) - y) <= 1
    assert abs(len(rows) - width) <= 2
    # The forearm goes up at 60 degrees: across it the run is wider by the angle.
    wrist = places(found["keypoints"]["data"])[2, :2]
    x, y = elbow + 0.6 * (wrist - elbow)
    columns = np.flatnonzero(mask[int(y)])
    columns = columns[columns > elbow[0]]
    assert abs(0.5 * (columns[0] + columns[-1] + 1) - x) <= 1.5
    assert abs(len(columns) - width / np.sin(np.radians(60))) <= 2


def test_joints_may_be_chosen_and_renamed_beside_points(make_arm: MakeArm) -> None:
    chosen = {"hand": "wrist", "root": "shoulder", "mark": [0.5, 0, RADIUS]}
    found = shown(spec(make_arm(50.0), keypoints=chosen))["keypoints"]
    (described,) = found["keypointSets"]
    by_name = dict(zip(described["names"], places(found["data"]), strict=True))
    assert set(by_name) == set(chosen)
    # The elbow is no keypoint, so the bone goes past it.
    assert [[described["names"][end] for end in bone] for bone in described["skeleton"]] == [["root", "hand"]]
    expected = pixels(np.array([joints_at(50)[2], joints_at(50)[0], [0.5, 0, RADIUS]]))
    np.testing.assert_allclose([by_name[name] for name in ("hand", "root", "mark")], expected, atol=2e-3)


def test_bones_may_be_said(make_arm: MakeArm) -> None:
    found = shown(spec(make_arm(50.0), skeleton=[["shoulder", "wrist"]]))["keypoints"]
    assert found["keypointSets"] == [{"names": NAMES, "skeleton": [[0, 2]]}]


def test_none_are_added_where_none_are_wanted(make_arm: MakeArm) -> None:
    assert shown(spec(make_arm(50.0), keypoints="none"))["keypoints"]["keypointSets"] == []


def test_an_asset_with_keypoints_of_its_own_keeps_to_these(make_arm: MakeArm) -> None:
    from replicator_dr.pool.usd_keypoints import write_keypoints

    file = make_arm(50.0)
    stage = Usd.Stage.Open(str(file))
    write_keypoints(stage.GetPrimAtPath("/arm"), {"own": [0, 0, 0]})
    stage.GetRootLayer().Save()
    assert shown(spec(file))["keypoints"]["keypointSets"] == [{"names": ["own"], "skeleton": []}]
    (both,) = shown(spec(file, keypoints="joints"))["keypoints"]["keypointSets"]
    assert both["names"] == ["own", *NAMES]


def test_a_skeleton_that_nothing_is_bound_to_has_keypoints_too(make_arm: MakeArm) -> None:
    """Beside a plain mesh, as motion capture comes; where no pose is said at all there are none."""
    file = make_arm(50.0)
    stage = Usd.Stage.Open(str(file))
    stage.GetPrimAtPath("/arm/mesh").SetActive(False)
    stage.DefinePrim("/arm/box", "Cube").GetAttribute("size").Set(0.2)
    skeleton = UsdSkel.Skeleton(stage.GetPrimAtPath("/arm/skeleton"))
    skeleton.GetBindTransformsAttr().Clear()
    stage.GetRootLayer().Save()
    found = shown(spec(file))["keypoints"]["data"]
    np.testing.assert_allclose(places(found), pixels(joints_at(50)), atol=2e-3)
    stage.GetPrimAtPath("/arm/motion").SetActive(False)
    skeleton.GetRestTransformsAttr().Clear()
    stage.GetRootLayer().Save()
    assert shown(spec(file))["keypoints"]["keypointSets"] == []


def test_names_that_several_joints_share_are_written_out(make_arm: MakeArm) -> None:
    file = make_arm(50.0)
    stage = Usd.Stage.Open(str(file))
    names = ["arm", "arm/bone", "arm/bone/bone"]
    UsdSkel.Skeleton(stage.GetPrimAtPath("/arm/skeleton")).CreateJointsAttr(names)
    UsdSkel.Animation(stage.GetPrimAtPath("/arm/motion")).CreateJointsAttr(names)
    stage.GetRootLayer().Save()
    assert shown(spec(file))["keypoints"]["keypointSets"][0]["names"] == names


def test_a_joint_that_is_not_there_is_told_with_those_that_are(make_arm: MakeArm) -> None:
    with pytest.raises(AssetError, match=r"there is no joint 'knee'; joints: shoulder, elbow, wrist"):
        build_graph(spec(make_arm(50.0), keypoints={"a": "knee"}), device="cpu")


def test_coco_has_them_with_their_bones(make_arm: MakeArm, tmp_path: Path) -> None:
    given = spec(make_arm(50.0))
    given["writers"] = [{"coco_depth": {"output_dir": str(tmp_path / "out")}}]
    with build_graph(given, device="cpu") as graph:
        graph.run(1)
    (file,) = (tmp_path / "out").rglob("annotations.json")
    dataset = json.loads(file.read_text())
    (category,) = dataset["categories"]
    assert category["keypoints"] == NAMES
    assert category["skeleton"] == [[1, 2], [2, 3]]
    triples = np.array(dataset["annotations"][0]["keypoints"]).reshape(-1, 3)
    np.testing.assert_allclose(triples[:, :2] + 0.5, pixels(joints_at(50))[:, :2], atol=2e-3)
    assert triples[:, 2].tolist() == [2, 2, 2]
