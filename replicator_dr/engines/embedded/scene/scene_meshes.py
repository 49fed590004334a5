"""UsdGeom meshes and shapes as polygons, and these as the renderer's triangles (``triangulation.py``)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.primitives import Shape, capsule, cube, join, plane, revolve, sphere
from replicator_dr.engines.embedded.scene.triangulation import Polygons, digest_of, triangulate
from replicator_dr.engines.embedded.skeletons.read import Binding, binding_of, posed
from replicator_dr.errors import AssetError
from replicator_dr.render.scene import Mesh

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

SHAPE_TYPES = ("Cube", "Sphere", "Cylinder", "Cone", "Capsule", "Plane")


@dataclass(frozen=True)
class Geometry:
    """What a prim draws: a mesh for each part, and the GeomSubset that the part stands for ("" = the prim itself)."""

    meshes: tuple[Mesh, ...]
    subsets: tuple[str, ...]


def is_drawable(prim: Usd.Prim) -> bool:
    """Meshes and UsdGeom's shapes."""
    return prim.IsA(UsdGeom.Mesh) or prim.GetTypeName() in SHAPE_TYPES


def read_geometry(prim: Usd.Prim, assets: AssetCache, colors: bool = False, bound: bool = False) -> Geometry:
    """The triangles of a Mesh or shape prim; no parts where it has no faces. Raises AssetError for broken meshes.

    colors: with the mesh's displayColor at its vertices. bound: a mesh that joints move as it is bound to them, with
    its ``skin``, rather than in the pose that the stage shows.
    """
    subsets, binding = [""], binding_of(prim)
    if prim.IsA(UsdGeom.Mesh):
        polygons, subsets = _read_mesh(prim, colors, binding)
    else:
        polygons = _polygons(_shape(prim), _double_sided(prim))
    if binding is not None:
        polygons = replace(polygons, skin=binding.skin(len(polygons.points)))
    if len(polygons.counts) == 0 or len(polygons.points) == 0:
        return Geometry((), ())
    key = digest_of(polygons)
    meshes = assets.meshes(key, lambda: triangulate(polygons, str(prim.GetPath())))
    if binding is not None and polygons.skin is not None and not bound:
        meshes = _posed(meshes, key, binding, assets)
    kept = [(mesh, subset) for mesh, subset in zip(meshes, subsets) if len(mesh.triangles)]
    return Geometry(tuple(mesh for mesh, _ in kept), tuple(subset for _, subset in kept))


def _posed(meshes: tuple[Mesh, ...], key: bytes, binding: Binding, assets: AssetCache) -> tuple[Mesh, ...]:
    """The meshes of a prim in the pose that its skeleton shows: once for all copies that have it."""
    matrices = binding.matrices()
    pose = b"".join((key, binding.method.encode(), *(m.tobytes() for m in (matrices, binding.base, binding.to_mesh))))
    return assets.meshes(pose, lambda: tuple(posed(mesh, binding, matrices) for mesh in meshes))


def _double_sided(prim: Usd.Prim) -> bool:
    return bool(UsdGeom.Gprim(prim).GetDoubleSidedAttr().Get())


def _read_mesh(prim: Usd.Prim, colors: bool, binding: Binding | None) -> tuple[Polygons, list[str]]:
    mesh = UsdGeom.Mesh(prim)
    counts = _ints(mesh.GetFaceVertexCountsAttr().Get())
    subsets, parts = [""], []
    rest = np.ones(len(counts), dtype=bool)
    for subset in UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets():
        faces = _ints(subset.GetIndicesAttr().Get())
        if len(faces) and (faces.min() < 0 or faces.max() >= len(counts)):
            raise AssetError(f"{subset.GetPath()}: names face {int(faces.max())} of a mesh with {len(counts)} faces")
        rest[faces] = False
        subsets.append(str(subset.GetPath()))
        parts.append(faces)
    points, indices = _floats(mesh.GetPointsAttr().Get(), 3), _ints(mesh.GetFaceVertexIndicesAttr().Get())
    sizes = {"constant": 1, "uniform": len(counts), "vertex": len(points), "corner": len(indices)}
    authored = points
    if binding is not None:
        points = binding.blended(points)
    first = None if rest.all() else np.flatnonzero(rest).astype(np.int32)
    polygons = Polygons(
        points=points,
        counts=counts,
        indices=indices,
        normals=_normals(mesh) if points is authored else None,
        uvs=_texture_coordinates(prim),
        colors=_display_colors(prim, sizes) if colors else None,
        left_handed=mesh.GetOrientationAttr().Get() == UsdGeom.Tokens.leftHanded,
        holes=_ints(mesh.GetHoleIndicesAttr().Get()),
        double_sided=_double_sided(prim),
        parts=(first, *parts),
    )
    return polygons, subsets


