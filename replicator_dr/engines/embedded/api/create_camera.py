"""``rep.create.camera`` and ``stereo_camera``; create.py takes them over under those names."""

from __future__ import annotations

from typing import Any

from pxr import Sdf, Usd, UsdGeom

from replicator_dr.engines.embedded.item import ReplicatorItem, make_item
from replicator_dr.engines.embedded.nodes import PrimNode
from replicator_dr.engines.embedded.usd.authoring import author_values, wrappers
from replicator_dr.engines.embedded.usd.stage import set_pose
from replicator_dr.errors import UnsupportedError
from replicator_dr.pool.usd_lens import PROJECTION
from replicator_dr.pool.usd_stereo import write_pair

__all__ = ["camera", "stereo_camera"]

# On a Z-up stage a camera is turned under its wrapper: rotation 0 looks along -X with +Z up.
REST_TURN = (90.0, 0.0, 90.0)

_LENS = {
    "focal_length": "focalLength",
    "focus_distance": "focusDistance",
    "f_stop": "fStop",
    "horizontal_aperture": "horizontalAperture",
    "horizontal_aperture_offset": "horizontalApertureOffset",
    "vertical_aperture_offset": "verticalApertureOffset",
    "clipping_range": "clippingRange",
}
_OPENCV = {
    "fisheye_nominal_width": "fthetaWidth",
    "fisheye_nominal_height": "fthetaHeight",
    "fisheye_optical_centre_x": "fthetaCx",
    "fisheye_optical_centre_y": "fthetaCy",
    "openCV_focal_x": "openCVFx",
    "openCV_focal_y": "openCVFy",
}
# The documented defaults of what only some projections use.
_DISTORTION = {
    "fisheye_nominal_width": 1936.0, "fisheye_nominal_height": 1216.0, "fisheye_optical_centre_x": 970.94244,
    "fisheye_optical_centre_y": 600.37482, "openCV_focal_x": 731.78788, "openCV_focal_y": 731.78789,
    "fisheye_max_fov": 200.0, "fisheye_polynomial_a": 0.0, "fisheye_polynomial_b": 0.00245, "fisheye_polynomial_c": 0.0,
    "fisheye_polynomial_d": 0.0, "fisheye_polynomial_e": 0.0, "fisheye_polynomial_f": 0.0, "fisheye_p0": -0.00037,
    "fisheye_p1": -0.00074, "fisheye_s0": -0.00058, "fisheye_s1": -0.00022, "fisheye_s2": 0.00019,
    "fisheye_s3": -0.0002,
}  # fmt: skip

_POLYNOMIAL = {
    "fisheye_nominal_width": "fthetaWidth",
    "fisheye_nominal_height": "fthetaHeight",
    "fisheye_optical_centre_x": "fthetaCx",
    "fisheye_optical_centre_y": "fthetaCy",
    "fisheye_max_fov": "fthetaMaxFov",
    **{f"fisheye_polynomial_{letter}": f"fthetaPoly{letter.upper()}" for letter in "abcdef"},
}
_NAMED = {"pinhole": {}, "pinholeOpenCV": _OPENCV, "fisheyePolynomial": _POLYNOMIAL}
"""The arguments that author each projection's own attributes."""

PROJECTIONS = {
    "pinhole": "pinhole", "pinholeOpenCV": "pinholeOpenCV", "pinhole_opencv": "pinholeOpenCV",
    "fisheyePolynomial": "fisheyePolynomial", "fisheye_polynomial": "fisheyePolynomial",
}  # fmt: skip


