"""Panoptic images: every pixel's segment against the instance image, and what evaluation asks of the two files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.flat_world import ENTITIES, FlatRenderer, bounds, flat_scene, flat_state, frame_rectangles
from tests.writers.every_writer import plugin, run

FRAMES = 15
SIZES = {"left": (64, 48), "right": (240, 180)}
NAMES = ("box", "ball", "mug")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("panoptic") / "set"
    run([plugin("coco_panoptic", path)], FRAMES)
    return path


def instances(frame: int, product: str) -> np.ndarray:
    """Rows of ENTITIES, -1 elsewhere."""
    from replicator_dr.render.scene import View

    frames = np.array([frame])
    state = flat_state(frames, frame_rectangles(frames))
    part = FlatRenderer(flat_scene()).render(state.arrays, View(0, *SIZES[product])).part[0]
    return np.where(part >= 0, flat_scene().arrays.part_entity[part], -1)


def read(folder: Path, name: str = "panoptic.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text())
    return found


def ids(folder: Path, annotation: dict[str, Any]) -> np.ndarray:
    """The ids of an annotation's PNG file."""
    with Image.open(folder / "panoptic" / annotation["file_name"]) as image:
        assert image.mode == "RGB"
        color = np.asarray(image).astype(np.int64)
    return color[..., 0] + 256 * color[..., 1] + 65536 * color[..., 2]


def pairs(folder: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(image, annotation) of each image."""
    content = read(folder)
    images = {image["id"]: image for image in content["images"]}
    assert [one["image_id"] for one in content["annotations"]] == list(images)
    return [(images[one["image_id"]], one) for one in content["annotations"]]


def test_each_object_is_a_segment(folder: Path) -> None:
    categories = {one["id"]: one["name"] for one in read(folder)["categories"]}
    seen = 0
    for image, annotation in pairs(folder):
        painted, wanted = ids(folder, annotation), instances(image["frame"], image["product"])
        segments = {segment["id"]: segment for segment in annotation["segments_info"]}
        # The two conditions of panopticapi's evaluation: neither side knows an id that the other does not.
        assert set(np.unique(painted).tolist()) - {0} == set(segments)
        assert np.array_equal(painted == 0, wanted < 0)
        for row in set(np.unique(wanted).tolist()) - {-1}:
            mask = wanted == row
            (number,) = np.unique(painted[mask]).tolist()
            x_min, y_min, x_max, y_max = bounds(mask).tolist()
            assert segments[number] == {
                "id": number,
                "category_id": segments[number]["category_id"],
                "area": int(mask.sum()),
                "bbox": [x_min, y_min, x_max - x_min + 1, y_max - y_min + 1],
                "iscrowd": 0,
            }
            assert categories[segments[number]["category_id"]] == NAMES[row]
            seen += 1
    assert seen > 30
    assert len(ENTITIES) == len(categories)


def test_things_and_stuff_are_told_apart(folder: Path, tmp_path: Path) -> None:
    assert {one["isthing"] for one in read(folder)["categories"]} == {1}
    run([plugin("coco_panoptic", tmp_path / "set", stuff=("ball",))], 2)
    assert {one["name"]: one["isthing"] for one in read(tmp_path / "set")["categories"]} == {
        "ball": 0, "box": 1, "mug": 1,
    }  # fmt: skip


def test_stuff_of_one_category_is_one_segment(tmp_path: Path) -> None:
    # By the label "kind" all three prims are of one category.
    from tests import flat_world

    labels = tuple({**one, "kind": "ground"} for one in flat_world.LABELS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flat_world, "LABELS", labels)
        run([plugin("coco_panoptic", tmp_path / "set", label_type="kind", stuff=("ground",))], FRAMES)
    several = 0
    for image, annotation in pairs(tmp_path / "set"):
        mask = instances(image["frame"], image["product"]) >= 0
        assert len(annotation["segments_info"]) == int(mask.any())
        for segment in annotation["segments_info"]:
            x_min, y_min, x_max, y_max = bounds(mask).tolist()
            assert segment["bbox"] == [x_min, y_min, x_max - x_min + 1, y_max - y_min + 1]
            assert segment["area"] == mask.sum()
            assert np.array_equal(ids(tmp_path / "set", annotation) == segment["id"], mask)
            several += len(np.unique(instances(image["frame"], image["product"])[mask])) > 1
    assert several > 5


def test_what_is_filtered_out_is_void(folder: Path, tmp_path: Path) -> None:
    run([plugin("coco_panoptic", tmp_path / "set", min_pixels=60)], FRAMES)
    voided = 0
    for (_, whole), (_, kept) in zip(pairs(folder), pairs(tmp_path / "set"), strict=True):
        large = [segment for segment in whole["segments_info"] if segment["area"] >= 60]
        assert kept["segments_info"] == large
        expected = np.where(np.isin(ids(folder, whole), [one["id"] for one in large]), ids(folder, whole), 0)
        assert np.array_equal(ids(tmp_path / "set", kept), expected)
        voided += len(whole["segments_info"]) - len(large)
    assert voided > 0
