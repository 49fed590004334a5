"""Small mechanical parts: gear, bolt, nut, bracket, profile, elbow, knob, wedge, lattice, spring, pulley."""

from __future__ import annotations

import numpy as np

from tools.assets.outline import circle, extrude, gear, lobes
from tools.assets.shape import Array, Shape
from tools.assets.solids import box, cylinder, rounded_box, tube, turned_body


def gear_wheel() -> list[Shape]:
    """A spur gear of 24 teeth with six holes and a bored hub, 0.2 m across."""
    holes = [circle(0.013, 16, (0.052 * np.cos(a), 0.052 * np.sin(a))) for a in np.arange(6) * np.pi / 3]
    plate = extrude(gear(24, 0.082, 0.1), 0.03, [circle(0.016, 24), *holes])
    hub = extrude(circle(0.03, 32), 0.05, [circle(0.016, 24)])
    return [part.mapped(0.2).paint("bright_steel") for part in (plate, hub)]


def bolt() -> list[Shape]:
    """A hexagon bolt standing on its head, 0.16 m long, with a rolled thread."""
    head = extrude(circle(0.036, 6), 0.022)
    washer = cylinder(0.034, 0.003, 32).moved(z=0.022)
    shank = cylinder(0.02, 0.05, 28).moved(z=0.022)
    turns, segments, length = 12, 28, 0.088
    angle = np.linspace(0, 2 * np.pi * turns, turns * segments + 1)
    ridge = 0.0186 + np.zeros_like(angle)
    helix = np.column_stack([ridge * np.cos(angle), ridge * np.sin(angle), 0.072 + length * angle / angle[-1]])
    core = cylinder(0.0182, length + 0.004, 28, 0.003).moved(z=0.072)
    return [part.mapped(0.1).paint("zinc") for part in (head, washer, shank, core, tube(helix, 0.0027, 5))]


def nut() -> list[Shape]:
    """A hexagon nut, 0.12 m across the corners."""
    body = extrude(circle(0.06, 6), 0.05, [circle(0.031, 32)])
    rim = turned_body([(0.031, 0.05), (0.049, 0.05), (0.046, 0.053), (0.032, 0.053)], 48, closed=True)
    return [part.mapped(0.1).paint("zinc") for part in (body, rim)]


def bracket() -> list[Shape]:
    """An angle bracket with a gusset and four holes, legs of 0.15 m."""
    holes = [circle(0.01, 20, (x, y)) for x, y in ((-0.03, 0.05), (-0.03, 0.11), (0.03, 0.05), (0.03, 0.11))]
    plate = np.array([(-0.06, 0.0), (0.06, 0.0), (0.06, 0.135), (0.045, 0.15), (-0.045, 0.15), (-0.06, 0.135)])
    flat = extrude(plate, 0.008, holes)
    upright = extrude(plate, 0.008, holes).turned("x", 90).moved(y=0.008)
    gusset = extrude(np.array([(0.008, 0.008), (0.1, 0.008), (0.008, 0.1)]), 0.008).turned("x", 90).turned("z", 90)
    return [part.mapped(0.3).paint("blue_paint") for part in (flat, upright, gusset.moved(x=-0.004))]


def profile() -> list[Shape]:
    """A slotted aluminium profile 40 x 40 mm, 0.3 m long, lying along x."""
    slot = [(0.004, 0.02), (0.004, 0.0155), (0.008, 0.0155), (0.008, 0.012), (0.005, 0.008)]
    quarter = np.array([(0.02, 0.02), *slot, *[(-x, y) for x, y in slot[::-1]]])
    outline = np.concatenate([_quarter_turn(quarter, k) for k in range(4)])
    body = extrude(outline, 0.3, [circle(0.004, 12)])
    return [body.turned("y", 90).moved(x=-0.15, z=0.02).mapped(0.3).paint("bright_steel")]


def _quarter_turn(points: Array, quarters: int) -> Array:
    for _ in range(quarters):
        points = np.column_stack([-points[:, 1], points[:, 0]])
    return points


