"""Things of a warehouse: pallet, rack, cartons, bin, drum, trolley, ladder, barrier, bollard."""

from __future__ import annotations

import numpy as np

from tools.assets.outline import extrude
from tools.assets.shape import Array, Shape
from tools.assets.solids import box, cylinder, loft, rounded_box, tube, turned_body

PALLET = (1.2, 0.8, 0.144)
RACK = (2.7, 0.9, 3.2)
SHELF_HEIGHTS = (0.12, 1.1, 2.08)


def pallet() -> list[Shape]:
    """A EUR pallet, 1.2 x 0.8 x 0.144 m: five top boards on cross boards, nine blocks, three runners."""
    board = 0.022
    parts = []
    for y, width in ((-0.3275, 0.145), (-0.164, 0.1), (0.0, 0.145), (0.164, 0.1), (0.3275, 0.145)):
        parts.append(box(1.2, width, board).moved(y=y, z=0.144 - board))
    for x in (-0.5275, 0.0, 0.5275):
        parts.append(box(0.145, 0.8, board).moved(x=x, z=0.1))
        for y, depth in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
            parts.append(box(0.145, depth, 0.078).moved(x=x, y=y, z=board))
    for y, width in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
        parts.append(box(1.2, width, board).moved(y=y))
    return [part.mapped(0.8).paint("pallet_wood") for part in parts]


def rack() -> list[Shape]:
    """A pallet rack bay, 2.7 x 0.9 x 3.2 m: blue punched uprights with bracing, orange beams, three decks."""
    width, depth, height = RACK
    parts = []
    for x in (-width / 2, width / 2):
        for y in (-depth / 2 + 0.04, depth / 2 - 0.04):
            parts.append(_upright(height).moved(x=x, y=y).paint("blue_paint"))
            parts.append(box(0.14, 0.12, 0.008).moved(x=x, y=y).mapped(1.0).paint("grey_paint"))
        low = 0.3
        while low + 0.7 < height:
            brace = [(x, -depth / 2 + 0.06, low), (x, depth / 2 - 0.06, low + 0.6)]
            parts.append(tube(brace, 0.016, 6).mapped(1.0).paint("blue_paint"))
            level = [(x, -depth / 2 + 0.06, low), (x, depth / 2 - 0.06, low)]
            parts.append(tube(level, 0.016, 6).mapped(1.0).paint("blue_paint"))
            low += 0.7
    for top in SHELF_HEIGHTS:
        beam = box(width - 0.08, 0.045, 0.1).moved(z=top - 0.108).mapped(1.0).paint("orange_paint")
        parts += [beam.moved(y=y) for y in (-depth / 2 + 0.03, depth / 2 - 0.03)]
        parts.append(box(width - 0.1, depth - 0.11, 0.018).moved(z=top - 0.018).mapped(1.2).paint("pallet_wood"))
    return parts


def _upright(height: float) -> Shape:
    """A C-profile post with its open side outward."""
    right = [(0.045, -0.04), (0.045, 0.04), (0.038, 0.04), (0.038, -0.033)]
    return extrude(np.array([*right, *((-x, y) for x, y in right[::-1])]), height).mapped(1.0)


def carton(x: float, y: float, z: float, look: str) -> list[Shape]:
    """A closed carton: tape over the lid's seam, flaps a little proud of it."""
    body = rounded_box(x, y, z, 0.004, 1).paint(look)
    return [body, box(x * 0.985, y * 0.494, 0.003).moved(y=y * 0.2485, z=z - 0.001).paint(look)]


def open_carton() -> list[Shape]:
    """An open carton of 0.4 x 0.3 x 0.25 m with its four flaps hanging out."""
    x, y, z, wall = 0.4, 0.3, 0.25, 0.006
    parts = [box(x, y, wall), box(wall, y, z).moved(x=x / 2), box(wall, y, z).moved(x=-x / 2)]
    parts += [box(x, wall, z).moved(y=y / 2), box(x, wall, z).moved(y=-y / 2)]
    for side, angle in ((1, 118.0), (-1, -104.0)):
        parts.append(box(wall, y * 0.96, 0.16).turned("y", angle).moved(x=side * x / 2, z=z))
    for side, angle in ((1, -125.0), (-1, 112.0)):
        parts.append(box(x * 0.96, wall, 0.13).turned("x", angle).moved(y=side * y / 2, z=z))
    return [part.mapped(0.5).paint("carton") for part in parts]


