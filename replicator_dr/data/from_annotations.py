"""The objects of an image from its annotations, as the columns that samples are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.masks import decode_masks
from replicator_dr.data.records import Annotation, Box3d, Category, Pose
from replicator_dr.data.sample import UNKNOWN

_NO_POSE = Pose([np.nan] * 4, [np.nan] * 3, [np.nan] * 3)
_NO_BOX = Box3d([np.nan] * 3, [np.nan] * 3, [[np.nan] * 2] * 8)


def objects_of(
    annotations: Sequence[Annotation], categories: Sequence[Category], height: int, width: int
) -> dict[str, Any]:
    """Columns as ``sample_of`` takes them. DatasetError where a mask is not one of such an image."""

    def column(name: str, missing: Any = None) -> list[Any]:
        values = [getattr(one, name) for one in annotations]
        return [missing if value is None else value for value in values]

    poses = column("pose", _NO_POSE)
    boxes = column("bbox_3d", _NO_BOX)
    keypoints = _keypoints(annotations, categories)
    return {
        "masks": decode_masks(annotations, height, width),
        "boxes": [_corners(box) for box in column("bbox")],
        "boxes_amodal": [_corners(box) for box in column("bbox_amodal", [np.nan] * 4)],
        "labels": column("category_id"),
        "areas": column("area"),
        "areas_amodal": column("area_amodal", UNKNOWN),
        "iscrowd": column("iscrowd"),
        "visible_fraction": column("visible_fraction", np.nan),
        "truncation": column("truncation", np.nan),
        "depth_range": column("depth_range", [np.nan] * 2),
        "annotation_ids": column("id"),
        "instance_ids": column("instance_id"),
        "prim_paths": column("prim_path"),
        "quaternions": [pose.quaternion for pose in poses],
        "translations": [pose.translation for pose in poses],
        "scales": [pose.scale for pose in poses],
        "boxes_3d": [[box.min, box.max] for box in boxes],
        "box_3d_points": [box.image_points for box in boxes],
        **({} if keypoints is None else {"keypoints": keypoints}),
    }


def _corners(box: Sequence[float]) -> list[float]:
    """x, y, width, height as x_min, y_min, x_max, y_max."""
    x, y, width, height = box
    return [x, y, x + width, y + height]


def _keypoints(annotations: Sequence[Annotation], categories: Sequence[Category]) -> NDArray[np.float32] | None:
    """(N, K, 3), K being the most of any category; those that an object lacks are zeros, which means not labelled."""
    most = max((len(category.keypoints) for category in categories), default=0)
    if most == 0:
        return None
    points = np.zeros((len(annotations), most, 3), np.float32)
    for row, one in enumerate(annotations):
        known = np.array(one.keypoints or (), np.float64).reshape(-1, 3)
        # Files count from the first pixel's centre, samples from its corner.
        known[known[:, 2] > 0, :2] += 0.5
        points[row, : len(known)] = known
    return points
