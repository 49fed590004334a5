"""Masks of single objects as PNG files: 0 and 255, small things in large images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.storage.png import DEFAULT_LEVEL, png_file


def encode_mask(
    crop: NDArray[np.bool_], left: int, top: int, width: int, height: int, level: int = DEFAULT_LEVEL
) -> bytes:
    """An 8-bit grey PNG file of ``width`` x ``height``: 255 where the object is, 0 elsewhere.

    crop: (h, w) bool, whose corner lies at (left, top). Scan lines are not filtered: runs compress as they are.
    """
    from isal import isal_zlib

    lines = np.zeros((height, 1 + width), np.uint8)
    own = lines[top : top + crop.shape[0], 1 + left : 1 + left + crop.shape[1]]
    np.multiply(crop, np.uint8(255), out=own)
    return png_file(isal_zlib.compress(lines, level), width, height, 8, 0)
