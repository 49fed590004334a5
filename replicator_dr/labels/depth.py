"""Depth as 16-bit numbers: range-checked, never wrapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


def depth_description(form: str, depth_scale: float) -> dict[str, Any]:
    """What a manifest says of depth images. form: "png16" in steps of ``depth_scale`` millimetres, "npy", or "none"."""
    if form == "none":
        return {"depth": None}
    stored = {
        "png16": ("uint16 png", round(depth_scale / 1000, 12), 0),
        "npy": ("float32 npy", 1.0, "inf"),
    }
    kind, metres, nothing = stored[form]
    return {
        "depth": {
            "kind": "along the optical axis",
            "format": kind,
            "metres_per_unit": metres,
            "no_measurement": nothing,
        }
    }


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
