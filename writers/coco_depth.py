"""The writer ``coco_depth`` as a spec names it: its fields, and how it becomes a rep Writer."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

from pydantic import Field

from replicator_dr.plugins import WriterPlugin


class CocoDepth(WriterPlugin):
    """COCO instances with RGB and depth images: boxes, masks, 6D poses, visibility and cameras for every frame."""

    depth: Literal["png16", "npy", "none"] = "png16"
    """How depth is stored: 16-bit PNG in steps of ``depth_scale``, float32 metres as .npy, or not at all."""
    depth_scale: float = Field(default=1.0, gt=0.0, le=1000.0)
    """Millimetres per step of the 16-bit depth: 1.0 reaches 65.5 m, 0.1 reaches 6.55 m; beyond is stored as 0."""
    sensor_depth: bool = False
    """Whether depth as the cameras' ``depth_sensor`` measures it is stored besides, in the same form."""
    segmentation: Literal["rle", "polygon"] = "rle"
    """Masks as run lengths (exact), or outlines along the pixels' corners (holes are filled)."""
    label_type: str = "class"
    """The type of semantic label that names the category."""
    categories: tuple[str, ...] | None = None
    """The categories to annotate, in the order of their ids from 1; by default all of the scene, by name."""
    min_pixels: int = Field(default=1, ge=1)
    """Objects with fewer visible pixels get no annotation."""
    min_visible_fraction: float = Field(default=0.0, ge=0.0, le=1.0)
    """Objects of which less than this share is visible get no annotation."""
    compression: int = Field(default=1, ge=0, le=3)
    """Level of the PNG files' compression: 0 is fastest, 3 smallest."""
    frame_padding: int = Field(default=6, ge=1, le=12)
    """Digits of the frame number in file names."""
    overwrite: bool = False
    """Whether a dataset of another spec in the same folder is deleted first."""

    @classmethod
    def register(cls, rep: ModuleType) -> None:
        """As ``CocoDepthWriter``."""
        from writers.coco_depth_writer import CocoDepthWriter

        rep.WriterRegistry.register(CocoDepthWriter)

    def build(self, rep: ModuleType, dataset_info: Mapping[str, Any]) -> Any:
        """The initialised writer. rep: the active runtime's ``omni.replicator.core``."""
        self.register(rep)
        writer = rep.WriterRegistry.get("CocoDepthWriter")
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        writer.initialize(**fields, dataset_info=dict(dataset_info))
        return writer
