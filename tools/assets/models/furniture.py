"""Furniture and clutter of rooms: table, chair, bag, cabinet, plant, legs, cable, clamp, roll, oven."""

from __future__ import annotations

import numpy as np

from tools.assets.shape import Array, Shape
from tools.assets.solids import box, cylinder, loft, quads, ring, rounded_box, sphere, tube, turned_body

TROUSERS = ((0.06, 0.065, 0.0), (0.12, 0.066, 0.0), (0.3, 0.068, 0.004), (0.48, 0.075, 0.012), (0.75, 0.088, 0.004),
            (0.9, 0.1, 0.0), (1.0, 0.1, 0.0))  # fmt: skip
"""Height, radius and forward shift [m] of the rings of a trouser leg."""


def table() -> list[Shape]:
    """A table of 1.5 x 0.9 m; the origin lies in the middle of its top, so that things stand on z = 0."""
    top = rounded_box(1.5, 0.9, 0.035, 0.006, 2).moved(z=-0.035).mapped(1.0).paint("ash")
    legs = [
        rounded_box(0.06, 0.06, 0.7, 0.006, 1).moved(x=x, y=y, z=-0.735) for x in (-0.68, 0.68) for y in (-0.38, 0.38)
    ]
    rails = [box(1.3, 0.022, 0.08).moved(y=y, z=-0.115) for y in (-0.38, 0.38)]
    rails += [box(0.022, 0.72, 0.08).moved(x=x, z=-0.115) for x in (-0.68, 0.68)]
    return [top, *(part.mapped(1.0).paint("ash") for part in [*legs, *rails])]


def chair() -> list[Shape]:
    """A visitor's chair: orange seat and back, bent steel legs on castors."""
    seat = rounded_box(0.45, 0.44, 0.05, 0.022, 3).moved(z=0.43).mapped(0.3).paint("orange_cloth")
    back = (
        rounded_box(0.03, 0.42, 0.34, 0.014, 3)
        .turned("y", -10)
        .moved(x=-0.25, z=0.58)
        .mapped(0.3)
        .paint("orange_cloth")
    )
    parts = [seat, back]
    for y in (-0.2, 0.2):
        frame = [(0.24, y * 1.15, 0.06), (0.2, y * 1.1, 0.42), (-0.16, y, 0.44), (-0.24, y, 0.6), (-0.29, y, 0.86)]
        parts.append(tube(frame, 0.012, 10).paint("bright_steel"))
        parts.append(tube([(-0.26, y * 1.15, 0.06), (-0.16, y, 0.44)], 0.012, 10).paint("bright_steel"))
        arm = [(0.18, y * 1.1, 0.45), (0.16, y * 1.25, 0.66), (-0.1, y * 1.25, 0.68)]
        parts.append(tube(arm, 0.014, 10).paint("grey_plastic"))
        for x in (0.24, -0.26):
            wheel = cylinder(0.03, 0.03, 16, 0.006).turned("x", 90)
            parts.append(wheel.moved(x=x, y=y * 1.15 + 0.015, z=0.03).paint("black_plastic"))
    return parts


def bag() -> list[Shape]:
    """A slumped school bag: body, front pocket, straps, top loop."""
    rings = []
    for t in np.linspace(0, 1, 15):
        swell = np.sin(np.pi * min(1.0, 0.12 + 0.88 * t)) ** 0.5
        outline = ring(1.0, 0.0, 40, 0.55, 0.5)
        fold = 1 + 0.03 * np.sin(5 * np.arctan2(outline[:, 1], outline[:, 0]) + 9 * t)
        x, y = outline[:, 0] * 0.16 * swell * fold - 0.05 * t, outline[:, 1] * 0.115 * swell * fold
        rings.append(np.column_stack([x, y, np.full(40, 0.46 * t)]))
    end = np.array([rings[-1].mean(0)] * 40)
    body = loft([np.array([rings[0].mean(0)] * 40), *rings, end]).skin((0, 4), (0, 2)).paint("navy_cloth")
    pocket = rounded_box(0.22, 0.07, 0.2, 0.03, 4).turned("x", 4).moved(x=-0.01, y=-0.115, z=0.05).paint("teal_cloth")
    parts = [body, pocket]
    for x in (-0.08, 0.06):
        strap = [(x, 0.09, 0.42), (x, 0.17, 0.36), (x, 0.185, 0.2), (x * 1.3, 0.15, 0.05), (x * 1.4, 0.1, 0.02)]
        parts.append(tube(_smooth(strap), 0.016, 10).paint("teal_cloth"))
    loop = [(-0.08, 0.02, 0.44), (-0.07, 0.02, 0.5), (-0.02, 0.02, 0.5), (-0.01, 0.02, 0.44)]
    return [*parts, tube(_smooth(loop), 0.009, 8).paint("black_plastic")]


