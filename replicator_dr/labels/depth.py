"""Depth as 16-bit numbers: range-checked, never wrapped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HIGHEST = 65535


@dataclass(frozen=True)
class StoredDepth:
    """A depth image as it is stored.

    pixels: (H, W) uint16, depth in steps of ``depth_scale`` millimetres, 0 = no measurement. missed: pixels without a
    surface (infinity, nan). beyond: pixels whose surface is too far for 16 bits; both are stored as 0.
    """

    pixels: NDArray[np.uint16]
    missed: int
    beyond: int


def store_depth(depth: NDArray[np.float32], depth_scale: float = 1.0) -> StoredDepth:
    """Round metres to steps. depth: (H, W) float32 [m] along the optical axis. depth_scale: millimetres per step."""
    with np.errstate(over="ignore", invalid="ignore"):
        steps = depth * np.float32(1000.0 / depth_scale)
    np.rint(steps, out=steps)
    # Written so that nan fails the test too.
    valid = (steps >= 0) & (steps <= HIGHEST)
    np.copyto(steps, 0, where=~valid)
    missed = depth.size - int(np.count_nonzero(np.isfinite(depth)))
    return StoredDepth(steps.astype(np.uint16), missed, depth.size - int(np.count_nonzero(valid)) - missed)
