"""Primitive meshes on the stage."""

from __future__ import annotations

import numpy as np
from pxr import Sdf, Usd, UsdGeom, Vt

from replicator_dr.engines.embedded.scene.primitives import SHAPES, Shape

# UsdGeom's own shapes at create.*'s size. A Cube's size is its edge, a Sphere's radius half a diameter.
_GPRIMS: dict[str, tuple[str, dict[str, float]]] = {
    "Cube": ("Cube", {"size": 1.0}),
    "Sphere": ("Sphere", {"radius": 0.5}),
    "Cylinder": ("Cylinder", {"radius": 0.5, "height": 1.0}),
    "Cone": ("Cone", {"radius": 0.5, "height": 1.0}),
}


def author_primitive(stage: Usd.Stage, path: str, kind: str, unit: float, as_mesh: bool = True) -> Usd.Prim:
    """A primitive of ``unit`` stage units (1 m): a Mesh, or UsdGeom's own shape where ``as_mesh`` is False."""
    if as_mesh:
        return author_mesh(stage, path, SHAPES[kind](), unit)
    type_name, attributes = _GPRIMS[kind]
    prim = stage.DefinePrim(path, type_name)
    for name, value in attributes.items():
        prim.GetAttribute(name).Set(value * unit)
    half = 0.5 * unit
    UsdGeom.Boundable(prim).CreateExtentAttr([(-half, -half, -half), (half, half, half)])
    return prim


def author_mesh(stage: Usd.Stage, path: str, shape: Shape, unit: float) -> Usd.Prim:
    """A polygon mesh with face-varying normals and ``primvars:st``."""
    mesh = UsdGeom.Mesh.Define(stage, path)
    points = (shape.points * unit).astype(np.float32)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(shape.counts.astype(np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(shape.indices.astype(np.int32)))
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(shape.normals.astype(np.float32)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.faceVarying)
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr([tuple(float(v) for v in points.min(axis=0)), tuple(float(v) for v in points.max(axis=0))])
    primvars = UsdGeom.PrimvarsAPI(mesh)
    st = primvars.CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
    st.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(shape.uvs, dtype=np.float32)))
    return mesh.GetPrim()
