"""camera_params of a camera on the stage, for products that do not give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import Lens, LensModel
from replicator_dr.pool.usd_lens import image_lens, read_lens

if TYPE_CHECKING:
    from pxr import Usd

MODEL_NAMES = {
    LensModel.OPENCV_PINHOLE: "pinholeOpenCV",
    LensModel.OPENCV_FISHEYE: "fisheyeOpenCV",
    LensModel.FTHETA: "fisheyePolynomial",
}
"""What Replicator calls the projections of lenses."""

_OPENCV = ("openCVFx", "openCVFy", "fthetaCx", "fthetaCy")


def camera_params(
    stage: Usd.Stage, path: str, resolution: tuple[int, int], origin: Sequence[float] = (0.0, 0.0, 0.0)
) -> dict[str, Any]:
    """Replicator's ``camera_params`` of a Camera prim: row vectors, matrices flattened by rows.

    resolution: (width, height) [pixels]. origin: from where the world is counted [m]. Pixels are square and the
    vertical aperture does not enter: fx = fy = width * focal length / horizontal aperture. cameraDistortionModel and
    cameraDistortion: an optics.LensModel in lower case ("" for none) and its coefficients.
    """
    from pxr import Usd, UsdGeom

    prim = camera_prim(stage, path)
    camera = UsdGeom.Camera(prim)
    width, height = resolution
    aperture = float(camera.GetHorizontalApertureAttr().Get())
    focal_x, focal_y, centre_x, centre_y = _intrinsics(prim, resolution)
    lens = _lens(prim, resolution)
    model = LensModel.PINHOLE if lens is None else lens.model
    near, far = camera.GetClippingRangeAttr().Get()
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = 2 * focal_x / width, 2 * focal_y / height
    projection[2, 0], projection[2, 1] = 1 - 2 * centre_x / width, 2 * centre_y / height - 1
    projection[2, 3], projection[3, 2] = -1.0, near
    world = np.array(UsdGeom.XformCache(Usd.TimeCode.Default()).GetLocalToWorldTransform(prim), dtype=np.float64)
    unit = float(UsdGeom.GetStageMetersPerUnit(stage))
    world[3, :3] -= np.asarray(origin) / unit
    focal = focal_x * aperture / width
    return {
        "cameraAperture": np.array([aperture, focal * height / focal_y], np.float32),
        "cameraApertureOffset": np.array(
            [(centre_x - width / 2) * focal / focal_x, (height / 2 - centre_y) * focal / focal_y], np.float32
        ),
        "cameraFocalLength": focal,
        "cameraFocusDistance": float(camera.GetFocusDistanceAttr().Get()),
        "cameraFStop": float(camera.GetFStopAttr().Get()),
        "cameraModel": MODEL_NAMES.get(model) or ("pinholeOpenCV" if _is_opencv(prim) else "pinhole"),
        "cameraNearFar": np.array([near, far], np.float32),
        "cameraProjection": projection.reshape(16),
        "cameraViewTransform": _inverse(world).reshape(16),
        "cameraDistortionModel": "" if lens is None else model.name.lower(),
        "cameraDistortion": np.array(() if lens is None else lens.coefficients, np.float64),
        "metersPerSceneUnit": unit,
        "renderProductResolution": np.array(resolution, np.int32),
    }


def camera_prim(stage: Usd.Stage, path: str) -> Usd.Prim:
    """The Camera prim at a path, or the first one below it: cameras stand under a wrapper."""
    from pxr import Usd, UsdGeom

    return next(prim for prim in Usd.PrimRange(stage.GetPrimAtPath(path)) if prim.IsA(UsdGeom.Camera))


def _is_opencv(prim: Usd.Prim) -> bool:
    return (prim.GetAttribute("cameraProjectionType").Get() or "pinhole") == "pinholeOpenCV"


def _lens(prim: Usd.Prim, resolution: tuple[int, int]) -> Lens | None:
    found = read_lens(prim)
    return None if found is None else image_lens(found, *resolution)


def _intrinsics(prim: Usd.Prim, resolution: tuple[int, int]) -> tuple[float, float, float, float]:
    """fx, fy, cx, cy [pixels]."""
    from pxr import UsdGeom

    width, height = resolution
    lens = _lens(prim, resolution)
    if lens is not None:
        return lens.intrinsics
    if _is_opencv(prim):
        nominal = [prim.GetAttribute(name).Get() for name in ("fthetaWidth", "fthetaHeight")]
        ratio = (width / nominal[0], height / nominal[1]) * 2
        focal_x, focal_y, centre_x, centre_y = (
            float(prim.GetAttribute(name).Get()) * scale for name, scale in zip(_OPENCV, ratio)
        )
        return focal_x, focal_y, centre_x, centre_y
    camera = UsdGeom.Camera(prim)
    scale = width / camera.GetHorizontalApertureAttr().Get()
    focal = scale * camera.GetFocalLengthAttr().Get()
    centre_x = 0.5 * width + scale * camera.GetHorizontalApertureOffsetAttr().Get()
    centre_y = 0.5 * height - scale * camera.GetVerticalApertureOffsetAttr().Get()
    return focal, focal, centre_x, centre_y


def _inverse(world: NDArray[np.float64]) -> NDArray[np.float64]:
    """World to camera. Scale on a camera does not count: its axes are made unit vectors."""
    rotation = world[:3, :3] / np.linalg.norm(world[:3, :3], axis=1, keepdims=True)
    inverse = np.eye(4)
    inverse[:3, :3] = rotation.T
    inverse[3, :3] = -world[3, :3] @ rotation.T
    return inverse
