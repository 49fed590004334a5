"""Shapes to build with: boxes, turned bodies, lofts through rings, extruded outlines, tubes along paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.assets.shape import Array, Shape

BOX_FACES = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
    ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
)
"""The outward normal, u and v axis of the six faces of a box."""


def quads(points: Array, uvs: Array) -> Shape:
    """Triangles of a grid of points (rows, columns, 3): u along columns, v along rows, front where u x v points."""
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]
    ua, ub, uc, ud = uvs[:-1, :-1], uvs[:-1, 1:], uvs[1:, 1:], uvs[1:, :-1]
    corners = np.stack([np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)], axis=2)
    coordinates = np.stack([np.stack([ua, ub, uc], axis=2), np.stack([ua, uc, ud], axis=2)], axis=2)
    return Shape(corners.reshape(-1, 3, 3), coordinates.reshape(-1, 3, 2))


def box(x: float, y: float, z: float) -> Shape:
    """A box of that size standing on z = 0, centred in x and y; each face shows the whole picture upright."""
    return rounded_box(x, y, z, 0.0, 1)


def rounded_box(x: float, y: float, z: float, radius: float, steps: int = 3) -> Shape:
    """A box with rounded edges; ``steps`` segments for each quarter of an edge (1 with radius 0: a plain box)."""
    half = np.array([x, y, z]) / 2
    core = half - radius
    shapes = []
    bend = np.tan(np.linspace(-np.pi / 4, np.pi / 4, 2 * steps + 1))
    for normal, across, up in (np.array(face, dtype=float) for face in BOX_FACES):
        if radius == 0.0:
            line = np.array([-1.0, 1.0])
            s, t = np.meshgrid(line, line)
            direction = normal + s[..., None] * across + t[..., None] * up
            points = direction * half
            u, v = (s + 1) / 2, (t + 1) / 2
        else:
            line = np.concatenate([bend[: steps + 1], bend[steps:]])
            side = np.concatenate([-np.ones(steps + 1), np.ones(steps + 1)])
            s, t = np.meshgrid(line, line)
            corner_s, corner_t = np.meshgrid(side, side)
            bent = normal + s[..., None] * across + t[..., None] * up
            bent /= np.linalg.norm(bent, axis=-1, keepdims=True)
            corner = normal + corner_s[..., None] * across + corner_t[..., None] * up
            points = corner * core + radius * bent
            u = points @ across / (2 * np.abs(half @ np.abs(across))) + 0.5
            v = points @ up / (2 * np.abs(half @ np.abs(up))) + 0.5
        shapes.append(quads(points, np.stack([u, v], axis=-1)))
    corners = np.concatenate([shape.corners for shape in shapes])
    return Shape(corners, np.concatenate([shape.uvs for shape in shapes])).moved(z=z / 2)


def loft(rings: Sequence[Array] | Array, closed: bool = False) -> Shape:
    """A skin through rings (each (N, 3), counter-clockwise seen from where the next ring lies), first to last.

    closed: the last ring is joined to the first. v is the way along the skin, u the way round.
    """
    points = np.array(rings)
    if closed:
        points = np.concatenate([points, points[:1]])
    points = np.concatenate([points, points[:, :1]], axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1))])
    v = travelled / max(travelled[-1], 1e-12)
    u = np.linspace(0.0, 1.0, points.shape[1])
    uvs = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1)
    return quads(points, uvs)


def ring(radius: float, z: float, segments: int, square: float = 0.0, corner: float = 0.2) -> Array:
    """(N, 3) ring at height z: a circle, or for ``square`` = 1 a square of half width ``radius`` with round corners.

    corner: radius of the corners as a share of the half width.
    """
    angle = 2 * np.pi * np.arange(segments) / segments
    direction = np.column_stack([np.cos(angle), np.sin(angle)])
    flat = _rounded_square(direction, corner)
    outline = radius * ((1 - square) * direction + square * flat)
    return np.column_stack([outline, np.full(segments, z)])


def _rounded_square(direction: Array, corner: float) -> Array:
    """Where rays from the centre meet the square of half width 1 with rounded corners."""
    x, y = np.abs(direction[:, 0]), np.abs(direction[:, 1])
    length = 1.0 / np.maximum(x, y)
    inner = 1.0 - corner
    beyond = (length * np.minimum(x, y)) > inner
    along = inner * (x + y)
    reach = along + np.sqrt(np.maximum(along**2 - (2 * inner**2 - corner**2), 0.0))
    return np.asarray(direction * np.where(beyond, reach, length)[:, None])


def turned_body(profile: Sequence[tuple[float, float]], segments: int = 32, closed: bool = False) -> Shape:
    """A body of revolution about Z through (radius, height) points, listed upward for an outer skin."""
    return loft([ring(radius, height, segments) for radius, height in profile], closed)


def cylinder(radius: float, height: float, segments: int = 24, bevel: float = 0.0) -> Shape:
    """A solid cylinder on z = 0, with bevelled rims if wished."""
    profile = [(0.0, 0.0), (radius - bevel, 0.0), (radius, bevel), (radius, height - bevel), (radius - bevel, height)]
    return turned_body([*profile, (0.0, height)], segments)


def sphere(radius: float, segments: int = 24) -> Shape:
    """A ball about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    return turned_body([(radius * np.cos(a), radius * np.sin(a)) for a in angle], segments)


def tube(path: Sequence[tuple[float, float, float]] | Array, radius: float, segments: int = 10) -> Shape:
    """A round rod along a path of points, with flat ends; the frame is carried along without twisting."""
    points = np.array(path, dtype=float)
    tangent = np.gradient(points, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(tangent[0], [0.0, 0.0, 1.0] if abs(tangent[0][2]) < 0.9 else [1.0, 0.0, 0.0])
    angle = 2 * np.pi * np.arange(segments) / segments
    rings = []
    for place, forward in zip(points, tangent):
        side = side - forward * (side @ forward)
        side /= np.linalg.norm(side)
        up = np.cross(forward, side)
        rings.append(place + radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up))
    first, last = np.repeat(points[:1], segments, axis=0), np.repeat(points[-1:], segments, axis=0)
    return loft([first, *rings, last])
