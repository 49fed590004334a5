"""Inputs of shaders on the stage, followed to where their values come from."""

from __future__ import annotations

from typing import Any

from pxr import Sdf, UsdShade


def input_value(shader: UsdShade.Shader, name: str) -> Any:
    """An input's value, through the material's interface where it is connected there; None where it has none."""
    entry = shader.GetInput(name)
    if not entry:
        return None
    attributes = UsdShade.Utils.GetValueProducingAttributes(entry)
    return attributes[0].Get() if attributes else None


def connected(entry: UsdShade.Input, *kinds: str) -> tuple[UsdShade.Shader, str]:
    """The shader of one of these kinds (``info:id``) behind an input, and which of its outputs feeds it."""
    if entry:
        for attribute in UsdShade.Utils.GetValueProducingAttributes(entry):
            shader = UsdShade.Shader(attribute.GetPrim())
            if shader and shader.GetIdAttr().Get() in kinds:
                return shader, attribute.GetName().rpartition(":")[2]
    return UsdShade.Shader(), ""


def asset_path(value: object) -> str:
    """The resolved path of an asset value, else the authored one; "" where there is none."""
    if isinstance(value, Sdf.AssetPath):
        path = value.resolvedPath or value.path
        return path.replace("<UDIM>", "1001").replace("%3CUDIM%3E", "1001")
    return str(value) if value else ""
