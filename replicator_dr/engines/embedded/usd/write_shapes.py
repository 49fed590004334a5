"""Deformed meshes on the stage: in the layer of a frame, for scripts, exports and renderers that read the stage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdShade, Vt

from replicator_dr.engines.embedded.evaluation import Values
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_deform import deform_arrays
from replicator_dr.errors import UnsupportedError
from replicator_dr.render.deformation import DeformArrays
from replicator_dr.render.scene import Mesh
from replicator_dr.render.shapes import moved_meshes


def write_shapes(values: Values, row: int, stage: Usd.Stage) -> None:
    """Author the meshes of the bodies that one row deforms, with the vertices that they were given for it.

    UnsupportedError for shapes that have no points.
    """
    plan = values.plan
    tables = {name: values.tables[name][row : row + 1] for name in ("deform", "waves")}
    arrays = deform_arrays(tables, None, None)
    layout = plan.scene.arrays.deform
    if arrays is None or layout is None:
        return
    changed = (arrays.amounts[0] != plan.rest["deform"]).any(axis=-1)
    # What joints move is shown by the pose of these: write_animation.
    bodies = np.where(layout.part_body < len(changed), layout.part_body, -1)
    parts = np.flatnonzero((bodies >= 0) & changed[bodies])
    for prim, meshes in _by_prim(plan, arrays, parts).items():
        _author(stage.GetPrimAtPath(prim), meshes)


def _by_prim(plan: Plan, arrays: DeformArrays, parts: NDArray[np.intp]) -> dict[str, list[Mesh]]:
    """The deformed meshes of the parts of each prim, in the order of its parts."""
    scene, layout = plan.scene.arrays, plan.scene.arrays.deform
    assert layout is not None
    found: dict[str, list[Mesh]] = {}
    meshes = [scene.meshes[mesh] for mesh in scene.part_mesh[parts]]
    for part, mesh in zip(parts, moved_meshes(layout, arrays, parts, meshes)):
        found.setdefault(plan.scene.labels.prim_paths[scene.part_prim[part]], []).append(mesh)
    return found


def _author(prim: Usd.Prim, meshes: list[Mesh]) -> None:
    if not prim.IsA(UsdGeom.Mesh) or prim.IsInstanceProxy():
        raise UnsupportedError(
            f"{prim.GetPath()}: a {prim.GetTypeName()} has no points of its own to write; deform meshes"
        )
    mesh = UsdGeom.Mesh(prim)
    starts = np.cumsum([0, *(len(part.points) for part in meshes)])
    faces = np.concatenate([part.triangles + start for part, start in zip(meshes, starts)])
    points = np.concatenate([part.points for part in meshes])
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(faces), 3, np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(faces.reshape(-1), np.int32)))
    mesh.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.concatenate([part.normals for part in meshes])))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    mesh.CreateOrientationAttr(UsdGeom.Tokens.rightHanded)
    mesh.CreateHoleIndicesAttr(Vt.IntArray())
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateExtentAttr([tuple(map(float, points.min(axis=0))), tuple(map(float, points.max(axis=0)))])
    coordinates = UsdGeom.PrimvarsAPI(prim).CreatePrimvar(
        "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex
    )
    coordinates.Set(Vt.Vec2fArray.FromNumpy(np.concatenate([part.uvs for part in meshes])))
    coordinates.BlockIndices()
    subsets = UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets()
    ends = np.cumsum([0, *(len(part.triangles) for part in meshes)])
    # What belongs to no subset comes first, where there is any.
    for place, subset in enumerate(subsets, start=len(meshes) - len(subsets)):
        subset.GetIndicesAttr().Set(Vt.IntArray.FromNumpy(np.arange(ends[place], ends[place + 1], dtype=np.int32)))
