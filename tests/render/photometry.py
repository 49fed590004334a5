"""Between bytes and radiance, written again from IEC 61966-2-1 and the documented tone curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHOULDER = 0.6


def expected_byte(radiance: ArrayLike) -> NDArray[np.float64]:
    """The byte (not rounded) of a radiance in units of the exposure: 1000 nit are 1."""
    x = np.asarray(radiance, np.float64)
    t = np.maximum(x - SHOULDER, 0.0) / (1.0 - SHOULDER)
    toned = np.where(x <= SHOULDER, x, SHOULDER + (1.0 - SHOULDER) * t / (1.0 + t))
    return 255.0 * np.where(toned <= 0.0031308, 12.92 * toned, 1.055 * np.maximum(toned, 1e-9) ** (1 / 2.4) - 0.055)


def radiance(byte: ArrayLike) -> NDArray[np.float64]:
    """The inverse: what a byte stands for."""
    coded = np.asarray(byte, np.float64) / 255.0
    toned = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    t = np.clip((toned - SHOULDER) / (1.0 - SHOULDER), 0.0, 0.999)
    return np.where(toned <= SHOULDER, toned, SHOULDER + (1.0 - SHOULDER) * t / (1.0 - t))


def inner(part: NDArray[np.int32], row: int) -> NDArray[np.bool_]:
    """Pixels (H, W) of a part whose eight neighbours are of it too: none of their samples shows anything else."""
    same = np.pad(part == row, 1)
    height, width = part.shape
    return np.all([same[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)


def assert_radiance(rgb: NDArray[np.uint8], expected: ArrayLike, bytes_off: float = 1.0) -> None:
    """Every pixel (..., 3 or 4) shows the expected radiance (broadcast to (..., 3)), up to so many bytes."""
    wanted = np.broadcast_to(expected_byte(expected), (*rgb.shape[:-1], 3))
    assert wanted.size
    np.testing.assert_allclose(rgb[..., :3], wanted, rtol=0, atol=bytes_off)
