"""How much the GGX lobe gives back in all, as tables over the cosine and roughness: what is left is for the diffuse.

Schlick's Fresnel term is linear in the reflectances straight on (f0) and at grazing angles (f90), so the directional
albedo is E = f0 A + f90 B with two numbers that depend on cosine and roughness alone (Karis 2013).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

COSINES = 48
"""Columns of the table; column i stands for the cosine (i / (COSINES - 1))^2, dense where the albedo is steep."""
ROUGHNESSES = 32
"""Rows; row j stands for roughness j / (ROUGHNESSES - 1), but at least SMOOTHEST."""
SMOOTHEST = 0.045
"""Roughness is not taken below this, as in the raster: a highlight of that width is a mirror's for 8-bit images."""

Float32 = NDArray[np.float32]


@cache
def tables() -> tuple[Float32, Float32]:
    """directional: (ROUGHNESSES, COSINES, 2) float32, A and B; mean: (ROUGHNESSES, 2), 2 x integral of both x cosine.

    Quadrature over the visible normals of Heitz (2018), 32 x 16 midpoints: weight F G1.
    """
    cosine = np.maximum((np.arange(COSINES) / (COSINES - 1.0)) ** 2, 1e-4)
    view = np.stack([np.sqrt(1.0 - cosine**2), np.zeros(COSINES), cosine], -1)[:, None]
    u, v = (grid.reshape(-1) for grid in np.meshgrid((np.arange(32) + 0.5) / 32, (np.arange(16) + 0.5) / 16))
    directional = np.zeros((ROUGHNESSES, COSINES, 2))
    for row in range(ROUGHNESSES):
        alpha = max(row / (ROUGHNESSES - 1.0), SMOOTHEST) ** 2
        half = _visible_normals(view, alpha, u, v)
        vh = np.maximum(np.sum(view * half, -1), 0.0)
        light = 2.0 * vh[..., None] * half - view
        nl = light[..., 2]
        g1 = np.where(
            nl > 0, 2.0 * nl / (nl + np.sqrt(nl**2 + alpha**2 * (1.0 - np.minimum(nl, 1.0) ** 2)) + 1e-30), 0.0
        )
        schlick = (1.0 - np.minimum(vh, 1.0)) ** 5
        directional[row] = np.stack([(g1 * (1.0 - schlick)).mean(-1), (g1 * schlick).mean(-1)], -1)
    return directional.astype(np.float32), _means(directional).astype(np.float32)


def _visible_normals(
    view: NDArray[np.float64], alpha: float, u: NDArray[np.float64], v: NDArray[np.float64]
) -> NDArray[np.float64]:
    stretched = view * [alpha, alpha, 1.0]
    stretched /= np.linalg.norm(stretched, axis=-1, keepdims=True)
    x, z = stretched[..., 0], stretched[..., 2]
    # The view lies in the XZ plane: the first tangent is Y.
    radius, angle = np.sqrt(u), 2.0 * np.pi * v
    t1, t2 = radius * np.cos(angle) * np.ones_like(x), radius * np.sin(angle)
    blend = 0.5 * (1.0 + z)
    t2 = (1.0 - blend) * np.sqrt(1.0 - t1**2) + blend * t2
    up = np.sqrt(np.maximum(1.0 - t1**2 - t2**2, 0.0))
    half = np.stack([(-z * t2 + x * up) * alpha, t1 * alpha, np.maximum(x * t2 + z * up, 0.0)], -1)
    return half / np.linalg.norm(half, axis=-1, keepdims=True)


def _means(directional: NDArray[np.float64]) -> NDArray[np.float64]:
    """2 x the integral of the interpolated table x cosine: what the kernel's look-up adds up to."""
    root = (np.arange(4096) + 0.5) / 4096  # cosine = root^2, d cosine = 2 root d root
    place = root * (COSINES - 1)
    low = np.minimum(place.astype(int), COSINES - 2)
    share = (place - low)[:, None]
    values = directional[:, low] * (1.0 - share) + directional[:, low + 1] * share
    return np.asarray((values * (4.0 * root**3)[:, None]).mean(axis=1))