def bin_box(look: str) -> list[Shape]:
    """An open stacking bin, 0.6 x 0.4 x 0.2 m outside: slanted walls of 6 mm, a rim, ribs, rounded corners."""
    sections = [(0.27, 0.0), (0.274, 0.004), (0.285, 0.17), (0.3, 0.172), (0.3, 0.2), (0.293, 0.2), (0.279, 0.198),
                (0.268, 0.012), (0.262, 0.007)]  # fmt: skip
    rings = [_oblong(half, height) for half, height in sections]
    middle = np.zeros_like(rings[0])
    skin = loft([middle, *rings, middle + np.array([0, 0, 0.006])])
    ribs = []
    for x in np.linspace(-0.22, 0.22, 5):
        ribs += [rounded_box(0.012, 0.012, 0.16, 0.002, 1).moved(x=x, y=side * 0.181, z=0.008) for side in (-1, 1)]
    return [Shape(skin.corners, skin.uvs, look, 45.0), *(rib.paint(look) for rib in ribs)]


def _oblong(half_length: float, height: float) -> Array:
    """A rectangle ring of that half length, a half width 0.1 m less, and corners rounded with 45 mm."""
    bend = np.linspace(0, np.pi / 2, 9)
    arc = 0.045 * np.column_stack([np.cos(bend), np.sin(bend)]) + np.array([half_length - 0.045, half_length - 0.145])
    quarters = [arc, arc[::-1] * [-1, 1], -arc, arc[::-1] * [1, -1]]
    return np.column_stack([np.concatenate(quarters), np.full(36, height)])


def drum() -> list[Shape]:
    """A 200 litre steel drum with two rolling hoops, 0.88 m high."""
    foot = [(0.0, 0.02), (0.27, 0.02), (0.285, 0.0), (0.292, 0.005), (0.287, 0.03)]
    hoops = [(radius, z + dz) for z in (0.29, 0.58) for radius, dz in ((0.287, -0.02), (0.297, 0.0), (0.287, 0.02))]
    head = [(0.287, 0.85), (0.292, 0.875), (0.285, 0.88), (0.275, 0.86), (0.0, 0.86)]
    barrel = turned_body([*foot, *hoops, *head], 40).skin((0, 2), (0, 2)).paint("blue_paint")
    return [barrel, cylinder(0.03, 0.015, 16).moved(x=0.17, z=0.86).paint("grey_plastic")]


def trolley() -> list[Shape]:
    """A platform trolley with a push bar, 0.9 x 0.6 m."""
    parts = [rounded_box(0.9, 0.6, 0.05, 0.015, 2).moved(z=0.16).mapped(0.8).paint("pine")]
    for x in (-0.36, 0.36):
        for y in (-0.22, 0.22):
            wheel = cylinder(0.07, 0.035, 24, 0.006).turned("x", 90).moved(x=x, y=y + 0.017, z=0.07)
            parts.append(wheel.paint("black_plastic"))
            parts.append(box(0.06, 0.05, 0.06).moved(x=x, y=y, z=0.11).paint("grey_plastic"))
    bar = [(-0.43, -0.27, 0.2), (-0.43, -0.27, 0.55), (-0.46, -0.27, 0.88), (-0.47, -0.22, 0.95), (-0.47, 0.22, 0.95),
           (-0.46, 0.27, 0.88), (-0.43, 0.27, 0.55), (-0.43, 0.27, 0.2)]  # fmt: skip
    return [*parts, tube(bar, 0.017, 12).mapped(0.5).paint("grey_paint")]


def ladder() -> list[Shape]:
    """A step ladder, 1.6 m, standing open."""
    parts = []
    for y in (-0.23, 0.23):
        parts.append(tube([(-0.42, y, 0.0), (0.0, y * 0.8, 1.6)], 0.022, 8))
        parts.append(tube([(0.38, y, 0.0), (0.02, y * 0.8, 1.55)], 0.018, 8))
    for k in range(1, 6):
        t = k / 6
        parts.append(box(0.09, 0.46 * (1 - 0.2 * t) - 0.02, 0.025).moved(x=-0.42 * (1 - t), z=1.6 * t))
    parts.append(box(0.2, 0.4, 0.03).moved(z=1.58))
    return [part.moved(z=0.006).mapped(0.5).paint("bright_steel") for part in parts]


def bollard() -> list[Shape]:
    """A yellow guard post on a foot plate, 1 m."""
    post = cylinder(0.08, 0.98, 32, 0.03).moved(z=0.01).paint("yellow_plastic")
    bands = [cylinder(0.0815, 0.12, 32).moved(z=z).paint("black_plastic") for z in (0.3, 0.62)]
    return [post, *bands, box(0.3, 0.3, 0.012).mapped(0.5).paint("grey_paint")]


def aisle_sign() -> list[Shape]:
    """A hanging aisle sign, 0.8 x 0.4 m."""
    rods = [cylinder(0.012, 0.4, 12).moved(x=x, z=0.4).paint("grey_plastic") for x in (-0.3, 0.3)]
    return [box(0.8, 0.02, 0.4).paint("carton_white"), *rods]
