"""What stands behind the class in each line of a YOLO label file."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.storage.json_numbers import rounded
from writers.smallest_rectangle import smallest_rectangle
from writers.yolo_keypoints import keypoint_rows

_DIGITS = 8


def _text(numbers: NDArray[np.float64]) -> str:
    return " ".join(map(str, rounded(numbers, _DIGITS)))


def _size(image: LabelledImage) -> NDArray[np.float64]:
    return np.array([image.camera.width, image.camera.height], np.float64)


def _boxes(image: LabelledImage) -> NDArray[np.float64]:
    """(n, 4) centre x, centre y, width, height of the visible masks, as shares of the image."""
    low, high = np.split(image.batch.records.box[image.rows].astype(np.float64), 2, axis=1)
    size = _size(image)
    shares: NDArray[np.float64] = np.concatenate([(low + high + 1) / 2 / size, (high + 1 - low) / size], axis=1)
    return shares


def detect(image: LabelledImage) -> list[str]:
    """Visible boxes."""
    return [_text(box) for box in _boxes(image)]


def segment(image: LabelledImage) -> list[str]:
    """Visible masks, each as one polygon along the outer corners of its pixels."""
    ways = image.batch.records.ways
    across, down = _shares(image.camera.width), _shares(image.camera.height)
    return [_way_text(ways[row], across, down) for row in image.rows.tolist()]


@lru_cache(maxsize=16)
def _shares(size: int) -> NDArray[np.bytes_]:
    """(size + 1,) the numbers 0, 1/size, ..., 1 as they are written, each with a blank before it."""
    return np.array([f" {share}" for share in rounded(np.arange(size + 1) / size, _DIGITS)], np.bytes_)


def _way_text(way: NDArray[np.int32], across: NDArray[np.bytes_], down: NDArray[np.bytes_]) -> str:
    """Corners of pixels as shares of the image's size, of which there are few: looked up, not written anew."""
    words = np.stack([across[way[:, 0]], down[way[:, 1]]], axis=1)
    return words.tobytes().translate(None, b"\0")[1:].decode()  # shorter words are filled up with zeros


def pose(image: LabelledImage) -> list[str]:
    """Visible boxes, and x, y, visibility of each keypoint; 0 0 0 for what is outside the image or not the object's."""
    size = _size(image)
    rows = keypoint_rows(image.batch)
    lines = []
    for box, row in zip(_boxes(image), image.rows.tolist(), strict=True):
        points = rows[row]
        triples = np.concatenate([points[:, :2] / size, points[:, 2:]], axis=1)
        keypoints = (f"{x} {y} {int(seen)}" for x, y, seen in rounded(triples, _DIGITS))
        lines.append(" ".join([_text(box), *keypoints]))
    return lines


def obb(image: LabelledImage) -> list[str]:
    """Corners of the smallest rectangles around the visible masks, each moved into the image."""
    size, outlines = _size(image), image.batch.records.outlines
    rectangles = (smallest_rectangle(outlines[row]) for row in image.rows.tolist())
    return [_text((np.clip(corners, 0, size) / size).reshape(-1)) for corners in rectangles]


LINES: dict[str, Callable[[LabelledImage], list[str]]] = {
    "detect": detect, "segment": segment, "pose": pose, "obb": obb,
}  # fmt: skip
"""By task."""
