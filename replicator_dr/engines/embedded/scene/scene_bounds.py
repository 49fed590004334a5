"""Extents of prims in their own frames, from the geometry below them as it stands at rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.hierarchy import Hierarchy
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable, read_geometry
from replicator_dr.engines.embedded.scene.scene_prims import DRAWN_PURPOSES, placed_prims, prims_below, read_instances

Float64 = NDArray[np.float64]


def _directions(count: int) -> Float64:
    """Unit vectors spread over the sphere (Fibonacci's spiral), and the axes and diagonals of a box."""
    turn = np.pi * (3.0 - np.sqrt(5.0)) * np.arange(count)
    height = 1.0 - 2.0 * (np.arange(count) + 0.5) / count
    flat = np.sqrt(1.0 - height * height)
    spiral = np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
    box = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z])
    return np.concatenate([box / np.linalg.norm(box, axis=1, keepdims=True), spiral])


_COARSE, _FINE = _directions(34), _directions(400)

_BLOCK = 1 << 15


@dataclass(frozen=True)
class Extremes:
    """Vertices that lie farthest out, in a prim's own frame.

    hull: (K, 3) float64 in some 400 directions. corners: (k, 3) float64 in some 60, and margin, how far the hull may
    reach beyond these.
    """

    hull: Float64
    corners: Float64
    margin: float


class Bounds:
    """Bounds of prims, worked out when asked for."""

    def __init__(self, stage: Usd.Stage, hierarchy: Hierarchy, assets: AssetCache) -> None:
        self._stage = stage
        self._hierarchy = hierarchy
        self._assets = assets
        self._known: dict[tuple[str, bool], Float64 | None] = {}
        self._extremes: dict[str, Extremes] = {}

    def local(self, path: str, hidden: bool = False) -> Float64 | None:
        """(2, 3) float64, minimum and maximum in the prim's local frame [stage units], None without geometry.

        The prim's own pose does not enter, those of the prims below it do. hidden: count invisible geometry too.
        """
        if (path, hidden) not in self._known:
            points = self.points(path, hidden)
            self._known[path, hidden] = np.stack([points.min(axis=0), points.max(axis=0)]) if len(points) else None
        return self._known[path, hidden]

    def points(self, path: str, hidden: bool = False) -> Float64:
        """(N, 3) float64: all vertices below a prim, in its local frame."""
        root = self._stage.GetPrimAtPath(path)
        clouds: list[Float64] = [np.zeros((0, 3))]
        if root:
            walk = iter(prims_below(root))
            for prim in walk:
                imageable = UsdGeom.Imageable(prim)
                if imageable and not hidden and prim != root and imageable.GetVisibilityAttr().Get() == "invisible":
                    walk.PruneChildren()
                elif prim.IsA(UsdGeom.PointInstancer):
                    walk.PruneChildren()
                    clouds += self._instances(prim, path, hidden)
                elif is_drawable(prim) and imageable.ComputePurpose() in DRAWN_PURPOSES:
                    clouds += self._cloud(prim, path)
        return np.concatenate(clouds)

    def triangles(self, path: str) -> Float64:
        """(T, 3, 3) float64: the corners of all triangles below a prim, hidden ones too, in its local frame."""
        found: list[Float64] = [np.zeros((0, 3, 3))]
        for prim, placed in placed_prims(self._stage.GetPrimAtPath(path), self._hierarchy):
            if is_drawable(prim):
                matrix = self.to_above(path, placed.frame)
                matrix = matrix if placed.offset is None else placed.offset @ matrix
                meshes = read_geometry(prim, self._assets).meshes
                found += [_moved(mesh.points.astype(np.float64), matrix)[mesh.triangles] for mesh in meshes]
        return np.concatenate(found)

    def extremes(self, path: str) -> Extremes:
        """The points that stand for the hull of all geometry below a prim; the origin where there is none."""
        if path not in self._extremes:
            points = self.points(path, hidden=True)
            points = points if len(points) else np.zeros((1, 3))
            hull = np.unique(_outermost(points), axis=0)
            reach = _FINE @ hull.T
            corners = np.unique(hull[np.unique(np.argmax(_COARSE @ hull.T, axis=1))], axis=0)
            margin = float(np.max(reach.max(axis=1) - (_FINE @ corners.T).max(axis=1)))
            self._extremes[path] = Extremes(hull, corners, max(margin, 0.0))
        return self._extremes[path]

    def _cloud(self, prim: Usd.Prim, root: str) -> list[Float64]:
        matrix = self.to_above(root, str(prim.GetPath()))
        return [_moved(mesh.points.astype(np.float64), matrix) for mesh in read_geometry(prim, self._assets).meshes]

    def _instances(self, prim: Usd.Prim, root: str, hidden: bool) -> list[Float64]:
        """The vertices of a point instancer's instances, in the root's frame."""
        matrix = self.to_above(root, str(prim.GetPath()))
        known: dict[str, Float64] = {}
        clouds = []
        for _, prototype, place in read_instances(prim):
            path = str(prototype.GetPath())
            if path not in known:
                imageable = UsdGeom.Imageable(prototype)
                shown = hidden or not imageable or imageable.GetVisibilityAttr().Get() != "invisible"
                known[path] = self.points(path, hidden) if shown else np.zeros((0, 3))
            clouds.append(_moved(known[path], place @ matrix))
        return clouds

    def to_above(self, root: str, path: str) -> Float64:
        """(4, 4): from a prim's local frame to that of a prim above it, or itself, at rest."""
        matrix = np.eye(4)
        while path != root:
            matrix = matrix @ self._hierarchy.rest_local(path)[0]
            path = path.rpartition("/")[0]
        return matrix

    def between(self, path: str, other: str) -> Float64:
        """(4, 4): from a prim's local frame to that of a prim above or below it, or itself, at rest."""
        if path == other or path.startswith(f"{other}/"):
            return self.to_above(other, path)
        return np.asarray(np.linalg.inv(self.to_above(path, other)), np.float64)


def _moved(points: Float64, matrix: Float64) -> Float64:
    return points @ matrix[:3, :3] + matrix[3, :3]


def _outermost(points: Float64) -> Float64:
    """(k, 3): those of points (N, 3) that lie farthest out in one of the fine directions; by blocks, to save memory."""
    kept = [points[:0]]
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        kept.append(block[np.unique(np.argmax(_FINE @ block.T, axis=1))])
    found = np.concatenate(kept)
    return found[np.unique(np.argmax(_FINE @ found.T, axis=1))]
