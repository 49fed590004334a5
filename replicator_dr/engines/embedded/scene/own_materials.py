"""Materials of their own for prims that are to look different from one another.

Each copy of an asset gets a copy of what it has bound, as OmniPBR, part by part; what is not varied stays as it was,
textures included. The base colour stands in ``diffuse_tint``, which multiplies texture and plain colour alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pxr import Gf, Sdf, Usd, UsdShade
from typing_extensions import override

from replicator_dr.engines.embedded.scene.assets import AssetCache
from replicator_dr.engines.embedded.scene.channels import PICTURES
from replicator_dr.engines.embedded.scene.omnipbr import CUT, DEFAULT
from replicator_dr.engines.embedded.scene.scene_materials import display_color, display_material, read_material
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable
from replicator_dr.engines.embedded.scene.texture_table import Picture, TextureTable
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.engines.embedded.usd.stage_materials import bind, define_omnipbr, set_shader_input

# Inputs of OmniPBR: the plain number, its picture's influence, and the picture.
_NUMBERS = {
    "roughness": (
        "reflection_roughness_constant",
        "reflection_roughness_texture_influence",
        "reflectionroughness_texture",
    ),
    "metallic": ("metallic_constant", "metallic_texture_influence", "metallic_texture"),
}

_PICTURES = {
    "base_texture": "diffuse_texture",
    "emission_texture": "emissive_color_texture",
    "emission_mask": "emissive_mask_texture",
    "normal_texture": "normalmap_texture",
    "opacity_texture": "opacity_texture",
}


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
            _give_way(leaf, prim)
    return parts


def _give_way(leaf: Usd.Prim, prim: Usd.Prim) -> None:
    """Let what stands above a leaf, up to ``prim``, bind no stronger than the leaf does: it was read already."""
    above = leaf.GetParent()
    while above and above.GetPath().HasPrefix(prim.GetPath()):
        relationship = UsdShade.MaterialBindingAPI(above).GetDirectBindingRel()
        strong = UsdShade.Tokens.strongerThanDescendants
        if relationship and UsdShade.MaterialBindingAPI.GetMaterialBindingStrength(relationship) == strong:
            weak = UsdShade.Tokens.weakerThanDescendants
            UsdShade.MaterialBindingAPI.SetMaterialBindingStrength(relationship, weak)
        above = above.GetParent()


def bind_material(stage: Usd.Stage, paths: Sequence[str], material: str) -> None:
    """Bind a material on the stage, once, to what stands under the prims."""
    for path in paths:
        bind(content(stage.GetPrimAtPath(path)), stage.GetPrimAtPath(material))


class _Pictures(TextureTable):
    """Keeps the pictures that a material names, by the row that ``read_material`` gives them; reads no file."""

    def __init__(self, assets: AssetCache) -> None:
        super().__init__(assets)
        self.found: list[Picture] = []

    @override
    def row(self, picture: Picture) -> int:
        self.found.append(picture)
        return len(self.found) - 1

    @override
    def is_data(self, path: str, space: str) -> bool:
        return space != "sRGB"


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
    inputs, pictures = _inputs(values, textures)
    for key, value in inputs.items():
        set_shader_input(shader, key, value)
    for key, picture in pictures.items():
        set_shader_input(shader, key, Sdf.AssetPath(picture.path))
        shader.GetInput(key).GetAttr().SetColorSpace("raw" if picture.linear else "sRGB")
    bind(leaf, material)
    return str(shader.GetPath())


def _inputs(values: dict[str, Any], textures: _Pictures) -> tuple[dict[str, Any], dict[str, Picture]]:
    """OmniPBR inputs that look like the channels: plain values, and pictures."""
    found = {channel: textures.found[int(values[channel])] for channel in PICTURES if values[channel] >= 0}
    plain = (1.0, 1.0, 1.0) if "base_texture" in found else values["diffuse"]
    tint = [float(t) * float(p) for t, p in zip(values["tint"], plain)]
    shines = bool(values["enable_emission"])
    strength = max(map(float, values["emission_tint"])) if "emission_texture" in found else 1.0
    inputs: dict[str, Any] = {
        "diffuse_color_constant": Gf.Vec3f(1.0),
        "diffuse_tint": Gf.Vec3f(*tint),
        "specular_level": float(values["specular"]),
        "opacity_constant": float(values["opacity"]),
        "enable_opacity": bool(values["enable_opacity"]),
        "opacity_threshold": float(values["opacity_threshold"]),
        "enable_emission": True,
        "emissive_color": Gf.Vec3f(*map(float, values["emissive_color"])) if shines else Gf.Vec3f(1.0),
        "emissive_intensity": float(values["emissive_intensity"]) * strength if shines else 0.0,
        "texture_scale": Gf.Vec2f(*map(float, values["uv_scale"])),
        "texture_translate": Gf.Vec2f(*map(float, values["uv_offset"])),
        "texture_rotate": float(values["uv_rotation"]),
    }
    pictures = {name: found[channel] for channel, name in _PICTURES.items() if channel in found}
    _add_numbers(values, found, inputs, pictures)
    if normal := found.get("normal_texture"):
        inputs["bump_factor"] = float(values["bump"])
        inputs["flip_tangent_u"], inputs["flip_tangent_v"] = normal.part.startswith("-"), "-g" in normal.part
    if opacity := found.get("opacity_texture"):
        scale, bias = map(float, values["opacity_map"])
        inputs["enable_opacity_texture"] = bool(values["enable_opacity_texture"])
        inputs["opacity_mode"] = {"a": 0, "luminance": 2, "maximum": 3}.get(opacity.part, 1)
        inputs["opacity_threshold"] = ((inputs["opacity_threshold"] or CUT) - bias) / scale
    return inputs, pictures


def _add_numbers(
    values: dict[str, Any], found: dict[str, Picture], inputs: dict[str, Any], pictures: dict[str, Picture]
) -> None:
    """Roughness and metallic: their plain values, and their pictures where OmniPBR can look them up.

    Green and blue of one file are an ORM picture; of any other part OmniPBR takes the mean of the colours, which is
    the same in grey pictures. lerp(c, scale t + bias, i) is lerp(rest / (1 - i scale), t, i scale) with
    rest = (1 - i) c + i bias, which is lost where i scale is 1. Where there is no picture, one that comes later counts.
    """
    enabled = bool(values["enable_orm"])
    files = {name: (found.get(f"orm_{name}") if enabled else None) or found.get(f"{name}_texture") for name in _NUMBERS}
    given = [(name, file) for name, file in files.items() if file]
    fitting = [file for name, file in given if file.part == {"roughness": "g", "metallic": "b"}[name]]
    packed = bool(given) and len(fitting) == len(given) and len({file.path for file in fitting}) == 1
    if packed:
        inputs["enable_ORM_texture"], pictures["ORM_texture"] = True, fitting[0]
    for name, (constant, influence, texture) in _NUMBERS.items():
        file, share = files[name], float(values[f"{name}_influence"])
        scale, bias = map(float, values[f"{name}_map"])
        inputs[constant], inputs[influence] = float(values[name]), 0.0 if packed else 1.0
        if file:
            gain, rest = share * scale, (1.0 - share) * float(values[name]) + share * bias
            inputs[constant] = rest / (1.0 - gain) if gain != 1.0 else 0.0
            inputs[influence] = gain
            if not packed:
                pictures[texture] = file
