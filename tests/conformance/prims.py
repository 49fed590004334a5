"""Flat things as prims."""

from __future__ import annotations

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, Vt

from tests.conformance.shapes import Flat, Polygon


def add_thing(stage: Usd.Stage, path: str, thing: Flat, origin: Gf.Vec3d | None) -> Usd.Prim:
    """A prim of the thing's name, with its faces in meshes below it. origin: of its frame; by default in its middle."""
    prim = UsdGeom.Xform.Define(stage, path).GetPrim()
    middle = np.array([corner for face in thing.faces for corner in face]).mean(axis=0)
    place = Gf.Vec3d(*thing.world(middle[None])[0].tolist()) if origin is None else origin
    above = Gf.Vec3d(0) if thing.parent is None else _place(stage.GetPrimAtPath(path.rpartition("/")[0]))
    UsdGeom.Xformable(prim).AddTranslateOp().Set(place - above)
    if thing.mirrored:
        UsdGeom.Xformable(prim).AddScaleOp().Set(Gf.Vec3f(-1, 1, 1))
    _label(prim, thing.labels)
    share = -(-len(thing.faces) // thing.parts)
    for part in range(thing.parts):
        faces = thing.faces[part * share : (part + 1) * share]
        _add_mesh(stage, f"{path}/mesh_{part}", thing, faces, place)
    if thing.keypoints:
        points = thing.world(np.array(list(thing.keypoints.values()))) - place
        prim.CreateAttribute("keypoints:names", Sdf.ValueTypeNames.TokenArray).Set(list(thing.keypoints))
        prim.CreateAttribute("keypoints:points", Sdf.ValueTypeNames.Point3dArray).Set(
            Vt.Vec3dArray([Gf.Vec3d(*point) for point in points.tolist()])
        )
        prim.CreateAttribute("keypoints:skeleton", Sdf.ValueTypeNames.TokenArray).Set(list(thing.keypoints))
    return prim


def add_asset_instance(stage: Usd.Stage, path: str, thing: Flat, file: str) -> None:
    """An instanceable reference to a file, whose label stays unless the thing has another category."""
    prim = stage.DefinePrim(path)
    prim.GetReferences().AddReference(file)
    prim.SetInstanceable(True)
    middle = np.array(thing.faces[0]).mean(axis=0)
    UsdGeom.Xformable(prim).GetPrim().GetAttribute("xformOp:translate").Set(
        Gf.Vec3d(*thing.world(middle[None])[0].tolist())
    )
    if thing.category != "part":
        _label(prim, {"class": (str(thing.category),)})


def _place(prim: Usd.Prim) -> Gf.Vec3d:
    """A prim's origin in the world."""
    return UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default()).ExtractTranslation()


def _label(prim: Usd.Prim, labels: dict[str, tuple[str, ...]]) -> None:
    for kind, values in labels.items():
        prim.AddAppliedSchema(f"SemanticsLabelsAPI:{kind}")
        prim.CreateAttribute(f"semantics:labels:{kind}", Sdf.ValueTypeNames.TokenArray, False).Set(list(values))


def _add_mesh(stage: Usd.Stage, path: str, thing: Flat, faces: tuple[Polygon, ...], origin: Gf.Vec3d) -> None:
    points = thing.world(np.array([corner for face in faces for corner in face])) - origin
    if thing.mirrored:
        points[:, 0] *= -1
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(Vt.Vec3fArray([Gf.Vec3f(*point) for point in points.tolist()]))
    mesh.CreateFaceVertexCountsAttr([len(face) for face in faces])
    mesh.CreateFaceVertexIndicesAttr(list(range(len(points))))
    mesh.CreateSubdivisionSchemeAttr("none")
    mesh.CreateDoubleSidedAttr(True)
