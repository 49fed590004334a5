"""The records of ``annotations.json`` as a reader takes them: typed, and checked while they are decoded."""

from __future__ import annotations

from typing import Any

import msgspec

Numbers = list[float]
Matrix = list[list[float]]


class Pose(msgspec.Struct, frozen=True):
    """Object in the camera's frame: p_camera = rotate(quaternion, scale * p_object) + translation; w x y z, metres."""

    quaternion: Numbers
    translation: Numbers
    scale: Numbers


class Box3d(msgspec.Struct, frozen=True):
    """min, max: in the object's frame, scale applied [m]. image_points: 8 corners [pixels], None where not seen."""

    min: Numbers
    max: Numbers
    image_points: list[list[float | None]]


class Annotation(msgspec.Struct, frozen=True):
    """One object of one image; keys as in docs/dataset.md. None: the dataset does not say."""

    id: int
    image_id: int
    category_id: int
    bbox: Numbers
    area: int
    segmentation: dict[str, Any] | list[Numbers]
    iscrowd: int = 0
    bbox_amodal: Numbers | None = None
    area_amodal: int | None = None
    visible_fraction: float | None = None
    truncation: float | None = None
    pose: Pose | None = None
    bbox_3d: Box3d | None = None
    depth_range: list[float | None] | None = None
    instance_id: int = -1
    prim_path: str = ""
    keypoints: Numbers | None = None


class Camera(msgspec.Struct, frozen=True):
    """Of one image: pixels and metres, matrices for column vectors, OpenCV axes."""

    intrinsics: Matrix
    camera_from_world: Matrix
    world_from_camera: Matrix
    distortion: dict[str, Any] | None = None


class Image(msgspec.Struct, frozen=True):
    """One image; keys as in docs/dataset.md."""

    id: int
    width: int
    height: int
    file_name: str
    frame: int
    product: str
    camera: Camera
    depth_file_name: str | None = None
    sensor_depth_file_name: str | None = None
    draws: dict[str, Any] = {}


class ImageHead(msgspec.Struct, frozen=True):
    """What the index keeps of an image."""

    id: int
    frame: int
    product: str


class Category(msgspec.Struct, frozen=True):
    """id: from 1. keypoints: names of its keypoints, in order."""

    id: int
    name: str
    supercategory: str = "object"
    keypoints: list[str] = []
    skeleton: list[list[int]] = []


class Depth(msgspec.Struct, frozen=True):
    """How depth files hold metres."""

    format: str = ""
    metres_per_unit: float = 0.001


class Info(msgspec.Struct, frozen=True):
    """What annotations.json says of the dataset as a whole."""

    description: str = ""
    seed: int | None = None
    spec_hash: str | None = None
    depth: Depth | None = None


class Head(msgspec.Struct, frozen=True):
    """The beginning of annotations.json."""

    info: Info
