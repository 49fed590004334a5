"""Rigid bodies as UsdPhysics describes them on the stage, in numbers.

The prim that the graph poses is the body; every collider at or below it belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdPhysics, UsdShade

from replicator_dr.engines.embedded.physics.hulls import decompose, hull_corners
from replicator_dr.engines.embedded.physics.plates import plates
from replicator_dr.engines.embedded.scene.scene_meshes import read_geometry
from replicator_dr.errors import EngineError
from replicator_dr.pool.usd_physics import ANGULAR_DAMPING, LINEAR_DAMPING

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

BOX, BALL, HULL = "box", "ball", "hull"
WATER = 1000.0
"""Density [kg/m3] of what says none, as UsdPhysics has it."""


@dataclass(frozen=True)
class Substance:
    """What a collider is made of. density [kg/m3]; friction and restitution are None where nothing is authored."""

    density: float
    friction: float | None
    restitution: float | None


@dataclass(frozen=True)
class Collider:
    """One convex piece. Lengths are stage units in the frame of the body's prim, before its scale.

    kind: BOX and BALL are the cube of edge 2 and the unit ball in ``frame`` (4, 4), HULL the hull of ``corners``
    (k, 3).
    """

    kind: str
    corners: Float64
    frame: Float64
    substance: Substance


@dataclass(frozen=True)
class Body:
    """A prim with colliders.

    mass [kg], inertia (3,) [kg m2] about axes (4,) [wxyz], and centre (3,) [stage units] are None where they follow
    from the colliders. damping: linear and angular [1/s].
    """

    path: str
    colliders: tuple[Collider, ...]
    mass: float | None = None
    centre: tuple[float, ...] | None = None
    inertia: tuple[float, ...] | None = None
    axes: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)
    damping: tuple[float, float] = (0.0, 0.0)


def read_bodies(plan: Plan, paths: Sequence[str], kind: str, falls: bool) -> list[Body]:
    """The bodies at some prims. EngineError where a prim has no colliders, or holds several bodies."""
    found = _parsed(plan.stage, paths) if paths else {}
    shapes = {path: desc for one, made in found.items() if one.endswith("Shape") for path, desc in made.items()}
    return [_body(plan, plan.prim(path, kind), shapes, found, kind, falls) for path in paths]


def _parsed(stage: Usd.Stage, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{type: {path: description}} of all physics at and below some prims, and of the stage's materials."""
    load = getattr(UsdPhysics, "UsdPhysicsLoadStageFromPrimRange", None) or UsdPhysics.LoadUsdPhysicsFromRange
    found: dict[str, dict[str, Any]] = {}
    for kind, (where, descriptions) in load(stage, [Sdf.Path(path) for path in dict.fromkeys(paths)]).items():
        found[kind.name] = {str(path): one for path, one in zip(where, descriptions)}
    return found


def _body(
    plan: Plan, prim: Usd.Prim, shapes: Mapping[str, Any], found: Mapping[str, Any], kind: str, falls: bool
) -> Body:
    path = str(prim.GetPath())
    inside = [other for other in found.get("RigidBody", {}) if _within(other, path)]
    if falls and len(inside) > 1:
        raise EngineError(
            f"{kind}: {path} holds {len(inside)} rigid bodies ({', '.join(inside[:3])}); joints are not simulated, so "
            "give each of them as an item of its own"
        )
    holder = plan.prim(inside[0], kind) if inside else prim
    mass = UsdPhysics.MassAPI(holder)
    density = _said(mass.GetDensityAttr())
    colliders = []
    for where, shape in shapes.items():
        if _within(where, path) and shape.collisionEnabled:
            colliders += _colliders(plan, path, where, shape, density, falls)
    if not colliders:
        raise EngineError(
            f"{kind}: {path} has no colliders; give it physics: {{}}, or UsdPhysicsCollisionAPI on its meshes"
        )
    placed = plan.bounds.between(str(holder.GetPath()), path)
    centre, inertia, axes = (_said(a) for a in (
        mass.GetCenterOfMassAttr(), mass.GetDiagonalInertiaAttr(), mass.GetPrincipalAxesAttr()
    ))  # fmt: skip
    if centre is not None and not np.isfinite(np.array(centre)).all():
        centre = None
    return Body(
        path=path,
        colliders=tuple(colliders),
        mass=_said(mass.GetMassAttr()) or None,
        centre=None if centre is None else tuple(np.append(np.array(centre), 1.0) @ placed)[:3],
        inertia=tuple(inertia) if inertia is not None and any(inertia) else None,
        axes=(axes.GetReal(), *axes.GetImaginary()) if axes is not None and axes.GetLength() > 0 else (1.0, 0, 0, 0),
        damping=(_number(holder, LINEAR_DAMPING), _number(holder, ANGULAR_DAMPING)),
    )


