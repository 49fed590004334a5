"""Goods and metal: cardboard with tape and labels, painted metal, fabric, foil, crates."""

from __future__ import annotations

import numpy as np

from tools.assets.noise import Array, cells, fractal, grid, value_noise
from tools.assets.picture import Colour, blend, flat, ramp, scratches, shade, step

SIZE = 512
Pair = tuple[float, float]


def kraft(seed: int, base: Colour = (176, 134, 90)) -> Array:
    """Corrugated board: faint flutes, long fibres, blotches, rubbed spots."""
    u, v = grid(SIZE)
    flutes = 0.5 + 0.5 * np.sin(2 * np.pi * 90 * u)
    fibre = fractal(u, v, (40, 120), seed, 3)
    blotch = fractal(u, v, (4, 4), seed + 1, 5)
    picture = shade(flat(SIZE, base), 0.84 + 0.035 * flutes + 0.1 * fibre + 0.2 * blotch)
    rubbed = step(0.68, 0.1, fractal(u, v, (9, 9), seed + 2, 4))
    return blend(picture, (206, 172, 130), 0.35 * rubbed)


def carton(seed: int, base: Colour, tape: Colour, printed: bool) -> Array:
    """A carton's side or lid in 0..1: tape along the middle, a shipping label, print, worn edges."""
    u, v = grid(SIZE)
    picture = kraft(seed, base)
    seam = step(0.004, -0.003, np.abs(u - 0.5))
    picture = blend(picture, (86, 60, 38), 0.7 * seam)
    strip = step(0.055, -0.006, np.abs(u - 0.5 + 0.006 * (fractal(u, v, (1, 3), seed + 3, 2) - 0.5)))
    wrinkle = fractal(u, v, (30, 8), seed + 4, 3)
    picture = blend(picture, shade(flat(SIZE, tape), 0.88 + 0.24 * wrinkle), 0.72 * strip)
    if printed:
        picture = label(picture, u, v, (0.76, 0.3), (0.17, 0.12), seed + 5)
        picture = arrows(picture, u, v, (0.2, 0.76))
    edge = np.minimum(0.5 - np.abs(u - 0.5), 0.5 - np.abs(v - 0.5))
    worn = step(0.02, -0.03, edge) * (0.3 + 0.7 * fractal(u, v, (14, 14), seed + 6, 4))
    return blend(picture, (124, 90, 58), 0.6 * worn)


def label(picture: Array, u: Array, v: Array, centre: Pair, half: Pair, seed: int) -> Array:
    """A white shipping label with a bar code, address lines and a framed box, laid over the picture."""
    x, y = (u - centre[0]) / half[0], (v - centre[1]) / half[1]
    paper = (np.abs(x) < 1) & (np.abs(y) < 1)
    picture = blend(picture, (232, 230, 222), 0.95 * paper)
    bars = np.random.default_rng(seed).random(72) < 0.5
    code = paper & (np.abs(x) < 0.82) & (np.abs(y - 0.5) < 0.3) & bars[np.clip(((x + 1) * 36).astype(int), 0, 71)]
    lines = paper & (np.abs(x + 0.2) < 0.66) & (np.abs(y + 0.45) < 0.36) & ((y + 1) * 7 % 1 < 0.42)
    words = value_noise(u, v, (110, 40), seed + 1) > 0.36
    frame = paper & (np.maximum(np.abs((x - 0.76) / 0.16), np.abs((y + 0.55) / 0.3)) < 1)
    return blend(picture, (34, 33, 32), 0.9 * (code | (lines & words) | frame))


def arrows(picture: Array, u: Array, v: Array, centre: Pair) -> Array:
    """Two 'this way up' arrows over a bar, printed in dark ink."""
    ink = np.zeros(u.shape, dtype=bool)
    for shift in (-0.045, 0.045):
        x, y = u - centre[0] - shift, v - centre[1]
        head = (y > -0.07) & (y < -0.015) & (np.abs(x) < (y + 0.07) * 0.62)
        shaft = (y >= -0.015) & (y < 0.05) & (np.abs(x) < 0.012)
        ink |= head | shaft
    ink |= (np.abs(v - centre[1] - 0.07) < 0.007) & (np.abs(u - centre[0]) < 0.09)
    return blend(picture, (58, 44, 34), 0.75 * ink)


def painted_metal(seed: int, base: Colour, wear: float = 1.0) -> Array:
    """Painted steel: even coat, rubbed through in places, thin scratches, rust where it is bare longest."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, base), 0.95 + 0.1 * fractal(u, v, (6, 6), seed, 5))
    bare = step(0.74, 0.05, fractal(u, v, (7, 7), seed + 1, 6, 0.6))
    steel = shade(flat(SIZE, (150, 148, 144)), 0.75 + 0.5 * fractal(u, v, (40, 8), seed + 2, 3))
    picture = blend(picture, steel, wear * bare)
    core = step(0.8, 0.04, fractal(u, v, (7, 7), seed + 1, 6, 0.6))
    picture = blend(picture, (120, 66, 34), 0.8 * wear * core)
    marks = scratches(u, v, 46, (0.02, 0.22), 0.0016, seed + 3)
    return blend(picture, (190, 188, 184), 0.7 * wear * marks)


def brushed_metal(seed: int) -> Array:
    """Bare aluminium brushed along u."""
    u, v = grid(SIZE)
    lines = fractal(u, v, (6, 256), seed, 2)
    cloud = fractal(u, v, (4, 4), seed + 1, 4)
    return ramp(0.7 * lines + 0.3 * cloud, [(0.2, (136, 138, 142)), (0.5, (182, 184, 188)), (0.8, (212, 213, 215))])


def galvanised(seed: int) -> Array:
    """Zinc flowers: crystals of slightly different grey."""
    u, v = grid(SIZE)
    nearest, second, which = cells(u, v, 34, seed)
    tone = np.random.default_rng(seed + 1).uniform(0.82, 1.12, 34 * 34)[which]
    picture = shade(flat(SIZE, (158, 162, 166)), tone * (0.97 + 0.08 * step(0.1, 0.1, second - nearest)))
    return shade(picture, 0.92 + 0.16 * fractal(u, v, (5, 5), seed + 2, 5))


def weave(seed: int, warp_colour: Colour, weft_colour: Colour) -> Array:
    """Coarse cloth, as of bags and chairs (0.3 m): two threads, worn, creased."""
    u, v = grid(SIZE)
    threads = 64
    over = (np.floor(u * threads) + np.floor(v * threads)) % 2
    bulge = np.where(over > 0.5, np.abs(np.sin(np.pi * threads * u)), np.abs(np.sin(np.pi * threads * v)))
    picture = blend(flat(SIZE, warp_colour), weft_colour, over)
    picture = shade(picture, 0.72 + 0.3 * bulge)
    crease = fractal(u, v, (3, 6), seed, 5)
    return shade(picture, 0.75 + 0.5 * crease)


def foliage(seed: int) -> Array:
    """A leaf: veins from a middle rib, spots; u across, v along."""
    u, v = grid(SIZE)
    rib = step(0.012, -0.01, np.abs(u - 0.5))
    side = np.abs(np.sin(2 * np.pi * (8 * v - 5 * np.abs(u - 0.5)))) > 0.985
    base = fractal(u, v, (6, 6), seed, 5)
    picture = ramp(base, [(0.2, (34, 62, 26)), (0.5, (58, 92, 38)), (0.8, (92, 122, 52))])
    return blend(picture, (132, 152, 84), 0.6 * np.maximum(rib, side))
