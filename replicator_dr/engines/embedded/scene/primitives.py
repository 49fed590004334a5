"""The shapes of ``create.cube`` and its kin: one metre across, centred at the origin, along Z where they have an axis.

Each gives faces as USD's ``Mesh`` holds them, with a normal and a uv for each corner: smooth where the true surface is
smooth, hard where it has an edge. Round shapes are inscribed in the true ones; 64 segments keep a silhouette within
1 - cos(pi / 64) = 0.12 % of its radius.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SEGMENTS = 64
RINGS = 32
TORUS_MAJOR, TORUS_MINOR = 0.35, 0.15


@dataclass(frozen=True)
class Shape:
    """A polygon mesh.

    points: (V, 3) [m]; counts: (F,) corners of each face; indices, normals (K, 3), uvs (K, 2): one
    for each of the K corners, faces counter-clockwise seen from outside.
    """

    points: Float64
    counts: Int64
    indices: Int64
    normals: Float64
    uvs: Float64


def join(*parts: Shape) -> Shape:
    """Several shapes as one mesh; points are not merged."""
    starts = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    return Shape(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.indices + start for part, start in zip(parts, starts)]),
        np.concatenate([part.normals for part in parts]),
        np.concatenate([part.uvs for part in parts]),
    )


def plane() -> Shape:
    """A 1 x 1 square that faces +Z."""
    points = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]], dtype=np.float64)
    uvs = points[:, :2] + 0.5
    return Shape(points, np.array([4]), np.arange(4), np.tile([0.0, 0.0, 1.0], (4, 1)), uvs)


def cube() -> Shape:
    """Edges of 1; each face has the whole uv square."""
    square = plane()
    sides = []
    # A picture stands upright on the four walls: its right runs along Y on the X walls and along X on the others.
    for normal, right, turn in ((0, 1, 1.0), (1, 0, -1.0), (2, 0, 1.0)):
        for sign in (1.0, -1.0):
            # right x up = normal, so that corners keep their turn seen from outside.
            frame = np.zeros((3, 3))
            frame[0, right] = sign * turn
            frame[1, 3 - normal - right] = 1.0
            frame[2, normal] = sign
            points = (square.points + np.array([0.0, 0.0, 0.5])) @ frame
            sides.append(Shape(points, square.counts, square.indices, square.normals @ frame, square.uvs))
    return join(*sides)


def disk() -> Shape:
    """A circle of diameter 1 that faces +Z, its texture the circle cut from a square."""
    ring = _circle(SEGMENTS) * 0.5
    points = np.concatenate([ring, np.zeros((1, 3))])
    nth = np.arange(SEGMENTS)
    indices = np.stack([nth, (nth + 1) % SEGMENTS, np.full(SEGMENTS, SEGMENTS)], axis=1).ravel()
    normals = np.tile([0.0, 0.0, 1.0], (len(indices), 1))
    return Shape(points, np.full(SEGMENTS, 3), indices, normals, points[indices, :2] + 0.5)


def sphere() -> Shape:
    """Diameter 1, poles on Z, finer than the other shapes: a facet lies at most 0.3 mm inside a ball of 1 m."""
    polar = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 2 * RINGS + 1)
    profile = np.stack([np.cos(polar), np.sin(polar)], axis=1)
    profile[[0, -1], 0] = 0.0
    return revolve(0.5 * profile, profile, 2 * SEGMENTS)


def cylinder() -> Shape:
    """Diameter 1, height 1."""
    side = revolve(np.array([[0.5, -0.5], [0.5, 0.5]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    return join(side, _cap(0.5), _cap(-0.5))


def cone() -> Shape:
    """Base of diameter 1 at z = -0.5, apex at z = 0.5."""
    normal = np.array([1.0, 0.5]) / np.hypot(1.0, 0.5)
    side = revolve(np.array([[0.5, -0.5], [0.0, 0.5]]), np.stack([normal, normal]))
    return join(side, _cap(-0.5))


def torus() -> Shape:
    """Outer diameter 1, tube of diameter 0.3, lying in XY."""
    turn = np.linspace(-np.pi, np.pi, RINGS + 1)
    normals = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    normals[-1] = normals[0]
    return revolve(TORUS_MINOR * normals + [TORUS_MAJOR, 0.0], normals)


def capsule(radius: float, height: float) -> Shape:
    """A cylinder along Z with half spheres on its ends; ``height`` without them."""
    quarter = np.linspace(0.0, 0.5 * np.pi, RINGS // 2 + 1)
    top = np.stack([np.cos(quarter), np.sin(quarter)], axis=1)
    top[-1, 0] = 0.0
    bottom = (top * [1.0, -1.0])[::-1]
    normals = np.concatenate([bottom, top])
    profile = radius * normals + np.repeat([[0.0, -0.5 * height], [0.0, 0.5 * height]], len(top), axis=0)
    return revolve(profile, normals)


def revolve(profile: Float64, normals: Float64, segments: int = SEGMENTS) -> Shape:
    """Turn a profile about Z. profile, normals: (N, 2) radius and height, from the bottom up.

    Quads, triangles where the profile touches the axis. u runs with the turn, v with the length of the profile.
    """
    angle = np.linspace(0.0, 2.0 * np.pi, segments + 1)
    cos, sin = np.cos(angle), np.sin(angle)
    cos[-1], sin[-1] = cos[0], sin[0]
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    v = length / length[-1]
    ring = np.arange(segments)
    points = np.stack(
        [
            profile[:, None, 0] * cos[None, :-1],
            profile[:, None, 0] * sin[None, :-1],
            np.repeat(profile[:, None, 1], segments, axis=1),
        ],
        axis=-1,
    ).reshape(-1, 3)
    counts, indices, corner_normals, uvs = [], [], [], []
    for row in range(len(profile) - 1):
        low_pole, high_pole = profile[row, 0] == 0.0, profile[row + 1, 0] == 0.0
        corners = [(row, 0, 0.5 if low_pole else 0.0)]
        if not low_pole:
            corners.append((row, 1, 1.0))
        corners.append((row + 1, 1, 0.5 if high_pole else 1.0))
        if not high_pole:
            corners.append((row + 1, 0, 0.0))
        if low_pole:
            corners = [(row, 0, 0.5), (row + 1, 1, 1.0), (row + 1, 0, 0.0)]
        counts.append(np.full(segments, len(corners)))
        face_indices, face_normals, face_uvs = [], [], []
        for level, step, share in corners:
            face_indices.append(level * segments + (ring + step) % segments)
            # At a pole the normal and u are those of the middle of the segment.
            turn = (ring + share) * (2.0 * np.pi / segments)
            if share in (0.0, 1.0):
                c, s = cos[ring + int(share)], sin[ring + int(share)]
            else:
                c, s = np.cos(turn), np.sin(turn)
            radial, up = normals[level]
            face_normals.append(np.stack([radial * c, radial * s, np.full(segments, up)], axis=-1))
            face_uvs.append(np.stack([(ring + share) / segments, np.full(segments, v[level])], axis=-1))
        indices.append(np.stack(face_indices, axis=1).ravel())
        corner_normals.append(np.stack(face_normals, axis=1).reshape(-1, 3))
        uvs.append(np.stack(face_uvs, axis=1).reshape(-1, 2))
    return Shape(
        points, np.concatenate(counts), np.concatenate(indices), np.concatenate(corner_normals), np.concatenate(uvs)
    )


def _circle(segments: int) -> Float64:
    angle = np.arange(segments) * (2.0 * np.pi / segments)
    return np.stack([np.cos(angle), np.sin(angle), np.zeros(segments)], axis=1)


def _cap(height: float) -> Shape:
    """The disk at a height, facing away from the middle."""
    top, lift = disk(), np.array([0.0, 0.0, height])
    if height > 0:
        return Shape(top.points + lift, top.counts, top.indices, top.normals, top.uvs)
    mirror = np.array([1.0, -1.0, -1.0])
    return Shape(top.points * mirror + lift, top.counts, top.indices, top.normals * mirror, top.uvs)


SHAPES: dict[str, Callable[[], Shape]] = {
    "Cube": cache(cube),
    "Sphere": cache(sphere),
    "Cylinder": cache(cylinder),
    "Cone": cache(cone),
    "Torus": cache(torus),
    "Disk": cache(disk),
    "Plane": cache(plane),
}
"""Each is made once; its arrays are not to be written to."""
