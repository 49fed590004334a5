"""What calibration files of ROS, Kalibr and OpenCV say of a camera, in the language's own terms.

All three count pixels from the first one's centre, the language from the image's corner: cx and cy are 0.5 larger here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from replicator_dr.optics import COEFFICIENTS, LensModel
from replicator_dr.spec.document import Node
from replicator_dr.spec.lenses import MODELS
from replicator_dr.spec.model import shown

HALF_PIXEL = 0.5
_PINHOLE, _FISHEYE = "opencv_pinhole", "opencv_fisheye"
_DISTORTIONS = {
    "plumb_bob": (_PINHOLE, (4, 5)),
    "rational_polynomial": (_PINHOLE, (8, 12, 14)),
    "radtan": (_PINHOLE, (4,)),
    "equidistant": (_FISHEYE, (4,)),
    "fisheye": (_FISHEYE, (4,)),
    "equi": (_FISHEYE, (4,)),
    "none": (_PINHOLE, (0,)),
}
"""Names of distortion models in files: the lens, and how many coefficients there may be."""
_OPENCV = (0, 4, 5, 8, 12, 14)
"""Lengths of OpenCV's distCoeffs; the last two are tilts of the sensor."""
_SIZES = (("image_width", "image_height"), ("width", "height"), ("image_Width", "image_Height"))
_MATRICES = ("camera_matrix", "cameraMatrix", "Camera_Matrix", "K", "k")
_COEFFICIENTS = ("distortion_coefficients", "distCoeffs", "dist_coeffs", "Distortion_Coefficients", "D", "d")


@dataclass(frozen=True)
class Calibrated:
    """A camera as fields of the language. resolution: None where the file does not say it. lens: None for a pinhole."""

    fx: float
    fy: float
    cx: float
    cy: float
    resolution: tuple[int, int] | None
    lens: dict[str, Any] | None


class CalibrationError(ValueError):
    """What is wrong with a file, with its line, and what to do."""

    def __init__(self, node: Node, message: str, remedy: str) -> None:
        super().__init__(f"{node.mark.file}:{node.mark.line}: {message}")
        self.remedy = remedy


def calibrated(root: Node, camera: str | None) -> Calibrated:
    """The camera that a file describes; camera: which one of a Kalibr chain. CalibrationError where there is none."""
    chain = {} if not isinstance(root.value, dict) else {
        name: node for name, node in root.value.items() if node.child("camera_model") is not None
    }  # fmt: skip
    if chain:
        return _kalibr(root, chain, camera)
    if camera is not None:
        raise CalibrationError(root, f"there is no camera '{camera}': the file is of one camera", "leave out camera")
    return _one_camera(root)


def _kalibr(root: Node, chain: dict[str, Node], camera: str | None) -> Calibrated:
    if camera is None and len(chain) > 1:
        remedy = f"say which, as in {{file: ..., camera: {next(iter(chain))}}}"
        raise CalibrationError(root, f"the chain has {len(chain)} cameras: {', '.join(chain)}", remedy)
    if camera is not None and camera not in chain:
        raise CalibrationError(root, f"there is no camera '{camera}'", f"cameras: {', '.join(chain)}")
    node = chain[camera or next(iter(chain))]
    model = _needed(node, ("camera_model",))
    if model.value != "pinhole":
        remedy = "calibrate anew with pinhole-radtan or pinhole-equi"
        raise CalibrationError(model, f"the camera model {shown(model.value)} is not rendered", remedy)
    fx, fy, cx, cy = _numbers(_needed(node, ("intrinsics",)), (4,))
    width, height = _numbers(_needed(node, ("resolution",)), (2,))
    name = _needed(node, ("distortion_model",))
    coefficients = _found(node, ("distortion_coeffs",)) or Node([], name.mark)
    return _camera((fx, fy, cx, cy), (width, height), _lens(name, coefficients), node)


