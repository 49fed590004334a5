"""The entries of annotations.json, decoded and checked for their types."""

from __future__ import annotations

from typing import Any

import msgspec

Pair = tuple[float, float]
Triple = tuple[float, float, float]
Four = tuple[float, float, float, float]


class CameraRecord(msgspec.Struct):
    """intrinsics: 3x3 [pixels]; distortion: the model's name and its coefficients."""

    intrinsics: tuple[Triple, Triple, Triple]
    distortion: dict[str, Any] | None = None


class ImageRecord(msgspec.Struct):
    """An entry of ``images``."""

    id: int
    width: int
    height: int
    file_name: str
    frame: int
    product: str = ""
    depth_file_name: str | None = None
    sensor_depth_file_name: str | None = None
    camera: CameraRecord | None = None
    draws: dict[str, Any] = {}

    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        names = (self.file_name, self.depth_file_name, self.sensor_depth_file_name)
        return tuple(name for name in names if name is not None)


class PoseRecord(msgspec.Struct):
    """quaternion: w x y z; translation: [m]."""

    quaternion: Four
    translation: Triple


class BoxRecord(msgspec.Struct):
    """min, max: [m] in the object's frame, scale applied. image_points: (8, 2) pixels, null where not seen."""

    min: Triple
    max: Triple
    image_points: list[tuple[float | None, float | None]] = []


class AnnotationRecord(msgspec.Struct):
    """An entry of ``annotations``."""

    id: int
    image_id: int
    category_id: int
    bbox: Four
    area: int
    segmentation: dict[str, Any] | list[list[float]]
    bbox_amodal: Four | None = None
    area_amodal: int | None = None
    visible_fraction: float | None = None
    truncation: float | None = None
    pose: PoseRecord | None = None
    bbox_3d: BoxRecord | None = None
    depth_range: Pair | None = None
    instance_id: int | None = None
    prim_path: str | None = None


class CategoryRecord(msgspec.Struct):
    """An entry of ``categories``."""

    id: int
    name: str


class AnnotationKey(msgspec.Struct):
    """What the tables hold of an annotation."""

    id: int
    image_id: int
    category_id: int
    instance_id: int | None = None
    prim_path: str | None = None


class ImageKey(msgspec.Struct):
    """What the tables hold of an image."""

    id: int
    frame: int
    product: str = ""


class Document(msgspec.Struct):
    """annotations.json, its entries as text that is decoded when it is their turn."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[CategoryRecord]


IMAGE = msgspec.json.Decoder(ImageRecord)
ANNOTATION = msgspec.json.Decoder(AnnotationRecord)
IMAGE_KEY = msgspec.json.Decoder(ImageKey)
ANNOTATION_KEY = msgspec.json.Decoder(AnnotationKey)
DOCUMENT = msgspec.json.Decoder(Document)
