"""Parquet tables, read with pyarrow and pandas."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.writers.every_writer import plugin, run

pq = pytest.importorskip("pyarrow.parquet", reason="the writer parquet needs pyarrow")

FRAMES = 12


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("parquet")
    run([plugin("parquet", folder / "tables", rows_per_group=5), plugin("coco_depth", folder / "coco")], FRAMES)
    return folder / "tables", folder / "coco"


def test_tables_hold_what_coco_depth_holds(both: tuple[Path, Path]) -> None:
    folder, other = both
    coco = json.loads((other / "annotations.json").read_text())
    images = pq.read_table(folder / "images.parquet").to_pylist()
    for row, image in zip(images, coco["images"], strict=True):
        for key in ("id", "frame", "product", "width", "height", "file_name", "depth_file_name"):
            assert row[key] == image[key]
        assert (folder / row["file_name"]).read_bytes() == (other / image["file_name"]).read_bytes()
        for key in ("intrinsics", "camera_from_world", "world_from_camera"):
            assert row[key] == np.ravel(image["camera"][key]).tolist()
        draws = image["draws"]
        assert row["draw.size[1].x"] == draws["size"][1][0]
        assert [row["draw.look[0]"], row["draw.look[1]"]] == draws["look"]
    annotations = pq.read_table(folder / "annotations.parquet").to_pylist()
    for row, one in zip(annotations, coco["annotations"], strict=True):
        keys = ("id", "image_id", "category_id", "area", "bbox", "bbox_amodal", "area_amodal", "visible_fraction")
        for key in (*keys, "truncation", "depth_range", "instance_id", "prim_path"):
            assert row[key] == one[key]
        assert row["rle"] == one["segmentation"]["counts"]
        assert {key: row[key] for key in one["pose"]} == one["pose"]
        assert [row["box_3d_min"], row["box_3d_max"]] == [one["bbox_3d"]["min"], one["bbox_3d"]["max"]]
        assert row["box_3d_image_points"] == np.array(one["bbox_3d"]["image_points"], object).ravel().tolist()


def test_row_groups_are_bounded_and_say_what_numbers_mean(both: tuple[Path, Path]) -> None:
    for name in ("images.parquet", "annotations.parquet"):
        file = pq.ParquetFile(both[0] / name)
        assert max(file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)) == 5
        about = file.schema_arrow.metadata
        assert "quaternion" in json.loads(about[b"conventions"])["pose"]
        assert json.loads(about[b"categories"]) == {"ball": 1, "box": 2, "mug": 3}
        assert json.loads(about[b"depth"])["metres_per_unit"] == 0.001


def test_pandas_joins_them(both: tuple[Path, Path]) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    images, annotations = (pandas.read_parquet(both[0] / f"{name}.parquet") for name in ("images", "annotations"))
    joined = annotations.merge(images, left_on="image_id", right_on="id", suffixes=("", "_image"))
    assert len(joined) == len(annotations) > 0
    assert (joined.groupby("image_id").size() == joined.groupby("image_id")["objects"].first()).all()