def camera(
    position: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    focal_length: Any = 24.0,
    focus_distance: Any = 400.0,
    f_stop: Any = 0.0,
    horizontal_aperture: Any = 20.955,
    horizontal_aperture_offset: Any = 0.0,
    vertical_aperture_offset: Any = 0.0,
    clipping_range: Any = (1.0, 1000000.0),
    projection_type: Any = "pinhole",
    fisheye_nominal_width: Any = 1936.0,
    fisheye_nominal_height: Any = 1216.0,
    fisheye_optical_centre_x: Any = 970.94244,
    fisheye_optical_centre_y: Any = 600.37482,
    openCV_focal_x: Any = 731.78788,
    openCV_focal_y: Any = 731.78789,
    fisheye_max_fov: Any = 200.0,
    fisheye_polynomial_a: Any = 0.0,
    fisheye_polynomial_b: Any = 0.00245,
    fisheye_polynomial_c: Any = 0.0,
    fisheye_polynomial_d: Any = 0.0,
    fisheye_polynomial_e: Any = 0.0,
    fisheye_polynomial_f: Any = 0.0,
    fisheye_p0: Any = -0.00037,
    fisheye_p1: Any = -0.00074,
    fisheye_s0: Any = -0.00058,
    fisheye_s1: Any = -0.00022,
    fisheye_s2: Any = 0.00019,
    fisheye_s3: Any = -0.0002,
    cross_camera_reference_name: str | None = None,
    count: int = 1,
    parent: Any = None,
    name: str | None = None,
) -> ReplicatorItem:
    """A camera. Lengths of lens and aperture are tenths of a stage unit, the rest stage units.

    projection_type: "pinhole", or "pinholeOpenCV" without distortion, whose fx, fy, cx, cy (openCV_focal_*,
    fisheye_optical_centre_*) are pixels of the nominal size (fisheye_nominal_*), or "fisheyePolynomial", whose
    fisheye_polynomial_a to f make the angle [rad] from the distance to the optical centre in such pixels, up to half of
    fisheye_max_fov [degrees]. UnsupportedError for other projections and for coefficients that they have no use for;
    OpenCV's distortions are attributes of the OmniLensDistortion schemas.
    """
    arguments = locals()
    projection = _projection("create.camera", arguments)
    if cross_camera_reference_name is not None:
        raise UnsupportedError(
            "create.camera: cross_camera_reference_name is not supported; there is no cross_correspondence annotator"
        )
    cameras: list[str] = []

    def author(stage: Usd.Stage, path: str, index: int) -> None:
        cameras.append(_define(stage, f"{path}/Camera"))

    item = wrappers("create.camera", "Camera", arguments, author)
    _author_lens("create.camera", cameras, arguments, projection)
    return item


def stereo_camera(
    stereo_baseline: float,
    position: Any = None,
    rotation: Any = None,
    look_at: Any = None,
    look_at_up_axis: Any = None,
    focal_length: Any = 24.0,
    focus_distance: Any = 400.0,
    f_stop: Any = 0.0,
    horizontal_aperture: Any = 20.955,
    horizontal_aperture_offset: Any = 0.0,
    vertical_aperture_offset: Any = 0.0,
    clipping_range: Any = (1.0, 1000000.0),
    projection_type: Any = "pinhole",
    fisheye_nominal_width: Any = 1936.0,
    fisheye_nominal_height: Any = 1216.0,
    fisheye_optical_centre_x: Any = 970.94244,
    fisheye_optical_centre_y: Any = 600.37482,
    fisheye_max_fov: Any = 200.0,
    fisheye_polynomial_a: Any = 0.0,
    fisheye_polynomial_b: Any = 0.00245,
    fisheye_polynomial_c: Any = 0.0,
    fisheye_polynomial_d: Any = 0.0,
    fisheye_polynomial_e: Any = 0.0,
    fisheye_polynomial_f: Any = 0.0,
    fisheye_p0: Any = -0.00037,
    fisheye_p1: Any = -0.00074,
    fisheye_s0: Any = -0.00058,
    fisheye_s1: Any = -0.00022,
    fisheye_s2: Any = 0.00019,
    fisheye_s3: Any = -0.0002,
    count: int = 1,
    name: str | None = None,
    parent: Any = None,
) -> ReplicatorItem:
    """Two cameras side by side under one wrapper, half the baseline [stage units] to either side; a pinhole each.

    The left one is ``StereoCam_L``, the right one ``StereoCam_R``. UnsupportedError for a distribution as baseline.
    """
    arguments = locals()
    _projection("create.stereo_camera", arguments)
    if not isinstance(stereo_baseline, (int, float)):
        raise UnsupportedError("create.stereo_camera: stereo_baseline cannot vary; give a number")
    cameras: list[str] = []

    def author(stage: Usd.Stage, path: str, index: int) -> None:
        for side, sign in (("L", -1.0), ("R", 1.0)):
            # Seen along the view the right camera lies along its own +X, which is the wrapper's +Y on a Z-up stage.
            axis = 1 if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else 0
            offset = tuple(sign * 0.5 * stereo_baseline if i == axis else 0.0 for i in range(3))
            cameras.append(_define(stage, f"{path}/StereoCam_{side}", offset))
        write_pair(stage, *cameras[-2:])

    item = wrappers("create.stereo_camera", "StereoCamera", arguments, author)
    _author_lens("create.stereo_camera", cameras, arguments, "pinhole")
    make_item(PrimNode("create.stereo_camera", lambda: cameras))
    return item


