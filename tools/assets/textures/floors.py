"""Floors: terrazzo and ceramic tiles, slabs, polished and rough concrete, carpet, planks, rubber."""

from __future__ import annotations

import numpy as np

from tools.assets.noise import Array, cells, fractal, grid, value_noise, warp
from tools.assets.picture import Colour, blend, flat, ramp, scratches, shade, step

SIZE = 512


def tile_joints(u: Array, v: Array, across: int, joint: float) -> tuple[Array, Array]:
    """How much of a joint each pixel is (0..1), and the number of its tile; joint = half width in tiles."""
    x, y = u * across, v * across
    distance = np.minimum(0.5 - np.abs(x % 1 - 0.5), 0.5 - np.abs(y % 1 - 0.5))
    tile = (np.floor(y) % across) * across + np.floor(x) % across
    return step(joint, -joint, distance), tile.astype(int)


def per_tile(tile: Array, seed: int, spread: float) -> Array:
    """One random factor about 1 for each tile."""
    values = np.random.default_rng(seed).normal(1.0, spread, size=4096)
    return np.asarray(values[tile.astype(int)])


def chips(u: Array, v: Array, count: int, share: float, seed: int) -> tuple[Array, Array]:
    """Stone chips: where (0..1) and a random tone for each; ``share`` of the cells hold one."""
    nearest, _, which = cells(u, v, count, seed)
    random = np.random.default_rng(seed + 7)
    radius = random.uniform(0.15, 0.42, count * count) * (random.random(count * count) < share)
    tone = random.random(count * count)
    return step(0.0, -0.12, nearest - radius[which]), tone[which]


def terrazzo(seed: int, base: Colour, joint: Colour, across: int = 4) -> Array:
    """Ground stone tiles of 30 cm (four across 1.2 m): chips, dirt in the joints, worn lanes."""
    u, v = grid(SIZE)
    joints, tile = tile_joints(u, v, across, 0.011)
    picture = flat(SIZE, base)
    for count, share, stops in (
        (96, 0.55, [(0.0, (120, 112, 104)), (0.45, (168, 158, 148)), (1.0, (226, 222, 214))]),
        (56, 0.12, [(0.0, (104, 92, 84)), (0.5, (150, 132, 118)), (1.0, (206, 196, 186))]),
    ):
        where, tone = chips(u, v, count, share, seed + count)
        picture = blend(picture, ramp(tone, stops), 0.7 * where)
    picture = shade(picture, per_tile(tile, seed, 0.022))
    stain = fractal(u, v, (3, 3), seed + 1, 5)
    picture = shade(picture, 0.93 + 0.14 * stain)
    picture = blend(picture, (122, 104, 88), 0.25 * step(0.62, 0.2, fractal(u, v, (5, 5), seed + 2, 5)))
    picture = blend(picture, joint, 0.85 * joints)
    return blend(picture, (96, 90, 84), 0.5 * scratches(u, v, 16, (0.03, 0.2), 0.0012, seed + 3))


def ceramic(seed: int, base: Colour, joint: Colour, across: int = 4) -> Array:
    """Plain glazed tiles: even in themselves, each a little different."""
    u, v = grid(SIZE)
    joints, tile = tile_joints(u, v, across, 0.014)
    picture = shade(flat(SIZE, base), per_tile(tile, seed, 0.018))
    picture = shade(picture, 0.96 + 0.08 * fractal(u, v, (8, 8), seed + 1, 4))
    grime = 0.5 + 0.5 * fractal(u, v, (6, 6), seed + 2, 4)
    halo, _ = tile_joints(u, v, across, 0.05)
    picture = blend(picture, (140, 126, 108), 0.12 * halo * grime)
    return blend(picture, joint, joints * grime * 1.4)


def slabs(seed: int) -> Array:
    """Grey-brown stone slabs with hairline joints, rough: a lobby's floor (two across 1.2 m)."""
    u, v = grid(SIZE)
    joints, tile = tile_joints(u, v, 2, 0.0045)
    base = fractal(u, v, (6, 6), seed, 6, 0.6)
    picture = ramp(base, [(0.25, (110, 103, 96)), (0.5, (123, 116, 108)), (0.75, (136, 129, 121))])
    grain = value_noise(u, v, (256, 256), seed + 1)
    picture = shade(picture, 0.9 + 0.2 * grain)
    picture = shade(picture, per_tile(tile, seed + 2, 0.03))
    picture = blend(picture, (92, 86, 80), 0.3 * step(0.66, 0.3, fractal(u, v, (10, 10), seed + 3, 5)))
    return blend(picture, (74, 68, 62), 0.7 * joints)


