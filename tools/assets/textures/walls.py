"""Walls: plaster, brick, two-tone corridor paint, white tiles, glazing, panels, pin board."""

from __future__ import annotations

import numpy as np

from tools.assets.noise import Array, fractal, grid, value_noise
from tools.assets.picture import Colour, blend, flat, shade, step
from tools.assets.textures.floors import per_tile, tile_joints
from tools.assets.textures.wood import OAK, grain, planks

SIZE = 512


def plaster(seed: int, base: Colour) -> Array:
    """Rolled paint on plaster: orange-peel, faint clouds, scuffs near the skirting (texture 2.5 m high)."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, base), 0.95 + 0.06 * fractal(u, v, (4, 4), seed, 5))
    picture = shade(picture, 0.97 + 0.06 * value_noise(u, v, (200, 200), seed + 1))
    scuff = step(0.93, 0.14, v) * step(0.52, 0.4, fractal(u, v, (16, 12), seed + 2, 5, 0.6))
    return blend(picture, (98, 90, 82), 0.25 * scuff)


def two_tone(seed: int, above: Colour, below: Colour) -> Array:
    """Corridor wall: one colour above hip height, another below, a dark line between."""
    _, v = grid(SIZE)
    lower = step(0.6, 0.003, v)
    picture = blend(plaster(seed, above), plaster(seed + 10, below), lower)
    line = np.exp(-(((v - 0.6) / 0.004) ** 2))
    return blend(picture, (92, 88, 80), 0.5 * line)


def brick(seed: int) -> Array:
    """Stretcher bond, 10 courses on 0.75 m: each brick its own tone, crumbled edges, lime mortar."""
    u, v = grid(SIZE)
    courses, across = 10, 3
    rough = 0.05 * (fractal(u, v, (24, 24), seed, 4) - 0.5)
    row = np.floor(v * courses).astype(int) % courses
    x = (u + 0.5 / across * (row % 2)) * across
    column = np.floor(x).astype(int) % across
    edge = np.minimum((0.5 - np.abs(x % 1 - 0.5)) * 3.0, 0.5 - np.abs(v * courses % 1 - 0.5)) + rough
    mortar = step(0.075, -0.05, edge)
    number = row * across + column
    tones = np.random.default_rng(seed + 1)
    brightness = tones.normal(1.0, 0.12, courses * across)[number]
    redness = tones.normal(0.0, 0.05, courses * across)[number]
    face = flat(SIZE, (142, 88, 70)) + redness[..., None] * np.array([0.3, -0.2, -0.25])
    face = shade(face, brightness * (0.82 + 0.36 * fractal(u, v, (40, 40), seed + 2, 4)))
    lime = shade(flat(SIZE, (176, 168, 156)), 0.82 + 0.3 * fractal(u, v, (64, 64), seed + 3, 3))
    picture = blend(face, lime, mortar)
    return shade(picture, 0.9 + 0.2 * fractal(u, v, (3, 3), seed + 4, 4))


def glazed_tiles(seed: int) -> Array:
    """White wall tiles of 15 cm (eight across 1.2 m)."""
    u, v = grid(SIZE)
    joints, tile = tile_joints(u, v, 8, 0.022)
    picture = shade(flat(SIZE, (224, 221, 212)), per_tile(tile, seed, 0.015))
    picture = shade(picture, 0.97 + 0.06 * fractal(u, v, (10, 10), seed + 1, 4))
    return blend(picture, (166, 158, 146), joints)


def panelling(seed: int) -> Array:
    """Upright oak boards as in a lobby (1.2 m)."""
    return np.ascontiguousarray(np.swapaxes(planks(seed, OAK, rows=9, per_row=1, gap=0.03, wear=0.05), 0, 1))


def glazing(seed: int, frame: Colour) -> Array:
    """Painted steel window bars before dark glass that mirrors a bright room (2 m)."""
    u, v = grid(SIZE)
    glass = shade(flat(SIZE, (46, 50, 52)), 0.6 + 0.9 * fractal(u, v, (5, 10), seed, 4))
    glow = step(0.62, 0.1, fractal(u, v, (4, 12), seed + 1, 3))
    glass = blend(glass, (150, 152, 146), 0.6 * glow)
    rails = np.zeros(u.shape)
    for height in (0.06, 0.3, 0.42, 0.66, 0.94):
        rails = np.maximum(rails, step(0.032, -0.006, np.abs(v - height)))
    for place in (0.0, 0.5, 1.0):
        rails = np.maximum(rails, step(0.028, -0.006, np.abs(u - place)))
    paint = shade(flat(SIZE, frame), 0.84 + 0.3 * fractal(u, v, (16, 16), seed + 2, 4))
    edge = step(0.0, 0.5, np.gradient(rails, axis=0) * 6)
    picture = blend(glass, paint, rails)
    return shade(picture, 1.0 - 0.35 * edge * rails)


def steel_sheet(seed: int, base: Colour) -> Array:
    """Trapezoidal sheet wall of a hall: ribs every 0.25 m (2 m across), streaks of dirt running down."""
    u, v = grid(SIZE)
    phase = u * 8 % 1
    slope = step(0.12, 0.05, phase) - step(0.62, 0.05, phase)
    ridges = np.exp(-(((phase - 0.12) / 0.03) ** 2)) - np.exp(-(((phase - 0.62) / 0.03) ** 2))
    lit = 0.9 + 0.12 * slope + 0.18 * ridges
    streak = step(0.55, 0.3, fractal(u, v, (48, 3), seed, 3))
    picture = shade(flat(SIZE, base), lit * (0.95 + 0.1 * fractal(u, v, (4, 4), seed + 1, 4)))
    return blend(picture, (110, 100, 88), 0.25 * streak)


def pin_board(seed: int) -> Array:
    """A white wall with papers, posters and a cork board: the structure that offices have (2 m)."""
    u, v = grid(SIZE)
    picture = plaster(seed, (216, 214, 206))
    cork = (np.abs(u - 0.36) < 0.24) & (np.abs(v - 0.42) < 0.2)
    crumbs = shade(flat(SIZE, (168, 124, 82)), 0.7 + 0.6 * value_noise(u, v, (160, 160), seed + 1))
    picture = blend(picture, crumbs, cork)
    random = np.random.default_rng(seed + 2)
    for _ in range(26):
        x, y = random.uniform(0.05, 0.95), random.uniform(0.12, 0.7)
        width, height = random.uniform(0.025, 0.07), random.uniform(0.03, 0.085)
        sheet = (np.abs(u - x) < width) & (np.abs(v - y) < height)
        colour = random.uniform(0.3, 1.0, 3) if random.random() < 0.45 else np.full(3, random.uniform(0.86, 0.97))
        picture = blend(picture, np.broadcast_to(colour, picture.shape), sheet)
        lines = sheet & (np.abs(u - x) < 0.8 * width) & ((v * 90 + u * 0.0) % 1 < 0.4) & (np.abs(v - y) < 0.8 * height)
        words = value_noise(u, v, (120, 90), seed + 3) > 0.4
        picture = blend(picture, (70, 70, 76), 0.6 * (lines & words))
    return picture


def fibre_board(seed: int) -> Array:
    """Dark grey cabinet front with a thin light edge (1 m)."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, (74, 78, 82)), 0.92 + 0.16 * grain(u, v, seed))
    joints, _ = tile_joints(u, v, 2, 0.006)
    return blend(picture, (150, 118, 84), 0.9 * joints)
