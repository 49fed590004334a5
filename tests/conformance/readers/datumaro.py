"""Datumaro's importers, for COCO, panoptic COCO, Pascal VOC and KITTI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.reader import Reader, frame_of
from tests.conformance.readers.kitti import joined
from tests.conformance.seen import Frames, Seen, bounds


def _objects(folder: Path, form: str, one: Callable[[str, Any], Seen | None]) -> Frames:
    """What is read by datumaro's name of a format. one: an annotation as an object, None for those that are none."""
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    dataset = Dataset.import_from(str(folder), form)
    names = dataset.categories()[AnnotationType.label]
    found: Frames = {}
    for item in dataset:
        objects = (one(names[entry.label].name, entry) for entry in item.annotations)
        found[frame_of(item.id)] = [seen for seen in objects if seen is not None]
    return found


def _arranged(folder: Path, **links: str) -> Path:
    """A folder with these names for files of a dataset, as datumaro looks for them. links: double underscores are /."""
    root = folder.parent / f"{folder.name}_for_datumaro"
    for name, target in links.items():
        path = root / name.replace("__", "/").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_symlink():
            path.symlink_to(folder / target)
    return root


def _mask(name: str, entry: Any) -> Seen | None:
    from datumaro.components.annotation import AnnotationType

    if entry.type is not AnnotationType.mask:
        return None
    mask = np.asarray(entry.image).astype(bool)
    return Seen(name, bounds(mask), mask)


def _box(name: str, entry: Any) -> Seen | None:
    from datumaro.components.annotation import AnnotationType

    if entry.type is not AnnotationType.bbox:
        return None
    x, y, width, height = entry.get_bbox()
    return Seen(name, (x, y, x + width, y + height))


def read_coco(folder: Path) -> Frames:
    root = _arranged(folder, annotations__instances_train_json="annotations.json", images__train="rgb")
    return _objects(root, "coco_instances", _mask)


def read_panoptic(folder: Path) -> Frames:
    links = {"annotations__panoptic_train_json": "panoptic.json", "annotations__panoptic_train": "panoptic"}
    return _objects(_arranged(folder, **links, images__train="rgb"), "coco_panoptic", _mask)


def read_kitti(folder: Path) -> Frames:
    """The maxima are inclusive."""

    def whole(name: str, entry: Any) -> Seen:
        x, y, width, height = entry.get_bbox()
        return Seen(name, whole_box=(x, y, x + width + 1, y + height + 1))

    return _objects(folder, "kitti", whole)


def read_yolo(folder: Path) -> Frames:
    return _objects(folder, "yolo", _box)


_NEEDS = ("datumaro",)

READERS = (
    Reader("coco_depth", "datumaro", _NEEDS, read_coco),
    Reader("coco_panoptic", "datumaro", _NEEDS, read_panoptic),
    Reader("kitti", "datumaro", _NEEDS, read_kitti, box="whole", box_error=0.02, mask=None, category=joined,
           loses="masks"),
    Reader("yolo detect", "datumaro", _NEEDS, read_yolo, box_error=0.01, mask=None, loses="masks"),
)  # fmt: skip
