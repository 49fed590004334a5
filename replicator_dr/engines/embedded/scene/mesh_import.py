"""Mesh files (obj, glb, ply, stl) -> USD assets, converted once and kept in the user's cache folder.

The converted asset has metres, Z up, one Mesh for each geometry of the file under ``/asset``, and a UsdPreviewSurface
for each material, whose pictures lie beside it. The folder's name is a digest of what went in, so that a
changed file is converted anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade, Vt

from replicator_dr.errors import AssetError

VERSION = 2
"""Part of the digest; raise it when the conversion changes."""

_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Row vectors: (x, y, z) with Y up -> (x, -z, y) with Z up."""


def cache_folder() -> Path:
    """Where converted assets are kept: $REPLICATOR_DR_CACHE, else replicator_dr in $XDG_CACHE_HOME or ~/.cache."""
    if own := os.environ.get("REPLICATOR_DR_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "replicator_dr"


def import_mesh(path: str | Path, up_axis: str = "auto", meters_per_unit: float = 1.0) -> str:
    """The USD file for a mesh file. up_axis: Y, Z or auto (Y for glb and gltf, Z for the others).

    Raises AssetError for files that cannot be read and for meshes without faces.
    """
    source = Path(path)
    turned = up_axis == "Y" or (up_axis == "auto" and source.suffix.lower() in (".glb", ".gltf"))
    folder = cache_folder() / "meshes" / _digest(source, turned, meters_per_unit)
    result = folder / "asset.usdc"
    if not result.is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _convert(source, Path(scratch) / "new", turned, meters_per_unit)
            publish(Path(scratch) / "new", folder)
    return str(result)


def publish(made: Path, folder: Path) -> None:
    """Move a finished folder into place; another process may have been faster, which is as good."""
    try:
        made.rename(folder)
    except OSError:
        if not (folder / "asset.usdc").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)


def _digest(source: Path, turned: bool, meters_per_unit: float) -> str:
    try:
        digest = hashlib.sha256(source.read_bytes())
    except OSError as error:
        raise AssetError(f"{source}: cannot be read: {error.strerror}") from error
    for other in _companions(source):
        digest.update(other.name.encode())
        digest.update(other.read_bytes())
    digest.update(f"{VERSION} {turned} {meters_per_unit!r} {source.suffix.lower()}".encode())
    return digest.hexdigest()[:32]


def _companions(source: Path) -> list[Path]:
    """Files that an obj names: its material libraries, and the pictures that these name."""
    if source.suffix.lower() != ".obj":
        return []
    libraries = [source.parent / name for name in _arguments(source, ("mtllib",))]
    libraries = [path for path in libraries if path.is_file()]
    pictures = [path.parent / name for path in libraries for name in _arguments(path, ("map_Kd", "map_kd"))]
    return [*libraries, *(path for path in pictures if path.is_file())]


def _arguments(path: Path, keywords: tuple[str, ...]) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    split = [line.split(maxsplit=1) for line in lines]
    return [words[1].strip() for words in split if len(words) == 2 and words[0] in keywords]


