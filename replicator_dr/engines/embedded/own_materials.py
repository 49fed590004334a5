"""Materials of their own for prims that are to look different from one another.

Each copy of an asset gets a copy of what it has bound, as OmniPBR, part by part; what is not varied stays as it was,
textures included. The base colour stands in ``diffuse_tint``, which multiplies texture and plain colour alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pxr import Gf, Sdf, Usd, UsdShade
from typing_extensions import override

from replicator_dr.engines.embedded.assets import AssetCache
from replicator_dr.engines.embedded.scene_materials import (
    DEFAULT,
    TextureTable,
    display_color,
    display_material,
    read_material,
)
from replicator_dr.engines.embedded.scene_meshes import is_drawable
from replicator_dr.engines.embedded.stage import content
from replicator_dr.engines.embedded.stage_materials import bind, define_omnipbr, set_shader_input


def own_materials(stage: Usd.Stage, paths: Sequence[str]) -> list[list[str]]:
    """Give each prim materials of its own; returns the paths of their shaders: for each part, one for each prim.

    Parts are the meshes (or material subsets) below a prim, in stage order; a prim with fewer parts than others is left
    out of the later ones.
    """
    textures = _Pictures(AssetCache())
    parts: list[list[str]] = []
    for path in paths:
        prim = stage.GetPrimAtPath(path)
        for index, leaf in enumerate(_leaves(prim) or [prim]):
            if index == len(parts):
                parts.append([])
            parts[index].append(_own_material(stage, leaf, textures, prim.GetName()))
    return parts


def bind_material(stage: Usd.Stage, paths: Sequence[str], material: str) -> None:
    """Bind a material on the stage, once, to what stands under the prims."""
    for path in paths:
        bind(content(stage.GetPrimAtPath(path)), stage.GetPrimAtPath(material))


class _Pictures(TextureTable):
    """Keeps the picture files that a material names, by the row that ``read_material`` gives them."""

    def __init__(self, assets: AssetCache) -> None:
        super().__init__(assets)
        self.files: list[str] = []

    @override
    def row(self, path: str, linear: bool = False) -> int:
        """The place of the file in ``files``; it is not read here."""
        self.files.append(path)
        return len(self.files) - 1


def _leaves(prim: Usd.Prim) -> list[Usd.Prim]:
    """What can have a material of its own below a prim."""
    found: list[Usd.Prim] = []
    for leaf in Usd.PrimRange(prim):
        if is_drawable(leaf):
            subsets = UsdShade.MaterialBindingAPI(leaf).GetMaterialBindSubsets()
            found += [subset.GetPrim() for subset in subsets] or [leaf]
    return found


def _own_material(stage: Usd.Stage, leaf: Usd.Prim, textures: _Pictures, name: str) -> str:
    bound = UsdShade.MaterialBindingAPI(leaf).ComputeBoundMaterial()[0]
    if bound:
        values = read_material(bound.GetPrim(), textures)
    else:
        color = display_color(leaf) if leaf.IsA("Gprim") else None
        values = dict(DEFAULT) if color is None else display_material(color)
    material = define_omnipbr(stage, f"{name}_own")
    shader = UsdShade.Shader(material.GetChild("Shader"))
    for key, value in _inputs(values, textures).items():
        set_shader_input(shader, key, value)
    bind(leaf, material)
    return str(shader.GetPath())


def _inputs(values: dict[str, Any], textures: _Pictures) -> dict[str, Any]:
    """OmniPBR inputs that look like the channels."""
    row = int(values["base_texture"])
    textured = row >= 0
    tint = [float(t) * (1.0 if textured else float(d)) for t, d in zip(values["tint"], values["diffuse"])]
    shines = bool(values["enable_emission"])
    inputs: dict[str, Any] = {
        "diffuse_color_constant": Gf.Vec3f(1.0),
        "diffuse_tint": Gf.Vec3f(*tint),
        "reflection_roughness_constant": float(values["roughness"]),
        "metallic_constant": float(values["metallic"]),
        "specular_level": float(values["specular"]),
        "opacity_constant": float(values["opacity"]),
        "enable_opacity": bool(values["enable_opacity"]),
        "enable_emission": True,
        "emissive_color": Gf.Vec3f(*map(float, values["emissive_color"])) if shines else Gf.Vec3f(1.0),
        "emissive_intensity": float(values["emissive_intensity"]) if shines else 0.0,
        "texture_scale": Gf.Vec2f(*map(float, values["uv_scale"])),
        "texture_translate": Gf.Vec2f(*map(float, values["uv_offset"])),
        "texture_rotate": float(values["uv_rotation"]),
    }
    if textured:
        inputs["diffuse_texture"] = Sdf.AssetPath(textures.files[row])
    return inputs
