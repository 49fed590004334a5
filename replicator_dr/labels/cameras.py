"""Cameras in OpenCV's axes (x right, y down, z forward), from Replicator's row-vector matrices."""

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
PIXEL_DIGITS = 3
FRACTION_DIGITS = 6
"""Digits after the point to which records are rounded, in files and in live samples alike."""


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
