"""Comparing datasets: equal ones are equal, and each kind of difference is measured and named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr import build_graph
from replicator_dr.errors import OutputError
from replicator_dr.run.verify import compare
from tests.isaacsim.runs import SPEC


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "reference"
    with build_graph(SPEC) as graph:
        graph.run(2, 0, folder)
    return folder


def changed(reference: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy with other annotations."""
    shutil.copytree(reference, folder)
    content = json.loads((folder / "annotations.json").read_text())
    change(content)
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


def test_the_same_is_the_same(reference: Path) -> None:
    found = compare("both", reference, reference)
    assert found.faults == ()
    assert (found.missing, found.extra, found.images) == (0, 0, 4)
    assert found.box_iou == (1.0, 1.0)
    assert (found.depth_error, found.position_error, found.rotation_error) == ((0.0, 0.0), 0.0, 0.0)
    assert found.objects > 8


def test_boxes(reference: Path, tmp_path: Path) -> None:
    def widen(content: dict[str, Any]) -> None:
        for entry in content["annotations"]:
            entry["bbox"][2] *= 2

    found = compare("both", changed(reference, tmp_path / "made", widen), reference)
    assert found.box_iou == (0.5, 0.5)
    assert found.faults == ("median box IoU below 0.9",)


def test_poses(reference: Path, tmp_path: Path) -> None:
    def move(content: dict[str, Any]) -> None:
        pose = content["annotations"][0]["pose"]
        pose["translation"][1] += 0.02
        # Half a degree about X, and the other sign of the same rotation.
        half = np.radians(0.25)
        w, x, y, z = pose["quaternion"]
        c, s = np.cos(half), np.sin(half)
        pose["quaternion"] = [-(c * w - s * x), -(c * x + s * w), -(c * y - s * z), -(c * z + s * y)]

    found = compare("both", changed(reference, tmp_path / "made", move), reference)
    assert found.position_error == pytest.approx(0.02)
    assert found.rotation_error == pytest.approx(0.5, abs=1e-5)
    assert found.faults == ("position error above 0.0001 m", "rotation error above 0.01 degrees")


def test_objects_that_are_not_there(reference: Path, tmp_path: Path) -> None:
    def lose(content: dict[str, Any]) -> None:
        content["annotations"].pop()
        content["annotations"][0]["id"] += 50

    found = compare("both", changed(reference, tmp_path / "made", lose), reference)
    assert (found.missing, found.extra) == (2, 1)
    assert found.faults == ("2 objects missing and 1 too many",)


def test_depth(reference: Path, tmp_path: Path) -> None:
    folder = changed(reference, tmp_path / "made", lambda _: None)
    for file in (folder / "depth").rglob("*.png"):
        pixels = np.asarray(Image.open(file)).astype(np.int32)
        Image.fromarray(np.where(pixels > 0, pixels + 30, 0).astype(np.uint16)).save(file)
    found = compare("both", folder, reference)
    assert found.depth_error == pytest.approx((0.03, 0.03))
    assert found.faults == ("median depth error above 0.005 m",)


def test_a_dataset_that_is_not_whole(reference: Path, tmp_path: Path) -> None:
    folder = changed(reference, tmp_path / "made", lambda content: content["images"].pop())
    with pytest.raises(OutputError, match="lacks 1 of the 4 images"):
        compare("both", folder, reference)
    with pytest.raises(OutputError, match=r"there is no annotations\.json"):
        compare("both", tmp_path, reference)
