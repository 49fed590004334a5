"""The writer ``kitti``: images, object labels and calibration as in KITTI's object detection benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, model_validator

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.content import Content
from replicator_dr.spec.model import fault, faults
from writers.kitti_calibration import calibration
from writers.kitti_objects import Occlusion, object_lines


class Kitti(DatasetPlugin):
    """KITTI's object benchmark: images, 2D and 3D boxes, calibration. Boxes turn about the vertical only."""

    fully_visible_threshold: float = Field(default=0.95, ge=0.0, le=1.0)
    """Objects of which at least this share is visible count as fully visible (occluded 0)."""
    partly_occluded_threshold: float = Field(default=0.5, ge=0.0, le=1.0)
    """Others of which at least this share is visible count as partly occluded (1), the rest as largely (2)."""

    @model_validator(mode="after")
    def _thresholds_are_in_order(self) -> Kitti:
        if self.partly_occluded_threshold > self.fully_visible_threshold:
            raise faults(
                [
                    fault(
                        f"partly_occluded_threshold {self.partly_occluded_threshold} is above "
                        f"fully_visible_threshold {self.fully_visible_threshold}",
                        "what is fully visible is visible to a larger share",
                    )
                ]
            )
        return self

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return KittiFormat(Occlusion(self.fully_visible_threshold, self.partly_occluded_threshold), self.compression)


@dataclass(frozen=True)
class KittiFormat(DatasetFormat):
    """A number for each image; which part it belongs to stands in ImageSets."""

    occlusion: Occlusion
    compression: int

    folders: ClassVar[tuple[str, ...]] = ("training", "ImageSets")

    @property
    def lens_refusal(self) -> str:
        """KITTI knows no distortion."""
        return "KITTI's images are rectified: leave the distortion out, or choose another format"

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """Image, labels and calibration."""
        lines = object_lines(image, self.occlusion)
        stem = _stem(image.id)
        return {
            f"training/image_2/{stem}.png": image.batch.rgb(self.compression)[image.index],
            f"training/label_2/{stem}.txt": Content("".join(f"{line}\n" for line in lines).encode()),
            f"training/calib/{stem}.txt": Content(calibration(image.camera).encode()),
        }

    def counts(self, image: LabelledImage) -> dict[str, int]:
        """Regions that are to be passed over."""
        return {"dont_care": len(image.rows_below)}

    def assemble(self, dataset: Assembly) -> None:
        """The numbers of all images, and of those of each split."""
        for name, split in [("trainval", None), *((name, name) for name in dataset.splits)]:
            with dataset.file(f"ImageSets/{name}.txt") as file:
                for line in dataset.lines(split):
                    file.write(f"{_stem(line.id)}\n".encode())


def _stem(number: int) -> str:
    """Images count from 0."""
    return f"{number - 1:06d}"