def cabinet() -> list[Shape]:
    """A low bench of dark fronts with wooden edges, 1.6 x 0.45 x 0.5 m, beside a taller block."""
    parts = [box(1.0, 0.44, 0.42).moved(x=-0.3, z=0.04).mapped(1.0).paint("cabinet")]
    parts += [box(1.04, 0.47, 0.03).moved(x=-0.3, z=0.46).mapped(1.0).paint("pine")]
    parts += [box(0.5, 0.44, 0.78).moved(x=0.48, z=0.04).mapped(1.0).paint("cabinet")]
    parts += [box(0.53, 0.47, 0.03).moved(x=0.48, z=0.82).mapped(1.0).paint("pine")]
    return [*parts, box(1.5, 0.38, 0.04).moved(x=-0.03).paint("black_plastic")]


def plant() -> list[Shape]:
    """A pot plant: clay pot, soil, forty bent leaves."""
    pot = turned_body(
        [(0.0, 0.0), (0.1, 0.0), (0.14, 0.24), (0.155, 0.24), (0.155, 0.28), (0.135, 0.28), (0.125, 0.25)], 32
    )
    soil = cylinder(0.127, 0.01, 24).moved(z=0.245)
    random = np.random.default_rng(5)
    leaves = []
    for _ in range(40):
        length, width, rise = random.uniform(0.18, 0.42), random.uniform(0.025, 0.045), random.uniform(0.35, 1.35)
        t = np.linspace(0, 1, 7)
        along = length * t * np.cos(rise * (1 - 0.5 * t))
        height = 0.25 + random.uniform(0, 0.3) + length * (t * np.sin(rise) - 0.45 * t**2)
        half = width * np.sin(np.pi * np.clip(0.08 + 0.92 * t, 0, 1)) ** 0.7
        edge = np.stack([np.stack([along, side * half, height], axis=1) for side in (-1, 0, 1)], axis=1)
        edge[:, 1, 2] -= 0.3 * half
        uvs = np.stack(np.broadcast_arrays(np.array([0, 0.5, 1.0])[None, :], t[:, None]), axis=-1)
        leaf = quads(edge, uvs)
        back = Shape(leaf.corners[:, ::-1] - np.array([0, 0, 4e-4]), leaf.uvs[:, ::-1])
        turn = random.uniform(0, 360)
        leaves += [part.turned("z", turn).paint("leaf") for part in (leaf, back)]
    return [pot.paint("terracotta"), soil.paint("soil"), *leaves]


def legs() -> list[Shape]:
    """Somebody standing, up to the belt: two trouser legs and shoes; an occluder, not a target."""
    parts = []
    for side, shift in ((-1, 0.0), (1, 0.09)):
        rings = []
        for z, radius, x in TROUSERS:
            circle = ring(1.0, z, 24)
            fold = 1 + 0.05 * np.sin(3 * np.arange(24) + 40 * z)
            outline = circle[:, :2] * (radius * fold)[:, None] + np.array([x + shift, side * (0.11 - 0.03 * z)])
            rings.append(np.column_stack([outline, circle[:, 2]]))
        caps = [np.array([r.mean(0)] * 24) for r in (rings[0], rings[-1])]
        parts.append(loft([caps[0], *rings, caps[1]]).skin((0, 1.5), (0, 3)).paint("denim"))
        shoe = sphere(1.0, 24).scaled(0.145, 0.052, 0.085).moved(x=0.055 + shift, y=side * 0.11, z=0.02)
        parts.append(_cut_below(shoe, 0.012).paint("black_plastic"))
        sole = cylinder(1.0, 0.02, 32).scaled(0.148, 0.054, 1.0).moved(x=0.055 + shift, y=side * 0.11).paint("sole")
        parts.append(sole)
    return parts


