"""image_points: pose, 3D box and camera agree with the projected corners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.geometry import Float64, ImageGeometry
from replicator_dr.run.audit.image import AuditedImage

_PIXELS = 0.05
_METRES = 2e-6
"""How far rounding moves a corner: poses and boxes are written in micrometres."""
_TURN = 2e-8
"""How far rounding turns a quaternion of eight digits [rad]."""

_INTRINSICS = 1e-6
"""Share of the distance from the centre by which intrinsics of six digits may be off."""


class ImagePoints(ImageCheck):
    """The corners of each 3D box, projected anew from the pose and the camera, are where the record has them."""

    name = "image_points"
    meaning = "The corners of bbox_3d, projected by pose and camera through the lens, are the recorded image_points."
    limits: ClassVar[dict[str, float]] = {"pixels": _PIXELS}

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Compare all corners of all objects at once."""
        geometry = image.geometry
        if image.camera_problem:
            yield image.finding(image.camera_problem)
        if geometry is None or len(geometry.posed) == 0:
            return
        corners = geometry.corners
        projected = geometry.lens.project(corners)
        boxes = [image.annotations[row].bbox_3d for row in geometry.posed.tolist()]
        recorded = np.array([box.image_points if box else [] for box in boxes], dtype=object)
        if recorded.shape != projected.shape:
            yield image.finding(f"image_points are of the shape {recorded.shape}, not {projected.shape}")
            return
        points = recorded.astype(np.float64)
        gap = np.linalg.norm(projected - points, axis=-1) - _rounding(geometry, corners)
        worst = np.nanmax(np.where(np.isnan(gap), -np.inf, gap), axis=1)
        unlike = _clearly_unlike(geometry, corners, np.isnan(points[..., 0]))
        for row, place in enumerate(geometry.posed.tolist()):
            annotation = image.annotations[place]
            if worst[row] > _PIXELS:
                corner = int(np.nanargmax(gap[row]))
                message = f"corner {corner} of its 3D box projects {gap[row, corner]:.2f} pixels from image_points"
                yield image.finding(message, annotation, pixels=float(gap[row, corner]), allowed=_PIXELS)
            elif unlike[row].any():
                corner = int(np.argmax(unlike[row]))
                message = f"corner {corner} of its 3D box is seen by the camera or by image_points, not by both"
                yield image.finding(message, annotation, corner=corner)


def _rounding(geometry: ImageGeometry, corners: Float64) -> Float64:
    """(M, 8) pixels by which rounding of the record may move each corner: much where the camera or its lens magnifies.

    Infinite at the edge of what the lens sees.
    """
    shift = 2 * (_METRES + _TURN * np.abs(geometry.high - geometry.low).max(axis=1, initial=0.0)[:, None, None])
    places = geometry.lens.project(corners)
    moved = [np.linalg.norm(geometry.lens.project(corners + shift * axis) - places, axis=-1) for axis in np.eye(3)]
    from_centre = np.linalg.norm(places - geometry.lens.intrinsics[2:], axis=-1)
    return np.asarray(np.nan_to_num(sum(moved) + _INTRINSICS * from_centre, nan=np.inf))


def _clearly_unlike(geometry: ImageGeometry, corners: Float64, unseen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(M, 8) corners that the record sees and the camera does not, or the reverse, and not by a hair."""
    depth = np.stack([geometry.lens.project(corners * (scale, scale, 1.0))[..., 0] for scale in (0.999, 1.001)])
    hidden = np.isnan(depth)
    near_plane = np.abs(corners[..., 2]) < 1e-4 * (1.0 + np.linalg.norm(corners, axis=-1))
    return np.asarray(np.where(unseen, ~hidden.any(axis=0), hidden.all(axis=0)) & ~near_plane)