def _convert(source: Path, folder: Path, turned: bool, meters_per_unit: float) -> None:
    folder.mkdir()
    stage = Usd.Stage.CreateNew(str(folder / "asset.usdc"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, "/asset")
    stage.SetDefaultPrim(root.GetPrim())
    matrix = np.eye(4)
    matrix[:3, :3] = (_Y_UP if turned else np.eye(3)) * meters_per_unit
    materials: dict[int, UsdShade.Material] = {}
    for index, (mesh, placed) in enumerate(_geometries(source)):
        prim = _define_mesh(stage, f"/asset/mesh_{index:02d}", mesh, placed @ matrix)
        material = getattr(mesh.visual, "material", None)
        if material is not None and getattr(mesh.visual, "uv", None) is not None:
            if id(material) not in materials:
                name = f"/asset/Looks/material_{len(materials):02d}"
                materials[id(material)] = _define_material(stage, name, material, folder)
            UsdShade.MaterialBindingAPI.Apply(prim).Bind(materials[id(material)])
        elif material is not None:
            set_display_color(prim, _base_color(material)[:3])
    stage.GetRootLayer().Save()


def _geometries(source: Path) -> list[tuple[Any, NDArray[np.float64]]]:
    """The file's meshes with their places (row-vector matrices). Raises AssetError where nothing can be drawn."""
    import trimesh

    try:
        loaded = trimesh.load(str(source), process=False)
    except Exception as error:
        raise AssetError(f"{source}: cannot be read as a mesh: {type(error).__name__}: {error}") from error
    scene = loaded if isinstance(loaded, trimesh.Scene) else trimesh.Scene(loaded)
    found: list[tuple[Any, NDArray[np.float64]]] = []
    for node in sorted(scene.graph.nodes_geometry):
        transform, name = scene.graph[node]
        mesh = scene.geometry[name]
        if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces):
            if not (np.isfinite(mesh.vertices).all() and np.isfinite(transform).all()):
                raise AssetError(f"{source}: the mesh {name} has points that are not finite; export it again")
            found.append((mesh, np.asarray(transform, dtype=np.float64).T))
    if not found:
        kinds = ", ".join(sorted({type(mesh).__name__ for mesh in scene.geometry.values()})) or "nothing"
        raise AssetError(f"{source}: a mesh without faces ({kinds} in the file); export it with triangles")
    return found


def _define_mesh(stage: Usd.Stage, path: str, mesh: Any, matrix: NDArray[np.float64]) -> Usd.Prim:
    prim = UsdGeom.Mesh.Define(stage, path)
    points = np.asarray(mesh.vertices, dtype=np.float64) @ matrix[:3, :3] + matrix[3, :3]
    faces = np.asarray(mesh.faces, dtype=np.int32)
    if np.linalg.det(matrix[:3, :3]) < 0:
        faces = faces[:, ::-1]
    prim.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points.astype(np.float32)))
    prim.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(faces), 3, dtype=np.int32)))
    prim.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(faces).reshape(-1)))
    prim.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    low, high = points.min(axis=0), points.max(axis=0)
    prim.CreateExtentAttr([Gf.Vec3f(*map(float, low)), Gf.Vec3f(*map(float, high))])
    if "vertex_normals" in mesh._cache:  # only normals that the file has; trimesh would smooth all edges
        normals = np.asarray(mesh.vertex_normals) @ np.linalg.inv(matrix[:3, :3]).T
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        prim.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(normals.astype(np.float32)))
        prim.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    uvs = getattr(mesh.visual, "uv", None)
    if uvs is not None and len(uvs) == len(points):
        primvar = UsdGeom.PrimvarsAPI(prim).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, "vertex")
        primvar.Set(Vt.Vec2fArray.FromNumpy(np.asarray(uvs, dtype=np.float32)))
    elif mesh.visual.kind in ("vertex", "face"):
        colors = np.asarray(mesh.visual.vertex_colors if mesh.visual.kind == "vertex" else mesh.visual.face_colors)
        how = UsdGeom.Tokens.vertex if mesh.visual.kind == "vertex" else UsdGeom.Tokens.uniform
        set_display_color(prim.GetPrim(), linear(colors[:, :3] / 255.0), how)
    return prim.GetPrim()


def set_display_color(prim: Usd.Prim, colors: NDArray[np.float64], how: str = UsdGeom.Tokens.constant) -> None:
    """Colours of a prim, linear, (n, 3) for the interpolation ``how``."""
    primvar = UsdGeom.PrimvarsAPI(prim).CreatePrimvar("displayColor", Sdf.ValueTypeNames.Color3fArray, how)
    primvar.Set(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(colors.reshape(-1, 3), dtype=np.float32)))