def _one_camera(root: Node) -> Calibrated:
    matrix = _needed(root, _MATRICES)
    k = _numbers(matrix, (9,))
    if k[1] != 0.0 or k[3] != 0.0:
        raise CalibrationError(
            matrix, f"the skew is {k[1]:g}", "calibrate anew without skew; pixels are rectangles here"
        )
    sizes = [[_found(root, (name,)) for name in names] for names in _SIZES]
    size = next(((width, height) for width, height in sizes if width is not None and height is not None), None)
    resolution = None if size is None else (_number(size[0]), _number(size[1]))
    coefficients = _found(root, _COEFFICIENTS) or Node([], matrix.mark)
    name = _found(root, ("distortion_model",))
    if name is None or name.value in ("", None):
        fisheye = _found(root, ("fisheye_model",))
        name = Node("fisheye" if fisheye is not None and fisheye.value else None, coefficients.mark)
    return _camera((k[0], k[4], k[2], k[5]), resolution, _lens(name, coefficients), matrix)


def _camera(
    intrinsics: tuple[float, ...], size: tuple[float, float] | None, lens: dict[str, Any] | None, node: Node
) -> Calibrated:
    fx, fy, cx, cy = intrinsics
    if min(fx, fy) <= 0.0:
        raise CalibrationError(node, f"fx and fy are {fx:g} and {fy:g}", "they have to be above 0; calibrate anew")
    if size is not None and (min(size) < 1 or any(number != int(number) for number in size)):
        raise CalibrationError(node, f"the image has {size[0]:g} x {size[1]:g} pixels", "correct the size")
    resolution = None if size is None else (int(size[0]), int(size[1]))
    return Calibrated(fx, fy, cx + HALF_PIXEL, cy + HALF_PIXEL, resolution, lens)


def _lens(name: Node, coefficients: Node) -> dict[str, Any] | None:
    """name: a node whose value is a distortion model's name, or None for OpenCV's own, which has none."""
    if name.value is not None and name.value not in _DISTORTIONS:
        remedy = f"calibrate anew with one of {', '.join(_DISTORTIONS)}"
        raise CalibrationError(name, f"the distortion model {shown(name.value)} is not rendered", remedy)
    model, lengths = _DISTORTIONS[name.value] if name.value is not None else (_PINHOLE, _OPENCV)
    values = _numbers(coefficients, (*lengths, 0))
    names = COEFFICIENTS[MODELS[model]]
    if any(values[len(names) :]):
        message = "the sensor is tilted (tauX, tauY), which is not rendered"
        raise CalibrationError(coefficients, message, "calibrate anew without CALIB_TILTED_MODEL")
    # A fisheye without coefficients is still one: its angle, not its tangent, grows with the radius.
    if not any(values) and MODELS[model] == LensModel.OPENCV_PINHOLE:
        return None
    return {"model": model, **dict(zip(names, values, strict=False))}


def _found(node: Node, names: Sequence[str]) -> Node | None:
    return next((below for name in names if (below := node.child(name)) is not None), None)


def _needed(node: Node, names: Sequence[str]) -> Node:
    found = _found(node, names)
    if found is None:
        remedy = (
            "give a camera_info of ROS, a camchain of Kalibr, or OpenCV's camera_matrix and distortion_coefficients"
        )
        raise CalibrationError(node, f"there is no {names[0]}", remedy)
    return found


def _numbers(node: Node, lengths: Sequence[int]) -> tuple[float, ...]:
    """Of a list, a list of lists, or a matrix with ``data``."""
    data = node.child("data") or node
    rows = data.value if isinstance(data.value, list) else [data]
    flat = [value for row in rows for value in (row.value if isinstance(row.value, list) else [row])]
    if len(flat) not in lengths:
        wanted = " or ".join(str(length) for length in sorted(set(lengths)))
        raise CalibrationError(data, f"expected {wanted} numbers, got {len(flat)}", "correct the file")
    return tuple(_number(value) for value in flat)


def _number(node: Node) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CalibrationError(node, f"expected a number, got {shown(value)}", "correct the file")
    return float(value)
