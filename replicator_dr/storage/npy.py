"""NumPy's .npy format as bytes, so that arrays go the same atomic way as images."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray


def encode_npy(array: NDArray[np.generic]) -> bytes:
    """A .npy file's bytes (format 1.0). Object arrays are refused: loading them would run code."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()
