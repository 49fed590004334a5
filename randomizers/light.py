"""light: how bright, which colour, from where."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import (
    Color,
    Elevation,
    Lights,
    NonNegative,
    Number,
    Numbers,
    Panorama,
    Positive,
    Target,
    Temperature,
    Value,
    Varying,
    Vector3,
)
from replicator_dr.spec.model import fault, faults

_INPUTS = {
    "intensity": "inputs:intensity",
    "exposure": "inputs:exposure",
    "color": "inputs:color",
    "temperature": "inputs:colorTemperature",
    "texture": "inputs:texture:file",
    "radius": "inputs:radius",
    "width": "inputs:width",
    "height": "inputs:height",
    "length": "inputs:length",
    "angle": "inputs:angle",
}


class Light(RandomizerPlugin):
    """Vary lights. ``azimuth`` and ``elevation`` say from where the light comes."""

    family: ClassVar[str] = "lights"

    lights: Lights
    """What is varied."""
    intensity: NonNegative | None = None
    """Brightness: lux for a distant light, nit for the others."""
    intensity_scale: NonNegative | None = None
    """Factor on the intensity that the light was created with, instead of an intensity."""
    exposure: Number | None = None
    """Doubles the light for each unit."""
    color: Color | None = None
    """Linear RGB."""
    temperature: Temperature | None = None
    """Kelvin."""
    azimuth: Number | None = None
    """Degrees from +X toward +Y: the side from which the light comes."""
    elevation: Elevation | None = None
    """Degrees above the horizon from which the light comes."""
    distance: Positive | None = None
    """Metres from the target, with azimuth and elevation; 10 by default, without effect on a distant light."""
    target: Target = (0.0, 0.0, 0.0)
    """The point [m] or item around which azimuth and elevation are measured."""
    position: Vector3 | None = None
    """Metres; instead of azimuth and elevation."""
    rotation: Vector3 | None = None
    """Degrees about X, then Y, then Z; turns a dome's panorama."""
    texture: Panorama | None = None
    """A dome's panorama, or a distribution of them."""
    radius: Positive | None = None
    """Metres; sphere, disk and cylinder lights."""
    width: Positive | None = None
    """Metres; rect lights."""
    height: Positive | None = None
    """Metres; rect lights."""
    length: Positive | None = None
    """Metres; cylinder lights."""
    angle: Annotated[Value, Varying(Numbers(low=0, high=360, unit="degrees"))] | None = None
    """Apparent size of a distant light in degrees: 0.53 is the sun, more makes softer shadows."""
    lights_on: tuple[int, int] | None = None
    """[least, most]: how many of all the lights shine, drawn evenly, and which at random; the others are off."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = [name for name in type(self).model_fields if name not in ("lights", "target") and self.gives(name)]
        pairs = [("intensity_scale", "intensity"), ("position", "azimuth"), ("position", "elevation")]
        pairs += [("rotation", "azimuth"), ("rotation", "elevation")]
        found = [
            fault(f"{first} and {second} exclude each other", "keep one of them", (first,), True)
            for first, second in pairs
            if first in given and second in given
        ]
        if "distance" in given and not {"azimuth", "elevation"} & set(given):
            found.append(fault("distance needs a direction", "give azimuth and elevation", ("distance",), True))
        if self.lights_on is not None and not 0 <= self.lights_on[0] <= self.lights_on[1]:
            message = f"[{self.lights_on[0]}, {self.lights_on[1]}] is not [least, most]"
            found.append(fault(message, "0 <= least <= most", ("lights_on",)))
        if not given:
            found.append(fault("nothing is varied", "give intensity, temperature, azimuth or another field"))
        if found:
            raise faults(found)
        return self

    def gives(self, name: str) -> bool:
        """Whether a field was given."""
        return getattr(self, name) is not None

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """modify.attribute for each field, modify.pose_orbit for directions, modify.pose otherwise.

        lights_on: modify.visibility over all lights at once.
        """
        targets = context.targets("lights")
        if self.lights_on is not None:
            paths = [path for target in targets for path in target.paths]
            least, most = (min(number, len(paths)) for number in self.lights_on)
            rep.modify.visibility(context.subset(least, most), input_prims=paths)
        for target in targets:
            for field, name in _INPUTS.items():
                if self.gives(field):
                    rep.modify.attribute(name, context.draw(field, target), input_prims=target.item)
            if self.gives("intensity_scale"):
                value = context.draw_scaled("intensity_scale", target, of="intensity")
                rep.modify.attribute("inputs:intensity", value, input_prims=target.item)
            if self.gives("azimuth") or self.gives("elevation"):
                rep.modify.pose_orbit(
                    barycentre=context.draw("target", target),
                    distance=context.draw("distance", target) if self.gives("distance") else 10.0,
                    azimuth=context.draw("azimuth", target) if self.gives("azimuth") else 0.0,
                    elevation=context.draw("elevation", target) if self.gives("elevation") else 45.0,
                    input_prims=target.item,
                )
            pose = {name: context.draw(name, target) for name in ("position", "rotation") if self.gives(name)}
            if pose:
                rep.modify.pose(**pose, input_prims=target.item)
