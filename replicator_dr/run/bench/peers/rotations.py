"""Rotation matrices as quaternions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def quaternions(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, 4) x y z w of (K, 3, 3) rotations for row vectors; the real part is not negative.

    The eigenvector of Bar-Itzhack's symmetric matrix (2000, "New method for extracting the quaternion").
    """
    m = np.swapaxes(matrices, -1, -2)
    k = np.zeros((len(m), 4, 4))
    k[:, 0, 0] = m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2]
    k[:, 1, 1] = m[:, 1, 1] - m[:, 0, 0] - m[:, 2, 2]
    k[:, 2, 2] = m[:, 2, 2] - m[:, 0, 0] - m[:, 1, 1]
    k[:, 3, 3] = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    k[:, 0, 1] = k[:, 1, 0] = m[:, 0, 1] + m[:, 1, 0]
    k[:, 0, 2] = k[:, 2, 0] = m[:, 0, 2] + m[:, 2, 0]
    k[:, 1, 2] = k[:, 2, 1] = m[:, 1, 2] + m[:, 2, 1]
    k[:, 0, 3] = k[:, 3, 0] = m[:, 2, 1] - m[:, 1, 2]
    k[:, 1, 3] = k[:, 3, 1] = m[:, 0, 2] - m[:, 2, 0]
    k[:, 2, 3] = k[:, 3, 2] = m[:, 1, 0] - m[:, 0, 1]
    found = np.linalg.eigh(k)[1][..., -1]
    sign = np.where(found[:, 3:] < 0, -1.0, 1.0)
    return np.asarray(found * sign)