def elbow() -> list[Shape]:
    """A pipe bend with two flanges, 0.2 m."""
    angle = np.linspace(0, np.pi / 2, 17)
    path = np.column_stack([0.1 - 0.1 * np.cos(angle), np.zeros_like(angle), 0.02 + 0.1 * np.sin(angle)])
    bend = tube(path, 0.032, 32)
    flange = cylinder(0.055, 0.02, 40, 0.003)
    far = flange.turned("y", 90).moved(x=0.1, z=0.12)
    return [part.mapped(0.2).paint("green_paint") for part in (bend, flange, far)]


def knob() -> list[Shape]:
    """A star knob of seven lobes with a threaded sleeve, 0.12 m across."""
    grip = extrude(lobes(7, 0.044, 0.06), 0.026).moved(z=0.03)
    cap = cylinder(0.03, 0.012, 40, 0.004).moved(z=0.054)
    sleeve = cylinder(0.018, 0.034, 28, 0.002)
    return [grip.paint("red_plastic"), cap.paint("black_plastic"), sleeve.mapped(0.1).paint("bright_steel")]


def wedge() -> list[Shape]:
    """A wooden wedge, 0.2 x 0.12 x 0.1 m."""
    side = extrude(np.array([(-0.1, 0.0), (0.1, 0.0), (0.1, 0.1), (-0.1, 0.012)]), 0.12).turned("x", 90).moved(y=0.06)
    return [side.mapped(0.4).paint("pine")]


def lattice() -> list[Shape]:
    """A cage of round bars: 3 x 3 x 3 cells in 0.2 m, much to see through."""
    places = np.linspace(-0.09, 0.09, 4)
    bars = []
    for a in places:
        for b in places:
            bars.append(tube([(-0.1, a, b + 0.1), (0.1, a, b + 0.1)], 0.005, 8))
            bars.append(tube([(a, -0.1, b + 0.1), (a, 0.1, b + 0.1)], 0.005, 8))
            bars.append(tube([(a, b, 0.0), (a, b, 0.2)], 0.005, 8))
    return [bar.paint("orange_plastic") for bar in bars]


def spring() -> list[Shape]:
    """A compression spring of seven turns, 0.15 m high."""
    angle = np.linspace(0, 2 * np.pi * 8, 8 * 22 + 1)
    height = np.interp(angle / (2 * np.pi), [0, 0.8, 7.2, 8], [0.008, 0.014, 0.136, 0.142])
    path = np.column_stack([0.05 * np.cos(angle), 0.05 * np.sin(angle), height])
    return [tube(path, 0.007, 12).mapped(0.1).paint("zinc")]


def pulley() -> list[Shape]:
    """A grooved wheel with a bore, lying, 0.16 m across."""
    groove = [(0.0565 + 0.0235 * t**2, 0.035 + 0.02 * t) for t in np.linspace(-1, 1, 13)]
    below = [(0.012, 0.0), (0.03, 0.0), (0.034, 0.004), (0.07, 0.004), (0.08, 0.004)]
    groove = [(radius, height - 0.008) for radius, height in groove]
    above = [(radius, 0.054 - height) for radius, height in below[::-1]]
    wheel = turned_body([*below, *groove, *above], 56, closed=True)
    return [wheel.mapped(0.2).paint("yellow_plastic")]


def handle() -> list[Shape]:
    """A bow handle with two feet, 0.2 m long."""
    angle = np.linspace(0, np.pi, 25)
    bow = tube(np.column_stack([-0.085 * np.cos(angle), 0 * angle, 0.01 + 0.085 * np.sin(angle) ** 0.6]), 0.011, 20)
    feet = [rounded_box(0.05, 0.04, 0.016, 0.005, 3).moved(x=x) for x in (-0.085, 0.085)]
    return [bow.paint("black_plastic"), *(foot.paint("black_plastic") for foot in feet)]


def step_block() -> list[Shape]:
    """A clamping block with steps, machined steel, 0.2 m long."""
    stairs = [(0.1 - 0.022 * (k + side), 0.012 + 0.012 * k) for k in range(8) for side in (0, 1)]
    outline = np.array([(-0.1, 0.0), (0.1, 0.0), *stairs, (-0.1, 0.096)])
    block = extrude(outline, 0.06).turned("x", 90).moved(y=0.03)
    return [block.mapped(0.3).paint("grey_paint"), box(0.012, 0.05, 0.004).moved(x=-0.085, z=0.1).paint("red_plastic")]