def _colliders(plan: Plan, root: str, path: str, shape: Any, density: float | None, falls: bool) -> list[Collider]:
    """The convex pieces of one prim, which collides as ``shape``, its description, says."""
    prim = plan.prim(path, "physics")
    substance = _substance(prim, density, plan.hierarchy.unit)
    frame = plan.bounds.between(path, root)
    kind = prim.GetTypeName()
    if kind in ("Cube", "Sphere"):
        size = UsdGeom.Cube(prim).GetSizeAttr() if kind == "Cube" else UsdGeom.Sphere(prim).GetRadiusAttr()
        half = size.Get() * (0.5 if kind == "Cube" else 1.0)
        return [_round(kind == "Cube", np.full(3, half), np.zeros(3), frame, substance)]
    meshes = read_geometry(prim, plan.assets).meshes
    if not meshes:
        return []
    points = np.concatenate([mesh.points for mesh in meshes]).astype(np.float64)
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    triangles = np.concatenate([mesh.triangles.astype(np.int64) + start for mesh, start in zip(meshes, starts)])
    approximation = str(getattr(shape, "approximation", "none" if kind == "Plane" else "convexHull"))
    low, high = points.min(axis=0), points.max(axis=0)
    if approximation == "boundingCube":
        return [_round(True, np.maximum(0.5 * (high - low), 1e-9), 0.5 * (low + high), frame, substance)]
    if approximation == "boundingSphere":
        middle = 0.5 * (low + high)
        radius = np.linalg.norm(points - middle, axis=1).max()
        return [_round(False, np.full(3, radius), middle, frame, substance)]
    points = points @ frame[:3, :3] + frame[3, :3]
    if approximation == "convexDecomposition":
        clouds = decompose(points, triangles)
    elif approximation in ("none", "meshSimplification") and not falls:
        clouds = _surface(points, triangles, plan.hierarchy.rest_world(root)[:3, :3])
    else:  # PhysX takes the hull of what moves, too
        clouds = [hull_corners(points)]
    return [Collider(HULL, corners, np.eye(4), substance) for corners in clouds]


def _substance(prim: Usd.Prim, density: float | None, unit: float) -> Substance:
    """Of a collider. density: what its body says [kg a cubic stage unit].

    The collider's own stands before it, its material's after it.
    """
    material = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial("physics")[0].GetPrim()
    own = _said(UsdPhysics.MassAPI(prim).GetDensityAttr())
    if not material or not material.HasAPI(UsdPhysics.MaterialAPI):
        return Substance(float(own or density or 0) / unit**3 or WATER, None, None)
    made = UsdPhysics.MaterialAPI(material)
    authored = own or density or _said(made.GetDensityAttr()) or 0
    friction = [_said(made.GetDynamicFrictionAttr()), _said(made.GetStaticFrictionAttr())]
    return Substance(
        density=float(authored) / unit**3 or WATER,
        friction=next((value for value in friction if value is not None), None),
        restitution=_said(made.GetRestitutionAttr()),
    )


def _round(box: bool, half: Float64, middle: Float64, frame: Float64, substance: Substance) -> Collider:
    """A box or ball with half sizes (3,) about a point (3,) of the frame (4, 4)."""
    own = np.diag([*half, 1.0])
    own[3, :3] = middle
    return Collider(BOX if box else BALL, np.zeros((0, 3)), own @ frame, substance)


def _surface(points: Float64, triangles: NDArray[np.int64], world: Float64) -> list[Float64]:
    """Plates of a surface, made in metres, in which thicknesses are meant. world: (3, 3) of the body at rest."""
    outward = triangles if np.linalg.det(world) > 0 else triangles[:, ::-1]
    back: Float64 = np.linalg.inv(world).astype(np.float64)
    return [corners @ back for corners in plates(points @ world, outward)]


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")


def _said(attribute: Any) -> Any:
    """An attribute's value where one is authored, else None."""
    return attribute.Get() if attribute and attribute.HasAuthoredValue() else None


def _number(prim: Usd.Prim, name: str) -> float:
    attribute = prim.GetAttribute(name)
    return float((attribute.Get() if attribute else 0.0) or 0.0)
