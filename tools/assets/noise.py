"""Periodic noise: everything here repeats at 1 in both directions, so that what is made of it tiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def grid(size: int) -> tuple[Array, Array]:
    """Pixel centres of a square picture as (u, v), (size, size) each, 0..1, v downwards."""
    line = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(line, line)
    return u, v


def value_noise(u: Array, v: Array, cells: tuple[int, int], seed: int) -> Array:
    """Smooth random values in 0..1, one lattice value per cell, cells = (along u, along v)."""
    columns, rows = cells
    lattice = np.random.default_rng(seed).random((rows, columns))
    x, y = u * columns, v * rows
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    s, t = _fade(x - column), _fade(y - row)
    left, right = column % columns, (column + 1) % columns
    top, bottom = row % rows, (row + 1) % rows
    upper = lattice[top, left] * (1 - s) + lattice[top, right] * s
    lower = lattice[bottom, left] * (1 - s) + lattice[bottom, right] * s
    return np.asarray(upper * (1 - t) + lower * t)


def fractal(u: Array, v: Array, cells: tuple[int, int], seed: int, octaves: int = 5, gain: float = 0.5) -> Array:
    """Octaves of value noise, each twice as fine and ``gain`` as strong; mean about 0.5, within 0..1."""
    total, weight = np.zeros(np.broadcast(u, v).shape), 0.0
    for octave in range(octaves):
        amplitude = gain**octave
        finer = (cells[0] << octave, cells[1] << octave)
        total += amplitude * value_noise(u, v, finer, seed + 1000 * octave)
        weight += amplitude
    return total / weight


def cells(u: Array, v: Array, count: int, seed: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Worley noise: distance to the nearest and second nearest of count x count jittered points, and which is nearest.

    Distances are in cell widths; the third array numbers the points (0 .. count*count - 1). Source: S. Worley,
    "A Cellular Texture Basis Function", 1996.
    """
    jitter = np.random.default_rng(seed).random((count, count, 2))
    x, y = u * count, v * count
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    nearest = np.full(x.shape, np.inf)
    second = np.full(x.shape, np.inf)
    which = np.zeros(x.shape, dtype=np.int64)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            i, j = (row + down) % count, (column + across) % count
            dx = column + across + jitter[i, j, 0] - x
            dy = row + down + jitter[i, j, 1] - y
            distance = np.hypot(dx, dy)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            which = np.where(closer, i * count + j, which)
            nearest = np.where(closer, distance, nearest)
    return nearest, second, which


def warp(u: Array, v: Array, amount: float, cells_across: int, seed: int) -> tuple[Array, Array]:
    """Coordinates bent by noise of that many cells, by at most ``amount`` of the picture's width."""
    size = (cells_across, cells_across)
    bent_u = u + amount * (2 * fractal(u, v, size, seed, 3) - 1)
    bent_v = v + amount * (2 * fractal(u, v, size, seed + 1, 3) - 1)
    return bent_u, bent_v


def _fade(t: Array) -> Array:
    """Perlin's quintic: no visible lattice lines in the first two derivatives."""
    return t * t * t * (t * (6 * t - 15) + 10)
