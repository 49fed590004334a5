"""OmniPBR shaders -> rows of the material channels.

Defaults and meanings are those of NVIDIA's documentation (docs.omniverse.nvidia.com/materials-and-rendering, OmniPBR):
a roughness or metallic picture counts by its ``*_texture_influence``, which is 0 where nothing is given; normal maps
are DirectX's (green points down the picture) unless ``flip_tangent_v`` is off; a picture of a colour takes the place
of the plain colour. There is no translucency: what an opacity threshold of 0 would blend is cut at a half.
"""

from __future__ import annotations

import warnings
from typing import Any

from pxr import UsdShade

from replicator_dr.engines.embedded.scene.channels import PICTURES
from replicator_dr.engines.embedded.scene.shader_inputs import asset_path, input_value
from replicator_dr.engines.embedded.scene.texture_table import Picture, TextureTable

CUT = 0.5
"""The opacity below which something is cut away where its material names no threshold."""

# A material of which nothing is known.
DEFAULT: dict[str, Any] = {
    "diffuse": (0.5, 0.5, 0.5), "tint": (1.0, 1.0, 1.0), "roughness": 0.5, "metallic": 0.0, "specular": 0.5,
    "opacity": 1.0, "enable_opacity": 1.0, "emissive_color": (0.0, 0.0, 0.0), "emissive_intensity": 1.0,
    "enable_emission": 0.0, "uv_scale": (1.0, 1.0), "uv_offset": (0.0, 0.0), "uv_rotation": 0.0,
    **dict.fromkeys(PICTURES, -1.0),
    "roughness_influence": 0.0, "roughness_map": (1.0, 0.0), "metallic_influence": 0.0, "metallic_map": (1.0, 0.0),
    "enable_orm": 0.0, "enable_opacity_texture": 0.0, "opacity_map": (1.0, 0.0), "opacity_threshold": 0.0, "bump": 1.0,
    "emission_tint": (1.0, 1.0, 1.0),
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
    "reflection_roughness_texture_influence": "roughness_influence",
    "reflectionroughness_texture": "roughness_texture",
    "metallic_constant": "metallic",
    "metallic_texture_influence": "metallic_influence",
    "metallic_texture": "metallic_texture",
    "enable_ORM_texture": "enable_orm",
    "ORM_texture": "orm_roughness",
    "specular_level": "specular",
    "normalmap_texture": "normal_texture",
    "bump_factor": "bump",
    "opacity_constant": "opacity",
    "enable_opacity": "enable_opacity",
    "opacity_texture": "opacity_texture",
    "enable_opacity_texture": "enable_opacity_texture",
    "opacity_threshold": "opacity_threshold",
    "emissive_color": "emissive_color",
    "emissive_color_texture": "emission_texture",
    "emissive_mask_texture": "emission_mask",
    "emissive_intensity": "emissive_intensity",
    "enable_emission": "enable_emission",
    "texture_scale": "uv_scale",
    "texture_translate": "uv_offset",
    "texture_rotate": "uv_rotation",
}

_INPUTS = {channel: name for name, channel in OMNIPBR_CHANNELS.items()}

# What each channel looks up of its picture, where no further input says otherwise; all but colours are data.
_PARTS = {
    "base_texture": "rgba",
    "roughness_texture": "mean",
    "metallic_texture": "mean",
    "orm_roughness": "g",
    "orm_metallic": "b",
    "emission_texture": "rgba",
    "emission_mask": "rgba",
}
_COLOURS = ("base_texture", "emission_texture")

# OmniPBR's mono_mode.
_OPACITY_MODES = ("a", "mean", "luminance", "maximum")


def channels_of(channel: str) -> tuple[str, ...]:
    """All channels that the input behind a channel fills: an ORM picture fills two."""
    return ("orm_roughness", "orm_metallic") if channel == "orm_roughness" else (channel,)


def omnipbr_picture(shader: UsdShade.Shader, channel: str, path: str) -> Picture:
    """How a shader looks up a picture: its part by the shader's other inputs, its space by the attribute's."""
    entry = shader.GetInput(_INPUTS.get(channel, "ORM_texture"))
    space = entry.GetAttr().GetColorSpace() if entry else ""
    linear = space == "raw" if channel in _COLOURS else space != "sRGB"
    if channel == "normal_texture":
        upside_down = input_value(shader, "flip_tangent_v")
        red = "-r" if input_value(shader, "flip_tangent_u") else "r"
        return Picture(path, True, f"{red}{'-g' if upside_down is None or upside_down else 'g'}b")
    if channel == "opacity_texture":
        mode = input_value(shader, "opacity_mode")
        part = _OPACITY_MODES[int(mode)] if mode in range(len(_OPACITY_MODES)) else "mean"
        return Picture(path, linear or part == "a", part)
    return Picture(path, linear, _PARTS[channel])


def read_omnipbr(shader: UsdShade.Shader, textures: TextureTable) -> dict[str, Any]:
    """Values of the material channels."""
    values = dict(OMNIPBR_DEFAULT)
    for name, channel in OMNIPBR_CHANNELS.items():
        value = input_value(shader, name)
        if channel in PICTURES:
            if path := asset_path(value):
                for each in channels_of(channel):
                    values[each] = textures.row(omnipbr_picture(shader, each, path))
        elif value is not None:
            values[channel] = value
    if values["emission_texture"] >= 0 and values["emission_mask"] >= 0:
        warnings.warn(
            f"{shader.GetPath()}: emissive_mask_texture is left out beside emissive_color_texture; multiply the two "
            "pictures in one file",
            stacklevel=2,
        )
    return values
