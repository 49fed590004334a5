"""A triangle surface as flat convex plates, for what stands still and others fall onto.

Neighbouring triangles are joined as long as their union is flat and convex; each plate gets a thickness behind its
face. So the faces that things touch are the surface's own, whatever its shape.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

THICKNESS = 0.004
"""Metres behind a closed surface's faces: walls are seldom thinner, and what lands comes less deep."""
SHEET = 0.1
"""Metres behind a surface that is one flat sheet, such as a floor."""
FLAT = 3e-4
"""Metres that a plate's corners may lie off its face, which is the plane of its largest part."""
FILLED = 0.985
"""Least share of a plate's outline that its triangles cover."""
_ALIKE = np.cos(np.deg2rad(25.0))


def plates(points: Float64, triangles: Int64) -> list[Float64]:
    """Corner clouds (k, 3) [m] of convex plates. points (V, 3) [m]; triangles (T, 3), counter-clockwise outside."""
    _, first, same = np.unique(np.round(points, 7), axis=0, return_index=True, return_inverse=True)
    points, faces = points[first], same.reshape(-1)[triangles]
    normals = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    areas = 0.5 * np.linalg.norm(normals, axis=1)
    kept = areas > 1e-12
    faces, areas = faces[kept], areas[kept]
    normals = normals[kept] / (2.0 * areas[:, None])
    flat = len(faces) > 0 and bool((normals @ normals[0] > 1 - 1e-6).all())
    depth = SHEET if flat else THICKNESS
    planes = np.concatenate([normals, np.sum(normals * points[faces[:, 0]], axis=1, keepdims=True)], axis=1)
    return [_thick(points[corners], plane, depth) for corners, plane in _joined(points, faces, planes, areas)]


def _thick(corners: Float64, plane: Float64, depth: float) -> Float64:
    """The plate's face, and the same behind it."""
    normal = plane[:3]
    face = corners + (plane[3] - corners @ normal)[:, None] * normal
    return np.concatenate([face, face - depth * normal])


def _joined(points: Float64, faces: Int64, planes: Float64, areas: Float64) -> list[tuple[Int64, Float64]]:
    """(corners, plane (4,)) of the plates: the pair of neighbours with the longest common edge is joined first."""
    corners = dict(enumerate(faces))
    plane = dict(enumerate(planes))
    area = dict(enumerate(areas))
    widest = dict(enumerate(areas))
    beside: dict[int, set[int]] = {i: set() for i in corners}
    queue: list[tuple[float, int, int]] = []
    edges: dict[tuple[int, int], list[int]] = {}
    for i, face in enumerate(faces):
        for a, b in zip(face, np.roll(face, -1)):
            edges.setdefault((min(a, b), max(a, b)), []).append(i)
    for (a, b), owners in edges.items():
        for i in owners:
            for j in owners:
                if i < j:
                    beside[i].add(j)
                    beside[j].add(i)
                    heapq.heappush(queue, (-float(np.linalg.norm(points[a] - points[b])), i, j))
    fresh = len(faces)
    while queue:
        _, i, j = heapq.heappop(queue)
        if i not in corners or j not in corners or plane[i][:3] @ plane[j][:3] < _ALIKE:
            continue
        both = np.union1d(corners[i], corners[j])
        main = i if widest[i] >= widest[j] else j
        if not _is_plate(points[both], plane[main], area[i] + area[j]):
            continue
        near = (beside.pop(i) | beside.pop(j)) - {i, j}
        corners[fresh], plane[fresh], widest[fresh] = both, plane[main], widest[main]
        area[fresh], beside[fresh] = area[i] + area[j], near
        for old in (i, j):
            del corners[old], plane[old], area[old], widest[old]
        for other in near:
            beside[other] -= {i, j}
            beside[other].add(fresh)
            shared = points[np.intersect1d(both, corners[other])]
            length = float(np.linalg.norm(np.ptp(shared, axis=0))) if len(shared) else 0.0
            heapq.heappush(queue, (-length, other, fresh))
        fresh += 1
    return [(corners[i], plane[i]) for i in corners]


def _is_plate(corners: Float64, plane: Float64, area: float) -> bool:
    """Whether a union is flat, and its outline convex."""
    normal = plane[:3]
    if np.abs(corners @ normal - plane[3]).max() > FLAT:
        return False
    across = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    across /= np.linalg.norm(across)
    flat = corners @ np.stack([across, np.cross(normal, across)], axis=1)
    return area >= FILLED * _outline_area(flat)


def _outline_area(points: Float64) -> float:
    """Area of the convex outline of points (k, 2), by the monotone chain (Andrew 1979)."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    chain: list[tuple[float, float]] = []
    for run in (points[order], points[order][::-1]):
        start = len(chain)
        for x, y in run.tolist():
            while len(chain) >= start + 2 and _turn(chain[-2], chain[-1], (x, y)) <= 0:
                chain.pop()
            chain.append((x, y))
        chain.pop()
    outline = np.array(chain)
    x, y = outline[:, 0], outline[:, 1]
    return float(0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
