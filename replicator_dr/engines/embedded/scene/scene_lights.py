"""UsdLux lights -> rows of the light channels, and these -> the renderer's light arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdLux

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.shader_inputs import asset_path
from replicator_dr.engines.embedded.scene.transforms import rigid, row_scale
from replicator_dr.errors import AssetError
from replicator_dr.render.scene import LightArrays, LightType

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

LIGHT_TYPES = {
    "DistantLight": LightType.DISTANT,
    "SphereLight": LightType.SPHERE,
    "RectLight": LightType.RECT,
    "DiskLight": LightType.DISK,
    "CylinderLight": LightType.CYLINDER,
    "DomeLight": LightType.DOME,
    "DomeLight_1": LightType.DOME,
}

# Attributes and the channels they fill.
LIGHT_CHANNELS = {
    "inputs:intensity": "intensity",
    "inputs:exposure": "exposure",
    "inputs:color": "light_color",
    "inputs:colorTemperature": "temperature",
    "inputs:enableColorTemperature": "enable_temperature",
    "inputs:radius": "radius",
    "inputs:width": "width",
    "inputs:height": "height",
    "inputs:length": "length",
    "inputs:angle": "angle",
    "inputs:texture:file": "environment",
}

_FALLBACK = {"radius": 0.0, "width": 0.0, "height": 0.0, "length": 0.0, "angle": 0.0, "environment": -1.0}

THIN = 1e-3
"""Radius [m] of points and lines: far below a pixel's shadow, and enough for a radiance that is a number."""

# A DomeLight's panorama has its top toward local +Y; on a Z-up stage it is turned by (90, 0, 0) first.
DOME_TURN = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])


class PanoramaTable:
    """Rows of ``SceneArrays.environments``."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}

    def row(self, path: str) -> int:
        """The row of a picture file."""
        return self.rows.setdefault(path, len(self.rows))


def light_type(prim: Usd.Prim) -> LightType | None:
    """The renderer's number for a light prim, None for other prims."""
    return LIGHT_TYPES.get(prim.GetTypeName())


def read_light(prim: Usd.Prim, panoramas: PanoramaTable) -> dict[str, Any]:
    """Values of the light channels."""
    values: dict[str, Any] = dict(_FALLBACK)
    for name, channel in LIGHT_CHANNELS.items():
        attribute = prim.GetAttribute(name)
        value = attribute.Get() if attribute else None
        if channel == "environment":
            path = asset_path(value)
            values[channel] = panoramas.row(path) if path else -1.0
        elif value is not None:
            values[channel] = value
    return values


def is_thin(prim: Usd.Prim) -> bool:
    """Whether a sphere light is to be a point or a cylinder light a line, with the power of its size all the same."""
    name = {"SphereLight": "treatAsPoint", "CylinderLight": "treatAsLine"}.get(prim.GetTypeName())
    return name is not None and bool(prim.GetAttribute(name).Get())


def is_normalized(prim: Usd.Prim) -> bool:
    """Whether the light's power is to be independent of its size."""
    return bool(UsdLux.LightAPI(prim).GetNormalizeAttr().Get())


def check_light(prim: Usd.Prim, kind: LightType, values: dict[str, Any]) -> None:
    """Raises AssetError for a light whose numbers make no light."""
    if not np.isfinite(np.asarray(values["intensity"], dtype=np.float64)).all():
        raise AssetError(f"{prim.GetPath()}: the intensity of this {kind.name.lower()} light is not a finite number")


def temperature_color(kelvin: Float64) -> Float64:
    """(...) kelvin -> (..., 3) linear Rec. 709 colour of a black body, luminance 1, white at 6500 K.

    Planckian locus by the cubics of B. Kang et al., "Design of advanced color temperature control system for HDTV
    applications", J. Korean Phys. Soc. 41 (2002), valid from 1667 to 25000 K; divided by its value at 6500 K, so that
    the default temperature leaves a light's colour as it is, and negative components cut off.
    """
    kelvin = np.clip(kelvin, 1667.0, 25000.0)
    rgb = np.maximum(_planckian(kelvin) / _planckian(np.array(6500.0)), 0.0)
    luminance = rgb @ np.array([0.2126, 0.7152, 0.0722])
    return rgb / luminance[..., None]


