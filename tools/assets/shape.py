"""A mesh while it is being modelled: faces in metres, Z up, with texture coordinates, and a material's name each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TINY = 1e-10
"""Twice the area [m2] below which a face is dropped: single precision has no normal for it."""


@dataclass(frozen=True)
class Shape:
    """Triangles as corners. corners: (T, 3, 3) [m], counter-clockwise from outside; uvs: (T, 3, 2), origin bottom left.

    crease: angle [degrees] above which two faces meet in a sharp edge.
    """

    corners: Array
    uvs: Array
    material: str = ""
    crease: float = 40.0

    def paint(self, material: str) -> Shape:
        """The same shape in another material."""
        return replace(self, material=material)

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Shape:
        """Shifted [m]."""
        return replace(self, corners=self.corners + np.array([x, y, z]))

    def turned(self, axis: str, degrees: float) -> Shape:
        """Turned about an axis of the world, counter-clockwise seen from its tip."""
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        angle = np.radians(degrees)
        corners = self.corners.copy()
        first, second = self.corners[..., i], self.corners[..., j]
        corners[..., i] = np.cos(angle) * first - np.sin(angle) * second
        corners[..., j] = np.sin(angle) * first + np.cos(angle) * second
        return replace(self, corners=corners)

    def scaled(self, x: float, y: float, z: float) -> Shape:
        """Stretched along the axes (positive factors)."""
        return replace(self, corners=self.corners * np.array([x, y, z]))

    def mapped(self, metres: float) -> Shape:
        """Texture coordinates from the place of each face along its main axis: one picture per ``metres``."""
        normal = np.abs(face_normals(self.corners))
        main = np.argmax(normal, axis=1)
        planes = np.array([[1, 2], [0, 2], [0, 1]])[main]
        uvs = np.take_along_axis(self.corners, np.repeat(planes[:, None, :], 3, axis=1), axis=2) / metres
        return replace(self, uvs=uvs)

    def skin(self, u: tuple[float, float], v: tuple[float, float]) -> Shape:
        """The 0..1 texture coordinates put into a part of the picture."""
        low, high = np.array([u[0], v[0]]), np.array([u[1], v[1]])
        return replace(self, uvs=low + self.uvs * (high - low))


def face_normals(corners: Array) -> Array:
    """(T, 3) unit normals; zero for faces of next to no area."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.asarray(np.divide(normal, length, out=np.zeros_like(normal), where=length > TINY))


def join(shapes: Iterable[Shape]) -> list[Shape]:
    """One shape for each material and crease, in order of first appearance."""
    groups: dict[tuple[str, float], list[Shape]] = {}
    for shape in shapes:
        groups.setdefault((shape.material, shape.crease), []).append(shape)
    return [
        Shape(np.concatenate([s.corners for s in group]), np.concatenate([s.uvs for s in group]), *key)
        for key, group in groups.items()
    ]


@dataclass(frozen=True)
class Indexed:
    """A mesh as files want it: one row for each vertex that differs in place, normal or texture coordinate."""

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    uvs: NDArray[np.float32]
    triangles: NDArray[np.int32]


def index(shape: Shape) -> Indexed:
    """Smooth normals across edges flatter than the crease, weighted by area; then equal vertices merged."""
    normal = face_normals(shape.corners)
    solid = np.linalg.norm(normal, axis=1) > 0.5
    corners, uvs, normal = shape.corners[solid], shape.uvs[solid], normal[solid]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    places = np.round(corners.reshape(-1, 3) * 1e6).astype(np.int64)
    _, place = np.unique(places, axis=0, return_inverse=True)
    order = np.argsort(place, kind="stable")
    bounds = np.flatnonzero(np.diff(place[order])) + 1
    smooth = np.empty((len(place), 3))
    limit = np.cos(np.radians(shape.crease)) - 1e-9
    for around in np.split(order, bounds):
        faces = around // 3
        near = normal[faces] @ normal[faces].T >= limit
        smooth[around] = near @ (normal[faces] * area[faces, None])
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-14)
    key = np.column_stack([places, np.round(smooth * 1e3), np.round(uvs.reshape(-1, 2) * 1e5)]).astype(np.int64)
    _, first, vertex = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return Indexed(
        points=corners.reshape(-1, 3)[first].astype(np.float32),
        normals=smooth[first].astype(np.float32),
        uvs=uvs.reshape(-1, 2)[first].astype(np.float32),
        triangles=vertex.reshape(-1, 3).astype(np.int32),
    )
