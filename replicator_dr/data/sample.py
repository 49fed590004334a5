"""One image with all its labels as a flat dictionary of NumPy arrays; docs/data.md lists the keys.

Samples read from a folder and samples made by a running graph are both put together by :func:`sample_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from replicator_dr.data.records import Camera, Image
from replicator_dr.optics import COEFFICIENTS, LensModel

Sample = dict[str, Any]
"""{key: array, number or str}. Rows of arrays that begin with N belong to the same object."""

DRAWS = "draws/"
"""Keys that begin so hold what was drawn for the frame, by the distribution's name."""

PICTURES = ("rgb", "depth", "sensor_depth")
"""Keys with a value for each pixel, (H, W, ...)."""

COLUMNS: dict[str, tuple[type, tuple[int, ...]]] = {
    "boxes": (np.float32, (4,)),
    "boxes_amodal": (np.float32, (4,)),
    "labels": (np.int64, ()),
    "areas": (np.int64, ()),
    "areas_amodal": (np.int64, ()),
    "iscrowd": (np.int64, ()),
    "visible_fraction": (np.float32, ()),
    "truncation": (np.float32, ()),
    "depth_range": (np.float32, (2,)),
    "annotation_ids": (np.int64, ()),
    "instance_ids": (np.int64, ()),
    "prim_paths": (np.str_, ()),
    "quaternions": (np.float64, (4,)),
    "translations": (np.float64, (3,)),
    "scales": (np.float64, (3,)),
    "boxes_3d": (np.float64, (2, 3)),
    "box_3d_points": (np.float32, (8, 2)),
}
"""What is said of each object: {key: (dtype, shape of its row)}."""

PER_OBJECT = frozenset((*COLUMNS, "masks", "poses", "keypoints"))
"""Keys with a row for each object, (N, ...)."""

UNKNOWN = -1
"""Stands for a whole number that the dataset does not say; nan for others."""


def sample_of(image: Image, objects: Mapping[str, Any], pictures: Mapping[str, Any]) -> Sample:
    """The sample of an image.

    objects: a value with N rows for each of ``COLUMNS``, "masks" (N, H, W) bool and, where there are any, "keypoints".
    pictures: "rgb" (H, W, 3) uint8, "depth" and "sensor_depth" (H, W) float32 [m], as far as they are wanted. Masks,
    keypoints and pictures are passed on as they are.
    """
    columns: dict[str, NDArray[Any]] = {
        name: np.array(objects[name], dtype).reshape(-1, *row) for name, (dtype, row) in COLUMNS.items()
    }
    passed_on = {name: objects[name] for name in ("masks", "keypoints") if name in objects}
    return {
        "image_id": np.int64(image.id),
        "frame": np.int64(image.frame),
        "product": image.product,
        **pictures,
        **_camera(image.camera),
        **passed_on,
        **columns,
        "poses": _matrices(columns["quaternions"], columns["translations"]),
        **{DRAWS + name: _drawn(values) for name, values in image.draws.items()},
    }


def _matrices(quaternions: NDArray[np.float64], translations: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 4, 4) rigid poses for column vectors."""
    matrices = np.tile(np.eye(4), (len(quaternions), 1, 1))
    matrices[:, :3, :3] = rotations(quaternions)
    matrices[:, :3, 3] = translations
    return matrices


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


def _drawn(values: Any) -> NDArray[Any]:
    """Numbers as float64 (None = nan), texts as texts, all else as JSON texts."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        texts = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in values]
        return np.array(texts, np.str_)
