"""From radiance to bytes: the tone curve and sRGB's transfer curve (IEC 61966-2-1), as one table for the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.sensor import HEADROOM

TABLE = 4096
"""Steps of the encoding table over compressed radiance c / (1 + c), 0..1."""
SHOULDER = 0.6
"""Radiance up to which the tone curve is the identity."""


def to_linear(coded: NDArray[Any]) -> NDArray[Any]:
    """sRGB-encoded values in 0..1 to linear ones."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(coded.dtype)


def to_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    """Linear values in 0..1 to sRGB-encoded ones."""
    curve = 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve).astype(linear.dtype)


def tone(radiance: NDArray[Any]) -> NDArray[Any]:
    """The tone curve, channel by channel: x up to SHOULDER s, then s + (1 - s) t / (1 + t) with t = (x - s) / (1 - s).

    Middle tones keep their value, so a known albedo can be read off an image; highlights roll off toward 1, with a
    continuous slope (Reinhard et al. 2002, applied to the highlights only).
    """
    t = np.maximum(radiance - SHOULDER, 0.0) / (1.0 - SHOULDER)
    return np.where(radiance <= SHOULDER, radiance, SHOULDER + (1.0 - SHOULDER) * t / (1.0 + t))


def light_of(coded: NDArray[Any]) -> NDArray[Any]:
    """Linear radiance behind sRGB-encoded values in 0..1, through the tone curve's inverse; HEADROOM at most."""
    compressed = to_linear(np.asarray(coded, np.float64))
    u = np.maximum(compressed - SHOULDER, 0.0) / (1.0 - SHOULDER)
    beyond = SHOULDER + (1.0 - SHOULDER) * u / np.maximum(1.0 - u, 1e-9)
    return np.minimum(np.where(compressed <= SHOULDER, compressed, beyond), HEADROOM)


def encoded(radiance: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(..., 3) linear radiance, 1 being white, to (..., 4) uint8: the tone curve, sRGB, alpha 255."""
    result = np.full((*radiance.shape[:-1], 4), 255, np.uint8)
    result[..., :3] = to_srgb(tone(radiance)) * 255.0 + 0.5
    return result


def encoding_table() -> NDArray[np.int32]:
    """(TABLE,) int32: byte of a radiance x at round(x / (1 + x) * (TABLE - 1))."""
    compressed = np.minimum(np.linspace(0.0, 1.0, TABLE), 1.0 - 1e-6)
    return (to_srgb(tone(compressed / (1.0 - compressed))) * 255.0 + 0.5).astype(np.int32)
