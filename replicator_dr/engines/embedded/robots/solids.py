"""Links and other prims as shapes of the Flexible Collision Library: its own where USD has the same, else triangles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded.assets import AssetCache
from replicator_dr.engines.embedded.robots.rotations import about
from replicator_dr.engines.embedded.scene_meshes import is_drawable, read_geometry
from replicator_dr.errors import UnsupportedError

Float64 = NDArray[np.float64]

_RIGID = 1e-6


@dataclass(frozen=True)
class Solid:
    """A shape in the frame of what it belongs to. place: (4, 4), rigid. centre (3,), radius: a ball around it."""

    shape: Any
    place: Float64
    centre: Float64
    radius: float


def fcl() -> Any:
    """The library. UnsupportedError where it is not installed."""
    try:
        import fcl as library
    except ImportError as error:
        raise UnsupportedError(
            "collision_free: needs python-fcl, which is not installed; pip install 'replicator_dr[embedded]'"
        ) from error
    return library


def link_solids(stage: Usd.Stage, path: str, others: set[str], assets: AssetCache) -> list[Solid]:
    """What a link collides with, in its frame: prims with the CollisionAPI where it has any, else what it draws.

    others: prims at which further links begin.
    """
    found = list(_shapes(stage, path, others))
    colliding = [pair for pair in found if pair[0].HasAPI(UsdPhysics.CollisionAPI)]
    shown = [pair for pair in found if is_shown(pair[0])]
    return [made for prim, matrix in colliding or shown if (made := solid(prim, matrix, assets)) is not None]


def drawn_points(stage: Usd.Stage, path: str, others: set[str], assets: AssetCache) -> Float64:
    """(N, 3): the vertices of what a link draws, in its frame."""
    clouds = [
        mesh.points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]
        for prim, matrix in _shapes(stage, path, others)
        if is_shown(prim)
        for mesh in read_geometry(prim, assets).meshes
    ]
    return np.unique(np.concatenate(clouds), axis=0) if clouds else np.zeros((0, 3))


def is_shown(prim: Usd.Prim) -> bool:
    """Whether cameras see a prim of its purpose."""
    return UsdGeom.Imageable(prim).ComputePurpose() in ("default", "render")


def _shapes(stage: Usd.Stage, path: str, others: set[str]) -> Iterator[tuple[Usd.Prim, Float64]]:
    """What could be drawn at and below a prim, with the way to that prim's frame as authored (4, 4)."""
    root = stage.GetPrimAtPath(path)
    cache = UsdGeom.XformCache()
    inverse = np.linalg.inv(np.array(cache.GetLocalToWorldTransform(root)))
    prims = iter(Usd.PrimRange(root, Usd.TraverseInstanceProxies()))
    for prim in prims:
        if str(prim.GetPath()) in others:
            prims.PruneChildren()
        elif is_drawable(prim):
            yield prim, np.array(cache.GetLocalToWorldTransform(prim)) @ inverse


def solid(prim: Usd.Prim, matrix: Float64, assets: AssetCache) -> Solid | None:
    """The solid of a shape or mesh at a place (4, 4), None for one without faces."""
    meshes = read_geometry(prim, assets).meshes
    if not meshes:
        return None
    points = np.concatenate([mesh.points for mesh in meshes]).astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]
    low, high = points.min(axis=0), points.max(axis=0)
    centre = 0.5 * (low + high)
    radius = float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))
    exact = _exact(prim, matrix)
    if exact is not None:
        # Polygons lie inside the round shapes that they stand for.
        return Solid(*exact, centre, 1.01 * radius)
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts)])
    return Solid(_triangles(points, triangles), np.eye(4), centre, radius)


def _exact(prim: Usd.Prim, matrix: Float64) -> tuple[Any, Float64] | None:
    """FCL's own shape and its place (4, 4), where the prim's scale leaves it one."""
    scale = np.linalg.norm(matrix[:3, :3], axis=1)
    place = matrix.copy()
    place[:3, :3] = matrix[:3, :3] / scale[:, None]
    if not np.allclose(place[:3, :3] @ place[:3, :3].T, np.eye(3), atol=_RIGID) or np.linalg.det(place[:3, :3]) < 0:
        return None
    kind = str(prim.GetTypeName())

    def get(name: str) -> float:
        return float(prim.GetAttribute(name).Get())

    if kind == "Cube":
        return fcl().Box(*(get("size") * scale)), place
    even = np.allclose(scale, scale[0], rtol=_RIGID)
    if kind == "Sphere" and even:
        return fcl().Sphere(get("radius") * scale[0]), place
    if kind in ("Capsule", "Cylinder") and even:
        shape = getattr(fcl(), kind)(get("radius") * scale[0], get("height") * scale[0])
        return shape, _upright(str(prim.GetAttribute("axis").Get())) @ place
    return None


def _upright(axis: str) -> Float64:
    """(4, 4): from FCL's frame, whose axis is Z, to that of a shape along X, Y or Z."""
    turn = {"X": ((0.0, 1.0, 0.0), 90.0), "Y": ((1.0, 0.0, 0.0), -90.0), "Z": ((1.0, 0.0, 0.0), 0.0)}[axis]
    return about(np.array(turn[0]), np.array(turn[1]))


def _triangles(points: Float64, triangles: NDArray[Any]) -> Any:
    model = fcl().BVHModel()
    model.beginModel(len(triangles), len(points))
    model.addSubModel(np.ascontiguousarray(points), np.ascontiguousarray(triangles, dtype=np.int32))
    model.endModel()
    return model
