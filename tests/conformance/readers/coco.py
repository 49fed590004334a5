"""COCO instances: pycocotools and faster-coco-eval, whose class COCO is the same."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.reader import Reader, filled, frame_of
from tests.conformance.seen import Frames, Seen


def pycocotools_index(file: Path) -> Any:
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(file))


def faster_index(file: Path) -> Any:
    from faster_coco_eval import COCO

    return COCO(str(file))


def _reading(load: Callable[[Path], Any]) -> Callable[[Path], Frames]:
    def read(folder: Path) -> Frames:
        index = load(folder / "annotations.json")
        found: Frames = {}
        for number, image in index.imgs.items():
            found[frame_of(image["file_name"])] = [
                Seen(
                    index.cats[entry["category_id"]]["name"],
                    _edges(entry["bbox"]),
                    np.asarray(index.annToMask(entry)).astype(bool),
                    _edges(entry["bbox_amodal"]),
                )
                for entry in index.loadAnns(index.getAnnIds(imgIds=[number]))
            ]
        return found

    return read


def _edges(box: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = box
    return x, y, x + width, y + height


def _kept(seen: Any) -> bool:
    """The options of the filtered dataset, for objects of which all that matters is in the image."""
    return bool(seen.mask.sum() >= 30)


_POLYGONS = "holes"

READERS = tuple(
    Reader(dataset, loader, (package,), _reading(load), **lost)
    for loader, package, load in (
        ("pycocotools", "pycocotools", pycocotools_index),
        ("faster-coco-eval", "faster_coco_eval", faster_index),
    )
    for dataset, lost in (
        ("coco_depth", {}),
        ("coco_depth polygons", {"mask": filled, "loses": _POLYGONS}),
        ("coco_depth filtered", {"keeps": _kept}),
    )
)
