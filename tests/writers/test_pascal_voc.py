"""Pascal VOC's files, by the devkit's conventions and by torchvision's loader, against what the flat world shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from tests.flat_world import bounds
from tests.writers.every_writer import plugin, run
from tests.writers.flat_truth import SIZES, masks

FRAMES = 15
CLASSES = ["ball", "box", "mug"]
SPLITS = {"train": 0.5, "val": 0.3, "test": 0.2}
LARGE = 300


def made(folder: Path, **fields: Any) -> Path:
    run([plugin("pascal_voc", folder, **fields)], FRAMES)
    return folder


def stems() -> list[tuple[str, int, str]]:
    """(stem, frame, product) of each image, in the order of their ids."""
    return [(f"{product}_{frame:06d}", frame, product) for frame in range(FRAMES) for product in SIZES]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("voc") / "VOCdevkit" / "VOC2012", min_pixels=LARGE, splits=SPLITS)


def test_annotations_are_the_visible_objects(folder: Path) -> None:
    difficult = 0
    for stem, frame, product in stems():
        root = ET.parse(folder / "Annotations" / f"{stem}.xml").getroot()
        assert root.findtext("filename") == f"{stem}.jpg"
        size = tuple(int(root.findtext(f"size/{name}") or 0) for name in ("width", "height", "depth"))
        assert size == (*SIZES[product], 3)
        truth = masks(frame, product)
        truth = [one for one in truth if one[1].sum() >= LARGE] + [one for one in truth if one[1].sum() < LARGE]
        objects = root.findall("object")
        assert [one.findtext("name") for one in objects] == [name for name, _ in truth]
        for one, (_, mask) in zip(objects, truth, strict=True):
            corners = [int(one.findtext(f"bndbox/{name}") or 0) for name in ("xmin", "ymin", "xmax", "ymax")]
            assert corners == (bounds(mask) + 1).tolist()
            assert one.findtext("difficult") == str(int(mask.sum() < LARGE))
            difficult += mask.sum() < LARGE
    assert difficult > 3
    assert json.loads((folder / "manifest.json").read_text())["counts"]["difficult"] == difficult


def test_truncation_and_occlusion_follow_their_thresholds(tmp_path: Path) -> None:
    writers = [
        plugin("pascal_voc", tmp_path / "voc", truncated_above=0.3, occluded_above=0.5),
        plugin("coco_depth", tmp_path / "coco"),
    ]
    run(writers, FRAMES)
    content = json.loads((tmp_path / "coco" / "annotations.json").read_text())
    annotations: dict[int, list[Any]] = {image["id"]: [] for image in content["images"]}
    for one in content["annotations"]:
        annotations[one["image_id"]].append(one)
    expected, found = [], []
    for image in content["images"]:
        own = annotations[image["id"]]
        expected += [(str(int(one["truncation"] > 0.3)), str(int(one["visible_fraction"] < 0.5))) for one in own]
        root = ET.parse(tmp_path / "voc" / "Annotations" / f"{image['product']}_{image['frame']:06d}.xml")
        found += [(element.findtext("truncated"), element.findtext("occluded")) for element in root.iter("object")]
    assert found == expected
    assert {first for first, _ in found} == {second for _, second in found} == {"0", "1"}


def test_segmentation_shows_classes_and_objects(folder: Path) -> None:
    for stem, frame, product in stems():
        by_class, by_object = np.zeros((2, *SIZES[product][::-1]), np.uint8)
        number = 0
        for name, mask in masks(frame, product):
            number += mask.sum() >= LARGE
            by_class[mask] = CLASSES.index(name) + 1 if mask.sum() >= LARGE else 255
            by_object[mask] = number if mask.sum() >= LARGE else 255
        for kind, expected in (("SegmentationClass", by_class), ("SegmentationObject", by_object)):
            with Image.open(folder / kind / f"{stem}.png") as image:
                assert image.mode == "P"
                assert np.array_equal(np.asarray(image), expected)
                colors = np.array(image.getpalette()).reshape(-1, 3)
            # The colours that the devkit's documentation names.
            assert colors[[0, 1, 2, 15, 255]].tolist() == [
                [0, 0, 0], [128, 0, 0], [0, 128, 0], [192, 128, 128], [224, 224, 192],
            ]  # fmt: skip


def test_lists_say_what_each_part_shows(folder: Path) -> None:
    lists = folder / "ImageSets" / "Main"
    parts = {part: (lists / f"{part}.txt").read_text().split() for part in (*SPLITS, "trainval")}
    assert sorted(parts["train"] + parts["val"] + parts["test"]) == sorted(stem for stem, _, _ in stems())
    assert parts["trainval"] == [stem for stem, _, _ in stems() if stem not in parts["test"]]
    shown = set()
    for part, own in parts.items():
        assert (folder / "ImageSets" / "Segmentation" / f"{part}.txt").read_text().split() == own
        for name in CLASSES:
            rows = [row.split() for row in (lists / f"{name}_{part}.txt").read_text().splitlines()]
            assert [stem for stem, _ in rows] == own
            for stem, number in rows:
                product, _, frame = stem.rpartition("_")
                areas = [mask.sum() for kind, mask in masks(int(frame), product) if kind == name]
                expected = -1 if not areas else int(max(areas) >= LARGE)
                assert int(number) == expected
                shown.add(expected)
    assert shown == {-1, 0, 1}


def test_without_splits_all_images_are_trainval(tmp_path: Path) -> None:
    folder = made(tmp_path / "set", image_format="png")
    assert (folder / "ImageSets" / "Main" / "trainval.txt").read_text().split() == [stem for stem, _, _ in stems()]
    assert {path.suffix for path in (folder / "JPEGImages").iterdir()} == {".png"}


def test_jpeg_images_are_the_rendered_ones(tmp_path: Path) -> None:
    run([plugin("pascal_voc", tmp_path / "voc", jpeg_quality=100), plugin("coco_depth", tmp_path / "coco")], 2)
    for stem, frame, product in stems()[:4]:
        with Image.open(tmp_path / "voc" / "JPEGImages" / f"{stem}.jpg") as image:
            assert image.format == "JPEG"
            lossy = np.asarray(image).astype(int)
        with Image.open(tmp_path / "coco" / "rgb" / product / f"{frame:06d}.png") as image:
            assert np.abs(lossy - np.asarray(image)).max() <= 6


def test_torchvision_reads_them(folder: Path) -> None:
    datasets = pytest.importorskip("torchvision.datasets", reason="torchvision is not installed")
    root = folder.parents[1]
    boxes = datasets.VOCDetection(str(root), year="2012", image_set="trainval")
    segments = datasets.VOCSegmentation(str(root), year="2012", image_set="train")
    own = (folder / "ImageSets" / "Main" / "trainval.txt").read_text().split()
    assert len(boxes) == len(own)
    for (picture, target), stem in zip(boxes, own, strict=True):
        product, _, frame = stem.rpartition("_")
        assert picture.size == SIZES[product]
        found = target["annotation"].get("object", [])
        assert sorted(one["name"] for one in found) == sorted(name for name, _ in masks(int(frame), product))
    for picture, target in segments:
        assert picture.size == target.size
        assert target.mode == "P"
