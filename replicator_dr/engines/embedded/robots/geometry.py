"""MuJoCo's geoms and materials as UsdGeom shapes, meshes and UsdPreviewSurfaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdPhysics, UsdShade, Vt

from replicator_dr.engines.embedded.robots.rotations import angles_of, matrix_of_quaternion
from replicator_dr.engines.embedded.robots.source import Source
from replicator_dr.engines.embedded.scene.mesh_import import linear, set_display_color
from replicator_dr.engines.embedded.usd.stage import set_pose

Float64 = NDArray[np.float64]

SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX, MESH = 2, 3, 4, 5, 6, 7
SHAPES = {SPHERE: "sphere", CAPSULE: "capsule", ELLIPSOID: "ellipsoid", CYLINDER: "cylinder", BOX: "box", MESH: "mesh"}
"""mjtGeom -> what it is called. Planes and height fields belong to the ground, not to a robot."""
_SHOWN = 3
"""Groups of geoms below this one are shown, as in MuJoCo's viewer."""
_GREY = (0.5, 0.5, 0.5, 1.0)
_RGB_ROLE = 1
_PICTURE = 0
"""mjTEXTURE_2D."""


def author_geometry(source: Source, body: int, link: str, stage: Usd.Stage, looks: Looks) -> None:
    """The geoms of a body below its link: what is drawn, and what only collides as purpose guide."""
    model = source.model
    geoms = [int(geom) for geom in np.flatnonzero(model.geom_bodyid == body) if int(model.geom_type[geom]) in SHAPES]
    taken: set[str] = set()
    for geom in geoms:
        collides = bool(model.geom_contype[geom] or model.geom_conaffinity[geom])
        seen = int(model.geom_group[geom]) < _SHOWN and float(model.geom_rgba[geom][3]) > 0.0
        drawn = seen and not (source.visuals and collides)
        if not (collides or drawn):
            continue
        kind = SHAPES[int(model.geom_type[geom])]
        name = Tf.MakeValidIdentifier(model.geom(geom).name or kind)
        while name in taken or stage.GetPrimAtPath(f"{link}/{name}"):
            name = f"{name}_"
        taken.add(name)
        prim = _define(model, geom, stage, f"{link}/{name}")
        if collides:
            UsdPhysics.CollisionAPI.Apply(prim)
            if kind == "mesh":
                UsdPhysics.MeshCollisionAPI.Apply(prim).CreateApproximationAttr("convexHull")
        if drawn:
            looks.bind(prim, geom)
        else:
            UsdGeom.Imageable(prim).CreatePurposeAttr(UsdGeom.Tokens.guide)


def _define(model: Any, geom: int, stage: Usd.Stage, path: str) -> Usd.Prim:
    kind, size = int(model.geom_type[geom]), [float(value) for value in model.geom_size[geom]]
    scale = (1.0, 1.0, 1.0)
    if kind == MESH:
        shape = _define_mesh(model, int(model.geom_dataid[geom]), stage, path)
    elif kind in (SPHERE, ELLIPSOID):
        shape = UsdGeom.Sphere.Define(stage, path)
        shape.CreateRadiusAttr(size[0] if kind == SPHERE else 1.0)
        scale = scale if kind == SPHERE else (size[0], size[1], size[2])
    elif kind == BOX:
        shape = UsdGeom.Cube.Define(stage, path)
        shape.CreateSizeAttr(2.0)
        scale = (size[0], size[1], size[2])
    else:
        shape = (UsdGeom.Capsule if kind == CAPSULE else UsdGeom.Cylinder).Define(stage, path)
        shape.CreateRadiusAttr(size[0])
        shape.CreateHeightAttr(2.0 * size[1])
        shape.CreateAxisAttr("Z")
    if kind != MESH:
        shape.CreateExtentAttr(UsdGeom.Boundable.ComputeExtentFromPlugins(shape, Usd.TimeCode.Default()))
    turn = angles_of(matrix_of_quaternion(model.geom_quat[geom]))
    set_pose(shape.GetPrim(), model.geom_pos[geom].tolist(), turn.tolist(), scale)
    return shape.GetPrim()


def _define_mesh(model: Any, mesh: int, stage: Usd.Stage, path: str) -> UsdGeom.Mesh:
    """One of the model's meshes, with a normal and, where it has them, texture coordinates at each corner."""
    faces = _rows(model.mesh_face, model.mesh_faceadr, model.mesh_facenum, mesh)
    points = _rows(model.mesh_vert, model.mesh_vertadr, model.mesh_vertnum, mesh)
    shape = UsdGeom.Mesh.Define(stage, path)
    shape.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(points, dtype=np.float32)))
    shape.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(faces), 3, dtype=np.int32)))
    shape.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(faces, dtype=np.int32).reshape(-1)))
    shape.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    low, high = points.min(axis=0), points.max(axis=0)
    shape.CreateExtentAttr([Gf.Vec3f(*map(float, low)), Gf.Vec3f(*map(float, high))])
    normals = _rows(model.mesh_normal, model.mesh_normaladr, model.mesh_normalnum, mesh)
    corners = _rows(model.mesh_facenormal, model.mesh_faceadr, model.mesh_facenum, mesh).reshape(-1)
    shape.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(normals[corners], dtype=np.float32)))
    shape.SetNormalsInterpolation(UsdGeom.Tokens.faceVarying)
    if int(model.mesh_texcoordadr[mesh]) >= 0:
        uvs = _rows(model.mesh_texcoord, model.mesh_texcoordadr, model.mesh_texcoordnum, mesh)
        corners = _rows(model.mesh_facetexcoord, model.mesh_faceadr, model.mesh_facenum, mesh).reshape(-1)
        # MuJoCo counts v from the picture's first row, USD from its last.
        st = np.stack([uvs[corners, 0], 1.0 - uvs[corners, 1]], axis=-1).astype(np.float32)
        primvars = UsdGeom.PrimvarsAPI(shape)
        primvar = primvars.CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying)
        primvar.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(st)))
    return shape


