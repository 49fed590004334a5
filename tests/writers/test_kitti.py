"""KITTI's files, read by the devkit's text: boxes are drawn from the labels anew and held against the scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from replicator_dr import build_graph
from replicator_dr.errors import UnsupportedError
from tests.flat_world import bounds
from tests.writers.every_writer import plugin, run
from tests.writers.flat_truth import NAMES, SIZES, masks

FIELDS = ("truncated", "occluded", "alpha", "left", "top", "right", "bottom", "h", "w", "l", "x", "y", "z", "ry")

SPEC: dict[str, Any] = {
    "name": "street",
    "create": {
        "cars": {"cube": {"count": 4, "size": 1.0}, "semantics": {"class": "car"}},
        "vans": {"cube": {"count": 2, "size": 1.0}, "semantics": {"class": "delivery van"}},
        "eye": {"camera": {"position": [0, 0, 1.6], "look_at": [0, 10, 1.6]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": ["cars", "vans"],
                        "position": {"uniform": [[-6, 5, 0], [6, 20, 2]]},
                        "rotation": {"uniform": [[0, 0, -180], [0, 0, 180]]},
                        "scale": {"uniform": [[3, 1.5, 1.2], [5, 2, 2.5]]},
                    }
                }
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
}


def objects(path: Path) -> list[tuple[str, dict[str, float]]]:
    """(type, fields) of each line."""
    rows = [row.split(" ") for row in path.read_text().splitlines()]
    assert all(len(row) == 15 for row in rows)
    return [(row[0], dict(zip(FIELDS, map(float, row[1:]), strict=True))) for row in rows]


def calib(path: Path) -> dict[str, np.ndarray]:
    rows = (row.split(": ") for row in path.read_text().splitlines())
    return {name: np.array([float(number) for number in numbers.split()]).reshape(3, -1) for name, numbers in rows}


def drawn(one: dict[str, float], projection: np.ndarray) -> np.ndarray:
    """(8, 2) corners of the box in the image, as the devkit draws them (computeBox3D.m)."""
    turn = np.array([[np.cos(one["ry"]), 0, np.sin(one["ry"])], [0, 1, 0], [-np.sin(one["ry"]), 0, np.cos(one["ry"])]])
    x = one["l"] / 2 * np.array([1, 1, -1, -1, 1, 1, -1, -1])
    y = one["h"] * np.array([0, 0, 0, 0, -1, -1, -1, -1])
    z = one["w"] / 2 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
    corners = turn @ np.stack([x, y, z]) + np.array([[one["x"]], [one["y"]], [one["z"]]])
    flat = projection @ np.concatenate([corners, np.ones((1, 8))])
    return (flat[:2] / flat[2]).T


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scene in KITTI's format, and in COCO's to compare with."""
    path = tmp_path_factory.mktemp("street")
    writers = [{"kitti": {"output_dir": str(path / "kitti")}}, {"coco_depth": {"output_dir": str(path / "coco")}}]
    with build_graph({**SPEC, "writers": writers}, device="cpu") as graph:
        graph.run(12)
    return path


def both(street: Path) -> list[tuple[dict[str, Any], str, dict[str, float], np.ndarray]]:
    """(COCO's annotation, type, fields, P2) of each object."""
    content = json.loads((street / "coco" / "annotations.json").read_text())
    found = []
    for image in content["images"]:
        stem = f"{image['id'] - 1:06d}"
        rows = objects(street / "kitti" / "training" / "label_2" / f"{stem}.txt")
        annotations = [one for one in content["annotations"] if one["image_id"] == image["id"]]
        projection = calib(street / "kitti" / "training" / "calib" / f"{stem}.txt")["P2"]
        assert len(rows) == len(annotations)
        found += [(one, *row, projection) for one, row in zip(annotations, rows, strict=True)]
    return found


def test_boxes_of_upright_objects_are_drawn_where_they_are(street: Path) -> None:
    count = 0
    for annotation, name, one, projection in both(street):
        assert name in ("car", "delivery_van")
        expected = np.array(annotation["bbox_3d"]["image_points"], np.float64)
        if np.isnan(expected).any():
            continue
        # Pixel i covers i to i + 1 there; KITTI counts from the first one's centre.
        points = drawn(one, projection)
        distance = np.linalg.norm(points[:, None] - (expected - 0.5)[None], axis=-1)
        assert distance.min(axis=1).max() < 0.02
        assert sorted(distance.argmin(axis=1).tolist()) == list(range(8))
        count += 1
    assert count > 30


