"""Supervision's DetectionDataset, for COCO, YOLO and Pascal VOC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conformance.reader import Reader, frame_of
from tests.conformance.seen import Frames, Seen


def _frames(dataset: Any) -> Frames:
    found: Frames = {}
    for path, _, objects in dataset:
        masks = [None] * len(objects) if objects.mask is None else list(objects.mask)
        found[frame_of(path)] = [
            Seen(dataset.classes[number], tuple(box), None if mask is None else mask.astype(bool))
            for number, box, mask in zip(objects.class_id.tolist(), objects.xyxy.tolist(), masks, strict=True)
        ]
    return found


def read_coco(folder: Path) -> Frames:
    import supervision

    return _frames(
        supervision.DetectionDataset.from_coco(str(folder), str(folder / "annotations.json"), force_masks=True)
    )


def _yolo(folder: Path, **options: bool) -> Frames:
    import supervision

    paths = (str(folder / name) for name in ("images", "labels", "data.yaml"))
    return _frames(supervision.DetectionDataset.from_yolo(*paths, **options))


def read_yolo(folder: Path) -> Frames:
    return _yolo(folder)


def read_yolo_masks(folder: Path) -> Frames:
    return _yolo(folder, force_masks=True)


def read_yolo_turned(folder: Path) -> Frames:
    return _yolo(folder, is_obb=True)


def read_pascal_voc(folder: Path) -> Frames:
    import supervision

    return _frames(
        supervision.DetectionDataset.from_pascal_voc(str(folder / "JPEGImages"), str(folder / "Annotations"))
    )


_NEEDS = ("supervision",)
_SINGLE_PRECISION = 1e-3

READERS = (
    Reader("coco_depth", "supervision", _NEEDS, read_coco),
    Reader("yolo detect", "supervision", _NEEDS, read_yolo, box_error=_SINGLE_PRECISION, mask=None, loses="masks"),
    Reader("yolo pose", "supervision", _NEEDS, read_yolo, box_error=_SINGLE_PRECISION, mask=None, loses="masks"),
    Reader(
        "yolo segment",
        "supervision",
        _NEEDS,
        read_yolo_masks,
        box_error=_SINGLE_PRECISION,
        least_iou=0.2,
        loses="exact masks: its rasteriser paints outlines",
    ),
    Reader("yolo obb", "supervision", _NEEDS, read_yolo_turned, box="", mask=None, loses="masks"),
    Reader("pascal_voc", "supervision", _NEEDS, read_pascal_voc, mask=None, loses="masks"),
)
