"""The yellow hollow cone on a square base and the inflated violet-blue cube of the 2023 robot contest.

Sizes are those of the game manual: the cone 325 mm high on a base of 213 mm, the cube 241 mm from face to face. Shapes
follow photographs: a thick flange open from below, ribs round the mouth, a rimmed hole at the tip; faces that bulge
between welded seams, corners that stick out, wrinkles that run into the seams.
"""

from __future__ import annotations

import numpy as np

from tools.assets.shape import Array, Shape
from tools.assets.solids import BOX_FACES, box, loft, quads, ring

CONE_HEIGHT = 0.325
CONE_BASE = 0.213
CUBE_SIZE = 0.241
SEGMENTS = 56


def cone() -> list[Shape]:
    """The cone upright on z = 0, origin in the middle of its base."""
    half, wall = CONE_BASE / 2, 0.0045
    outer = [(half - 0.002, 0.0, 1.0), (half, 0.003, 1.0), (half - 0.001, 0.021, 1.0), (half - 0.003, 0.0245, 1.0),
             (half - 0.007, 0.026, 1.0), (0.082, 0.0268, 0.25), (0.0745, 0.0285, 0.0), (0.0705, 0.034, 0.0),
             (0.068, 0.042, 0.0)]  # fmt: skip
    rim = CONE_HEIGHT - 0.012
    outer += [(0.068 + (0.026 - 0.068) * t, 0.042 + (rim - 0.042) * t, 0.0) for t in np.linspace(0.12, 1.0, 9)]
    outer += [(0.0275, rim + 0.002, 0.0), (0.0275, rim + 0.009, 0.0), (0.0255, CONE_HEIGHT, 0.0)]
    inner = [(0.02, CONE_HEIGHT, 0.0), (0.0185, CONE_HEIGHT - 0.003, 0.0), (0.0185, rim, 0.0)]
    inner += [(0.0205 + (0.066 - wall - 0.0205) * t, rim - 0.01 + (0.04 - rim) * t, 0.0) for t in np.linspace(0, 1, 7)]
    inner += [(0.070, 0.0225, 0.0), (0.076, 0.0215, 0.0)]
    inner += [(half - 0.014, 0.021, 1.0), (half - 0.010, 0.019, 1.0), (half - 0.009, 0.0, 1.0)]
    rings = [ring(radius, height, SEGMENTS, square, 0.17) for radius, height, square in [*outer, *inner]]
    skin = loft(rings, closed=True)
    skin = Shape(skin.corners, _cone_uvs(skin.corners), "cone_yellow", 38.0)
    ribs = []
    for k in range(8):
        reach = (half - 0.012) * (1.22 if k % 2 else 1.0)
        bar = box(reach - 0.07, 0.006, 0.02).moved(x=(reach + 0.07) / 2, z=0.0015).turned("z", 45.0 * k)
        ribs.append(Shape(bar.corners, _cone_uvs(bar.corners), "cone_yellow", 38.0))
    return [skin, *ribs]


def _cone_uvs(corners: Array) -> Array:
    """Round the axis u, without a torn triangle at the seam; with height v."""
    angle = np.arctan2(corners[..., 1], corners[..., 0]) / (2 * np.pi)
    middle = angle[:, :1]
    angle = middle + (angle - middle + 0.5) % 1.0 - 0.5
    return np.stack([angle * 2, corners[..., 2] / CONE_HEIGHT], axis=-1)


def cube() -> list[Shape]:
    """The cube with its centre at the origin, so that it can lie and tumble any way up; one face carries the mark."""
    steps = 16
    line = np.sin(np.linspace(-np.pi / 2, np.pi / 2, steps + 1))
    s, t = np.meshgrid(line, line)
    faces = []
    for number, frame in enumerate(BOX_FACES):
        normal, across, up = (np.array(axis, dtype=float) for axis in frame)
        points = _pillow(normal + s[..., None] * across + t[..., None] * up, normal, s, t, number)
        face = quads(points, np.stack([(s + 1) / 2, (t + 1) / 2], axis=-1))
        faces.append(Shape(face.corners, face.uvs, "cube_marked" if number == 3 else "cube_blue", 50.0))
    return faces


def _pillow(flat: Array, normal: Array, s: Array, t: Array, number: int) -> Array:
    """A cube's face blown up: edges drawn in between the corners, the middle bulging, wrinkles dying from the seams."""
    half = 0.5 * CUBE_SIZE * 0.9
    towards = np.abs(flat) ** 6
    drawn = 1.0 - 0.07 * towards * (1 - flat**2).max(axis=-1, keepdims=True)
    points = half * flat * drawn
    inside = (1 - s**2) * (1 - t**2)
    points = points + normal * (0.021 * np.sqrt(inside) + 0.005 * inside)[..., None]
    wave_s = np.sin(23 * s + 2.1 * number) * (1 - s**2) * np.exp(-(1 - np.abs(t)) / 0.16) * (1 - np.abs(t)) * 9
    wave_t = np.sin(21 * t + 1.3 * number) * (1 - t**2) * np.exp(-(1 - np.abs(s)) / 0.16) * (1 - np.abs(s)) * 9
    return np.asarray(points + normal * (0.0016 * (wave_s + wave_t))[..., None])
