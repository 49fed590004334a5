"""Colours of the contact sheet: a map for depth, one hue per class, one per instance."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int]

# Near to far through the rainbow with even steps in lightness at both ends, after the manner of Google's "turbo" map.
_DEPTH_ANCHORS = np.array(
    [
        (0.64, 0.06, 0.04), (0.89, 0.27, 0.05), (0.98, 0.55, 0.14), (0.93, 0.81, 0.23), (0.66, 0.97, 0.29),
        (0.27, 0.96, 0.54), (0.12, 0.83, 0.82), (0.24, 0.60, 0.98), (0.27, 0.35, 0.86), (0.19, 0.09, 0.33),
    ]
)  # fmt: skip

# A hue step of the golden ratio keeps any number of neighbours apart.
_GOLDEN = 0.618033988749895

NOTHING: Color = (30, 33, 38)


def depth_colors(depth: NDArray[np.float32], near: float, far: float) -> NDArray[np.uint8]:
    """Colour a depth map: (..., 3) uint8, red at ``near``, blue at ``far`` [m], dark grey where depth is not finite."""
    span = max(far - near, 1e-6)
    finite = np.isfinite(depth)
    place = np.clip((np.where(finite, depth, near) - near) / span, 0.0, 1.0)
    stops = np.linspace(0.0, 1.0, len(_DEPTH_ANCHORS))
    colors = np.stack([np.interp(place, stops, channel) for channel in _DEPTH_ANCHORS.T], axis=-1)
    picture: NDArray[np.uint8] = np.rint(colors * 255).astype(np.uint8)
    picture[~finite] = NOTHING
    return picture


def normal_colors(normals: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colour unit normals: x, y, z in -1..1 become red, green, blue in 0..255; dark grey where the normal is zero."""
    picture: NDArray[np.uint8] = np.rint((np.clip(normals, -1.0, 1.0) * 0.5 + 0.5) * 255).astype(np.uint8)
    picture[~np.any(normals, axis=-1)] = NOTHING
    return picture


def instance_color(index: int) -> Color:
    """A colour for the index-th instance of an image, far from those of its neighbours."""
    return _hue((index + 1) * _GOLDEN, saturation=0.62 + 0.18 * (index % 2), value=1.0 - 0.18 * (index % 3 == 2))


def class_colors(names: Iterable[str]) -> dict[str, Color]:
    """One colour per class name, the same whatever order the names come in."""
    ordered = sorted(set(names))
    return {name: _hue(0.09 + index * _GOLDEN, 0.68, 0.98) for index, name in enumerate(ordered)}


def text_color(background: Color) -> Color:
    """Black or white, whichever reads better on the background (Rec. 709 luma, gamma ignored)."""
    luma = 0.2126 * background[0] + 0.7152 * background[1] + 0.0722 * background[2]
    return (16, 18, 22) if luma > 128 else (255, 255, 255)


def _hue(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
