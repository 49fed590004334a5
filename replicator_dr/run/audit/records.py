"""The entries of annotations.json, decoded and checked for their types."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Pair = tuple[float, float]
Triple = tuple[float, float, float]
Four = tuple[float, float, float, float]
Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""Whole numbers that every reader of JSON keeps."""
Size = Annotated[int, msgspec.Meta(ge=1, le=2**20)]


class CameraRecord(msgspec.Struct):
    """intrinsics: 3x3 [pixels]; distortion: the model's name and its coefficients."""

    intrinsics: tuple[Triple, Triple, Triple]
    distortion: dict[str, Any] | None = None


class ImageRecord(msgspec.Struct):
    """An entry of ``images``."""

    id: Id
    width: Size
    height: Size
    file_name: str
    frame: Id
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

    id: Id
    image_id: Id
    category_id: Id
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

    id: Id
    name: str


class AnnotationKey(msgspec.Struct):
    """What the tables hold of an annotation."""

    id: Id
    image_id: Id
    category_id: Id
    instance_id: Id | None = None
    prim_path: str | None = None


class ImageKey(msgspec.Struct):
    """What the tables hold of an image."""

    id: Id
    frame: Id
    product: str = ""


class DepthFormat(msgspec.Struct):
    """What manifest.json says of depth. metres_per_unit: of a step of 16-bit images."""

    metres_per_unit: float = 0.001


class Manifest(msgspec.Struct):
    """manifest.json, as far as an audit reads it. frames: first and last of each range. sha256: by file."""

    format: str
    name: str | None = None
    depth: DepthFormat | None = None
    spec: dict[str, Any] | None = None
    counts: dict[str, Any] = {}
    frames: list[tuple[Id, Id]] = []
    sha256: dict[str, str] = {}


class Document(msgspec.Struct):
    """annotations.json, its entries as text that is decoded when it is their turn."""

    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]
    categories: list[CategoryRecord]


IMAGE = msgspec.json.Decoder(ImageRecord)
ANNOTATION = msgspec.json.Decoder(AnnotationRecord)
IMAGE_KEY = msgspec.json.Decoder(ImageKey)
ANNOTATION_KEY = msgspec.json.Decoder(AnnotationKey)
MANIFEST_DECODER = msgspec.json.Decoder(Manifest)
DOCUMENT = msgspec.json.Decoder(Document)
