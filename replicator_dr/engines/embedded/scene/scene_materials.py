"""Materials on the stage -> rows of the material channels.

Read are OmniPBR shaders, UsdPreviewSurface networks, and ``primvars:displayColor`` where nothing is bound.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.scene.omnipbr import DEFAULT, read_omnipbr
from replicator_dr.engines.embedded.scene.preview_surface import read_preview, reads_colors
from replicator_dr.engines.embedded.scene.texture_table import TextureTable
from replicator_dr.engines.embedded.usd.stage_materials import shader_of

DISPLAY_COLOR = ".primvars:displayColor"


def read_material(material: Usd.Prim, textures: TextureTable) -> dict[str, Any]:
    """Values of the material channels; the default grey where the shader is of an unknown kind."""
    shader = shader_of(material)
    if not shader:
        return dict(DEFAULT)
    if shader.GetIdAttr().Get() == "UsdPreviewSurface":
        return read_preview(shader, textures)
    return read_omnipbr(shader, textures)


def reads_display_color(material: Usd.Prim) -> bool:
    """Whether a UsdPreviewSurface takes its colour from ``primvars:displayColor``."""
    shader = shader_of(material)
    return bool(shader) and shader.GetIdAttr().Get() == "UsdPreviewSurface" and reads_colors(shader)


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
