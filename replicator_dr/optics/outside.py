"""How much of a box lies outside an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def outside_share(extent: Float64, size: Float64) -> Float64:
    """(...) share of each box's area outside its image, 0..1; 0 for boxes without area.

    extent: (..., 4) x_min, y_min, x_max, y_max, continuous pixels. size: width and height, broadcast to (..., 2).
    """
    low, high = extent[..., :2], extent[..., 2:]
    whole = np.prod(np.maximum(high - low, 0.0), axis=-1)
    inside = np.prod(np.maximum(np.minimum(high, size) - np.maximum(low, 0.0), 0.0), axis=-1)
    share = 1.0 - inside / np.where(whole > 0, whole, 1.0)
    return np.where(whole > 0, np.clip(share, 0.0, 1.0), 0.0)
