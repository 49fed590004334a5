"""Materials on the stage -> rows of the material channels.

Read are OmniPBR shaders by NVIDIA's input names, UsdPreviewSurface networks (with UsdUVTexture, UsdTransform2d and
primvar readers), and ``primvars:displayColor`` where nothing is bound. Roughness, metallic and emission pictures count
by their mean: the renderer takes one number of each for a material.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pxr import Sdf, Usd, UsdGeom, UsdShade

from replicator_dr.engines.embedded.assets import AssetCache
from replicator_dr.engines.embedded.stage_materials import shader_of

DISPLAY_COLOR = ".primvars:displayColor"

DEFAULT: dict[str, Any] = {
    "diffuse": (0.5, 0.5, 0.5), "tint": (1.0, 1.0, 1.0), "roughness": 0.5, "metallic": 0.0, "specular": 0.5,
    "opacity": 1.0, "enable_opacity": 1.0, "emissive_color": (0.0, 0.0, 0.0), "emissive_intensity": 1.0,
    "enable_emission": 0.0, "base_texture": -1.0, "uv_scale": (1.0, 1.0), "uv_offset": (0.0, 0.0), "uv_rotation": 0.0,
}  # fmt: skip

OMNIPBR_DEFAULT: dict[str, Any] = {
    **DEFAULT, "diffuse": (0.2, 0.2, 0.2), "enable_opacity": 0.0, "emissive_color": (1.0, 0.1, 0.1),
    "emissive_intensity": 40.0,
}  # fmt: skip

# OmniPBR's inputs and the channels they fill.
OMNIPBR_CHANNELS = {
    "diffuse_color_constant": "diffuse",
    "diffuse_tint": "tint",
    "diffuse_texture": "base_texture",
    "reflection_roughness_constant": "roughness",
    "metallic_constant": "metallic",
    "specular_level": "specular",
    "opacity_constant": "opacity",
    "enable_opacity": "enable_opacity",
    "emissive_color": "emissive_color",
    "emissive_intensity": "emissive_intensity",
    "enable_emission": "enable_emission",
    "texture_scale": "uv_scale",
    "texture_translate": "uv_offset",
    "texture_rotate": "uv_rotation",
}

PREVIEW_CHANNELS = {
    "diffuseColor": "diffuse", "roughness": "roughness", "metallic": "metallic", "opacity": "opacity",
    "emissiveColor": "emissive_color",
}  # fmt: skip


class TextureTable:
    """Rows of ``SceneArrays.textures``: each picture once for each colour space."""

    def __init__(self, assets: AssetCache) -> None:
        self.assets = assets
        self.rows: dict[tuple[str, bool], int] = {}

    def row(self, path: str, linear: bool = False) -> int:
        """The row of a picture file; read now, so that a missing one is reported before anything is drawn."""
        self.assets.texture(path, linear)
        return self.rows.setdefault((path, linear), len(self.rows))


def read_material(material: Usd.Prim, textures: TextureTable) -> dict[str, Any]:
    """Values of the material channels; the default grey where the shader is of an unknown kind."""
    shader = shader_of(material)
    if not shader:
        return dict(DEFAULT)
    if shader.GetIdAttr().Get() == "UsdPreviewSurface":
        return _read_preview(shader, textures)
    return _read_omnipbr(shader, textures)


def input_value(shader: UsdShade.Shader, name: str) -> Any:
    """An input's value, through the material's interface where it is connected there; None where it has none."""
    entry = shader.GetInput(name)
    if not entry:
        return None
    attributes = UsdShade.Utils.GetValueProducingAttributes(entry)
    return attributes[0].Get() if attributes else None


def asset_path(value: object) -> str:
    """The resolved path of an asset value, else the authored one; "" where there is none."""
    if isinstance(value, Sdf.AssetPath):
        path = value.resolvedPath or value.path
        return path.replace("<UDIM>", "1001").replace("%3CUDIM%3E", "1001")
    return str(value) if value else ""


def _read_omnipbr(shader: UsdShade.Shader, textures: TextureTable) -> dict[str, Any]:
    values = dict(OMNIPBR_DEFAULT)
    for name, channel in OMNIPBR_CHANNELS.items():
        value = input_value(shader, name)
        if channel == "base_texture":
            path = asset_path(value)
            values[channel] = textures.row(path) if path else -1
        elif value is not None:
            values[channel] = value
    for picture, influence, channel in (
        ("reflectionroughness_texture", "reflection_roughness_texture_influence", "roughness"),
        ("metallic_texture", "metallic_texture_influence", "metallic"),
    ):
        if path := asset_path(input_value(shader, picture)):
            share = input_value(shader, influence)
            share = 1.0 if share is None else float(share)
            values[channel] = (1.0 - share) * values[channel] + share * textures.assets.mean(path)[0]
    if input_value(shader, "enable_ORM_texture") and (path := asset_path(input_value(shader, "ORM_texture"))):
        values["roughness"], values["metallic"] = textures.assets.mean(path)[1:3]
    if path := asset_path(input_value(shader, "emissive_color_texture")):
        values["emissive_color"] = textures.assets.mean(path, linear=False)[:3]
    return values


def _read_preview(shader: UsdShade.Shader, textures: TextureTable) -> dict[str, Any]:
    values: dict[str, Any] = {**DEFAULT, "diffuse": (0.18, 0.18, 0.18), "enable_emission": 1.0}
    for name, channel in PREVIEW_CHANNELS.items():
        entry = shader.GetInput(name)
        texture, output = _connected_texture(entry)
        if texture:
            _read_uv_texture(texture, output, channel, values, textures)
        elif (value := input_value(shader, name)) is not None:
            values[channel] = value
    index = input_value(shader, "ior")
    if index is not None and index > 0:
        # Specular 0.5 stands for 4 % reflectance, as in OmniPBR and the metallic-roughness models since Disney's.
        values["specular"] = min(1.0, ((index - 1.0) / (index + 1.0)) ** 2 / 0.08)
    return values


def _connected_texture(entry: UsdShade.Input) -> tuple[UsdShade.Shader, str]:
    """The UsdUVTexture behind an input, and which of its outputs feeds it."""
    if entry:
        for attribute in UsdShade.Utils.GetValueProducingAttributes(entry):
            shader = UsdShade.Shader(attribute.GetPrim())
            if shader and shader.GetIdAttr().Get() == "UsdUVTexture":
                return shader, attribute.GetName().rpartition(":")[2]
    return UsdShade.Shader(), ""


def _read_uv_texture(
    texture: UsdShade.Shader, output: str, channel: str, values: dict[str, Any], textures: TextureTable
) -> None:
    path = asset_path(input_value(texture, "file"))
    scale = np.array(input_value(texture, "scale") or (1.0, 1.0, 1.0, 1.0), dtype=np.float64)
    bias = np.array(input_value(texture, "bias") or (0.0, 0.0, 0.0, 0.0), dtype=np.float64)
    space = str(input_value(texture, "sourceColorSpace") or "auto")
    if not path:
        fallback = np.array(input_value(texture, "fallback") or (0.0, 0.0, 0.0, 1.0), dtype=np.float64)
        values[channel] = fallback[:3] if channel in ("diffuse", "emissive_color") else fallback["rgba".find(output[0])]
    elif channel == "diffuse":
        values["base_texture"] = textures.row(path, linear=space == "raw")
        values["tint"] = scale[:3]
        values.update(_uv_transform(texture))
    else:
        colour = channel == "emissive_color"
        mean = textures.assets.mean(path, linear=space == "raw" or not colour) * scale + bias
        if channel == "opacity":
            # A cut-out mask stays with the base texture's own alpha; its mean would fade the whole object.
            return
        values[channel] = mean[:3] if colour else float(np.clip(mean["rgba".find(output[0])], 0.0, 1.0))


def _uv_transform(texture: UsdShade.Shader) -> dict[str, Any]:
    """UsdTransform2d between the texture and its primvar reader, if any: scale, then rotate, then translate."""
    entry = texture.GetInput("st")
    if entry:
        for attribute in UsdShade.Utils.GetValueProducingAttributes(entry):
            node = UsdShade.Shader(attribute.GetPrim())
            if node and node.GetIdAttr().Get() == "UsdTransform2d":
                return {
                    "uv_scale": input_value(node, "scale") or (1.0, 1.0),
                    "uv_offset": input_value(node, "translation") or (0.0, 0.0),
                    "uv_rotation": input_value(node, "rotation") or 0.0,
                }
    return {}


def display_color(prim: Usd.Prim) -> tuple[float, float, float] | None:
    """The mean of a prim's displayColor, inherited ones too; None where it has none."""
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance("displayColor")
    if not primvar or not primvar.HasValue():
        return None
    colors = np.array(primvar.Get(), dtype=np.float64).reshape(-1, 3)
    if len(colors) == 0:
        return None
    mean = np.mean(colors, axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])


def display_material(color: tuple[float, float, float]) -> dict[str, Any]:
    """The default material in a display colour."""
    return {**DEFAULT, "diffuse": color}