def _define(stage: Usd.Stage, path: str, offset: tuple[float, ...] = (0.0, 0.0, 0.0)) -> str:
    prim = UsdGeom.Camera.Define(stage, path).GetPrim()
    z_up = UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    set_pose(prim, translate=offset, rotate=REST_TURN if z_up else (0.0, 0.0, 0.0))
    return path


def _projection(kind: str, arguments: dict[str, Any]) -> str:
    """The projection's name. Raises UnsupportedError for what is not rendered."""
    wanted = arguments["projection_type"]
    if wanted not in PROJECTIONS:
        raise UnsupportedError(
            f"{kind}: projection_type {wanted!r} is not rendered; use 'pinhole', 'pinholeOpenCV' or "
            "'fisheyePolynomial', or author an OmniLensDistortion schema"
        )
    projection = PROJECTIONS[wanted]
    if projection == "fisheyePolynomial" and kind != "create.camera":
        raise UnsupportedError(f"{kind}: '{projection}' is not rendered here; use two cameras")
    if projection == "pinholeOpenCV" and "openCV_focal_x" not in arguments:
        raise UnsupportedError(f"{kind}: has no openCV_focal arguments; use projection_type='pinhole'")
    # What a projection has no use for must stand at its default.
    for name, default in _DISTORTION.items():
        if name in _NAMED[projection]:
            continue
        value = arguments.get(name, default)
        if not isinstance(value, (int, float)) or value not in (default, 0.0):
            remedy = "use projection_type='pinholeOpenCV'" if name in _OPENCV else "leave it out or give 0"
            raise UnsupportedError(f"{kind}: {name} has no effect on a '{projection}' camera here; {remedy}")
    return projection


def _author_lens(kind: str, cameras: list[str], arguments: dict[str, Any], projection: str) -> None:
    names = {**_LENS, **_NAMED[projection]}
    values = {attribute: arguments[name] for name, attribute in names.items()}
    if projection != "pinhole":
        values[PROJECTION] = projection

    def set_value(prim: Usd.Prim, name: str, value: Any) -> None:
        attribute = prim.GetAttribute(name)
        if name == PROJECTION:
            prim.CreateAttribute(name, Sdf.ValueTypeNames.Token).Set(value)
        elif attribute:
            attribute.Set(tuple(float(v) for v in value) if len(value) > 1 else float(value[0]))
        else:
            prim.CreateAttribute(name, Sdf.ValueTypeNames.Float).Set(float(value[0]))

    def width(name: str) -> int:
        return {PROJECTION: 0, "clippingRange": 2}.get(name, 1)

    plain = {name: values[name] for name in _NAMED[projection].values() if name in values}
    for prim in cameras if any(not isinstance(value, (int, float)) for value in plain.values()) else ():
        # Attributes that no schema declares must exist before a node can write them.
        from replicator_dr.engines.embedded.runtime import current

        for name in plain:
            current().stage.GetPrimAtPath(prim).CreateAttribute(name, Sdf.ValueTypeNames.Float).Set(1.0)
    author_values(kind, cameras, values, set_value, width)
