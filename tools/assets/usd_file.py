"""Writing a model as OpenUSD: one Mesh for each material, UsdPreviewSurface, paths relative to the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.assets.materials import MATERIALS, Material
from tools.assets.shape import Indexed, Shape, index, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def write(shapes: Iterable[Shape], path: Path) -> tuple[int, tuple[float, ...]]:
    """Write a binary .usdc, metres, Z up, default prim named as the file; its number of triangles and extent [m]."""
    from pxr import Gf, Kind, Usd, UsdGeom

    path.unlink(missing_ok=True)
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, f"/{path.stem}")
    stage.SetDefaultPrim(root.GetPrim())
    Usd.ModelAPI(root.GetPrim()).SetKind(Kind.Tokens.component)
    low, high, triangles = np.full(3, np.inf), np.full(3, -np.inf), 0
    for number, shape in enumerate(join(shapes)):
        mesh = index(shape)
        write_mesh(stage, f"/{path.stem}/{shape.material}_{number}", f"/{path.stem}/Looks/{shape.material}", mesh)
        write_material(stage, f"/{path.stem}/Looks/{shape.material}", MATERIALS[shape.material])
        low, high = np.minimum(low, mesh.points.min(0)), np.maximum(high, mesh.points.max(0))
        triangles += len(mesh.triangles)
    UsdGeom.ModelAPI.Apply(root.GetPrim()).SetExtentsHint([Gf.Vec3f(*map(float, low)), Gf.Vec3f(*map(float, high))])
    stage.GetRootLayer().Save()
    return triangles, tuple(float(length) for length in high - low)


def write_mesh(stage: Any, path: str, look: str, mesh: Indexed) -> None:
    """A Mesh bound to a material."""
    from pxr import Sdf, UsdGeom, UsdShade, Vt

    prim = UsdGeom.Mesh.Define(stage, path)
    prim.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(mesh.points))
    prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(mesh.normals))
    prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.triangles), 3, dtype=np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.triangles.ravel())))
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    prim.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([mesh.points.min(0), mesh.points.max(0)])))
    st = UsdGeom.PrimvarsAPI(prim).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex)
    st.Set(Vt.Vec2fArray.FromNumpy(mesh.uvs))
    UsdShade.MaterialBindingAPI.Apply(prim.GetPrim()).GetDirectBindingRel().SetTargets([Sdf.Path(look)])


def write_material(stage: Any, path: str, look: Material) -> None:
    """A UsdPreviewSurface."""
    from pxr import Gf, Sdf, UsdShade

    types = Sdf.ValueTypeNames
    material = UsdShade.Material.Define(stage, path)
    surface = UsdShade.Shader.Define(stage, f"{path}/Surface")
    surface.CreateIdAttr("UsdPreviewSurface")
    surface.CreateInput("roughness", types.Float).Set(look.roughness)
    surface.CreateInput("metallic", types.Float).Set(look.metallic)
    colour = surface.CreateInput("diffuseColor", types.Color3f)
    material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
    if not look.texture:
        colour.Set(Gf.Vec3f(*(_linear(channel / 255.0) for channel in look.colour)))
        return
    reader = UsdShade.Shader.Define(stage, f"{path}/St")
    reader.CreateIdAttr("UsdPrimvarReader_float2")
    reader.CreateInput("varname", types.String).Set("st")
    texture = UsdShade.Shader.Define(stage, f"{path}/Picture")
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", types.Asset).Set(f"../textures/{look.texture}")
    texture.CreateInput("sourceColorSpace", types.Token).Set("sRGB")
    texture.CreateInput("wrapS", types.Token).Set("repeat")
    texture.CreateInput("wrapT", types.Token).Set("repeat")
    texture.CreateInput("st", types.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
    reader.CreateOutput("result", types.Float2)
    texture.CreateOutput("rgb", types.Float3)
    colour.ConnectToSource(texture.ConnectableAPI(), "rgb")


def joined(pieces: Sequence[Indexed]) -> Indexed:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(piece.points) for piece in pieces)])
    return Indexed(
        *(np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("points", "normals", "uvs")),
        np.concatenate([piece.triangles + start for piece, start in zip(pieces, starts)]).astype(np.int32),
    )


def _linear(value: float) -> float:
    """SRGB to linear (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
