"""One image with all its labels as a flat dictionary of NumPy arrays; docs/data.md lists the keys.

Samples read from a folder and samples made by a running graph both come from :func:`sample_of`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.masks import decode_masks
from replicator_dr.data.records import Annotation, Box3d, Camera, Category, Image, Pose
from replicator_dr.optics import COEFFICIENTS, LensModel

Sample = dict[str, Any]
"""{key: array, number or str}. Rows of arrays that begin with N belong to the same object."""

DRAWS = "draws/"
"""Keys that begin so hold what was drawn for the frame, by the distribution's name."""

PICTURES = ("rgb", "depth", "sensor_depth")
"""Keys with a value for each pixel, (H, W, ...)."""

PER_OBJECT = frozenset(
    (
        "masks", "boxes", "boxes_amodal", "labels", "areas", "areas_amodal", "iscrowd", "visible_fraction",
        "truncation", "depth_range", "annotation_ids", "instance_ids", "prim_paths", "poses", "quaternions",
        "translations", "scales", "boxes_3d", "box_3d_points", "keypoints",
    )
)  # fmt: skip
"""Keys with a row for each object, (N, ...)."""

_CORNERS = 8
_NO_POSE = Pose([np.nan] * 4, [np.nan] * 3, [np.nan] * 3)
_NO_BOX = Box3d([np.nan] * 3, [np.nan] * 3, [[np.nan] * 2] * _CORNERS)
_UNKNOWN = -1


def sample_of(
    image: Image,
    annotations: Sequence[Annotation],
    categories: Sequence[Category],
    pictures: Mapping[str, Any],
    masks: Any = None,
) -> Sample:
    """The sample of an image.

    pictures: "rgb" (H, W, 3) uint8 and, where they are known, "depth" and "sensor_depth" (H, W) float32 [m]; they are
    passed on. masks: (N, H, W) bool where they are known already; else they are decoded from the annotations.
    """
    return {
        "image_id": np.int64(image.id),
        "frame": np.int64(image.frame),
        "product": image.product,
        **({} if image.split is None else {"split": image.split}),
        **pictures,
        **_camera(image.camera),
        "masks": decode_masks(annotations, image.height, image.width) if masks is None else masks,
        **_objects(annotations),
        **_poses([one.pose or _NO_POSE for one in annotations]),
        **_boxes_3d([one.bbox_3d or _NO_BOX for one in annotations]),
        **_keypoints(annotations, categories),
        **{DRAWS + name: _drawn(values) for name, values in image.draws.items()},
    }


def _objects(annotations: Sequence[Annotation]) -> Sample:
    def column(name: str, dtype: type, missing: Any, *shape: int) -> NDArray[Any]:
        values = [getattr(one, name) for one in annotations]
        return _rows([missing if value is None else value for value in values], dtype, *shape)

    return {
        "boxes": _xyxy(column("bbox", np.float32, None, 4)),
        "boxes_amodal": _xyxy(column("bbox_amodal", np.float32, [np.nan] * 4, 4)),
        "labels": column("category_id", np.int64, None),
        "areas": column("area", np.int64, None),
        "areas_amodal": column("area_amodal", np.int64, _UNKNOWN),
        "iscrowd": column("iscrowd", np.int64, 0),
        "visible_fraction": column("visible_fraction", np.float32, np.nan),
        "truncation": column("truncation", np.float32, np.nan),
        "depth_range": column("depth_range", np.float32, [np.nan] * 2, 2),
        "annotation_ids": column("id", np.int64, None),
        "instance_ids": column("instance_id", np.int64, _UNKNOWN),
        "prim_paths": np.array([one.prim_path for one in annotations], np.str_),
    }


def _poses(poses: Sequence[Pose]) -> Sample:
    quaternions = _rows([pose.quaternion for pose in poses], np.float64, 4)
    translations = _rows([pose.translation for pose in poses], np.float64, 3)
    matrices = np.tile(np.eye(4), (len(poses), 1, 1))
    matrices[:, :3, :3] = rotations(quaternions)
    matrices[:, :3, 3] = translations
    return {
        "poses": matrices,
        "quaternions": quaternions,
        "translations": translations,
        "scales": _rows([pose.scale for pose in poses], np.float64, 3),
    }


def rotations(quaternions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 4) quaternions w x y z -> (N, 3, 3) rotations of column vectors.

    q p q* written out, divided by the squared norm, so that rounded components still give a rotation.
    """
    w, x, y, z = quaternions.T
    double = 2.0 / np.maximum((quaternions**2).sum(axis=1), np.finfo(np.float64).tiny)
    rows = [
        [1 - double * (y * y + z * z), double * (x * y - w * z), double * (x * z + w * y)],
        [double * (x * y + w * z), 1 - double * (x * x + z * z), double * (y * z - w * x)],
        [double * (x * z - w * y), double * (y * z + w * x), 1 - double * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def _boxes_3d(boxes: Sequence[Box3d]) -> Sample:
    return {
        "boxes_3d": _rows([[box.min, box.max] for box in boxes], np.float64, 2, 3),
        "box_3d_points": _rows([box.image_points for box in boxes], np.float32, _CORNERS, 2),
    }


def _camera(camera: Camera) -> Sample:
    lens = camera.distortion or {}
    model = str(lens.get("model", ""))
    names = COEFFICIENTS[LensModel[model.upper()]] if model else ()
    return {
        "intrinsics": np.array(camera.intrinsics, np.float64),
        "distortion_model": model,
        "distortion": np.array([lens.get(name, 0.0) for name in names], np.float64),
        "camera_from_world": np.array(camera.camera_from_world, np.float64),
        "world_from_camera": np.array(camera.world_from_camera, np.float64),
    }


def _keypoints(annotations: Sequence[Annotation], categories: Sequence[Category]) -> Sample:
    """(N, K, 3) float32, K being the most of any category; rows without are zeros, which means not labelled."""
    most = max((len(category.keypoints) for category in categories), default=0)
    if most == 0:
        return {}
    points = np.zeros((len(annotations), most, 3), np.float32)
    for row, one in enumerate(annotations):
        known = np.array(one.keypoints or (), np.float32).reshape(-1, 3)
        points[row, : len(known)] = known
    return {"keypoints": points}


def _drawn(values: Any) -> NDArray[Any]:
    """Numbers as float64 (None = nan), texts as texts, all else as JSON texts."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        texts = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in values]
        return np.array(texts, np.str_)


def _xyxy(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Corners from x, y, width, height."""
    boxes[:, 2:] += boxes[:, :2]
    return boxes


def _rows(values: Sequence[Any], dtype: type, *shape: int) -> NDArray[Any]:
    """(N, *shape), also where there are no rows."""
    return np.array(values, dtype).reshape(-1, *shape)
