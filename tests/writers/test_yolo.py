"""YOLO's files, read as their format's text has them, against what the flat world shows."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from replicator_dr import build_graph
from replicator_dr.dataset.writer import DatasetWriter
from replicator_dr.errors import OutputError
from tests.writers.every_writer import files, plugin, run
from tests.writers.flat_truth import SIZES, entities, masks
from tests.writers.test_coco_keypoints import SPEC
from writers.yolo_keypoints import flipped

FRAMES = 15
CLASSES = ["ball", "box", "mug"]


def lines(path: Path) -> list[tuple[str, np.ndarray]]:
    """(class, numbers) of each line of a label file."""
    rows = [row.split() for row in path.read_text().splitlines()]
    return [(CLASSES[int(first)], np.array([float(number) for number in rest])) for first, *rest in rows]


def labels(folder: Path) -> list[tuple[int, str, list[tuple[str, np.ndarray]]]]:
    """(frame, product, lines) of each label file, all numbers within the image."""
    found = []
    for path in sorted((folder / "labels").rglob("*.txt")):
        product, _, frame = path.stem.rpartition("_")
        picture = folder / "images" / path.relative_to(folder / "labels").with_suffix(".png")
        with Image.open(picture) as image:
            assert (image.size, image.mode) == (SIZES[product], "RGB")
        rows = lines(path)
        assert all((numbers >= 0).all() and (numbers <= 1).all() for _, numbers in rows)
        found.append((int(frame), product, rows))
    return found


def made(folder: Path, **fields: Any) -> Path:
    run([plugin("yolo", folder, **fields)], FRAMES)
    return folder


def test_boxes_are_those_of_the_visible_masks(tmp_path: Path) -> None:
    empty = 0
    for frame, product, rows in labels(made(tmp_path / "set")):
        truth = masks(frame, product)
        assert [name for name, _ in rows] == [name for name, _ in truth]
        for (_, (x, y, width, height)), (_, mask) in zip(rows, truth, strict=True):
            scale = np.array([*SIZES[product]] * 2)
            low = np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2]) * scale
            down, across = np.nonzero(mask)
            expected = [across.min(), down.min(), across.max() + 1, down.max() + 1]
            assert low == pytest.approx(expected, abs=1e-5)
        empty += not rows
    assert empty == 2 * FRAMES // 5


def test_polygons_are_the_visible_masks(tmp_path: Path) -> None:
    several = 0
    for frame, product, rows in labels(made(tmp_path / "set", task="segment")):
        width, height = SIZES[product]
        for (name, numbers), (truth_name, mask) in zip(rows, masks(frame, product), strict=True):
            assert name == truth_name
            points = numbers.reshape(-1, 2) * [width, height]
            assert len(points) >= 4
            decoded = coco_mask.decode(coco_mask.frPyObjects([points.reshape(-1).tolist()], height, width))[..., 0]
            assert np.array_equal(decoded.astype(bool), mask)
            several += len(points) > 4
    assert several > 5


def test_turned_boxes_hold_the_visible_masks(tmp_path: Path) -> None:
    count = 0
    for frame, product, rows in labels(made(tmp_path / "set", task="obb")):
        for (_, numbers), (_, mask) in zip(rows, masks(frame, product), strict=True):
            corners = numbers.reshape(4, 2) * SIZES[product]
            down, across = np.nonzero(mask)
            if (corners > 0.01).all() and (corners < np.array(SIZES[product]) - 0.01).all():
                ahead = np.roll(corners, -1, axis=0) - corners
                points = np.concatenate([np.stack([across + a, down + b], -1) for a in (0, 1) for b in (0, 1)])
                offset = points[:, None] - corners[None]
                assert (ahead[:, 0] * offset[..., 1] - ahead[:, 1] * offset[..., 0] > -1e-3).all()
                count += 1
    assert count > 10


@pytest.mark.parametrize("task", ["detect", "segment", "obb"])
def test_another_tool_reads_them(tmp_path: Path, task: str) -> None:
    supervision = pytest.importorskip("supervision", reason="supervision is not installed")
    folder = made(tmp_path / "set", task=task)
    dataset = supervision.DetectionDataset.from_yolo(
        images_directory_path=str(folder / "images"),
        annotations_directory_path=str(folder / "labels"),
        data_yaml_path=str(folder / "data.yaml"),
        is_obb=task == "obb",
    )
    assert dataset.classes == CLASSES
    assert len(dataset) == 2 * FRAMES
    for path, _, detections in dataset:
        product, _, frame = Path(path).stem.rpartition("_")
        truth = masks(int(frame), product)
        assert [CLASSES[number] for number in detections.class_id] == [name for name, _ in truth]
        for box, (_, mask) in zip(detections.xyxy, truth, strict=True):
            down, across = np.nonzero(mask)
            if task == "detect":
                assert box.tolist() == pytest.approx(
                    [across.min(), down.min(), across.max() + 1, down.max() + 1], abs=0.01
                )


def test_parts_have_folders_of_their_own(tmp_path: Path) -> None:
    folder = made(tmp_path / "set", splits={"train": 0.6, "valid": 0.2, "test": 0.2})
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert data == {
        "train": "images/train", "val": "images/valid", "test": "images/test", "names": dict(enumerate(CLASSES)),
    }  # fmt: skip
    journal = [json.loads(row) for row in (folder / "journal.jsonl").read_text().splitlines()[1:]]
    for line in journal:
        for name in line["sha256"]:
            assert name.split("/")[1] == line["split"]
    assert sum(len(list((folder / data[part]).iterdir())) for part in ("train", "val", "test")) == 2 * FRAMES


def test_classes_keep_the_order_that_is_given(tmp_path: Path) -> None:
    folder = made(tmp_path / "set", categories=("mug", "box"), root="/data/flat")
    data = yaml.safe_load((folder / "data.yaml").read_text())
    assert data == {"path": "/data/flat", "train": "images", "val": "images", "names": {0: "mug", 1: "box"}}
    for path in (folder / "labels").rglob("*.txt"):
        product, _, frame = path.stem.rpartition("_")
        found = [int(row.split()[0]) for row in path.read_text().splitlines()]
        assert found == [{0: 1, 2: 0}[row] for row in (0, 2) if (entities(int(frame), product) == row).any()]


def test_what_a_trainer_noted_about_older_labels_is_deleted(tmp_path: Path) -> None:
    folder = made(tmp_path / "set", splits={"train": 1})
    for name in ("labels.cache", "labels/train.cache"):
        (folder / name).write_bytes(b"old")
    made(folder, splits={"train": 1})
    assert not list(folder.rglob("*.cache"))


def test_keypoints_are_those_of_coco(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """COCO counts from the first pixel's centre, YOLO from its corner."""
    spec = {
        **SPEC,
        "writers": [{"coco_depth": {"output_dir": "coco"}}, {"yolo": {"task": "pose", "output_dir": "yolo"}}],
    }
    monkeypatch.chdir(tmp_path)
    with build_graph(spec, device="cpu") as graph:
        graph.run(6)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(tmp_path / "coco" / "annotations.json"))
    data = yaml.safe_load((tmp_path / "yolo" / "data.yaml").read_text())
    assert data["kpt_shape"] == [3, 3]
    assert data["flip_idx"] == [0, 1, 2]
    seen = 0
    for image in coco.imgs.values():
        (path,) = (tmp_path / "yolo" / "labels").glob(f"*_{image['frame']:06d}.txt")
        rows = [[float(number) for number in row.split()] for row in path.read_text().splitlines()]
        annotations = coco.imgToAnns[image["id"]]
        assert len(rows) == len(annotations)
        for row, annotation in zip(rows, annotations, strict=True):
            points = np.array(row[5:]).reshape(3, 3)
            expected = np.array(annotation.get("keypoints", [0] * 9), np.float64).reshape(3, 3)
            assert points[:, 2].tolist() == expected[:, 2].tolist()
            present = expected[:, 2] > 0
            assert np.allclose(points[present, :2] * [160, 120], expected[present, :2] + 0.5, atol=2e-3)
            assert not points[~present].any()
            seen += int(present.sum())
    assert seen > 20


