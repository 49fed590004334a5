"""materials: how surfaces look."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Color, Fraction, MaterialName, NonNegative, Number, Prims, Scale2
from replicator_dr.spec.model import fault, faults

_INPUTS = {
    "diffuse": "inputs:diffuse_tint",
    "roughness": "inputs:reflection_roughness_constant",
    "metallic": "inputs:metallic_constant",
    "specular": "inputs:specular_level",
    "emissive_color": "inputs:emissive_color",
    "emissive_intensity": "inputs:emissive_intensity",
    "opacity": "inputs:opacity_constant",
    "texture_scale": "inputs:texture_scale",
    "texture_rotate": "inputs:texture_rotate",
}


class Materials(RandomizerPlugin):
    """Vary the materials of items: each copy has its own, which keeps what is not varied (textures too).

    With ``materials``, whole materials are chosen instead.
    """

    family: ClassVar[str] = "materials"

    prims: Prims
    """What is varied."""
    diffuse: Color | None = None
    """Base colour, linear RGB. On a textured item it tints the texture."""
    roughness: Fraction | None = None
    """0 is a mirror, 1 is chalk."""
    metallic: Fraction | None = None
    """0 is a dielectric, 1 is a metal."""
    specular: Fraction | None = None
    """Strength of the reflection of a dielectric; 0.5 reflects 4 %."""
    emissive_color: Color | None = None
    """Colour of the light that it gives off, linear RGB."""
    emissive_intensity: NonNegative | None = None
    """Strength of that light in nit."""
    opacity: Fraction | None = None
    """Below 0.5 (or the material's own threshold) the part is not there, in labels neither; nothing is translucent."""
    texture_scale: Scale2 | None = None
    """How often the material's pictures repeat, one factor or two."""
    texture_rotate: Number | None = None
    """Degrees by which they are turned."""
    materials: MaterialName | None = None
    """A created material, or a distribution of them; excludes the other fields."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        given = [name for name in type(self).model_fields if name != "prims" and getattr(self, name) is not None]
        if not given:
            raise faults([fault("nothing is varied", "give diffuse, roughness, metallic or another field")])
        if "materials" in given and len(given) > 1:
            message = f"materials and {given[0]} exclude each other"
            raise faults([fault(message, "vary the chosen materials in create", ("materials",), True)])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.attribute for each item, part and field; modify.material for whole materials."""
        for target in context.targets("prims"):
            if self.materials is not None:
                rep.modify.material(context.draw("materials", target), input_prims=target.item)
                continue
            for shaders in context.shaders(target):
                if self.opacity is not None:
                    rep.modify.attribute("inputs:enable_opacity", True, input_prims=shaders)
                for field, name in _INPUTS.items():
                    if getattr(self, field) is not None:
                        rep.modify.attribute(name, context.draw(field, target), input_prims=shaders)