def _ints(value: object) -> Int32:
    return np.array(value if value is not None else [], dtype=np.int32).reshape(-1)


def _floats(value: object, width: int) -> Float32:
    return np.array(value if value is not None else [], dtype=np.float32).reshape(-1, width)


_SPREAD = {
    "constant": "constant",
    "uniform": "uniform",
    "vertex": "vertex",
    "varying": "vertex",
    "faceVarying": "corner",
}


def _normals(mesh: UsdGeom.Mesh) -> tuple[Float32, str] | None:
    primvar = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("normals")
    if primvar and primvar.HasValue():
        return _floats(primvar.ComputeFlattened(), 3), _SPREAD[primvar.GetInterpolation()]
    value = mesh.GetNormalsAttr().Get()
    return None if not value else (_floats(value, 3), _SPREAD[mesh.GetNormalsInterpolation()])


def _texture_coordinates(prim: Usd.Prim) -> tuple[Float32, str] | None:
    """``primvars:st``, else the first primvar of texture coordinates."""
    texture = (
        Sdf.ValueTypeNames.TexCoord2fArray,
        Sdf.ValueTypeNames.TexCoord2dArray,
        Sdf.ValueTypeNames.TexCoord2hArray,
    )
    plain = (Sdf.ValueTypeNames.Float2Array, *texture)
    primvars = UsdGeom.PrimvarsAPI(prim).FindPrimvarsWithInheritance()
    found = [p for p in primvars if p.GetPrimvarName() == "st" and p.GetTypeName() in plain]
    found += [p for p in primvars if p.GetTypeName() in texture]
    for primvar in found:
        if primvar.HasValue():
            return _floats(primvar.ComputeFlattened(), 2), _SPREAD[primvar.GetInterpolation()]
    return None


def _display_colors(prim: Usd.Prim, sizes: dict[str, int]) -> tuple[Float32, str] | None:
    """displayColor, inherited ones too; None where there are not as many colours as their interpolation needs."""
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance("displayColor")
    if not primvar or not primvar.HasValue():
        return None
    how, values = _SPREAD[primvar.GetInterpolation()], _floats(primvar.ComputeFlattened(), 3)
    return (values, how) if len(values) == sizes[how] else None


def _shape(prim: Usd.Prim) -> Shape:
    """A UsdGeom shape as polygons, at its own size and along its own axis."""

    def get(name: str) -> float:
        return float(prim.GetAttribute(name).Get())

    kind = prim.GetTypeName()
    if kind == "Cube":
        return _scaled(cube(), (get("size"),) * 3)
    if kind == "Sphere":
        return _scaled(sphere(), (2.0 * get("radius"),) * 3)
    axis = str(prim.GetAttribute("axis").Get())
    if kind == "Plane":
        width, length = get("width"), get("length")
        size = {"Z": (width, length, 1.0), "X": (length, width, 1.0), "Y": (width, length, 1.0)}[axis]
        return _along(_scaled(plane(), size), axis)
    if kind == "Capsule":
        return _along(capsule(get("radius"), get("height")), axis)
    radius, half = get("radius"), 0.5 * get("height")
    top = 0.0 if kind == "Cone" else radius
    normal = np.array([2.0 * half, radius - top])
    normal /= np.linalg.norm(normal)
    profile = np.array([[0.0, -half], [radius, -half], [radius, -half], [top, half], [top, half], [0.0, half]])
    normals = np.array([[0.0, -1.0], [0.0, -1.0], normal, normal, [0.0, 1.0], [0.0, 1.0]])
    pieces = [slice(0, 2), slice(2, 4)] + ([slice(4, 6)] if kind == "Cylinder" else [])
    shapes = [revolve(profile[piece], normals[piece]) for piece in pieces]
    return _along(join(*shapes), axis)


def _scaled(shape: Shape, size: tuple[float, float, float]) -> Shape:
    return Shape(shape.points * size, shape.counts, shape.indices, shape.normals, shape.uvs)


def _along(shape: Shape, axis: str) -> Shape:
    """Turn a shape made along Z onto another axis, cyclically, so that it keeps its handedness."""
    turn = {"X": [2, 0, 1], "Y": [1, 2, 0], "Z": [0, 1, 2]}[axis]
    return Shape(shape.points[:, turn], shape.counts, shape.indices, shape.normals[:, turn], shape.uvs)


def _polygons(shape: Shape, double_sided: bool) -> Polygons:
    return Polygons(
        shape.points.astype(np.float32), shape.counts.astype(np.int32), shape.indices.astype(np.int32),
        (shape.normals.astype(np.float32), "corner"), (shape.uvs.astype(np.float32), "corner"),
        None, False, np.zeros(0, dtype=np.int32), double_sided, (None,),
    )  # fmt: skip
