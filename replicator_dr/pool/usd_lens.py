"""Lenses as USD holds them: Isaac Sim 5's ``OmniLensDistortion*API`` and the older ``fisheyePolynomial``.

Principal points count from the image's corner, pixel i covers i to i + 1, in pixels of the size that goes with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from replicator_dr.errors import EngineError, UnsupportedError
from replicator_dr.optics import COEFFICIENTS, ROOM, Lens, LensModel
from replicator_dr.optics.usd_names import APIS, GROUPS, MODEL, PREFIX, attribute_of

if TYPE_CHECKING:
    from pxr import Usd

PROJECTION = "cameraProjectionType"
_FTHETA = ("k0", "k1", "k2", "k3", "k4")
_POLYNOMIAL = tuple(f"fthetaPoly{letter}" for letter in "ABCDEF")
_MAX_FOV = 6
_DEFAULTS = {
    "opencvFisheye:k1": 0.00245, "ftheta:k1": 0.00245, "ftheta:maxFov": 200.0, "fthetaPolyB": 0.00245,
    "fthetaMaxFov": 200.0,
}  # fmt: skip
"""NVIDIA's, where they are not 0."""


@dataclass(frozen=True)
class UsdLens:
    """What a Camera prim says of its lens.

    intrinsics: fx, fy, cx, cy in pixels of ``nominal`` (width, height). coefficients: as USD has them; for FTHETA
    those of the angle [rad] as a polynomial in pixels of ``nominal``, from the constant one to that of r^5, and the
    whole field of view [degrees]; fx and fy are 1 then.
    """

    model: LensModel
    intrinsics: tuple[float, float, float, float]
    nominal: tuple[float, float]
    coefficients: tuple[float, ...]


def lens_attributes() -> dict[str, tuple[str, int]]:
    """{attribute: ("opencv" or "lens", component)} of numbers that may vary; components as in UsdLens."""
    found: dict[str, tuple[str, int]] = {}
    for model in (LensModel.OPENCV_PINHOLE, LensModel.OPENCV_FISHEYE):
        found |= {attribute_of(model, name): ("opencv", i) for i, name in enumerate(("fx", "fy", "cx", "cy"))}
        found |= {attribute_of(model, name): ("lens", i) for i, name in enumerate(COEFFICIENTS[model])}
    found |= {f"{PREFIX}ftheta:{name}": ("lens", i) for i, name in enumerate(_FTHETA)}
    found |= {name: ("lens", i) for i, name in enumerate(_POLYNOMIAL)}
    return found | {f"{PREFIX}ftheta:maxFov": ("lens", _MAX_FOV), "fthetaMaxFov": ("lens", _MAX_FOV)}


def read_lens(prim: Usd.Prim) -> UsdLens | None:
    """The lens of a Camera prim, None where it is a pinhole.

    UnsupportedError for models that are not rendered; EngineError where a value is missing.
    """
    token = str(prim.GetAttribute(MODEL).Get() or "")
    applied = _applied(prim)
    if not token:
        # Before any renderer sets the token it has the default of the schema that is applied.
        token = next((GROUPS[model] for model, api in APIS.items() if api in applied), "")
    other = next((name for name in applied - set(APIS.values()) if name.startswith("OmniLensDistortion")), "")
    if not token and other:
        token = other
    if not token or token == "pinhole":
        return _older(prim)
    model = next((key for key, name in GROUPS.items() if name == token), None)
    if model is None:
        raise UnsupportedError(
            f"{prim.GetPath()}: the lens model '{token}' is not rendered; use {', '.join(GROUPS.values())}"
        )
    if model == LensModel.FTHETA:
        return _ftheta(prim)
    group = PREFIX + token
    fx, fy, cx, cy = (_number(prim, f"{group}:{name}", None) for name in ("fx", "fy", "cx", "cy"))
    size = prim.GetAttribute(f"{group}:imageSize").Get()
    if size is None:
        raise _missing(prim, f"{group}:imageSize")
    k = tuple(_number(prim, f"{group}:{name}", 0.0) for name in COEFFICIENTS[model])
    return UsdLens(model, (fx, fy, cx, cy), (float(size[0]), float(size[1])), k)


def _applied(prim: Usd.Prim) -> set[str]:
    """The applied schemas, those that this process does not know included."""
    listed = prim.GetMetadata("apiSchemas")
    return set() if listed is None else {str(name) for name in listed.GetAppliedItems()}