def _planckian(t: Float64) -> Float64:
    x = np.where(
        t <= 4000.0,
        -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910,
        -3.0258469e9 / t**3 + 2.1070379e6 / t**2 + 0.2226347e3 / t + 0.240390,
    )
    y = np.where(
        t <= 2222.0,
        -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683,
        np.where(
            t <= 4000.0,
            -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867,
            3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483,
        ),
    )
    xyz = np.stack([x / y, np.ones_like(x), (1.0 - x - y) / y], axis=-1)
    # XYZ to linear Rec. 709 (IEC 61966-2-1).
    matrix = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]], dtype=np.float64
    )
    return np.sum(matrix * xyz[..., None, :], axis=-1)


@dataclass(frozen=True)
class LightKinds:
    """What lights are for good, (L,) each: their types (int32), and their ``normalize`` and thin flags."""

    types: Int32
    normalized: NDArray[np.bool_]
    thin: NDArray[np.bool_]


def light_arrays(
    tables: Tables, kinds: LightKinds, world: Float64, visible: NDArray[np.bool_], unit: float
) -> LightArrays:
    """The renderer's lights from channel tables (B, L, k). world: (B, L, 4, 4) [m], with scale. unit: metres in one.

    Sizes take over the scale of the pose: a sphere's radius its mean, a cylinder's length that along X. As UsdLux
    defines it, ``normalize`` divides by the surface in the stage's units. A thin light has the power of its radius.
    The intensity of a distant light is its illuminance, whatever its angle: what UsdLux makes of a normalized one,
    intensity / (pi sin^2(angle / 2)) in nit over that solid angle, and what Replicator's users expect of all.
    """
    size = _sizes(tables, kinds.types, row_scale(world))
    one = {name: tables[name][..., 0] for name in ("intensity", "exposure", "temperature", "enable_temperature")}
    color = tables["light_color"] * (one["intensity"] * np.exp2(one["exposure"]))[..., None]
    color = color * np.where(one["enable_temperature"][..., None] > 0, temperature_color(one["temperature"]), 1.0)
    full = _area(kinds.types, size)
    curved = (kinds.types == LightType.SPHERE) | (kinds.types == LightType.CYLINDER)
    thin = curved & (kinds.thin | (kinds.normalized & (size[..., 0] == 0.0)))
    size[..., 0] = np.where(thin, THIN, size[..., 0])
    drawn = _area(kinds.types, size)
    gain = np.where(kinds.normalized, unit**2, full) / np.where(drawn > 0, drawn, 1.0)
    lamp = np.isin(kinds.types, (LightType.DISTANT, LightType.DOME))
    color = color * np.where(lamp | ~(kinds.normalized | thin), 1.0, gain)[..., None]
    return LightArrays(
        color=color.astype(np.float32),
        world=rigid(world).astype(np.float32),
        size=size.astype(np.float32),
        visible=visible,
        environment=tables["environment"][..., 0].astype(np.int32),
    )


def _sizes(tables: Tables, kinds: Int32, scale: Float64) -> Float64:
    """(B, L, 2), as ``LightArrays.size`` has them."""
    radius, mean = tables["radius"][..., 0], np.mean(scale, axis=-1)
    size = np.zeros((*scale.shape[:2], 2))
    for kind, first, second in (
        (LightType.DISTANT, tables["angle"][..., 0], 0.0),
        (LightType.SPHERE, radius * mean, 0.0),
        (LightType.RECT, tables["width"][..., 0] * scale[..., 0], tables["height"][..., 0] * scale[..., 1]),
        (LightType.DISK, radius * 0.5 * (scale[..., 0] + scale[..., 1]), 0.0),
        (
            LightType.CYLINDER,
            radius * 0.5 * (scale[..., 1] + scale[..., 2]),
            tables["length"][..., 0] * scale[..., 0],
        ),
    ):
        chosen = kinds == kind
        size[..., 0] = np.where(chosen, first, size[..., 0])
        size[..., 1] = np.where(chosen, second, size[..., 1])
    return size


def _area(kinds: Int32, size: Float64) -> Float64:
    """(B, L) [m2]: the surface of lights that have one; a cylinder's without its ends, which do not shine."""
    first, second = size[..., 0], size[..., 1]
    return np.select(
        [kinds == LightType.SPHERE, kinds == LightType.RECT, kinds == LightType.DISK, kinds == LightType.CYLINDER],
        [4.0 * np.pi * first**2, first * second, np.pi * first**2, 2.0 * np.pi * first * second],
        0.0,
    )
