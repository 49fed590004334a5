"""The patterns of render/pattern.py once more, in float64 NumPy, point by point and without any filtering."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]

# Perlin's twelve directions toward the middles of a cube's edges; four of them stand twice, to make sixteen.
_X, _Y, _Z = np.eye(3)
_PAIRS = [(_X, _Y)] * 4 + [(_X, _Z)] * 4 + [(_Y, _Z)] * 4 + [(_Y, _X), (_Y, _Z), (_Y, _X), (_Y, _Z)]
DIRECTIONS = np.array([a * (1 - 2 * (i & 1)) + b * (1 - (i & 2)) for i, (a, b) in enumerate(_PAIRS)])


def hashed(cell: NDArray[np.int64]) -> NDArray[np.int64]:
    """(..., 3) lattice points to 0 .. 15."""
    word = (cell & 0xFFFFFFFF).astype(np.uint64) * np.array([0x8DA6B343, 0xD8163841, 0xCB1AB31F], np.uint64)
    h = word.sum(-1) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return ((h ^ (h >> np.uint64(16))) & np.uint64(15)).astype(np.int64)


def noise(points: Array) -> Array:
    """(...) one octave at (..., 3)."""
    cell = np.floor(points).astype(np.int64)
    inside = points - cell
    ease = inside**3 * (inside * (inside * 6 - 15) + 10)
    total = np.zeros(points.shape[:-1])
    for corner in np.ndindex(2, 2, 2):
        at = np.array(corner)
        weight = np.prod(np.where(at == 1, ease, 1 - ease), axis=-1)
        total += weight * np.sum(DIRECTIONS[hashed(cell + at)] * (inside - at), axis=-1)
    return total


def octaves(points: Array, count: int) -> Array:
    """Their sum."""
    shifts = 31.416 * np.arange(count)[:, None] * np.array([1.0, -1.0, 0.618])
    return np.asarray(sum(0.5**i * noise(points * 2**i + shifts[i]) for i in range(count)))


def spread(count: int, one: float) -> float:
    """Standard deviation of the sum, of that of one octave."""
    return float(one * np.sqrt(sum(0.25**i for i in range(count))))


def share(kind: str, points: ArrayLike, amount: float, solid: bool, count: int = 4, one: float = 0.27) -> Array:
    """0 .. 1 at (..., 3) points [repeats]."""
    q = np.asarray(points, np.float64)
    x, f = q[..., 0], q - np.floor(q)
    axes = slice(0, 3 if solid else 2)
    if kind == "stripes":
        return np.asarray(f[..., 0] < amount, np.float64)
    if kind == "checker":
        return np.asarray((1 + np.prod(np.where(f[..., axes] < 0.5, 1.0, -1.0), axis=-1)) / 2)
    if kind == "gradient":
        return np.asarray(1 - np.abs(2 * f[..., 0] - 1))
    if kind == "dots":
        return np.asarray(np.linalg.norm((f - 0.5)[..., :2], axis=-1) < amount / 2, np.float64)
    if kind == "noise":
        return np.asarray(octaves(q, count) < stats.norm.ppf(amount) * spread(count, one), np.float64)
    bend = 0.35 * octaves(q, count) / spread(count, one)
    return np.asarray((x + bend) % 1.0 < amount, np.float64)