def _rows(table: Any, first: Any, count: Any, number: int) -> NDArray[Any]:
    start = int(first[number])
    return np.asarray(table[start : start + int(count[number])])


class Looks:
    """UsdPreviewSurfaces of a model's materials, and of the colours of geoms without one, each made once."""

    def __init__(self, model: Any, stage: Usd.Stage, scope: str, folder: Path) -> None:
        self._model, self._stage, self._scope, self._folder = model, stage, scope, folder
        self._made: dict[tuple[object, ...], UsdShade.Material] = {}

    def bind(self, prim: Usd.Prim, geom: int) -> None:
        """Give a geom its material. A colour of its own stands over its material's, as MuJoCo draws it."""
        model, material = self._model, int(self._model.geom_matid[geom])
        rgba = tuple(float(value) for value in model.geom_rgba[geom])
        if material >= 0 and np.allclose(rgba, _GREY):
            rgba = tuple(float(value) for value in model.mat_rgba[material])
        color = linear(np.array(rgba[:3]))
        set_display_color(prim, color)
        picture = self._picture(material) if prim.IsA(UsdGeom.Mesh) and prim.HasAttribute("primvars:st") else -1
        key = (material, rgba, picture)
        if key not in self._made:
            self._made[key] = self._define(material, color, picture)
        UsdShade.MaterialBindingAPI.Apply(prim).Bind(self._made[key])

    def _picture(self, material: int) -> int:
        """The number of a material's picture of colours, -1 where there is none."""
        if material < 0:
            return -1
        number = int(np.atleast_1d(self._model.mat_texid[material])[_RGB_ROLE])
        return number if number >= 0 and int(self._model.tex_type[number]) == _PICTURE else -1

    def _define(self, material: int, color: Float64, picture: int) -> UsdShade.Material:
        model = self._model
        path = f"{self._scope}/material_{len(self._made):02d}"
        made = UsdShade.Material.Define(self._stage, path)
        shader = UsdShade.Shader.Define(self._stage, f"{path}/surface")
        shader.CreateIdAttr("UsdPreviewSurface")
        made.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
        shininess = float(model.mat_shininess[material]) if material >= 0 else 0.5
        roughness = float(model.mat_roughness[material]) if material >= 0 else -1.0
        metallic = float(model.mat_metallic[material]) if material >= 0 else 0.0
        # Phong's shininess where no roughness is given.
        numbers = {
            "roughness": roughness if roughness >= 0.0 else 1.0 - 0.8 * shininess,
            "metallic": max(metallic, 0.0),
        }
        for name, value in numbers.items():
            shader.CreateInput(name, Sdf.ValueTypeNames.Float).Set(value)
        diffuse = shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
        if picture < 0:
            diffuse.Set(Gf.Vec3f(*map(float, color)))
        else:
            diffuse.ConnectToSource(self._texture(path, picture, color), "rgb")
        glow = float(model.mat_emission[material]) if material >= 0 else 0.0
        if glow > 0.0:
            shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*map(float, glow * color)))
        return made

    def _texture(self, path: str, picture: int, color: Float64) -> UsdShade.ConnectableAPI:
        from PIL import Image

        model = self._model
        width, height, channels = (int(model.tex_width[picture]), int(model.tex_height[picture]),
                                   int(model.tex_nchannel[picture]))  # fmt: skip
        start = int(model.tex_adr[picture])
        pixels = np.asarray(model.tex_data[start : start + width * height * channels]).reshape(height, width, channels)
        file = f"picture_{picture:02d}.png"
        Image.fromarray(np.ascontiguousarray(pixels[..., :3] if channels >= 3 else pixels[..., 0])).save(
            self._folder / file, compress_level=4
        )
        reader = UsdShade.Shader.Define(self._stage, f"{path}/st")
        reader.CreateIdAttr("UsdPrimvarReader_float2")
        reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
        texture = UsdShade.Shader.Define(self._stage, f"{path}/diffuse")
        texture.CreateIdAttr("UsdUVTexture")
        texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(Sdf.AssetPath(f"./{file}"))
        texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(reader.ConnectableAPI(), "result")
        texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set("sRGB")
        texture.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*map(float, color), 1.0))
        return texture.ConnectableAPI()
