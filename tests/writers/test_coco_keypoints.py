"""Keypoints in COCO files: where they are, against plain projection, and what evaluation makes of them."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.spatial.transform import Rotation

from replicator_dr import build_graph
from replicator_dr.run.merge import merge

POINTS = {"low": [-0.5, -0.5, -0.5], "high": [0.5, 0.5, 0.5], "top": [0.0, 0.0, 0.5]}
SPEC: dict[str, Any] = {
    "name": "named",
    "create": {
        "boxes": {
            "cube": {"count": 3, "size": 0.5},
            "semantics": {"class": "box"},
            "keypoints": POINTS,
            "skeleton": [["low", "high"], ["high", "top"]],
        },
        "flats": {"cube": {"size": 0.4}, "semantics": {"class": "box"}, "keypoints": {"top": [0, 0, 0.5]}},
        "ball": {"sphere": {"size": 0.5}, "semantics": {"class": "ball"}},
        "eye": {"camera": {"position": [0, -4, 1], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {
                    "pose": {
                        "prims": ["boxes", "flats", "ball"],
                        "position": {"uniform": [[-2, -1, -1], [2, 1, 1]]},
                        "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]},
                    }
                }
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 120]}],
    "writers": [{"coco_depth": {}}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keypoints") / "set"
    with build_graph(SPEC, device="cpu") as graph:
        graph.run(10, output_dir=path)
    return path


def load(folder: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / "annotations.json"))


def test_a_category_has_the_names_of_all_its_objects(folder: Path) -> None:
    categories = {one["name"]: one for one in load(folder).dataset["categories"]}
    assert categories["box"]["keypoints"] == ["low", "high", "top"]
    assert categories["box"]["skeleton"] == [[1, 2], [2, 3]]
    assert "keypoints" not in categories["ball"]


def test_places_are_those_of_plain_projection(folder: Path) -> None:
    coco = load(folder)
    seen = {0: 0, 1: 0, 2: 0}
    for item in coco.anns.values():
        if coco.cats[item["category_id"]]["name"] == "ball":
            assert "keypoints" not in item
            continue
        numbers = np.array(item["keypoints"]).reshape(3, 3)
        assert item["num_keypoints"] == (numbers[:, 2] > 0).sum()
        flat = "flats" in item["prim_path"]
        pose, image = item["pose"], coco.imgs[item["image_id"]]
        turn = Rotation.from_quat(np.array(pose["quaternion"])[[1, 2, 3, 0]])
        (fx, _, cx), (_, fy, cy), _ = image["camera"]["intrinsics"]
        for name, (x, y, v) in zip(POINTS, numbers):
            seen[int(v)] += 1
            if v == 0:
                assert (x, y) == (0, 0)
                continue
            assert not flat or name == "top"
            point = turn.apply(np.array(pose["scale"]) * POINTS[name]) + pose["translation"]
            where = [fx * point[0] / point[2] + cx, fy * point[1] / point[2] + cy]
            assert [x + 0.5, y + 0.5] == pytest.approx(where, abs=3e-3)
            assert 0 <= x + 0.5 <= image["width"]
        if flat:
            assert numbers[:2, 2].tolist() == [0, 0]
    assert min(seen.values()) > 3


def test_the_truth_as_detections_is_perfect(folder: Path) -> None:
    truth = load(folder)
    boxes = truth.getCatIds(catNms=["box"])
    # Evaluation passes over objects without a keypoint in the image.
    wanted = [item for item in truth.loadAnns(truth.getAnnIds(catIds=boxes)) if item["num_keypoints"]]
    keys = ("image_id", "category_id", "keypoints")
    with contextlib.redirect_stdout(io.StringIO()):
        found = truth.loadRes([{**{key: item[key] for key in keys}, "score": 1.0} for item in wanted])
        evaluation = COCOeval(truth, found, "keypoints")
        evaluation.params.catIds = boxes
        evaluation.params.kpt_oks_sigmas = np.full(3, 0.05)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert np.round(evaluation.stats[0], 12) == 1.0


def test_shards_agree_on_what_a_category_has(folder: Path, tmp_path: Path) -> None:
    with build_graph(SPEC, device="cpu") as graph:
        graph.run(5, output_dir=tmp_path / "a")
        graph.run(5, start=5, output_dir=tmp_path / "b", processes=True)
    merge(tmp_path / "whole", [tmp_path / "a", tmp_path / "b"])
    assert (tmp_path / "whole" / "annotations.json").read_bytes() == (folder / "annotations.json").read_bytes()
    assert json.loads((folder / "manifest.json").read_text())["counts"]["annotations"] > 20