def _ftheta(prim: Usd.Prim) -> UsdLens:
    group = f"{PREFIX}ftheta:"
    centre = prim.GetAttribute(f"{group}opticalCenter").Get()
    if centre is None:
        raise _missing(prim, f"{group}opticalCenter")
    nominal = tuple(_number(prim, f"{group}{name}", None) for name in ("nominalWidth", "nominalHeight"))
    k = (*(_number(prim, f"{group}{name}", 0.0) for name in _FTHETA), 0.0, _number(prim, f"{group}maxFov", 0.0))
    return UsdLens(LensModel.FTHETA, (1.0, 1.0, float(centre[0]), float(centre[1])), (nominal[0], nominal[1]), k)


def _older(prim: Usd.Prim) -> UsdLens | None:
    """The projection that ``cameraProjectionType`` names, None for pinholes."""
    projection = str(prim.GetAttribute(PROJECTION).Get() or "pinhole")
    if projection in ("pinhole", "pinholeOpenCV"):
        return None
    if projection != "fisheyePolynomial":
        raise UnsupportedError(
            f"{prim.GetPath()}: projection '{projection}' is not rendered; use 'pinhole', 'pinholeOpenCV', "
            "'fisheyePolynomial' or an OmniLensDistortion schema"
        )
    cx, cy, width, height = (_number(prim, f"ftheta{name}", None) for name in ("Cx", "Cy", "Width", "Height"))
    k = (*(_number(prim, name, 0.0) for name in _POLYNOMIAL), _number(prim, "fthetaMaxFov", 0.0))
    return UsdLens(LensModel.FTHETA, (1.0, 1.0, cx, cy), (width, height), k)


def _number(prim: Usd.Prim, name: str, default: float | None) -> float:
    attribute = prim.GetAttribute(name)
    value = attribute.Get() if attribute else None
    if value is None:
        if default is None:
            raise _missing(prim, name)
        return _DEFAULTS.get(name.removeprefix(PREFIX), default)
    return float(value)


def _missing(prim: Usd.Prim, name: str) -> EngineError:
    return EngineError(f"{prim.GetPath()}: the lens has no value of '{name}'; author it")


def image_lens(lens: UsdLens, width: int, height: int) -> Lens:
    """The lens over an image of another size, which its nominal one is stretched to."""
    lens = normalised(lens)
    x, y = width / lens.nominal[0], height / lens.nominal[1]
    fx, fy, cx, cy = lens.intrinsics
    return Lens(lens.model, (fx * x, fy * y, cx * x, cy * y), lens.coefficients)


def normalised(lens: UsdLens) -> UsdLens:
    """FTHETA's polynomial in the distance over the focal length 1 / k1, as optics has it; others as they are."""
    if lens.model != LensModel.FTHETA:
        return lens
    k = np.zeros(ROOM)
    k[: len(lens.coefficients)] = lens.coefficients
    focal, named = ftheta_normalised(k)
    return replace(lens, intrinsics=(focal, focal, *lens.intrinsics[2:]), coefficients=tuple(named[:5].tolist()))


def ftheta_normalised(k: np.typing.NDArray[np.float64]) -> tuple[float, np.typing.NDArray[np.float64]]:
    """Focal length [nominal pixels] and (ROOM,) coefficients of optics' FTHETA from USD's. EngineError without k1."""
    if k[0] != 0.0 or not k[1] > 0.0:
        raise EngineError(
            f"the f-theta polynomial begins with {k[0]:g} + {k[1]:g} r: its constant has to be 0 and its slope at the "
            "centre above 0; check k0 and k1 (fthetaPolyA, fthetaPolyB)"
        )
    focal = 1.0 / k[1]
    result = np.zeros(ROOM)
    result[:4] = k[2:6] * focal ** np.arange(2, 6)
    result[4] = np.radians(0.5 * k[_MAX_FOV])
    return float(focal), result


def write_lens(prim: Usd.Prim, model: LensModel, intrinsics: tuple[float, ...], size: tuple[int, int],
               coefficients: Mapping[str, float]) -> None:  # fmt: skip
    """Author one of OpenCV's models on a Camera prim: all coefficients, those that are not given as 0."""
    from pxr import Gf, Sdf

    prim.AddAppliedSchema(APIS[model])
    prim.CreateAttribute(MODEL, Sdf.ValueTypeNames.Token).Set(GROUPS[model])
    prim.CreateAttribute(attribute_of(model, "imageSize"), Sdf.ValueTypeNames.Int2).Set(Gf.Vec2i(*size))
    numbers = dict(zip(("fx", "fy", "cx", "cy"), intrinsics))
    numbers |= {name: float(coefficients.get(name, 0.0)) for name in COEFFICIENTS[model]}
    for name, value in numbers.items():
        prim.CreateAttribute(attribute_of(model, name), Sdf.ValueTypeNames.Float).Set(float(value))
