"""texture: images on surfaces."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Number, Prims, Scale2
from replicator_dr.spec import Texture as TextureFile


class Texture(RandomizerPlugin):
    """Put an image onto each copy; roughness and the like stay as they are."""

    family: ClassVar[str] = "textures"

    prims: Prims
    """What is covered."""
    textures: TextureFile
    """An image file, a folder or pattern of them, or a distribution of files, folders and patterns."""
    texture_scale: Scale2 | None = None
    """How often the image repeats, one factor or two."""
    texture_rotate: Number | None = None
    """Degrees by which the image is turned."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.attribute for each item, part and field."""
        inputs = {"textures": "diffuse_texture", "texture_scale": "texture_scale", "texture_rotate": "texture_rotate"}
        for target in context.targets("prims"):
            for shaders in context.shaders(target):
                for field, name in inputs.items():
                    if getattr(self, field) is not None:
                        value = context.draw(field, target)
                        rep.modify.attribute(f"inputs:{name}", value, input_prims=shaders)
