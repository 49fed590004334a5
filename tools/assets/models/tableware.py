"""Small things that lie on tables: mug, bowl, book, pencil, bottle, pot of yellow and blue bricks."""

from __future__ import annotations

import numpy as np

from tools.assets.outline import circle, extrude
from tools.assets.shape import Shape
from tools.assets.solids import box, cylinder, rounded_box, tube, turned_body


def mug(look: str) -> list[Shape]:
    """A mug of 95 mm with a handle."""
    outside = [
        (0.0, 0.003),
        (0.03, 0.003),
        (0.032, 0.0),
        (0.037, 0.002),
        (0.041, 0.01),
        (0.042, 0.09),
        (0.0415, 0.0945),
    ]
    inside = [(0.0395, 0.0945), (0.0385, 0.09), (0.0375, 0.012), (0.033, 0.007), (0.0, 0.006)]
    angle = np.linspace(-1.35, 1.35, 15)
    path = np.column_stack([0.038 + 0.03 * np.cos(angle), 0 * angle, 0.05 + 0.03 * np.sin(angle)])
    return [turned_body([*outside, *inside], 40).paint(look), tube(path, 0.005, 10).paint(look)]


def bowl() -> list[Shape]:
    """A glazed bowl, 0.16 m across."""
    foot = [(0.0, 0.006), (0.03, 0.006), (0.032, 0.0), (0.036, 0.0), (0.038, 0.006)]
    outer = [(0.06, 0.025), (0.074, 0.045), (0.08, 0.066)]
    inner = [(0.077, 0.067), (0.071, 0.046), (0.057, 0.028), (0.036, 0.012), (0.0, 0.009)]
    return [turned_body([*foot, *outer, *inner], 44).paint("cream_glaze")]


def book(look: str) -> list[Shape]:
    """A closed paperback, 0.2 x 0.13 m."""
    covers = [box(0.2, 0.134, 0.0015).moved(z=z).paint(look) for z in (0.0, 0.0225)]
    spine = rounded_box(0.2, 0.006, 0.024, 0.0015, 1).moved(y=-0.066).paint(look)
    return [*covers, spine, box(0.195, 0.128, 0.021).moved(y=-0.001, z=0.0015).paint("page")]


def pencil() -> list[Shape]:
    """A hexagonal pencil, lying along x."""
    shaft = extrude(circle(0.0037, 6), 0.15).paint("yellow_plastic")
    tip = turned_body([(0.0034, 0.15), (0.0009, 0.168), (0.0, 0.171)], 12).paint("pine")
    band = cylinder(0.0038, 0.012, 12).moved(z=-0.012).paint("bright_steel")
    rubber = cylinder(0.0034, 0.01, 12, 0.001).moved(z=-0.022).paint("red_plastic")
    return [part.turned("y", 90).moved(x=-0.075, z=0.0037) for part in (shaft, tip, band, rubber)]


def bottle() -> list[Shape]:
    """A squeezed-in drinking bottle, blue with a white cap, 0.2 m."""
    body = [(0.0, 0.002), (0.028, 0.0), (0.033, 0.006), (0.034, 0.06), (0.03, 0.085), (0.034, 0.11), (0.033, 0.15)]
    neck = [(0.024, 0.17), (0.017, 0.176), (0.017, 0.184), (0.0, 0.184)]
    cap = cylinder(0.0195, 0.02, 28, 0.003).moved(z=0.178)
    return [turned_body([*body, *neck], 36).paint("blue_plastic"), cap.paint("white_plastic")]


def brick(look: str) -> list[Shape]:
    """A toy brick of eight studs, 64 mm long: the targets' colours in another shape."""
    body = rounded_box(0.064, 0.032, 0.0192, 0.001, 1)
    stud = cylinder(0.005, 0.0036, 16, 0.0005).moved(z=0.0192)
    studs = [stud.moved(x=x, y=y) for x in (-0.024, -0.008, 0.008, 0.024) for y in (-0.008, 0.008)]
    return [part.paint(look) for part in (body, *studs)]
