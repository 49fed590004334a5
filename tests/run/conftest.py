"""A small dataset made by hand with Pillow and pycocotools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

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
