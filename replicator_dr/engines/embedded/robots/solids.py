"""Links and other prims as shapes of the Flexible Collision Library: its own where USD has the same, else triangles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded.robots.rotations import about
from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable, read_geometry
from replicator_dr.errors import UnsupportedError

Float64 = NDArray[np.float64]

_RIGID = 1e-6
_SIZES = {
    "Cube": ("size",),
    "Sphere": ("radius",),
    "Capsule": ("radius", "height"),
    "Cylinder": ("radius", "height"),
}


@dataclass(frozen=True)
class Form:
    """What a prim draws, in its own frame, kept without the stage.

    kind, sizes, axis: of a USD shape; kind "" for meshes and other shapes. points: (N, 3). triangles: (T, 3).
    """

    kind: str
    sizes: tuple[float, ...]
    axis: str
    points: Float64
    triangles: NDArray[np.int32]


@dataclass(frozen=True)
class Solid:
    """A shape in the frame of what it belongs to. place: (4, 4), rigid. centre (3,), radius: a ball around it.

    kind, sizes: one of FCL's shapes, or "" for triangles.
    """

    kind: str
    sizes: tuple[float, ...]
    points: Float64
    triangles: NDArray[np.int32]
    place: Float64
    centre: Float64
    radius: float

    def shape(self) -> Any:
        """FCL's shape."""
        if self.kind:
            return getattr(fcl(), self.kind)(*self.sizes)
        model = fcl().BVHModel()
        model.beginModel(len(self.triangles), len(self.points))
        model.addSubModel(self.points, self.triangles)
        model.endModel()
        return model


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
    forms = [(form_of(prim, assets), matrix) for prim, matrix in colliding or shown]
    return [solid(form, matrix) for form, matrix in forms if len(form.triangles)]


def drawn_points(stage: Usd.Stage, path: str, others: set[str], assets: AssetCache) -> Float64:
    """(N, 3): the vertices of what a link draws, in its frame."""
    clouds = [
        form_of(prim, assets).points @ matrix[:3, :3] + matrix[3, :3]
        for prim, matrix in _shapes(stage, path, others)
        if is_shown(prim)
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


def form_of(prim: Usd.Prim, assets: AssetCache) -> Form:
    """What a shape or mesh draws; without triangles where it has no faces."""
    meshes = read_geometry(prim, assets).meshes
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    points = [mesh.points.astype(np.float64) for mesh in meshes]
    triangles = [mesh.triangles + start for mesh, start in zip(meshes, starts)]
    kind = str(prim.GetTypeName())
    axis = prim.GetAttribute("axis")
    return Form(
        kind if kind in _SIZES else "",
        tuple(float(prim.GetAttribute(name).Get()) for name in _SIZES.get(kind, ())),
        str(axis.Get()) if axis else "Z",
        np.concatenate([np.zeros((0, 3)), *points]),
        np.concatenate([np.zeros((0, 3), np.int32), *triangles]).astype(np.int32),
    )


def solid(form: Form, matrix: Float64) -> Solid:
    """The solid of a form at a place (4, 4), whatever its scale."""
    points = form.points @ matrix[:3, :3] + matrix[3, :3]
    low, high = points.min(axis=0), points.max(axis=0)
    centre = 0.5 * (low + high)
    radius = float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))
    exact = _exact(form, matrix)
    if exact is None:
        return Solid("", (), np.ascontiguousarray(points), form.triangles, np.eye(4), centre, radius)
    # Polygons lie inside the round shapes that they stand for.
    return Solid(*exact[:2], np.zeros((0, 3)), np.zeros((0, 3), np.int32), exact[2], centre, 1.01 * radius)


def _exact(form: Form, matrix: Float64) -> tuple[str, tuple[float, ...], Float64] | None:
    """FCL's own shape and its place (4, 4), where the scale leaves the form one."""
    scale = np.linalg.norm(matrix[:3, :3], axis=1)
    place = matrix.copy()
    place[:3, :3] = matrix[:3, :3] / scale[:, None]
    rigid = np.allclose(place[:3, :3] @ place[:3, :3].T, np.eye(3), atol=_RIGID) and np.linalg.det(matrix[:3, :3]) > 0
    if not rigid or not form.kind:
        return None
    if form.kind == "Cube":
        return "Box", tuple(float(value) for value in form.sizes[0] * scale), place
    if not np.allclose(scale, scale[0], rtol=_RIGID):
        return None
    sizes = tuple(size * float(scale[0]) for size in form.sizes)
    return form.kind, sizes, place if form.kind == "Sphere" else _upright(form.axis) @ place


def _upright(axis: str) -> Float64:
    """(4, 4): from FCL's frame, whose axis is Z, to that of a shape along X, Y or Z."""
    turn = {"X": ((0.0, 1.0, 0.0), 90.0), "Y": ((1.0, 0.0, 0.0), -90.0), "Z": ((1.0, 0.0, 0.0), 0.0)}[axis]
    return about(np.array(turn[0]), np.array(turn[1]))
