"""Annotators with a number or colour for each pixel: rgb, normals, the two distances, and measured depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView


def rgb(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, 4) uint8, sRGB with alpha."""
    if view.rendered.rgb is None and not view.jpegs:
        raise EngineError("colours were not rendered for this batch; attach the rgb annotator before capturing")
    return BatchedAnnotation(view.rendered.rgb, jpegs=view.jpegs)


def normals(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W, 4) float32, unit normals in the world frame, fourth component unused; zeros where nothing is hit."""
    if view.rendered.normals is None:
        raise EngineError("normals were not rendered for this batch; attach the normals annotator before capturing")
    return BatchedAnnotation(view.rendered.normals)


def distance_to_image_plane(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W) float32 [m] along the optical axis at pixel centres, inf where nothing is hit."""
    return BatchedAnnotation(view.rendered.depth)


def sensor_depth(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W) float32 [m] along the optical axis as the camera's depth sensor measures it, inf where it does not.

    EngineError for cameras without such a sensor.
    """
    if view.rendered.sensor_depth is None:
        raise EngineError(
            f"{view.scene.camera_paths[view.camera]} has no depth sensor to measure sensor_depth with; give it one "
            "(depth_sensor of a camera in a spec), or use distance_to_image_plane"
        )
    return BatchedAnnotation(view.rendered.sensor_depth)


def distance_to_camera(view: CapturedView) -> BatchedAnnotation:
    """(B, H, W) float32 [m] from the optical centre, inf where nothing is hit."""
    if view.rendered.distance is not None:
        return BatchedAnnotation(view.rendered.distance)
    x, y = pixel_directions(view)
    length = np.sqrt(1.0 + x[:, None, :] ** 2 + y[:, :, None] ** 2).astype(np.float32)
    return BatchedAnnotation(view.rendered.depth * length)


def pixel_directions(view: CapturedView) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ray of pixel (column i, row j) at depth 1, OpenCV axes: x (B, W) and y (B, H) float64; pixel centres.

    Of pinholes: through other lenses rays are those of their optics.Lens.
    """
    focal_x, focal_y, centre_x, centre_y = view.rendered.intrinsics.T[:, :, None]
    size = view.rendered.view
    x = (np.arange(size.width) + 0.5 - centre_x) / focal_x
    y = (np.arange(size.height) + 0.5 - centre_y) / focal_y
    return x, y
