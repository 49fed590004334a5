"""Materials: the inputs of OmniPBR that every runtime shades."""

from __future__ import annotations

from replicator_dr.spec.items import Item
from replicator_dr.spec.types import Color, Fraction, NonNegative, Number, Scale2, Texture


class Material(Item):
    """A metallic-roughness material. Items name it in their ``material`` field."""

    kind = "material"

    diffuse: Color | None = None
    """Base colour, linear RGB; multiplied with the texture where there is one."""
    diffuse_texture: Texture | None = None
    """Image of the base colour."""
    roughness: Fraction | None = None
    """0 is a mirror, 1 is chalk; 0.5 by default."""
    metallic: Fraction | None = None
    """0 is a dielectric, 1 is a metal."""
    specular: Fraction | None = None
    """Strength of the reflection of a dielectric; 0.5 reflects 4 %."""
    emissive_color: Color | None = None
    """Colour of the light that it gives off, linear RGB."""
    emissive_intensity: NonNegative = 0.0
    """Strength of that light in nit."""
    texture_scale: Scale2 | None = None
    """How often the texture repeats, one factor or two."""
    texture_rotate: Number | None = None
    """Degrees by which the texture is turned."""
