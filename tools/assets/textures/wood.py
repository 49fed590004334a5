"""Wood: floor planks, wall panelling, pallet boards, plywood."""

from __future__ import annotations

import numpy as np

from tools.assets.noise import Array, fractal, grid, value_noise
from tools.assets.picture import Colour, blend, ramp, scratches, shade, step

SIZE = 512
Stops = list[tuple[float, Colour]]

OAK: Stops = [(0.15, (120, 84, 52)), (0.5, (167, 125, 83)), (0.85, (199, 160, 115))]
WALNUT: Stops = [(0.15, (66, 42, 27)), (0.5, (101, 68, 45)), (0.85, (134, 96, 66))]
PINE: Stops = [(0.15, (158, 116, 66)), (0.5, (206, 165, 110)), (0.85, (226, 192, 142))]
ASH: Stops = [(0.15, (150, 132, 108)), (0.5, (189, 172, 147)), (0.85, (214, 200, 178))]
WEATHERED: Stops = [(0.15, (98, 78, 56)), (0.5, (150, 124, 90)), (0.85, (186, 160, 122))]


def boards(u: Array, v: Array, rows: int, per_row: int, seed: int, gap: float) -> tuple[Array, Array, Array]:
    """Boards along u: number of each, gap mask 0..1, and the place across the board (0..1)."""
    row = np.floor(v * rows).astype(int) % rows
    shift = np.random.default_rng(seed).random(rows)[row]
    x = (u + shift) * per_row
    number = row * per_row + np.floor(x).astype(int) % per_row
    across, along = v * rows % 1, x % 1
    edge = np.minimum(0.5 - np.abs(across - 0.5), (0.5 - np.abs(along - 0.5)) * rows / per_row)
    return number, step(gap, -gap, edge), across


def grain(u: Array, v: Array, seed: int, stretch: int = 2) -> Array:
    """Grain along u in 0..1: rings of a bent field, fibres, a few darker pores."""
    field = fractal(u, v, (stretch, 10), seed, 3, 0.4)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (6 * field + 0.5 * fractal(u, v, (4, 60), seed + 1, 2)))
    fibre = fractal(u, v, (4, 200), seed + 2, 2)
    pores = step(0.77, 0.08, value_noise(u, v, (9, 256), seed + 3))
    return np.clip(0.2 + 0.3 * rings + 0.5 * fibre - 0.25 * pores, 0.0, 1.0)


def planks(seed: int, stops: Stops, rows: int = 6, per_row: int = 2, gap: float = 0.012, wear: float = 0.4) -> Array:
    """Boards side by side, each its own cut of the grain, with dark gaps and some wear."""
    u, v = grid(SIZE)
    number, gaps, _ = boards(u, v, rows, per_row, seed, gap)
    random = np.random.default_rng(seed + 5)
    offset = random.random((rows * per_row, 2))[number]
    tone = random.normal(0.0, 0.1, rows * per_row)[number]
    value = grain(u + offset[..., 0], v + offset[..., 1], seed + 6)
    picture = ramp(np.clip(value + tone, 0, 1), stops)
    picture = shade(picture, 0.95 + 0.1 * fractal(u, v, (3, 3), seed + 7, 4))
    picture = blend(picture, (44, 32, 24), 0.85 * gaps)
    return blend(picture, (214, 200, 180), wear * scratches(u, v, 26, (0.02, 0.2), 0.0012, seed + 8))


def solid(seed: int, stops: Stops, stretch: int = 1) -> Array:
    """One sheet without joints: a table top, plywood, a pallet board."""
    u, v = grid(SIZE)
    value = grain(u, v, seed, stretch)
    picture = ramp(value, stops)
    knots = step(0.82, 0.06, fractal(u, v, (4, 9), seed + 4, 2))
    picture = blend(picture, stops[0][1], 0.6 * knots)
    return shade(picture, 0.94 + 0.12 * fractal(u, v, (3, 3), seed + 5, 5))


def pallet(seed: int) -> Array:
    """Rough sawn pallet wood: weathered, saw marks across, grey dirt."""
    u, v = grid(SIZE)
    picture = solid(seed, WEATHERED)
    saw = value_noise(u, v, (128, 4), seed + 9)
    picture = shade(picture, 0.88 + 0.2 * saw)
    dirt = step(0.6, 0.4, fractal(u, v, (5, 5), seed + 10, 6, 0.6))
    return blend(picture, (92, 84, 74), 0.45 * dirt)