def test_a_heading_is_the_object_s_x_axis(street: Path) -> None:
    for annotation, _, one, _ in both(street):
        w, x, y, z = annotation["pose"]["quaternion"]
        ahead = np.array([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)])
        assert np.allclose(ahead, [np.cos(one["ry"]), 0, -np.sin(one["ry"])], atol=1e-5)
        assert -np.pi <= one["alpha"] <= np.pi
        difference = one["ry"] - np.arctan2(one["x"], one["z"]) - one["alpha"]
        assert abs((difference + np.pi) % (2 * np.pi) - np.pi) < 1e-5


def test_truncation_and_occlusion(street: Path) -> None:
    levels = set()
    for annotation, _, one, _ in both(street):
        assert one["truncated"] == pytest.approx(annotation["truncation"], abs=1e-6)
        x, y, width, height = annotation["bbox_amodal"]
        assert [one[name] for name in ("left", "top", "right", "bottom")] == [x, y, x + width - 1, y + height - 1]
        seen = annotation["visible_fraction"]
        assert one["occluded"] == (0 if seen >= 0.95 else 1 if seen >= 0.5 else 2)
        levels.add(one["occluded"])
    assert levels == {0, 1, 2}


def test_calibration_is_complete(street: Path) -> None:
    found = calib(street / "kitti" / "training" / "calib" / "000003.txt")
    assert list(found) == ["P0", "P1", "P2", "P3", "R0_rect", "Tr_velo_to_cam", "Tr_imu_to_velo"]
    # A laser point 10 m ahead of the camera stands in the middle of the image.
    point = found["P2"] @ np.append(found["R0_rect"] @ found["Tr_velo_to_cam"] @ [10, 0, 0, 1], 1)
    assert np.allclose(point[:2] / point[2], [79.5, 59.5])


def test_what_is_filtered_out_is_not_cared_for(tmp_path: Path) -> None:
    run([plugin("kitti", tmp_path / "set", min_pixels=300, splits={"train": 0.5, "val": 0.5})], 15)
    regions = 0
    for frame in range(15):
        for position, (product, size) in enumerate(SIZES.items()):
            stem = tmp_path / "set" / "training" / "label_2" / f"{2 * frame + position:06d}.txt"
            with Image.open(stem.parents[1] / "image_2" / f"{stem.stem}.png") as image:
                assert image.size == size
            found = objects(stem)
            truth = masks(frame, product)
            large = [name for name, mask in truth if mask.sum() >= 300]
            assert [name for name, _ in found] == large + ["DontCare"] * (len(truth) - len(large))
            for _, one in found[len(large) :]:
                assert [one[name] for name in ("truncated", "occluded", "alpha", "h", "x", "ry")] == [
                    -1, -1, -10, -1, -1000, -10,
                ]  # fmt: skip
                assert 0 <= one["left"] <= one["right"] < size[0]
                regions += 1
    assert regions > 3
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert manifest["counts"]["dont_care"] == manifest["counts"]["filtered"]["min_pixels"] == regions
    parts = {path.stem: path.read_text().split() for path in (tmp_path / "set" / "ImageSets").iterdir()}
    assert parts["trainval"] == [f"{number:06d}" for number in range(30)]
    assert sorted(parts["train"] + parts["val"]) == parts["trainval"]
    assert parts["train"]
    assert parts["val"]


def test_boxes_are_the_whole_objects_inside_the_image(tmp_path: Path) -> None:
    run([plugin("kitti", tmp_path / "set")], 4)
    for frame in range(4):
        for position, product in enumerate(SIZES):
            found = objects(tmp_path / "set" / "training" / "label_2" / f"{2 * frame + position:06d}.txt")
            for (name, one), (truth_name, mask) in zip(found, masks(frame, product), strict=True):
                assert name == truth_name in NAMES
                seen = bounds(mask)
                assert one["left"] <= seen[0]
                assert one["top"] <= seen[1]
                assert one["right"] >= seen[2]
                assert one["bottom"] >= seen[3]


def test_lenses_are_refused(tmp_path: Path) -> None:
    lens = {"model": "opencv_pinhole", "k1": -0.1}
    eye = {"camera": {"fx": 110, "resolution": [160, 120], "lens": lens}}
    spec = {
        **SPEC,
        "create": {**SPEC["create"], "eye": eye},
        "writers": [{"kitti": {"output_dir": str(tmp_path / "set")}}],
    }
    with (
        pytest.raises(UnsupportedError, match=r"eye has a lens that distorts \(opencv_pinhole\); KITTI's images"),
        build_graph(spec, device="cpu") as graph,
    ):
        graph.run(1)
    assert not (tmp_path / "set").exists()


def test_thresholds_in_the_wrong_order_are_an_error() -> None:
    with pytest.raises(ValidationError, match=r"partly_occluded_threshold 0\.9 is above fully_visible_threshold 0\.8"):
        plugin("kitti", Path("set"), partly_occluded_threshold=0.9, fully_visible_threshold=0.8)