def cable() -> list[Shape]:
    """A coil of blue hose with a loose end, lying."""
    turn = np.linspace(0, 2 * np.pi * 2.6, 150)
    radius = 0.2 + 0.02 * np.sin(1.7 * turn) + 0.006 * turn
    height = 0.012 + 0.014 * (0.5 - 0.5 * np.cos(turn * 0.9))
    coil = np.column_stack([radius * np.cos(turn), radius * np.sin(turn) * 0.8, height])
    return [tube(coil, 0.009, 8).paint("blue_cable")]


def clamp() -> list[Shape]:
    """Two pine laths held by a bar clamp, as left lying in a workshop."""
    laths = [box(0.42, 0.045, 0.02).turned("z", 4).moved(y=y, z=0.0).mapped(0.8).paint("pine") for y in (-0.06, 0.07)]
    bar = box(0.014, 0.46, 0.01).turned("z", 12).moved(z=0.022).paint("black_plastic")
    jaws = [
        rounded_box(0.05, 0.025, 0.05, 0.006, 2).moved(x=-y * 0.2, y=y, z=0.02).paint("black_plastic")
        for y in (-0.12, 0.13)
    ]
    return [*laths, bar, *jaws]


def roll() -> list[Shape]:
    """A rolled-up carpet, 2 m long, lying along x."""
    outline = ring(1.0, 0.0, 48)[:, :2] * (0.13 + 0.004 * np.sin(6 * np.arange(48)))[:, None]
    rings = [
        np.column_stack([np.full(48, x), outline[:, 0], outline[:, 1] + 0.13 + 0.01 * np.sin(4 * x)])
        for x in np.linspace(-1, 1, 13)
    ]
    caps = [np.array([r.mean(0)] * 48) for r in (rings[0], rings[-1])]
    return [loft([caps[0], *rings, caps[1]]).skin((0, 1), (0, 2)).paint("canvas")]


def oven() -> list[Shape]:
    """A microwave oven, 0.5 x 0.36 x 0.29 m, front toward -y."""
    body = rounded_box(0.5, 0.36, 0.28, 0.012, 2).moved(z=0.012).paint("white_plastic")
    door = rounded_box(0.37, 0.02, 0.24, 0.008, 2).moved(x=-0.055, y=-0.182, z=0.03).paint("grey_plastic")
    window = box(0.3, 0.006, 0.17).moved(x=-0.06, y=-0.192, z=0.065).paint("glass_dark")
    panel = box(0.09, 0.008, 0.23).moved(x=0.19, y=-0.181, z=0.035).paint("black_plastic")
    dial = cylinder(0.024, 0.014, 24, 0.003).turned("x", 90).moved(x=0.19, y=-0.185, z=0.09).paint("grey_plastic")
    return [body, door, window, panel, dial]


def _smooth(points: list[tuple[float, float, float]], steps: int = 5) -> Array:
    """Catmull-Rom through the points (E. Catmull, R. Rom, 1974)."""
    p = np.array([points[0], *points, points[-1]], dtype=float)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:])
    ]
    return np.concatenate([*pieces, p[-1:]])


def _cut_below(shape: Shape, height: float) -> Shape:
    """Everything below that height pressed flat onto it."""
    corners = shape.corners.copy()
    corners[..., 2] = np.maximum(corners[..., 2], height)
    return Shape(corners, shape.uvs, shape.material, shape.crease)