def concrete(seed: int, light: Colour = (176, 172, 166), dark: Colour = (128, 124, 118)) -> Array:
    """Trowelled concrete (2 m): clouds, pores, hair cracks, stains."""
    u, v = grid(SIZE)
    bent_u, bent_v = warp(u, v, 0.06, 4, seed)
    cloud = fractal(bent_u, bent_v, (3, 3), seed + 1, 7, 0.58)
    picture = ramp(cloud, [(0.25, dark), (0.75, light)])
    picture = shade(picture, 0.94 + 0.12 * value_noise(u, v, (256, 256), seed + 2))
    pores, tone = chips(u, v, 72, 0.06, seed + 3)
    picture = blend(picture, (84, 80, 76), 0.6 * pores * tone)
    crack_u, crack_v = warp(u, v, 0.05, 9, seed + 4)
    nearest, second, _ = cells(crack_u, crack_v, 3, seed + 5)
    crack = step(0.012, -0.012, second - nearest) * step(0.5, 0.1, fractal(u, v, (4, 4), seed + 6, 3))
    picture = blend(picture, (86, 82, 77), 0.55 * crack)
    oil = step(0.68, 0.2, fractal(u, v, (4, 4), seed + 7, 6, 0.6))
    return blend(picture, (80, 74, 68), 0.5 * oil)


def hall_floor(seed: int) -> Array:
    """Sealed warehouse floor (4 m): light grey, tyre marks, saw-cut joint along two borders."""
    u, v = grid(SIZE)
    picture = concrete(seed, (168, 169, 168), (138, 139, 139))
    lanes = np.exp(-(((v - 0.33) / 0.03) ** 2)) + np.exp(-(((v - 0.62) / 0.035) ** 2))
    rubber = lanes * step(0.45, 0.25, fractal(u, v, (3, 24), seed + 20, 4))
    picture = blend(picture, (74, 74, 76), 0.4 * rubber)
    joints, _ = tile_joints(u, v, 1, 0.0022)
    picture = blend(picture, (70, 68, 66), 0.8 * joints)
    return blend(picture, (206, 206, 204), 0.35 * scratches(u, v, 40, (0.02, 0.25), 0.0012, seed + 21))


def carpet(seed: int, base: Colour) -> Array:
    """Loop-pile office carpet tiles of 50 cm (two across 1 m), turned by 90 degrees in turn, flecked."""
    u, v = grid(SIZE)
    _, tile = tile_joints(u, v, 2, 0.004)
    turned = (np.floor(u * 2) + np.floor(v * 2)) % 2 > 0.5
    along, across = np.where(turned, v, u), np.where(turned, u, v)
    loops = value_noise(along, across, (96, 160), seed)
    ribs = 0.5 + 0.5 * np.sin(2 * np.pi * 80 * across)
    fleck = step(0.74, 0.08, value_noise(along, across, (64, 128), seed + 1))
    picture = shade(flat(SIZE, base), 0.68 + 0.4 * loops + 0.14 * ribs)
    picture = shade(picture, per_tile(tile, seed + 2, 0.03) * (0.94 + 0.12 * fractal(u, v, (4, 4), seed + 3, 4)))
    return blend(picture, tuple(min(255, int(c * 1.5 + 20)) for c in base), 0.35 * fleck)  # type: ignore[arg-type]


def rubber(seed: int, base: Colour) -> Array:
    """Poured rubber with coloured granules, as in gyms (1 m)."""
    u, v = grid(SIZE)
    picture = shade(flat(SIZE, base), 0.8 + 0.4 * value_noise(u, v, (128, 128), seed))
    where, tone = chips(u, v, 72, 0.22, seed + 1)
    picture = blend(picture, ramp(tone, [(0.0, (60, 76, 104)), (0.5, (120, 122, 126)), (1.0, (178, 174, 168))]), where)
    return shade(picture, 0.92 + 0.16 * fractal(u, v, (3, 3), seed + 2, 4))
