"""The camera and the poses of one image, as numbers: what projects where, and what lies within which box.

p_camera = R(quaternion) p_box + translation, for p_box in the object's frame with its scale applied, as in
annotations.json; camera axes are OpenCV's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import COEFFICIENTS, Lens, LensModel
from replicator_dr.run.audit.records import AnnotationRecord, CameraRecord, ImageRecord

Float64 = NDArray[np.float64]

CORNERS = np.array(list(product((0, 1), repeat=3)))
"""Which end of x, y, z each corner of a box has: z varies fastest."""


@dataclass(frozen=True)
class ImageGeometry:
    """The camera of an image, and the poses of those M objects that have one.

    posed: (M,) their places in the image's annotations. rotation: (M, 3, 3). translation: (M, 3) [m]. low, high:
    (M, 3) [m], the box in the object's frame.
    """

    lens: Lens
    posed: NDArray[np.int64]
    rotation: Float64
    translation: Float64
    low: Float64
    high: Float64

    @staticmethod
    def of(record: ImageRecord, annotations: Sequence[AnnotationRecord]) -> ImageGeometry | None:
        """That of an image; None where its camera is not recorded."""
        if record.camera is None:
            return None
        known = [row for row, one in enumerate(annotations) if one.pose is not None and one.bbox_3d is not None]
        poses = [annotations[row].pose for row in known]
        boxes = [annotations[row].bbox_3d for row in known]
        quaternions = np.array([pose.quaternion for pose in poses if pose], np.float64).reshape(-1, 4)
        return ImageGeometry(
            lens=lens_of(record.camera),
            posed=np.array(known, np.int64),
            rotation=rotations(quaternions),
            translation=np.array([pose.translation for pose in poses if pose], np.float64).reshape(-1, 3),
            low=np.array([box.min for box in boxes if box], np.float64).reshape(-1, 3),
            high=np.array([box.max for box in boxes if box], np.float64).reshape(-1, 3),
        )

    def on_boxes(self, places: NDArray[np.floating] | NDArray[np.integer]) -> Float64:
        """(M, P, 3) points of the boxes in the camera's frame. places: (P, 3), 0..1 from one end to the other."""
        points = self.low[:, None] + places[None] * (self.high - self.low)[:, None]
        turned: Float64 = np.einsum("mij,mpj->mpi", self.rotation, points)
        return turned + self.translation[:, None]

    @property
    def corners(self) -> Float64:
        """(M, 8, 3) the boxes' corners in the camera's frame [m]."""
        return self.on_boxes(CORNERS)


def lens_of(camera: CameraRecord) -> Lens:
    """The lens that an image's entry describes."""
    (focal_x, _, centre_x), (_, focal_y, centre_y), _ = camera.intrinsics
    intrinsics = (focal_x, focal_y, centre_x, centre_y)
    if not camera.distortion:
        return Lens(LensModel.PINHOLE, intrinsics)
    model = LensModel[str(camera.distortion["model"]).upper()]
    return Lens(model, intrinsics, tuple(float(camera.distortion[name]) for name in COEFFICIENTS[model]))


def rotations(quaternions: Float64) -> Float64:
    """(N, 4) quaternions w x y z -> (N, 3, 3) rotations; they are made unit first."""
    w, x, y, z = np.moveaxis(quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def rays(lens: Lens, pixels: Float64) -> Float64:
    """(P, 2) places in the image -> (P, 3) directions whose third component is 1: depth times them is the point.

    nan where the lens shows nothing; not defined at 90 degrees from the axis and beyond.
    """
    if lens.model is LensModel.PINHOLE:
        focal_x, focal_y, centre_x, centre_y = lens.intrinsics
        plane = (pixels - (centre_x, centre_y)) / (focal_x, focal_y)
        return np.concatenate([plane, np.ones((len(pixels), 1))], axis=-1)
    directions = lens.unproject(pixels)
    forward = np.where(directions[:, 2:] > 0, directions[:, 2:], np.nan)
    return np.asarray(directions / forward)
