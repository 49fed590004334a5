"""Cameras and poses in OpenCV's axes (x right, y down, z forward), from Replicator's row-vector matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import Lens, LensModel
from replicator_dr.storage.json_numbers import rounded

Float64 = NDArray[np.float64]

_TO_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])
METRE_DIGITS = 6
ROTATION_DIGITS = 8


@dataclass(frozen=True)
class Camera:
    """A camera, or one for each of N things.

    intrinsics: fx, fy, cx, cy [pixels], or (N, 1) arrays of each. from_world: (4, 4) or (N, 4, 4) float64, for column
    vectors, OpenCV axes. width, height: of the image [pixels]. lenses: one, or N; empty for plain pinholes.
    """

    intrinsics: tuple[float | Float64, ...]
    from_world: Float64
    width: int
    height: int
    lenses: tuple[Lens, ...] = ()

    def project(self, points: Float64) -> Float64:
        """(..., 3) points in the camera's frame [m] -> (..., 2) pixels; nan for what is not in front or not seen."""
        if len(self.lenses) == 1:
            return self.lenses[0].project(points)
        if self.lenses:
            # A row of points for each camera; those with the same lens together.
            places = np.empty((*points.shape[:-1], 2))
            for lens in set(self.lenses):
                own = np.array([other == lens for other in self.lenses])
                places[own] = lens.project(points[own])
            return places
        focal_x, focal_y, centre_x, centre_y = self.intrinsics
        depth = np.where(points[..., 2] > 0, points[..., 2], np.nan)
        x = focal_x * points[..., 0] / depth + centre_x
        y = focal_y * points[..., 1] / depth + centre_y
        return np.stack([x, y], axis=-1)

    def record(self) -> dict[str, Any]:
        """As it stands in an image's record: intrinsics, distortion, and both 4x4 matrices for column vectors."""
        focal_x, focal_y, centre_x, centre_y = (float(number) for number in self.intrinsics)
        rotation, translation = self.from_world[:3, :3], self.from_world[:3, 3]
        inverse = np.eye(4)
        inverse[:3, :3] = rotation.T
        inverse[:3, 3] = -(rotation.T * translation).sum(axis=1)
        lens = self.lenses[0] if self.lenses else None
        named = {} if lens is None else {"model": lens.model.name.lower(), **lens.named()}
        return {
            **({"distortion": named} if named else {}),
            "intrinsics": rounded([[focal_x, 0.0, centre_x], [0.0, focal_y, centre_y], [0.0, 0.0, 1.0]], METRE_DIGITS),
            "camera_from_world": rounded(self.from_world, ROTATION_DIGITS),
            "world_from_camera": rounded(inverse, ROTATION_DIGITS),
        }


def camera_of(params: Mapping[str, Any]) -> Camera:
    """The camera that ``camera_params`` describes.

    From pixel x = (ndc_x + 1) W / 2, y = (1 - ndc_y) H / 2 and clip = p @ P with w = -z.
    """
    width, height = (int(size) for size in params["renderProductResolution"])
    projection = np.asarray(params["cameraProjection"], np.float64).reshape(4, 4)
    view = np.asarray(params["cameraViewTransform"], np.float64).reshape(4, 4)
    intrinsics = (
        float(projection[0, 0] * width / 2),
        float(projection[1, 1] * height / 2),
        float((1 - projection[2, 0]) * width / 2),
        float((1 + projection[2, 1]) * height / 2),
    )
    scale = float(params.get("metersPerSceneUnit", 1.0))
    from_world = _TO_OPENCV @ view.T
    from_world[:3, 3] *= scale
    model = str(params.get("cameraDistortionModel") or "")
    if not model:
        return Camera(intrinsics, from_world, width, height)
    coefficients = tuple(np.asarray(params["cameraDistortion"], np.float64).tolist())
    return Camera(intrinsics, from_world, width, height, (Lens(LensModel[model.upper()], intrinsics, coefficients),))


def stacked(cameras: Sequence[Camera], rows: NDArray[np.int64]) -> Camera:
    """The camera of each row; all with images of one size."""
    intrinsics = np.array([camera.intrinsics for camera in cameras], np.float64).reshape(-1, 4)[rows]
    from_world = np.stack([camera.from_world for camera in cameras])[rows]
    lenses = tuple(cameras[row].lenses[0] for row in rows.tolist()) if cameras[0].lenses else ()
    return Camera(tuple(intrinsics.T[:, :, None]), from_world, cameras[0].width, cameras[0].height, lenses)


@dataclass(frozen=True)
class Poses:
    """Poses of N objects in the camera's frame: p_camera = R(quaternion) @ (scale * p_object) + translation.

    rotation: (N, 3, 3). quaternion: (N, 4), w x y z, unit, w >= 0. translation: (N, 3) [m]. scale: (N, 3); a mirrored
    object has a negative first component. Shear, which such a pose cannot express, is left out of the rotation.
    """

    rotation: Float64
    quaternion: Float64
    translation: Float64
    scale: Float64


def poses_of(camera: Camera, local_to_world: NDArray[np.floating]) -> Poses:
    """Poses from (N, 4, 4) row-vector matrices in the world."""
    # Columns are the object's axes in the camera's frame, scaled.
    to_camera = camera.from_world @ np.swapaxes(local_to_world.astype(np.float64), -1, -2)
    axes = to_camera[:, :3, :3]
    scale = np.linalg.norm(axes, axis=1)
    scale[:, 0] *= np.where(np.linalg.det(axes) < 0, -1.0, 1.0)
    unit = axes / np.where(scale == 0, 1.0, scale)[:, None, :]
    # Gram-Schmidt from the last axis on: leaves rotations as they are and takes shear out.
    z = unit[:, :, 2]
    y = unit[:, :, 1] - (unit[:, :, 1] * z).sum(axis=1, keepdims=True) * z
    length = np.linalg.norm(y, axis=1, keepdims=True)
    y = y / np.where(length == 0, 1.0, length)
    rotation = np.stack([np.cross(y, z), y, z], axis=-1)
    return Poses(rotation, quaternions(rotation), to_camera[:, :3, 3], scale)


def quaternions(rotation: Float64) -> Float64:
    """(N, 3, 3) rotations -> (N, 4) unit quaternions w x y z with w >= 0.

    Bar-Itzhack's symmetric form: each of four expressions gives the quaternion times one of its components; the one
    with the largest component is the well-conditioned one.
    """
    (a, b, c), (d, e, f), (g, h, i) = np.moveaxis(rotation, 0, -1)
    rows = np.stack(
        [
            np.stack([1 + a + e + i, h - f, c - g, d - b], axis=-1),
            np.stack([h - f, 1 + a - e - i, b + d, c + g], axis=-1),
            np.stack([c - g, b + d, 1 - a + e - i, f + h], axis=-1),
            np.stack([d - b, c + g, f + h, 1 - a - e + i], axis=-1),
        ],
        axis=1,
    )
    best = np.argmax(np.diagonal(rows, axis1=1, axis2=2), axis=1)
    chosen = rows[np.arange(len(rows)), best]
    unit = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    result: Float64 = np.where(unit[:, :1] < 0, -unit, unit)
    return result
