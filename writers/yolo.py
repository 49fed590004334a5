"""The writer ``yolo``: images with a text file of labels each, for detection, segmentation, poses or turned boxes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.errors import OutputError
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from replicator_dr.labels.images import KEYPOINTS
from writers.image_files import ColorOptions, colors
from writers.yolo_keypoints import flipped, keypoint_names
from writers.yolo_lines import LINES

Task = Literal["detect", "segment", "pose", "obb"]

_VALIDATION = ("val", "valid", "validation")


class Yolo(ColorOptions):
    """YOLO as Ultralytics has it: images, a text file of labels for each, and data.yaml."""

    task: Task = "detect"
    """What a line has: the visible box, the visible mask as one polygon, box and keypoints, or a turned box."""
    flip_pairs: tuple[tuple[str, str], ...] = ()
    """Keypoints that change places when an image is mirrored, besides those whose names differ in left and right."""
    root: str | None = None
    """``path`` in data.yaml: where trainers look for the images; by default beside data.yaml."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return YoloFormat(self)


@dataclass(frozen=True)
class YoloFormat(DatasetFormat):
    """Two trees that differ in their first folder only: trainers find labels that way."""

    options: Yolo

    folders: ClassVar[tuple[str, ...]] = ("images", "labels")
    tables: ClassVar[tuple[str, ...]] = ("data.yaml", "labels.cache")
    names_classes: ClassVar[bool] = True

    @property
    def optional(self) -> tuple[str, ...]:  # type: ignore[override]
        """Keypoints, where they are wanted."""
        return (KEYPOINTS,) if self.options.task == "pose" else ()

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The image, and a line for each object; an empty file where there is none."""
        own = self.options
        values = LINES[own.task](image)
        lines = [f"{number - 1} {row}\n" for number, row in zip(image.category_numbers, values, strict=True)]
        stem = "/".join([*([] if image.split is None else [image.split]), f"{image.product}_{image.frame:06d}"])
        return {
            f"images/{stem}.{own.image_format}": colors(image.batch, own)[image.index],
            f"labels/{stem}.txt": Content("".join(lines).encode()),
        }

    def warm_up(self, encoders: Encoders) -> None:
        """As every format; and what follows outlines."""
        super().warm_up(encoders)
        if self.options.task == "segment":
            encoders.ways(np.zeros((1, 1, 1), np.int32), np.zeros(1, np.int64))

    def record(self, image: LabelledImage) -> Any:
        """The names of the keypoints, for data.yaml."""
        if self.options.task != "pose":
            return None
        names = keypoint_names(image.batch)
        if unknown := sorted({name for pair in self.options.flip_pairs for name in pair} - set(names)):
            raise OutputError(f"flip_pairs names {unknown[0]!r}; the scene's keypoints are: {', '.join(names)}")
        return names

    def assemble(self, dataset: Assembly) -> None:
        """data.yaml; what a trainer has noted about older labels is deleted."""
        for cache in (dataset.folder / "labels.cache", *(dataset.folder / "labels").glob("*.cache")):
            cache.unlink(missing_ok=True)
        entries: dict[str, Any] = {} if self.options.root is None else {"path": self.options.root}
        entries |= _parts(dataset.splits)
        if self.options.task == "pose" and (line := next(dataset.lines(), None)) is not None:
            entries["kpt_shape"] = [len(line.value), 3]
            entries["flip_idx"] = flipped(line.value, self.options.flip_pairs)
        # A JSON value is a YAML value.
        text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in entries.items())
        names = (
            f"  {number - 1}: {json.dumps(name, ensure_ascii=False)}\n" for name, number in dataset.categories.items()
        )
        with dataset.file("data.yaml") as file:
            file.write(f"{text}names:\n{''.join(names)}".encode())


def _parts(splits: tuple[str, ...]) -> dict[str, str]:
    """Folders by the name of the part. Trainers want ``train`` and ``val``: the first part stands in for either."""
    if not splits:
        return {"train": "images", "val": "images"}
    found = {("val" if name in _VALIDATION else name): f"images/{name}" for name in splits}
    fallback = f"images/{splits[0]}"
    return {"train": fallback, "val": fallback, **found}
