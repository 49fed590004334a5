"""Points in the frames of cameras (OpenCV axes) to pixels and back, over a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotators_camera import world_to_camera
from replicator_dr.engines.embedded.annotate.annotators_image import pixel_directions
from replicator_dr.optics import LensModel

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView
    from replicator_dr.render.scene import CameraArrays, View

Float64 = NDArray[np.float64]

OPENCV = np.array([1.0, -1.0, -1.0])
"""USD's camera axes to OpenCV's and back: x right, y down, z forward."""


def in_camera(cameras: CameraArrays, camera: int, points: Float64) -> Float64:
    """(B, N, 3) points of the world [m] in the frame of a camera, OpenCV axes."""
    matrix = world_to_camera(cameras.world[:, camera])
    seen: Float64 = (points @ matrix[:, :3, :3] + matrix[:, None, 3, :3]) * OPENCV
    return seen


def in_world(cameras: CameraArrays, camera: int, points: Float64) -> Float64:
    """(B, N, 3) points in the frame of a camera in the world [m]."""
    matrix = cameras.world[:, camera]
    placed: Float64 = (points * OPENCV) @ matrix[:, :3, :3] + matrix[:, None, 3, :3]
    return placed


def projected(cameras: CameraArrays, view: View, points: Float64) -> Float64:
    """(B, N, 3) points in the camera's frame -> (B, N, 2) pixels through its lens; nan for what it does not see."""
    if (cameras.lens_model[:, view.camera] == LensModel.PINHOLE).all():
        intrinsics = cameras.intrinsics(view.camera, view.width, view.height)
        depth = points[..., 2]
        plane = points[..., :2] / np.where(depth > 0.0, depth, np.nan)[..., None]
        pixels: Float64 = plane * intrinsics[:, None, :2] + intrinsics[:, None, 2:]
        return pixels
    found = np.empty((*points.shape[:2], 2))
    lenses = cameras.lenses(view.camera, view.width, view.height)
    for lens in dict.fromkeys(lenses):
        rows = [row for row, one in enumerate(lenses) if one == lens]
        found[rows] = lens.project(points[rows])
    return found


def seen_points(view: CapturedView) -> Float64:
    """(B, H, W, 3): the points at the pixels' centres [m] in the camera's frame; not finite where nothing is hit."""
    cameras, size = view.state.arrays.cameras, view.rendered.view
    with np.errstate(invalid="ignore"):
        if view.rendered.distance is None:
            x, y = pixel_directions(view)
            depth = view.rendered.depth.astype(np.float64)
            return np.stack([x[:, None] * depth, y[:, :, None] * depth, depth], axis=-1)
        lenses = cameras.lenses(view.camera, size.width, size.height)
        rays = {lens: lens.directions(size.width, size.height) for lens in dict.fromkeys(lenses)}
        return np.stack([rays[lens] for lens in lenses]) * view.rendered.distance[..., None]


def clipped(view: CapturedView, points: Float64) -> NDArray[np.bool_]:
    """(B, N): whether points in the camera's frame lie before the near plane or beyond the far one.

    Fisheyes clip along the ray, as the renderer does.
    """
    cameras = view.state.arrays.cameras
    near, far = np.moveaxis(cameras.clipping[:, view.camera], -1, 0)[..., None]
    straight = cameras.lens_model[:, view.camera, None] <= LensModel.OPENCV_PINHOLE
    reach = np.where(straight, points[..., 2], np.linalg.norm(points, axis=-1))
    return np.asarray((reach < near) | (reach > far))
