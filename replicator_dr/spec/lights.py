"""Lights, as UsdLux has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.items import Posed
from replicator_dr.spec.model import fault, faults
from replicator_dr.spec.types import (
    Color,
    NonNegative,
    Number,
    Panorama,
    Positive,
    Scale3,
    Temperature,
    Truth,
)
from replicator_dr.spec.varying import Value, Varying

LightType = Literal["distant", "sphere", "rect", "disk", "cylinder", "dome"]

_SIZES: dict[str, tuple[str, ...]] = {
    "angle": ("distant",),
    "radius": ("sphere", "disk", "cylinder"),
    "length": ("cylinder",),
    "width": ("rect",),
    "height": ("rect",),
    "texture": ("dome",),
}


class Light(Posed):
    """A light. Distant, rect and disk lights shine along their local -Z; a dome surrounds the scene."""

    kind = "light"

    light_type: LightType = "distant"
    """distant (the sun), sphere, rect, disk, cylinder, or dome (the surroundings)."""
    intensity: NonNegative = 1000.0
    """Brightness: lux for a distant light, nit for the others, before exposure."""
    exposure: Number | None = None
    """Doubles the light for each unit."""
    color: Color = (1.0, 1.0, 1.0)
    """Linear RGB, multiplied with the colour of the temperature."""
    temperature: Temperature | None = 6500.0
    """Kelvin; null switches the colour temperature off."""
    texture: Panorama | None = None
    """Panorama of a dome (hdr, png, jpg), latitude by longitude."""
    angle: Annotated[Value, Varying(Numbers(low=0, high=360, unit="degrees"))] | None = None
    """Apparent size of a distant light in degrees; the sun has 0.53."""
    radius: Positive | None = None
    """Metres; sphere, disk and cylinder lights."""
    length: Positive | None = None
    """Metres; cylinder lights."""
    width: Positive | None = None
    """Metres; rect lights."""
    height: Positive | None = None
    """Metres; rect lights."""
    scale: Scale3 | None = None
    """Factor, one for all axes or three."""
    visible: Truth = True
    """Whether it shines."""

    @model_validator(mode="after")
    def _sizes_of_the_type(self) -> Self:
        found = [
            fault(f"a {self.light_type} light has no {name}", f"only {_listed(types)} lights have one", (name,), True)
            for name, types in _SIZES.items()
            if getattr(self, name) is not None and self.light_type not in types
        ]
        if found:
            raise faults(found)
        return self


def _listed(types: tuple[str, ...]) -> str:
    return " and ".join([", ".join(types[:-1]), types[-1]]) if len(types) > 1 else types[0]