def test_left_and_right_change_places() -> None:
    names = ["left_eye", "nose", "right_eye", "hookLeft", "hookRight", "top", "end", "left_only"]
    assert flipped(names, [("top", "end")]) == [2, 1, 0, 4, 3, 6, 5, 7]


def test_poses_without_keypoints_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the scene has none"):
        made(tmp_path / "set", task="pose")


def test_categories_that_nobody_named_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime may show labels that it did not list."""
    monkeypatch.setattr(DatasetWriter, "label_sets", lambda self: ({"class": "box"},), raising=False)
    with pytest.raises(OutputError, match="shows the category 'mug', and the dataset numbers 1 others: box; name all"):
        made(tmp_path / "set")


@pytest.mark.parametrize("fields", [{"task": "segment"}, {"task": "obb"}, {"image_format": "jpg"}])
def test_options_give_the_same_bytes_every_way(tmp_path: Path, fields: dict[str, Any]) -> None:
    whole = files(made(tmp_path / "whole", **fields))
    run([plugin("yolo", tmp_path / "ordinary", **fields)], FRAMES, one_by_one=True)
    run([plugin("yolo", tmp_path / "processes", **fields)], FRAMES, batch=4, processes=True)
    assert files(tmp_path / "ordinary") == files(tmp_path / "processes") == whole
