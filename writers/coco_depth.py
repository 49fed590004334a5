"""The writer ``coco_depth``: COCO instances with RGB and depth images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import DepthContent, LabelledImage
from replicator_dr.labels.content import Content
from replicator_dr.labels.depth import depth_description
from replicator_dr.labels.images import DEPTH, KEYPOINTS, RGB, SENSOR_DEPTH
from replicator_dr.storage.json_numbers import short
from writers.coco_annotations import annotations_of, image_entry
from writers.coco_keypoints import keypoint_sets
from writers.coco_lines import CocoLine, annotations_text, numbered_by
from writers.coco_tables import write_annotations
from writers.image_files import ColorOptions, colors

_ALWAYS = (
    "depth", "depth_scale", "segmentation", "label_type", "categories", "min_pixels", "min_visible_fraction",
    "compression", "frame_padding",
)  # fmt: skip
"""Settings in the order of the manifest; others are named only where they are asked for, so that datasets that were
made before there were these can be continued."""


class CocoDepth(ColorOptions):
    """COCO instances with RGB and depth images: boxes, masks, 6D poses, visibility and cameras for every frame."""

    layout: ClassVar[int] = 2

    depth: Literal["png16", "npy", "none"] = "png16"
    """How depth is stored: 16-bit PNG in steps of ``depth_scale``, float32 metres as .npy, or not at all."""
    depth_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 1.0 reaches 65.5 m, 0.1 reaches 6.55 m; beyond is stored as 0."""
    sensor_depth: bool = False
    """Whether depth as the cameras' ``depth_sensor`` measures it is stored besides, in the same form."""
    segmentation: Literal["rle", "polygon"] = "rle"
    """Masks as run lengths (exact), or outlines along the pixels' corners (holes are filled)."""
    frame_padding: int = Field(default=6, ge=1, le=12)
    """Digits of the frame number in file names."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return CocoDepthFormat(self)

    def settings(self) -> dict[str, Any]:
        """What tells two datasets of a spec apart."""
        found = super().settings()
        fields = type(self).model_fields
        asked_for = {name: value for name, value in found.items() if value != fields[name].default}
        return {**{name: found[name] for name in _ALWAYS}, **asked_for}


@dataclass(frozen=True)
class CocoDepthFormat(DatasetFormat):
    """Images by render product and frame, and one COCO file."""

    options: CocoDepth

    folders: ClassVar[tuple[str, ...]] = ("rgb", "depth", "sensor_depth")
    tables: ClassVar[tuple[str, ...]] = ("annotations.json", "annotations_*.json")
    line_type = CocoLine
    optional = (KEYPOINTS,)

    @property
    def annotators(self) -> tuple[str, ...]:  # type: ignore[override]
        """Colours, depth, and measured depth where it is wanted."""
        return (RGB, DEPTH, *((SENSOR_DEPTH,) if self.options.sensor_depth else ()))

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """RGB and depth."""
        own = self.options
        names = self._names(image)
        files = {names["file_name"]: colors(image.batch, own)[image.index]}
        if own.depth != "none":
            files[names["depth_file_name"]] = self._depth(image, own.depth).files[image.index]
        if own.sensor_depth:
            measured = self._depth(image, "npy" if own.depth == "npy" else "png16", SENSOR_DEPTH)
            files[names["sensor_depth_file_name"]] = measured.files[image.index]
        return files

    def line(self, image: LabelledImage) -> dict[str, Any]:
        """What is counted of an image."""
        depth = self._depth(image, self.options.depth)
        return {
            "frame": image.frame,
            "objects": dict(sorted(Counter(image.category_names).items())),
            "depth_missed": depth.missed[image.index],
            "depth_beyond": depth.beyond[image.index],
            **({} if _numbered(image) else {"named": True}),
            **({"keypoint_sets": sets} if (sets := keypoint_sets(image)) else {}),
        }

    def texts(self, image: LabelledImage) -> Mapping[str, bytes]:
        """The image's entry and its annotations, as they stand in annotations.json."""
        found = annotations_of(image, self.options.segmentation == "polygon")
        if _numbered(image):
            found = [numbered_by(one, number) for one, number in zip(found, image.category_numbers, strict=True)]
        return {"image": short(image_entry(image, self._names(image))), "annotations": annotations_text(found)}

    def assemble(self, dataset: Assembly) -> None:
        """annotations.json, and one for each split."""
        keypoints = write_annotations(dataset, "annotations.json")
        for split in dataset.splits:
            write_annotations(dataset, f"annotations_{split}.json", split, keypoints)

    def description(self) -> dict[str, Any]:
        """The unit of depth."""
        return depth_description(self.options.depth, self.options.depth_scale)

    def _depth(self, image: LabelledImage, form: str, annotator: str = DEPTH) -> DepthContent:
        return image.batch.depth(form, self.options.depth_scale, self.options.compression, annotator)

    def _names(self, image: LabelledImage) -> dict[str, str]:
        """{key of the image's entry: file}."""
        stem = f"{image.product}/{image.frame:0{self.options.frame_padding}}"
        suffix = "npy" if self.options.depth == "npy" else "png"
        names = {"file_name": f"rgb/{stem}.{self.options.image_format}"}
        if self.options.depth != "none":
            names["depth_file_name"] = f"depth/{stem}.{suffix}"
        if self.options.sensor_depth:
            names["sensor_depth_file_name"] = f"sensor_depth/{stem}.{suffix}"
        return names


def _numbered(image: LabelledImage) -> bool:
    """Whether the numbers of the image's categories are known already."""
    return set(image.category_names) <= set(image.categories)
