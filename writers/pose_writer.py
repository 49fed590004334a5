"""The writer ``pose_writer``: a JSON file of poses beside each image, as trainers of DOPE read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from replicator_dr.dataset.assembly import Assembly
from replicator_dr.dataset.format import DatasetFormat
from replicator_dr.dataset.labelled import LabelledImage
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.content import Content
from replicator_dr.labels.images import KEYPOINTS
from replicator_dr.storage.json_numbers import line
from writers.pose_objects import Unit, camera_data, objects_of

_PER_METRE: dict[str, Unit] = {"m": Unit(1.0, 6), "cm": Unit(100.0, 4)}


class PoseWriter(DatasetPlugin):
    """Images with JSON files of 6D poses and projected cuboids beside them, after NDDS and FAT, for DOPE."""

    unit: Literal["cm", "m"] = "cm"
    """Of all lengths: NDDS and FAT have centimetres."""

    def format(self) -> DatasetFormat:
        """The format with these options."""
        return PoseFormat(self.unit, self.compression)


@dataclass(frozen=True)
class PoseFormat(DatasetFormat):
    """An image and a JSON file of the same name: trainers find one by the other."""

    unit: str
    compression: int

    folders: ClassVar[tuple[str, ...]] = ("data",)
    optional = (KEYPOINTS,)
    needs_hidden_parts: ClassVar[bool] = True

    def files(self, image: LabelledImage) -> dict[str, Content]:
        """Both."""
        unit = _PER_METRE[self.unit]
        part = "" if image.split is None else f"{image.split}/"
        stem = f"data/{part}{image.product}/{image.frame:06d}"
        text = line({"camera_data": camera_data(image, unit), "objects": objects_of(image, unit)})
        return {
            f"{stem}.png": image.batch.rgb(self.compression)[image.index],
            f"{stem}.json": Content(text),
        }

    def assemble(self, dataset: Assembly) -> None:
        """Nothing: the format has no files about a whole dataset."""

    def description(self) -> dict[str, Any]:
        """The unit of lengths."""
        return {"pose": {"unit": self.unit, "axes": "x right, y down, z forward", "pixel": "i covers i to i + 1"}}
