"""Flat outlines cut out of a sheet: extrusion with holes, and the shapes of gears, stars and hexagons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.assets.shape import Array, Shape


def extrude(outer: Array, height: float, holes: Sequence[Array] = ()) -> Shape:
    """A sheet of that height on z = 0. outer, holes: (N, 2) [m], counter-clockwise, without repeated last point."""
    outline = _bridge(outer, holes)
    triangles = _ears(outline)
    flat = outline[triangles]
    top = np.concatenate([flat, np.full((*flat.shape[:2], 1), height)], axis=2)
    bottom = np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=2)[:, ::-1]
    sides = [_wall(loop, height) for loop in (outer, *(hole[::-1] for hole in holes))]
    corners = np.concatenate([top, bottom, *sides])
    return Shape(corners, corners[..., :2].copy())


def circle(radius: float, segments: int = 32, centre: tuple[float, float] = (0.0, 0.0)) -> Array:
    """(N, 2) points on a circle."""
    angle = 2 * np.pi * np.arange(segments) / segments
    return np.asarray(radius * np.column_stack([np.cos(angle), np.sin(angle)]) + np.array(centre))


def gear(teeth: int, root: float, tip: float) -> Array:
    """Trapezoidal teeth: eight points a tooth between the root and the tip radius."""
    share = np.array([0.0, 0.14, 0.26, 0.36, 0.5, 0.64, 0.74, 0.86])
    radius = np.array([root, root, (root + tip) / 2, tip, tip, tip, (root + tip) / 2, root])
    angle = 2 * np.pi * (np.arange(teeth)[:, None] + share[None, :]) / teeth
    radii = np.broadcast_to(radius, angle.shape).ravel()
    return np.asarray(radii[:, None] * np.column_stack([np.cos(angle.ravel()), np.sin(angle.ravel())]))


def lobes(count: int, inner: float, outer: float, segments: int = 96) -> Array:
    """A star with round points, as of a hand knob."""
    angle = 2 * np.pi * np.arange(segments) / segments
    radius = inner + (outer - inner) * (0.5 + 0.5 * np.cos(count * angle)) ** 0.7
    return np.asarray(radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


def _wall(loop: Array, height: float) -> Array:
    following = np.roll(loop, -1, axis=0)
    zeros, tops = np.zeros((len(loop), 1)), np.full((len(loop), 1), height)
    a, b = np.hstack([loop, zeros]), np.hstack([following, zeros])
    c, d = np.hstack([following, tops]), np.hstack([loop, tops])
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])


def _bridge(outer: Array, holes: Sequence[Array]) -> Array:
    """One outline for all: each hole joined to the outline by a double edge between their nearest points."""
    outline = outer
    for hole in sorted(holes, key=lambda loop: -float(loop[:, 0].max())):
        backwards = hole[::-1]
        distance = np.linalg.norm(outline[:, None] - backwards[None], axis=2)
        i, j = np.unravel_index(int(np.argmin(distance)), distance.shape)
        inside = np.concatenate([np.roll(backwards, -j, axis=0), backwards[j : j + 1]])
        outline = np.concatenate([outline[: i + 1], inside, outline[i:]])
    return outline


def _ears(outline: Array) -> Array:
    """(T, 3) corners by ear clipping (G. Meisters, "Polygons Have Ears", 1975); fine for a few hundred points."""
    left = list(range(len(outline)))
    triangles = []
    while len(left) > 3:
        for k, tip in enumerate(left):
            before, after = left[k - 1], left[(k + 1) % len(left)]
            a, b, c = outline[before], outline[tip], outline[after]
            if _turn(a, b, c) <= 1e-15:
                continue
            others = outline[[i for i in left if i not in (before, tip, after)]]
            at_corner = np.any([np.isclose(others, corner).all(1) for corner in (a, b, c)], axis=0)
            others = others[~at_corner]
            if len(others) and bool(_inside(others, a, b, c).any()):
                continue
            triangles.append((before, tip, after))
            del left[k]
            break
        else:
            raise ValueError(f"the outline crosses itself: {len(left)} of {len(outline)} points left without an ear")
    triangles.append((left[0], left[1], left[2]))
    return np.array(triangles)


def _turn(a: Array, b: Array, c: Array) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _inside(points: Array, a: Array, b: Array, c: Array) -> NDArray[np.bool_]:
    def side(p: Array, q: Array) -> Array:
        return np.asarray((q[0] - p[0]) * (points[:, 1] - p[1]) - (q[1] - p[1]) * (points[:, 0] - p[0]))

    return (side(a, b) >= 0) & (side(b, c) >= 0) & (side(c, a) >= 0)
