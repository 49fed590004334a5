"""color: plain colours for things."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Color as ColorValue
from replicator_dr.spec import Prims


class Color(RandomizerPlugin):
    """Give each copy a plain colour; what has a texture is tinted."""

    family: ClassVar[str] = "materials"

    prims: Prims
    """What is coloured."""
    colors: ColorValue
    """Linear RGB, each within 0 .. 1."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.attribute for each item and part."""
        for target in context.targets("prims"):
            for shaders in context.shaders(target):
                rep.modify.attribute("inputs:diffuse_tint", context.draw("colors", target), input_prims=shaders)
