"""Poses and cuboids: projected anew by SciPy's rotations, and solved back from the image as DOPE does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from replicator_dr import build_graph
from tests.writers.every_writer import plugin, run
from tests.writers.test_coco_keypoints import SPEC

# DOPE's CuboidVertexType, in its order, for x to the right, y down and z to the front.
CORNERS = {
    "front top right": (1, -1, 1), "front top left": (-1, -1, 1),
    "front bottom left": (-1, 1, 1), "front bottom right": (1, 1, 1),
    "rear top right": (1, -1, -1), "rear top left": (-1, -1, -1),
    "rear bottom left": (-1, 1, -1), "rear bottom right": (1, 1, -1),
}  # fmt: skip
FRAMES = 8


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same frames in this format and in COCO's."""
    path = tmp_path_factory.mktemp("poses")
    writers = [{"pose_writer": {"output_dir": str(path / "pose")}}, {"coco_depth": {"output_dir": str(path / "coco")}}]
    changed = {"boxes": {"count": 3, "scale": [0.7, 0.4, 0.2]}, "flats": {"scale": [-0.5, 0.3, 0.4]}}
    create = {**SPEC["create"], **{name: {**SPEC["create"][name], "cube": cube} for name, cube in changed.items()}}
    with build_graph({**SPEC, "create": create, "writers": writers}, device="cpu") as graph:
        graph.run(FRAMES)
    return path


def read(sets: Path, frame: int) -> dict[str, Any]:
    (path,) = (sets / "pose" / "data").rglob(f"{frame:06d}.json")
    with Image.open(path.with_suffix(".png")) as image:
        assert image.size == (160, 120)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def all_objects(sets: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(camera, object) of every object."""
    contents = [read(sets, frame) for frame in range(FRAMES)]
    found = [(content["camera_data"], one) for content in contents for one in content["objects"]]
    assert len(found) > 20
    return found


def matrix(camera: dict[str, Any]) -> np.ndarray:
    own = camera["intrinsics"]
    return np.array([[own["fx"], 0, own["cx"]], [0, own["fy"], own["cy"]], [0, 0, 1]])


def test_cuboids_are_the_dimensions_at_the_pose(sets: Path) -> None:
    for camera, one in all_objects(sets):
        turn = Rotation.from_quat(one["quaternion_xyzw"])
        half = np.array(one["cuboid_dimensions"]) / 2
        expected = turn.apply(np.array(list(CORNERS.values())) * half) + one["cuboid_centroid"]
        assert np.allclose(one["cuboid"], expected, atol=2e-3)
        flat = expected @ matrix(camera).T
        front = (flat[:, 2] > 1).all()
        assert front
        assert np.allclose(one["projected_cuboid"], flat[:, :2] / flat[:, 2:], atol=0.02)
        centre = matrix(camera) @ one["cuboid_centroid"]
        assert np.allclose(one["projected_cuboid_centroid"], centre[:2] / centre[2], atol=0.02)


def test_poses_are_those_of_coco_in_centimetres(sets: Path) -> None:
    content = json.loads((sets / "coco" / "annotations.json").read_text())
    names = {one["id"]: one["name"] for one in content["categories"]}
    for image in content["images"]:
        own = [one for one in content["annotations"] if one["image_id"] == image["id"]]
        found = read(sets, image["frame"])
        assert len(own) == len(found["objects"])
        world = Rotation.from_quat(found["camera_data"]["quaternion_xyzw_worldframe"]).as_matrix()
        assert np.allclose(world, np.array(image["camera"]["world_from_camera"])[:3, :3], atol=1e-6)
        place = np.array(image["camera"]["world_from_camera"])[:3, 3]
        assert np.allclose(found["camera_data"]["location_worldframe"], 100 * place, atol=1e-3)
        for expected, one in zip(own, found["objects"], strict=True):
            assert one["class"] == names[expected["category_id"]]
            assert one["name"] == expected["prim_path"]
            assert one["visibility"] == expected["visible_fraction"]
            assert np.allclose(one["location"], 100 * np.array(expected["pose"]["translation"]), atol=1e-3)
            w, x, y, z = expected["pose"]["quaternion"]
            assert one["quaternion_xyzw"] == [x, y, z, w]
            left, top, width, height = expected["bbox"]
            assert one["bounding_box"] == {"top_left": [top, left], "bottom_right": [top + height, left + width]}


def test_keypoints_stand_where_their_names_are(sets: Path) -> None:
    seen = 0
    for camera, one in all_objects(sets):
        assert ("keypoints" in one) == (one["class"] == "box")
        for point in one.get("keypoints", ()):
            if point["visibility"] == 0:
                assert point["projected"] == [-100, -100]
            elif len(one["keypoints"]) == 3:
                own = {"low": (-1, -1, -1), "high": (1, 1, 1), "top": (0, 0, 1)}[point["name"]]
                half = np.array(one["cuboid_dimensions"]) / 2
                place = matrix(camera) @ (
                    Rotation.from_quat(one["quaternion_xyzw"]).apply(np.array(own) * half) + one["cuboid_centroid"]
                )
                assert np.allclose(point["projected"], place[:2] / place[2], atol=0.05)
                seen += 1
    assert seen > 10


def test_poses_can_be_solved_from_the_image(sets: Path) -> None:
    """What DOPE does with the corners that it has found."""
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    for camera, one in all_objects(sets):
        model = np.array(list(CORNERS.values())) * np.array(one["cuboid_dimensions"]) / 2
        _, turn, place = cv2.solvePnP(
            model, np.array(one["projected_cuboid"]), matrix(camera), None, flags=cv2.SOLVEPNP_SQPNP
        )
        assert np.allclose(place[:, 0], one["cuboid_centroid"], rtol=2e-3, atol=0.2)
        difference = Rotation.from_rotvec(turn[:, 0]).inv() * Rotation.from_quat(one["quaternion_xyzw"])
        assert difference.magnitude() < 0.01


def test_what_is_behind_the_camera_has_no_pixels(tmp_path: Path) -> None:
    create = {
        "wall": {"cube": {"scale": [0.5, 8, 0.2], "position": [0.6, 0, 0]}, "semantics": {"class": "wall"}},
        "eye": {"camera": {"position": [0, 0, 0.3], "look_at": [0, 5, 0]}},
    }
    spec = {
        "name": "behind", "create": create, "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
        "writers": [{"pose_writer": {"output_dir": str(tmp_path / "set"), "unit": "m"}}],
    }  # fmt: skip
    with build_graph(spec, device="cpu") as graph:
        graph.run(1)
    (path,) = (tmp_path / "set" / "data").rglob("*.json")
    (one,) = json.loads(path.read_text())["objects"]
    behind = np.array(one["cuboid"])[:, 2] < 0
    assert 0 < behind.sum() < 8
    assert (np.array(one["projected_cuboid"])[behind] == -100).all()
    assert sorted(one["cuboid_dimensions"]) == [0.2, 0.5, 8.0]


def test_parts_have_folders_of_their_own(tmp_path: Path) -> None:
    run([plugin("pose_writer", tmp_path / "set", splits={"train": 1, "val": 1})], 10)
    found = sorted(path.relative_to(tmp_path / "set" / "data").as_posix() for path in tmp_path.rglob("0*.json"))
    assert len(found) == 20
    assert {name.split("/")[0] for name in found} == {"train", "val"}
    assert {name.split("/")[1] for name in found} == {"left", "right"}
