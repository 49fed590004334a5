"""Image folders, read as they lie and with Hugging Face's datasets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from tests.writers.every_writer import plugin, run

FRAMES = 12
SPLITS = {"train": 0.5, "val": 0.5}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("hf")
    writers = [plugin("hf_imagefolder", folder / "hf", splits=SPLITS), plugin("coco_depth", folder / "coco")]
    run(writers, FRAMES)
    return folder / "hf", folder / "coco"


def lines(folder: Path, split: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in (folder / split / "metadata.jsonl").read_text().splitlines()]


def head(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])
    return found


def test_lines_hold_what_coco_depth_holds(both: tuple[Path, Path]) -> None:
    folder, other = both
    coco = json.loads((other / "annotations.json").read_text())
    images = {image["id"]: image for image in coco["images"]}
    found = {split: lines(folder, split) for split in ("train", "validation")}
    assert sorted(one["image_id"] for own in found.values() for one in own) == sorted(images)
    for split, own in found.items():
        assert own
        for one in own:
            image = images[one["image_id"]]
            content = (folder / split / one["file_name"]).read_bytes()
            assert content == (other / image["file_name"]).read_bytes()
            wanted = [entry for entry in coco["annotations"] if entry["image_id"] == image["id"]]
            assert one["objects"] == {
                "id": [entry["id"] for entry in wanted],
                "area": [entry["area"] for entry in wanted],
                "bbox": [entry["bbox"] for entry in wanted],
                "categories": [entry["category_id"] - 1 for entry in wanted],
            }


def test_the_card_says_what_the_categories_are(both: tuple[Path, Path]) -> None:
    card = head(both[0])
    assert card["dataset_info"]["features"][-1]["struct"][-1]["list"]["class_label"]["names"] == {
        "0": "ball",
        "1": "box",
        "2": "mug",
    }
    assert [one["split"] for one in card["configs"][0]["data_files"]] == ["train", "validation"]


READ = """
import json, sys
from datasets import load_dataset
folder, way = sys.argv[1:]
if way == "imagefolder":
    found = load_dataset("imagefolder", data_dir=folder)
else:
    from datasets.info import DatasetInfosDict
    features = DatasetInfosDict.from_directory(folder)["default"].features
    found = load_dataset(folder, features=features)
rows = {name: [{**row, "image": row["image"].size} for row in part] for name, part in found.items()}
inner = next(iter(found.values())).features["objects"]
kind = inner["categories"].feature if isinstance(inner, dict) else inner.feature["categories"]
print(json.dumps([rows, getattr(kind, "names", None)]))
"""


@pytest.mark.parametrize("way", ["imagefolder", "card"])
def test_datasets_loads_it(both: tuple[Path, Path], tmp_path: Path, way: str) -> None:
    if find_spec("datasets") is None:
        pytest.skip("Hugging Face's datasets is not installed")
    own = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    command = [sys.executable, "-c", READ, str(both[0]), way]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **own}, check=False)
    assert done.returncode == 0, done.stderr
    rows, names = json.loads(done.stdout.splitlines()[-1])
    assert names == (["ball", "box", "mug"] if way == "card" else None)
    assert set(rows) == {"train", "validation"}
    for split, found in rows.items():
        wanted = {one["image_id"]: one for one in lines(both[0], split)}
        assert len(found) == len(wanted)
        for row in found:
            line = wanted[row["image_id"]]
            assert row["objects"] == line["objects"]
            assert row["image"] == [line["width"], line["height"]]


def test_without_splits_all_is_for_training(tmp_path: Path) -> None:
    run([plugin("hf_imagefolder", tmp_path, image_format="jpg")], 3)
    assert len(lines(tmp_path, "train")) == 6
    for one in lines(tmp_path, "train"):
        with Image.open(tmp_path / "train" / one["file_name"]) as image:
            assert (image.format, image.size) == ("JPEG", (one["width"], one["height"]))
