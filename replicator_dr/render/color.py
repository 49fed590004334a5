"""sRGB's transfer curve (IEC 61966-2-1), and the table by which kernels apply it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLE = 4096
"""Steps of the encoding table over linear 0..1."""


def to_linear(coded: NDArray[Any]) -> NDArray[Any]:
    """sRGB-encoded values in 0..1 to linear ones."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(coded.dtype)


def to_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    """Linear values in 0..1 to sRGB-encoded ones."""
    curve = 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve).astype(linear.dtype)


def encoding_table() -> NDArray[np.uint8]:
    """(TABLE,) uint8: byte of a linear value v at round(v * (TABLE - 1))."""
    return (to_srgb(np.linspace(0.0, 1.0, TABLE)) * 255.0 + 0.5).astype(np.uint8)
