"""Masks of single objects as PNG files: 0 and 255, small things in large images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.storage.png import DEFAULT_LEVEL, png_file


def encode_mask(mask: NDArray[np.bool_], level: int = DEFAULT_LEVEL) -> bytes:
    """An 8-bit grey PNG file: 255 where the object is, 0 elsewhere.

    mask: (H, W) bool. Scan lines are not filtered: runs compress as they are.
    """
    from isal import isal_zlib

    lines = np.zeros((mask.shape[0], 1 + mask.shape[1]), np.uint8)
    np.multiply(mask, np.uint8(255), out=lines[:, 1:])
    return png_file(isal_zlib.compress(lines, level), mask.shape[1], mask.shape[0], 8, 0)
