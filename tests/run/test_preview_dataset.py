"""Reading a dataset back for its sheet, against a dataset made by hand with Pillow and pycocotools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from replicator_dr.errors import AssetError, OutputError
from replicator_dr.run.preview_dataset import WrittenDataset, dataset_preview, read_depth, spread
from replicator_dr.run.preview_sheet import save_sheet


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
    ("name", "text"),
    [
        ("annotations.json", "{"),
        ("annotations.json", '{"images": 3}'),
        ("annotations.json", '{"images": [{"id": 1}], "annotations": [], "categories": []}'),
        ("manifest.json", '{"name": "by'),
    ],
)
def test_tables_that_are_damaged_or_of_others_are_named(dataset: Path, name: str, text: str) -> None:
    (dataset / name).write_text(text)
    with pytest.raises(AssetError, match=rf"{name} is not as coco_depth writes it \(.*\); make the dataset again"):
        WrittenDataset(dataset)


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
