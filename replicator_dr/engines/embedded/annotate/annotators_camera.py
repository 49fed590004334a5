"""Annotators without pixels: the camera's parameters, the frame's time, and what was drawn for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.annotate.annotation import BatchedAnnotation, Info
from replicator_dr.optics import COEFFICIENTS, LensModel
from replicator_dr.pool.camera import MODEL_NAMES
from replicator_dr.storage.flat_draws import draw_columns, frame_value

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.loop.capture import CapturedView

FRAMES_PER_SECOND = 60
"""Kit's default timeline rate: the denominator of reference times."""


def camera_params(view: CapturedView) -> BatchedAnnotation:
    """The camera of each frame, with the keys and conventions of Replicator: row vectors, matrices flattened by rows.

    cameraViewTransform takes world points to the camera. Apertures and focal length are in the camera schema's tenths
    of a scene unit; the vertical aperture is the one that square pixels imply. Through a lens, cameraProjection and
    what goes with it are those of the undistorted pinhole; cameraDistortionModel names the model (an optics.LensModel
    in lower case, "" for none) and cameraDistortion holds its coefficients.
    """
    cameras = view.state.arrays.cameras
    size = view.rendered.view
    to_camera = world_to_camera(cameras.world[:, view.camera])
    projection = projections(view)

    def info(frame: int) -> Info:
        column = (frame, view.camera)
        focal_x, focal_y, centre_x, centre_y = view.rendered.intrinsics[frame].tolist()
        opencv = not bool(np.isnan(cameras.opencv[column]).any())
        model = LensModel(int(cameras.lens_model[column]))
        aperture = float(cameras.horizontal_aperture[column])
        # An OpenCV camera may have fx != fy; its focal length follows from fx, as a plain camera's does.
        focal = focal_x * aperture / size.width
        return {
            "cameraAperture": np.array([aperture, focal * size.height / focal_y], np.float32),
            "cameraApertureOffset": np.array(
                [(centre_x - size.width / 2) * focal / focal_x, (size.height / 2 - centre_y) * focal / focal_y],
                np.float32,
            ),
            "cameraFocalLength": focal,
            "cameraFocusDistance": float(cameras.focus_distance[column]),
            "cameraFStop": float(cameras.f_stop[column]),
            "cameraModel": MODEL_NAMES.get(model) or ("pinholeOpenCV" if opencv else "pinhole"),
            "cameraNearFar": cameras.clipping[column].astype(np.float32),
            "cameraProjection": projection[frame].reshape(16),
            "cameraViewTransform": to_camera[frame].reshape(16),
            "cameraFisheyeLensP": np.zeros(0, np.float32),
            "cameraFisheyeLensS": np.zeros(0, np.float32),
            **_polynomial(model, cameras.lens[column], cameras.opencv[column], cameras.nominal[column]),
            "cameraDistortionModel": "" if model == LensModel.PINHOLE else model.name.lower(),
            "cameraDistortion": cameras.lens[column][: len(COEFFICIENTS[model])].copy(),
            "cameraOpenCVFx": focal_x if opencv else 0.0,
            "cameraOpenCVFy": focal_y if opencv else 0.0,
            "metersPerSceneUnit": 1.0,
            "renderProductResolution": np.array([size.width, size.height], np.int32),
        }

    return BatchedAnnotation(None, info)


def _polynomial(
    model: LensModel, k: NDArray[np.float64], opencv: NDArray[np.float64], nominal: NDArray[np.float64]
) -> Info:
    """Replicator's keys of an f-theta lens, in pixels of its nominal size; zeros for all others."""
    values = np.zeros(6)
    ftheta = model == LensModel.FTHETA
    if ftheta:
        slope = 1.0 / opencv[0]
        values[1] = slope
        values[2:] = k[:4] * slope ** np.arange(2, 6)
    return {
        "cameraFisheyeMaxFOV": float(np.degrees(2.0 * k[4])) if ftheta else 0.0,
        "cameraFisheyeNominalWidth": int(nominal[0]) if ftheta else 0,
        "cameraFisheyeNominalHeight": int(nominal[1]) if ftheta else 0,
        "cameraFisheyeOpticalCentre": opencv[2:].astype(np.float32) if ftheta else np.zeros(2, np.float32),
        "cameraFisheyePolynomial": values.astype(np.float32),
    }


def world_to_camera(camera_to_world: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of rigid (..., 4, 4) row-vector matrices: the transposed rotation, and the translation turned back."""
    rotation = np.swapaxes(camera_to_world[..., :3, :3], -1, -2)
    inverse = np.zeros_like(camera_to_world)
    inverse[..., :3, :3] = rotation
    inverse[..., 3, :3] = -(camera_to_world[..., 3, None, :3] @ rotation)[..., 0, :]
    inverse[..., 3, 3] = 1.0
    return inverse


def projections(view: CapturedView) -> NDArray[np.float64]:
    """(B, 4, 4) float64: camera to clip space for row vectors, reversed depth, no far plane.

    From pixel x = fx * X / -Z + cx and x = (ndc + 1) W / 2, and likewise for y, which runs downwards in the image.
    """
    focal_x, focal_y, centre_x, centre_y = view.rendered.intrinsics.T
    size = view.rendered.view
    matrix = np.zeros((len(view), 4, 4))
    matrix[:, 0, 0] = 2 * focal_x / size.width
    matrix[:, 1, 1] = 2 * focal_y / size.height
    matrix[:, 2, 0] = 1 - 2 * centre_x / size.width
    matrix[:, 2, 1] = 2 * centre_y / size.height - 1
    matrix[:, 2, 3] = -1.0
    matrix[:, 3, 2] = view.state.arrays.cameras.clipping[:, view.camera, 0]
    return matrix


def draws(view: CapturedView) -> BatchedAnnotation:
    """What was drawn for each frame as flat columns, {"boxes.pose.position[0].x": number or text}."""
    columns = draw_columns(view.state.draws)

    def info(frame: int) -> Info:
        return {name: frame_value(values, frame) for name, values in columns.items()}

    return BatchedAnnotation(None, info)


def reference_time(view: CapturedView) -> BatchedAnnotation:
    """The frame's time as a fraction of seconds; this runtime has no timeline, a frame is 1/60 s."""
    frames = view.state.frames

    def info(frame: int) -> Info:
        return {"referenceTimeNumerator": int(frames[frame]), "referenceTimeDenominator": FRAMES_PER_SECOND}

    return BatchedAnnotation(None, info)