def _define_material(stage: Usd.Stage, path: str, source: Any, folder: Path) -> UsdShade.Material:
    """A UsdPreviewSurface with the numbers and pictures of a trimesh material, glTF's as its specification has them."""
    material = UsdShade.Material.Define(stage, path)
    shader = UsdShade.Shader.Define(stage, f"{path}/surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    pictures = _Pictures(stage, path, folder)
    metallic, roughness = getattr(source, "metallicFactor", None), getattr(source, "roughnessFactor", None)
    packed = getattr(source, "metallicRoughnessTexture", None)
    for name, factor, rest, output in (("metallic", metallic, 0.0, "b"), ("roughness", roughness, 0.5, "g")):
        entry = shader.CreateInput(name, Sdf.ValueTypeNames.Float)
        if packed is None:
            entry.Set(rest if factor is None else float(factor))
        else:
            scale = 1.0 if factor is None else float(factor)
            entry.ConnectToSource(pictures.define(name, packed, "raw", (scale,) * 4), output)
    color = _base_color(source)
    picture = getattr(source, "baseColorTexture", None) or getattr(source, "image", None)
    diffuse = shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f)
    if picture is None:
        diffuse.Set(Gf.Vec3f(*map(float, color[:3])))
    else:
        base = pictures.define("diffuse", picture, "sRGB", (*map(float, color[:3]), float(color[3])))
        diffuse.ConnectToSource(base, "rgb")
        if getattr(source, "alphaMode", None) in ("MASK", "BLEND"):
            shader.CreateInput("opacity", Sdf.ValueTypeNames.Float).ConnectToSource(base, "a")
            cut = getattr(source, "alphaCutoff", None) if source.alphaMode == "MASK" else None
            shader.CreateInput("opacityThreshold", Sdf.ValueTypeNames.Float).Set(0.5 if cut is None else float(cut))
    if (normals := getattr(source, "normalTexture", None)) is not None:
        node = pictures.define("normal", normals, "raw", (2.0, 2.0, 2.0, 1.0), (-1.0, -1.0, -1.0, 0.0))
        shader.CreateInput("normal", Sdf.ValueTypeNames.Normal3f).ConnectToSource(node, "rgb")
    glow, factor = getattr(source, "emissiveTexture", None), getattr(source, "emissiveFactor", None)
    if factor is not None and np.any(factor):
        emission = shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f)
        strength = tuple(float(value) for value in factor)
        if glow is None:
            emission.Set(Gf.Vec3f(*strength))
        else:
            emission.ConnectToSource(pictures.define("emission", glow, "sRGB", (*strength, 1.0)), "rgb")
    return material


class _Pictures:
    """UsdUVTextures of one material; their files lie beside the asset, each picture once."""

    def __init__(self, stage: Usd.Stage, path: str, folder: Path) -> None:
        self._stage, self._path, self._folder = stage, path, folder
        self._files: dict[int, str] = {}
        self._reader = UsdShade.Shader.Define(stage, f"{path}/st")
        self._reader.CreateIdAttr("UsdPrimvarReader_float2")
        self._reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")

    def define(
        self, name: str, picture: Any, space: str, scale: tuple[float, ...], bias: tuple[float, ...] = (0.0,) * 4
    ) -> UsdShade.ConnectableAPI:
        """A node that looks a picture up, for an input to connect to."""
        if id(picture) not in self._files:
            file = f"{Path(self._path).name}_{name}.png"
            picture.convert("RGBA" if "A" in picture.getbands() else "RGB").save(self._folder / file, compress_level=4)
            self._files[id(picture)] = file
        texture = UsdShade.Shader.Define(self._stage, f"{self._path}/{name}")
        texture.CreateIdAttr("UsdUVTexture")
        file_input = texture.CreateInput("file", Sdf.ValueTypeNames.Asset)
        file_input.Set(Sdf.AssetPath(f"./{self._files[id(picture)]}"))
        texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(self._reader.ConnectableAPI(), "result")
        texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        texture.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set("repeat")
        texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*scale))
        texture.CreateInput("bias", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*bias))
        return texture.ConnectableAPI()


def _base_color(source: Any) -> NDArray[np.float64]:
    """(4,) linear base-colour factor. glTF factors are linear already, an obj's colours are sRGB."""
    factor = getattr(source, "baseColorFactor", None)
    if factor is not None:
        values = np.asarray(factor, dtype=np.float64)
        return values / 255.0 if np.asarray(factor).dtype.kind in "ui" else values
    if getattr(source, "image", None) is not None or getattr(source, "diffuse", None) is None:
        return np.ones(4)
    values = np.asarray(source.diffuse, dtype=np.float64) / 255.0
    return np.array([*linear(values[:3]), values[3] if len(values) > 3 else 1.0])


def linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """SRGB 0..1 -> linear (IEC 61966-2-1)."""
    low, high = srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, low, high)
