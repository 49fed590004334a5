"""What tests of pictures ask of materials: rows, texels, and the number that a shader gives for one texel t.

The oracle is constant + gain * t, or a hole where opacity * t lies below the threshold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pxr import Sdf, UsdShade

from replicator_dr.engines.embedded.api import create
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.render.scene import MaterialArrays, Texture

TYPES = {
    float: Sdf.ValueTypeNames.Float,
    int: Sdf.ValueTypeNames.Int,
    bool: Sdf.ValueTypeNames.Bool,
    str: Sdf.ValueTypeNames.Asset,
}


def picture(path: Path, color: tuple[int, ...], mode: str = "RGB") -> str:
    Image.new(mode, (4, 4), color).save(path)
    return str(path)


def materials(runtime: Runtime, frames: int = 1) -> MaterialArrays:
    return runtime.evaluate(np.arange(frames)).arrays.materials


def texture(runtime: Runtime, row: int) -> Texture:
    return runtime.scene().arrays.textures[row]


def number(runtime: Runtime, name: str, frame: int = 0, material: int = 1) -> float:
    """Roughness or metallic of a material at any texel of its picture, which has one colour."""
    arrays = materials(runtime, frame + 1)
    value = float(getattr(arrays, name)[frame, material])
    row = int(getattr(arrays, f"{name}_texture")[frame, material])
    if row >= 0:
        assert texture(runtime, row).linear
        value += float(getattr(arrays, f"{name}_gain")[frame, material]) * texture(runtime, row).pixels[0, 0, 0] / 255
    return min(max(value, 0.0), 1.0)


def is_hole(runtime: Runtime, texel: int, material: int = 1) -> bool:
    """Whether a texel of the opacity picture makes a hole; the part itself must be drawn."""
    arrays = materials(runtime)
    assert arrays.opacity[0, material] >= 0.5
    return bool(arrays.opacity[0, material] * texel / 255 < arrays.opacity_threshold[0, material])


def omnipbr(runtime: Runtime, **inputs: Any) -> UsdShade.Shader:
    """A cube with an OmniPBR material of these inputs; its row is 1."""
    look = create.material_omnipbr()
    create.cube(material=look)
    shader = UsdShade.Shader(runtime.stage.GetPrimAtPath(f"{look.paths[0]}/Shader"))
    for name, value in inputs.items():
        shader.CreateInput(name, TYPES[type(value)]).Set(value)
    return shader
