"""Reading a dataset back for its sheet, against a dataset made by hand with Pillow and pycocotools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from replicator_dr.errors import AssetError, OutputError
from replicator_dr.run.preview_dataset import WrittenDataset, dataset_preview, read_depth, spread
from replicator_dr.run.preview_sheet import save_sheet

FRAMES = [0, 1, 2, 7]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Four images with one mug each, at column 10 + frame."""
    (tmp_path / "rgb").mkdir()
    (tmp_path / "depth").mkdir()
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for frame in FRAMES:
        Image.fromarray(np.full((40, 60, 3), frame, dtype=np.uint8)).save(tmp_path / "rgb" / f"{frame}.png")
        depth = np.full((40, 60), 1500 + frame, dtype=np.uint16)
        depth[0] = 0
        Image.fromarray(depth).save(tmp_path / "depth" / f"{frame}.png")
        images.append(
            {
                "id": frame + 1,
                "frame": frame,
                "product": "eye",
                "width": 60,
                "height": 40,
                "file_name": f"rgb/{frame}.png",
                "depth_file_name": f"depth/{frame}.png",
            }
        )
        mask = np.zeros((40, 60), dtype=np.uint8, order="F")
        mask[5:15, 10 + frame : 20 + frame] = 1
        counts = coco_mask.encode(mask)
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": frame + 1,
                "category_id": 1,
                "bbox": [10.0 + frame, 5.0, 10.0, 10.0],
                "area": 100,
                "iscrowd": 0,
                "segmentation": {"size": [40, 60], "counts": counts["counts"].decode()},
                "visible_fraction": 0.5,
            }
        )
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "mug"}]}
    (tmp_path / "annotations.json").write_text(json.dumps(content))
    (tmp_path / "manifest.json").write_text(json.dumps({"name": "by hand", "seed": 0}))
    return tmp_path


def test_images_come_with_their_labels(dataset: Path) -> None:
    (image,) = WrittenDataset(dataset).images_of([7])
    assert (image.frame, image.product, image.size) == (7, "eye", (60, 40))
    assert (image.rgb == 7).all()
    (mug,) = image.objects
    assert (mug.category, mug.box, mug.visible_fraction) == ("mug", (17.0, 5.0, 10.0, 10.0), 0.5)
    rows, columns = np.nonzero(mug.mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 14, 17, 26)
    assert image.depth is not None
    assert np.isinf(image.depth[0]).all()
    assert image.depth[1:] == pytest.approx(1.507)


def test_title_names_seed_zero_and_counts(dataset: Path) -> None:
    rows, title = dataset_preview(dataset, 2)
    assert [row.frame for row in rows] == [0, 7]
    assert title.heading == "by hand"
    assert title.detail.startswith("seed 0   |   2 of 4 frames")


def test_frames_that_are_not_there_and_folders_that_are_none(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="has no frame 3: it holds 4 frames from 0 to 7"):
        dataset_preview(dataset, 1, frames=[3])
    with pytest.raises(AssetError, match=r"holds no annotations\.json: give a folder that coco_depth wrote"):
        WrittenDataset(tmp_path / "rgb")
    (dataset / "rgb" / "7.png").unlink()
    with pytest.raises(AssetError, match=r"7\.png is missing"):
        dataset_preview(dataset, 1, frames=[7])


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [0]), (2, [0, 9]), (3, [0, 4, 9]), (10, list(range(10))), (99, list(range(10)))]
)
def test_spread_goes_from_first_to_last(count: int, expected: list[int]) -> None:
    assert spread(range(10), count) == expected


def test_depth_in_other_formats(tmp_path: Path) -> None:
    metres = np.array([[1.25, np.inf]], dtype=np.float32)
    np.save(tmp_path / "d.npy", metres)
    assert np.array_equal(read_depth(tmp_path / "d.npy"), metres)  # type: ignore[arg-type]
    assert read_depth(tmp_path / "d.exr") is None


def test_sheet_goes_where_it_is_wanted_or_says_why_not(tmp_path: Path) -> None:
    sheet = Image.new("RGB", (8, 8))
    for suffix in (".png", ".jpg", ".webp"):
        save_sheet(sheet, tmp_path / "new" / f"sheet{suffix}")
        assert Image.open(tmp_path / "new" / f"sheet{suffix}").size == (8, 8)
    with pytest.raises(OutputError, match=r"sheet\.txt: a sheet is written as \.png"):
        save_sheet(sheet, tmp_path / "sheet.txt")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another place with -o"):
        save_sheet(sheet, tmp_path / "file" / "sheet.png")
