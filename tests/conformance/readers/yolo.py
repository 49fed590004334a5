"""YOLO by Ultralytics' documentation: a class and numbers a line, as shares of width and height."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Box, Frames, Seen
from tests.conformance.shapes import HEIGHT, WIDTH

Numbers = NDArray[np.float64]


def _read(folder: Path, one: Callable[[str, Numbers], Seen]) -> Frames:
    data = yaml.safe_load((folder / "data.yaml").read_text())
    images = folder / data["train"]
    found: Frames = {}
    for picture in sorted(images.iterdir()):
        with Image.open(picture) as image:
            assert image.size == (WIDTH, HEIGHT)
        rows = (folder / "labels" / picture.relative_to(folder / "images")).with_suffix(".txt").read_text().splitlines()
        assert len(set(rows)) == len(rows), "the same line twice is dropped"
        objects = []
        for row in rows:
            number, *rest = row.split()
            values = np.array(rest, np.float64)
            assert ((values[:4] >= 0) & (values[:4] <= 1)).all()
            objects.append(one(data["names"][int(number)], values))
        found[frame_of(picture)] = objects
    return found


def _box(values: Numbers) -> Box:
    x, y, width, height = values[:4] * [WIDTH, HEIGHT, WIDTH, HEIGHT]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _detected(name: str, values: Numbers) -> Seen:
    return Seen(name, _box(values))


def _segmented(name: str, values: Numbers) -> Seen:
    """What the polygon encloses, by the even-odd rule at the pixels' centres."""
    corners = values.reshape(-1, 2) * [WIDTH, HEIGHT]
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    inside = np.zeros((HEIGHT, WIDTH), np.bool_)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (ay > y) != (by > y)
        if crosses.any():
            inside ^= crosses & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return Seen(name, (low[0], low[1], high[0], high[1]), inside)


def _turned(name: str, values: Numbers) -> Seen:
    assert values.shape == (8,)
    return Seen(name)


def _posed(name: str, values: Numbers) -> Seen:
    assert len(values) % 3 == 1, "x, y, visibility of each keypoint"
    return _detected(name, values)


_ROUNDING = 1e-5
_NOTE = "Ultralytics is AGPL and was not run"

READERS = (
    Reader("yolo detect", "a parser by its documentation", ("yaml",), lambda folder: _read(folder, _detected),
           box_error=_ROUNDING, mask=None, loses="masks", note=_NOTE),
    Reader("yolo segment", "a parser by its documentation", ("yaml",), lambda folder: _read(folder, _segmented),
           box_error=_ROUNDING, note=_NOTE),
    Reader("yolo pose", "a parser by its documentation", ("yaml",), lambda folder: _read(folder, _posed),
           box_error=_ROUNDING, mask=None, loses="masks", note=_NOTE),
    Reader("yolo obb", "a parser by its documentation", ("yaml",), lambda folder: _read(folder, _turned),
           box="", mask=None, loses="masks", note=_NOTE),
)  # fmt: skip
