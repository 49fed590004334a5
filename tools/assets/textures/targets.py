"""The skins of the cone and of the inflated cube."""

from __future__ import annotations

import numpy as np

from tools.assets.noise import Array, fractal, grid, value_noise
from tools.assets.picture import blend, flat, scratches, shade, step

SIZE = 512


def cone_skin(seed: int) -> Array:
    """Glossy yellow-orange plastic with mould lines, scuffs and grime low down; u round, v from base to tip."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, (246, 158, 6)), 0.95 + 0.1 * fractal(u, v, (4, 6), seed, 5))
    grime = step(0.6, 0.25, fractal(u, v, (8, 8), seed + 1, 5)) * step(0.55, 0.6, v)
    picture = blend(picture, (150, 92, 20), 0.35 * grime)
    picture = blend(picture, (70, 56, 40), 0.5 * scratches(u, v, 30, (0.02, 0.12), 0.0018, seed + 2))
    return blend(picture, (255, 206, 96), 0.4 * scratches(u, v, 40, (0.02, 0.1), 0.0014, seed + 3))


def cube_skin(seed: int) -> Array:
    """Violet-blue vinyl of one face: fine emboss, welded seam along the border, whitish rub marks."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, (48, 54, 172)), 0.95 + 0.1 * fractal(u, v, (4, 4), seed, 4))
    picture = shade(picture, 0.96 + 0.08 * value_noise(u, v, (220, 220), seed + 1))
    border = 0.5 - np.maximum(np.abs(u - 0.5), np.abs(v - 0.5))
    picture = shade(picture, 1.0 - 0.3 * np.exp(-((border / 0.012) ** 2)))
    picture = blend(picture, (92, 104, 204), 0.5 * np.exp(-(((border - 0.02) / 0.006) ** 2)))
    return blend(picture, (128, 138, 208), 0.35 * scratches(u, v, 24, (0.02, 0.14), 0.0016, seed + 2))


def cube_marked(seed: int) -> Array:
    """The same face with a white mark of our own: a rounded frame with three bars, and a row of blocks as lettering."""
    u, v = grid(SIZE)
    picture = cube_skin(seed)
    x, y = (u - 0.5) / 0.13, (v - 0.38) / 0.1
    frame = np.abs((np.abs(x) ** 4 + np.abs(y) ** 4) ** 0.25 - 0.86) < 0.14
    bars = (np.abs(x) < 0.55) & (np.abs(y) < 0.6) & ((x * 2.2 + y * 0.8 + 10) % 1 < 0.52)
    ink = (frame | bars).astype(float)
    left = 0.29
    for width, hollow in ((0.07, True), (0.028, False), (0.075, True), (0.06, True), (0.065, False)):
        inside = (u > left) & (u < left + width) & (np.abs(v - 0.6) < 0.06)
        hole = (np.abs(u - left - 0.5 * width) < 0.24 * width) & (np.abs(v - 0.6 - 0.018) < 0.02) & hollow
        ink = np.maximum(ink, inside & ~hole)
        left += width + 0.022
    ink *= 0.82 + 0.18 * step(0.36, 0.1, fractal(u, v, (20, 20), seed + 5, 4))
    return blend(picture, (226, 228, 236), ink)
