"""UsdGeom cameras -> rows of the camera channels, and these -> the renderer's camera arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.scene.channels import CAMERA
from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.scene_sensors import AT_REST, SENSOR_CHANNELS
from replicator_dr.engines.embedded.scene.transforms import rigid
from replicator_dr.errors import UnsupportedError
from replicator_dr.optics import ROOM, LensModel
from replicator_dr.pool.usd_lens import PROJECTION, ftheta_normalised, lens_attributes, read_lens
from replicator_dr.render.scene import CameraArrays

Float64 = NDArray[np.float64]

# Attributes, and the channel and components that they fill.
CAMERA_CHANNELS: dict[str, tuple[str, slice]] = {
    "focalLength": ("focal_length", slice(None)),
    "horizontalAperture": ("horizontal_aperture", slice(None)),
    "horizontalApertureOffset": ("aperture_offset", slice(0, 1)),
    "verticalApertureOffset": ("aperture_offset", slice(1, 2)),
    "clippingRange": ("clipping", slice(None)),
    "fStop": ("f_stop", slice(None)),
    "focusDistance": ("focus_distance", slice(None)),
    "openCVFx": ("opencv", slice(0, 1)),
    "openCVFy": ("opencv", slice(1, 2)),
    "fthetaCx": ("opencv", slice(2, 3)),
    "fthetaCy": ("opencv", slice(3, 4)),
    "fthetaWidth": ("nominal", slice(0, 1)),
    "fthetaHeight": ("nominal", slice(1, 2)),
    **{name: (channel, slice(i, i + 1)) for name, (channel, i) in lens_attributes().items()},
    **SENSOR_CHANNELS,
}


_LENS = ("opencv", "nominal", "lens")


def read_camera(prim: Usd.Prim) -> dict[str, Any]:
    """Values of the camera channels; opencv is nan for plain pinholes. Raises UnsupportedError for other lenses.

    lens: as USD has the coefficients, see pool.usd_lens.UsdLens.
    """
    camera = UsdGeom.Camera(prim)
    lens = read_lens(prim)
    projection = str(prim.GetAttribute(PROJECTION).Get() or "pinhole")
    if camera.GetProjectionAttr().Get() == UsdGeom.Tokens.orthographic:
        raise UnsupportedError(f"{prim.GetPath()}: orthographic cameras are not rendered; use a perspective one")
    values: dict[str, Any] = {
        "opencv": np.full(4, np.nan), "nominal": np.ones(2), "aperture_offset": np.zeros(2),
        "lens_model": LensModel.PINHOLE, "lens": np.zeros(ROOM), **AT_REST,
    }  # fmt: skip
    if lens is not None:
        values |= {"opencv": np.array(lens.intrinsics), "nominal": np.array(lens.nominal), "lens_model": lens.model}
        values["lens"][: len(lens.coefficients)] = lens.coefficients
    for name, (channel, components) in CAMERA_CHANNELS.items():
        if channel in _LENS and (projection != "pinholeOpenCV" or lens is not None or channel == "lens"):
            continue
        attribute = prim.GetAttribute(name)
        value = attribute.Get() if attribute else None
        if value is not None:
            row = np.array(values.get(channel, np.zeros(CAMERA[channel])), dtype=np.float64)
            row[components] = value
            values[channel] = row
    return values


def camera_arrays(tables: Tables, world: Float64, unit: float) -> CameraArrays:
    """The renderer's cameras from channel tables (B, C, k). world: (B, C, 4, 4) [m]; unit: metres in a stage unit."""
    models = np.rint(tables["lens_model"][..., 0]).astype(np.int32)
    opencv, lens = tables["opencv"], tables["lens"]
    polynomial = models == LensModel.FTHETA
    if polynomial.any():
        opencv, lens = opencv.copy(), lens.copy()
        for place in map(tuple, np.argwhere(polynomial)):
            focal, lens[place] = ftheta_normalised(lens[place])
            opencv[place][:2] = focal
    return CameraArrays(
        world=rigid(world),
        focal_length=tables["focal_length"][..., 0],
        horizontal_aperture=tables["horizontal_aperture"][..., 0],
        aperture_offset=tables["aperture_offset"],
        opencv=opencv,
        nominal=tables["nominal"],
        clipping=tables["clipping"] * unit,
        # Focal lengths are in tenths of a scene unit, and the lens' radius is a length: focal / (2 f_stop).
        f_stop=tables["f_stop"][..., 0] / unit,
        focus_distance=tables["focus_distance"][..., 0] * unit,
        lens_model=models,
        lens=lens,
    )
