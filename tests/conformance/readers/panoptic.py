"""COCO panoptic by the rules of its page: R + 256 G + 65536 B is a segment's id, 0 nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen


def ids_of(file: Path) -> NDArray[np.int64]:
    """(H, W) segments' ids of a PNG file."""
    with Image.open(file) as image:
        assert image.mode == "RGB"
        rgb = np.asarray(image).astype(np.int64)
    return np.asarray(rgb @ np.array([1, 256, 65536]))


def read(folder: Path) -> Frames:
    content = json.loads((folder / "panoptic.json").read_text())
    names = {entry["id"]: entry["name"] for entry in content["categories"]}
    images = {entry["id"]: entry for entry in content["images"]}
    found: Frames = {}
    for entry in content["annotations"]:
        ids = ids_of(folder / "panoptic" / entry["file_name"])
        segments = entry["segments_info"]
        assert {segment["id"] for segment in segments} == set(np.unique(ids).tolist()) - {0}
        objects = []
        for segment in segments:
            mask = ids == segment["id"]
            assert segment["area"] == mask.sum()
            x, y, width, height = segment["bbox"]
            objects.append(Seen(names[segment["category_id"]], (x, y, x + width, y + height), mask))
        found[frame_of(images[entry["image_id"]]["file_name"])] = objects
    return found


READERS = (
    Reader("coco_panoptic", "a parser by its rules", ("PIL",), read, note="panopticapi is not on the package index"),
)
