"""UsdPreviewSurface networks -> rows of the material channels.

Read are UsdUVTexture (file, scale, bias, fallback, sourceColorSpace and the output that is connected), UsdTransform2d
and primvar readers. A material has one transform of its texture coordinates: that of its first picture.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import UsdShade

from replicator_dr.engines.embedded.scene.omnipbr import DEFAULT
from replicator_dr.engines.embedded.scene.shader_inputs import asset_path, connected, input_value
from replicator_dr.engines.embedded.scene.texture_table import Picture, TextureTable

# UsdPreviewSurface's inputs of numbers and the channels they fill.
PREVIEW_CHANNELS = {
    "diffuseColor": "diffuse", "roughness": "roughness", "metallic": "metallic", "opacity": "opacity",
    "opacityThreshold": "opacity_threshold", "emissiveColor": "emissive_color",
}  # fmt: skip

_COLOURS = ("diffuse", "emissive_color")

# The order decides whose transform of the texture coordinates counts.
_PICTURES = {
    "diffuseColor": "base_texture", "roughness": "roughness_texture", "metallic": "metallic_texture",
    "normal": "normal_texture", "opacity": "opacity_texture", "emissiveColor": "emission_texture",
}  # fmt: skip

_REST = {"uv_scale": (1.0, 1.0), "uv_offset": (0.0, 0.0), "uv_rotation": 0.0}


@dataclass(frozen=True)
class _Lookup:
    """A UsdUVTexture behind an input: scale * texel + bias, of which ``output`` (r, g, b, a or rgb) is taken."""

    node: UsdShade.Shader
    output: str
    path: str
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]

    def number(self) -> int:
        """Which of the four numbers a scalar input takes."""
        return "rgba".index(self.output[0])


def read_preview(shader: UsdShade.Shader, textures: TextureTable) -> dict[str, Any]:
    """Values of the material channels."""
    values: dict[str, Any] = {**DEFAULT, "diffuse": (0.18, 0.18, 0.18), "enable_emission": 1.0}
    for name, channel in PREVIEW_CHANNELS.items():
        if (value := input_value(shader, name)) is not None:
            values[channel] = value
    if reads_colors(shader):
        values["diffuse"] = (1.0, 1.0, 1.0)
    found: dict[str, _Lookup] = {}
    for name, channel in _PICTURES.items():
        lookup = _lookup(shader.GetInput(name))
        if lookup is None:
            continue
        if lookup.path:
            found[name] = lookup
            _READERS[channel](lookup, values, textures)
        elif name in PREVIEW_CHANNELS:
            _read_fallback(lookup, PREVIEW_CHANNELS[name], values)
    _read_transforms(shader, found, values)
    index = input_value(shader, "ior")
    if index is not None and index > 0:
        # Specular 0.5 stands for 4 % reflectance, as in OmniPBR and the metallic-roughness models since Disney's.
        values["specular"] = min(1.0, ((index - 1.0) / (index + 1.0)) ** 2 / 0.08)
    return values


def reads_colors(shader: UsdShade.Shader) -> bool:
    """Whether the diffuse colour is read from the primvar displayColor."""
    reader, _ = connected(shader.GetInput("diffuseColor"), "UsdPrimvarReader_float3")
    return bool(reader) and str(input_value(reader, "varname")) == "displayColor"


def _lookup(entry: UsdShade.Input) -> _Lookup | None:
    node, output = connected(entry, "UsdUVTexture")
    if not node:
        return None
    scale = input_value(node, "scale") or (1.0, 1.0, 1.0, 1.0)
    bias = input_value(node, "bias") or (0.0, 0.0, 0.0, 0.0)
    path = asset_path(input_value(node, "file"))
    return _Lookup(node, output, path, np.array(scale, dtype=np.float64), np.array(bias, dtype=np.float64))


def _read_fallback(lookup: _Lookup, channel: str, values: dict[str, Any]) -> None:
    fallback = input_value(lookup.node, "fallback") or (0.0, 0.0, 0.0, 1.0)
    values[channel] = tuple(fallback)[:3] if channel in _COLOURS else fallback[lookup.number()]


def _space(lookup: _Lookup) -> str:
    return str(input_value(lookup.node, "sourceColorSpace") or "auto")


def _colour_row(lookup: _Lookup, textures: TextureTable) -> int:
    """Pictures of colour are sRGB unless they are marked as raw."""
    part = "rgba" if lookup.output == "rgb" else lookup.output
    return textures.row(Picture(lookup.path, part == "a" or _space(lookup) == "raw", part))


def _warn_bias(lookup: _Lookup) -> None:
    if lookup.bias[:3].any():
        warnings.warn(f"{lookup.node.GetPath()}: the bias of a picture of colour is left out", stacklevel=2)


def _read_base(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    _warn_bias(lookup)
    values["base_texture"] = _colour_row(lookup, textures)
    values["tint"] = lookup.scale[:3]


def _read_emission(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    _warn_bias(lookup)
    values["emission_texture"] = _colour_row(lookup, textures)
    values["emission_tint"] = lookup.scale[:3]


def _number_row(lookup: _Lookup, textures: TextureTable, inverted: bool = False) -> int:
    letter = lookup.output[0]
    linear = letter == "a" or textures.is_data(lookup.path, _space(lookup))
    return textures.row(Picture(lookup.path, linear, f"-{letter}" if inverted else letter))


def _read_roughness(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    _read_number(lookup, values, textures, "roughness")


def _read_metallic(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    _read_number(lookup, values, textures, "metallic")


def _read_number(lookup: _Lookup, values: dict[str, Any], textures: TextureTable, channel: str) -> None:
    values[f"{channel}_texture"] = _number_row(lookup, textures)
    values[f"{channel}_influence"] = 1.0
    values[f"{channel}_map"] = lookup.scale[lookup.number()], lookup.bias[lookup.number()]


def _read_opacity(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    """The renderer cuts where the picture is low: a falling map is turned round with its picture.

    s t + b = -s (1 - t) + (s + b).
    """
    scale, bias = lookup.scale[lookup.number()], lookup.bias[lookup.number()]
    if scale == 0.0:
        values["opacity"] = bias
        return
    values["opacity"], values["enable_opacity_texture"] = 1.0, 1.0
    values["opacity_texture"] = _number_row(lookup, textures, inverted=bool(scale < 0.0))
    values["opacity_map"] = (scale, bias) if scale > 0.0 else (-scale, scale + bias)


def _read_normal(lookup: _Lookup, values: dict[str, Any], textures: TextureTable) -> None:
    """Bytes stand for 2 t - 1, as the specification asks of 8-bit pictures by scale 2 and bias -1.

    Of another scale its signs and its slope count.
    """
    scale = lookup.scale[:3]
    signs = ["-" if value < 0.0 else "" for value in scale]
    values["normal_texture"] = textures.row(Picture(lookup.path, True, f"{signs[0]}r{signs[1]}gb"))
    values["bump"] = abs(scale[0] / scale[2]) if scale[2] else 1.0


_READERS = {
    "base_texture": _read_base,
    "roughness_texture": _read_roughness,
    "metallic_texture": _read_metallic,
    "opacity_texture": _read_opacity,
    "normal_texture": _read_normal,
    "emission_texture": _read_emission,
}


def _read_transforms(shader: UsdShade.Shader, found: dict[str, _Lookup], values: dict[str, Any]) -> None:
    """The first picture's transform goes to the channels; a warning names pictures that have another."""
    transforms = {name: _uv_transform(lookup.node) for name, lookup in found.items()}
    if not transforms:
        return
    first = next(iter(transforms))
    values.update(transforms[first])
    others = [name for name, transform in transforms.items() if not _same(transform, transforms[first])]
    if others:
        warnings.warn(
            f"{shader.GetPath()}: the pictures of {', '.join(others)} have other texture coordinates than that of "
            f"{first}; all are drawn with those of {first}",
            stacklevel=2,
        )


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(np.allclose(one[name], other[name]) for name in _REST)


def _uv_transform(texture: UsdShade.Shader) -> dict[str, Any]:
    """UsdTransform2d between the texture and its primvar reader, if any: scale, then rotate, then translate."""
    node, _ = connected(texture.GetInput("st"), "UsdTransform2d")
    if not node:
        return dict(_REST)
    return {
        "uv_scale": input_value(node, "scale") or (1.0, 1.0),
        "uv_offset": input_value(node, "translation") or (0.0, 0.0),
        "uv_rotation": input_value(node, "rotation") or 0.0,
    }
