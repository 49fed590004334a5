"""The writer ``pascal_voc``: an XML file of boxes for each image, segmentation by palette, lists of images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.lines import ImageLine
from replicator_dr.labels.content import Content
from replicator_dr.labels.encoders import Encoders
from writers.image_files import ColorForm, ColorOptions, colors
from writers.pascal_voc_xml import annotation
from writers.voc_segmentation import palette, segmentation_files


class PascalVoc(ColorOptions):
    """Pascal VOC: boxes in XML, class and object segmentation, and lists of images for each class and part."""

    image_format: ColorForm = "jpg"
    """Loaders look for ``.jpg``; ``png`` loses nothing."""
    truncated_above: float = Field(default=0.15, ge=0.0, le=1.0)
    """Objects of which more than this share lies outside the image are ``truncated``."""
    occluded_above: float = Field(default=0.05, ge=0.0, le=1.0)
    """Objects of which others hide more than this share are ``occluded``."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return PascalVocFormat(self)


@dataclass(frozen=True)
class PascalVocFormat(DatasetFormat):
    """The layout of VOC2012. Objects that are filtered out are ``difficult``, and void in segmentation."""

    options: PascalVoc

    folders: ClassVar[tuple[str, ...]] = (
        "JPEGImages", "Annotations", "SegmentationClass", "SegmentationObject", "ImageSets",
    )  # fmt: skip
    names_classes: ClassVar[bool] = True

    def warm_up(self, encoders: Encoders) -> None:
        """As every format; and segmentations."""
        super().warm_up(encoders)
        encoders.label_files(
            np.zeros((1, 1, 1), np.int32), np.zeros((1, 1, 2), np.uint32), palette(), self.options.compression
        )

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """The image, its annotation, and two images of places in a palette."""
        own, stem = self.options, _stem(image.product, image.frame)
        by_class, by_object = segmentation_files(image, own.compression)
        picture = colors(image.batch, own)[image.index]
        name = f"{stem}.{own.image_format}"
        return {
            f"JPEGImages/{name}": picture,
            f"Annotations/{stem}.xml": annotation(image, name, own.truncated_above, own.occluded_above),
            f"SegmentationClass/{stem}.png": by_class,
            f"SegmentationObject/{stem}.png": by_object,
        }

    def record(self, image: LabelledImage) -> Any:
        """The categories of difficult objects."""
        categories = image.batch.selection.categories
        return sorted({str(categories[row]) for row in image.rows_below.tolist()}) or None

    def counts(self, image: LabelledImage) -> dict[str, int]:
        """Objects that are written, and are not to be counted."""
        return {"difficult": len(image.rows_below)}

    def assemble(self, dataset: Assembly) -> None:
        """ImageSets; ``trainval`` is all images where there are no splits, otherwise ``train`` and ``val``."""
        parts: dict[str, Sequence[str | None]] = {name: (name,) for name in dataset.splits} or {"trainval": (None,)}
        if {"train", "val"} <= set(dataset.splits):
            parts.setdefault("trainval", ("train", "val"))
        for name, splits in parts.items():
            own = dataset.lines() if splits == (None,) else (one for one in dataset.lines() if one.split in splits)
            _write_lists(dataset, name, own)


def _write_lists(dataset: Assembly, part: str, lines: Iterable[ImageLine]) -> None:
    """The images of a part, and for each class whether they show it.

    1 where they do, 0 where all objects of it are difficult, -1 where there is none.
    """
    with ExitStack() as stack:
        main, segmentation = (
            stack.enter_context(dataset.file(f"ImageSets/{kind}/{part}.txt")) for kind in ("Main", "Segmentation")
        )
        by_class = {
            name: stack.enter_context(dataset.file(f"ImageSets/Main/{name.replace('/', '_')}_{part}.txt"))
            for name in dataset.categories
        }
        for line in lines:
            stem = _stem(line.product, line.frame)
            main.write(f"{stem}\n".encode())
            segmentation.write(f"{stem}\n".encode())
            difficult = line.value or ()
            for name, file in by_class.items():
                shown = 1 if name in line.objects else 0 if name in difficult else -1
                file.write(f"{stem} {shown:2d}\n".encode())


def _stem(product: str, frame: int) -> str:
    return f"{product}_{frame:06d}"
