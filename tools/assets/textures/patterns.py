"""Patterns that are meant to be patterns: checker, stripes, dots, gradient, coloured noise, camouflage, labels."""

from __future__ import annotations

import colorsys

import numpy as np

from tools.assets.noise import Array, cells, fractal, grid
from tools.assets.picture import Colour, blend, flat, ramp, shade, step
from tools.assets.textures.goods import arrows, label

SIZE = 512


def checker(first: Colour, second: Colour, across: int = 8) -> Array:
    """Squares of two colours."""
    u, v = grid(SIZE)
    return blend(flat(SIZE, first), second, (np.floor(u * across) + np.floor(v * across)) % 2)


def stripes(first: Colour, second: Colour, across: int = 6, slant: int = 6) -> Array:
    """Slanting bands, as on hazard tape; slant = bands met going down."""
    u, v = grid(SIZE)
    return blend(flat(SIZE, first), second, step(0.5, 0.03, (u * across + v * slant) % 1))


def dots(first: Colour, second: Colour, across: int = 8) -> Array:
    """Round dots in offset rows."""
    u, v = grid(SIZE)
    row = np.floor(v * across)
    x = u * across + 0.5 * (row % 2)
    return blend(flat(SIZE, first), second, step(0.3, -0.03, np.hypot(x % 1 - 0.5, v * across % 1 - 0.5)))


def rainbow_noise(seed: int) -> Array:
    """Coloured clouds: three fields of noise as hue, saturation and value."""
    u, v = grid(SIZE)
    hue = 2.2 * fractal(u, v, (4, 4), seed, 4)
    value = 0.35 + 0.6 * fractal(u, v, (6, 6), seed + 1, 6, 0.6)
    wheel = [(i / 12, tuple(int(255 * c) for c in colorsys.hsv_to_rgb(i / 12, 0.7, 1.0))) for i in range(13)]
    return shade(ramp(hue % 1, wheel), value)  # type: ignore[arg-type]


def mosaic(seed: int) -> Array:
    """Broken tiles of random colours with pale joints."""
    u, v = grid(SIZE)
    nearest, second, which = cells(u, v, 9, seed)
    hues = np.random.default_rng(seed + 1).random(81)
    palette = np.array([colorsys.hsv_to_rgb(h, 0.62, 0.45 + 0.5 * ((7 * h) % 1)) for h in hues])
    picture = shade(palette[which], 0.88 + 0.24 * fractal(u, v, (12, 12), seed + 2, 4))
    return blend(picture, (214, 208, 196), step(0.06, -0.03, second - nearest))


def marble(seed: int, base: Colour, vein: Colour) -> Array:
    """Stone with veins along the zero lines of bent noise."""
    u, v = grid(SIZE)
    field = fractal(u, v, (3, 3), seed, 6, 0.55)
    line = np.exp(-(((field - 0.5) / 0.02) ** 2)) + 0.5 * np.exp(-(((field - 0.62) / 0.012) ** 2))
    picture = shade(flat(SIZE, base), 0.92 + 0.16 * fractal(u, v, (5, 5), seed + 1, 5))
    return blend(picture, vein, 0.8 * line)


def rust(seed: int) -> Array:
    """Rust flowering on grey paint."""
    u, v = grid(SIZE)
    field = fractal(u, v, (4, 4), seed, 7, 0.62)
    paint = shade(flat(SIZE, (116, 124, 128)), 0.9 + 0.2 * fractal(u, v, (9, 9), seed + 1, 4))
    ore = ramp(fractal(u, v, (24, 24), seed + 2, 4), [(0.2, (74, 36, 20)), (0.5, (132, 68, 32)), (0.8, (178, 106, 54))])
    return blend(paint, ore, step(0.52, 0.06, field))


def package(seed: int, base: Colour, accent: Colour) -> Array:
    """A printed package: coloured ground, a swoosh, a label with a bar code, arrows."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, base), 0.96 + 0.08 * fractal(u, v, (4, 4), seed, 4))
    wave = 0.45 + 0.12 * np.sin(2 * np.pi * u)
    picture = blend(picture, accent, step(0.1, -0.01, np.abs(v - wave)))
    picture = blend(picture, (244, 242, 236), step(0.012, -0.006, np.abs(v - wave - 0.14)))
    picture = label(picture, u, v, (0.3, 0.78), (0.2, 0.13), seed + 1)
    return arrows(picture, u, v, (0.8, 0.78))
