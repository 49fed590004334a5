"""background: what surrounds the scene."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Color, Lights, NonNegative, Number, Panorama
from replicator_dr.spec.model import fault, faults


class Background(RandomizerPlugin):
    """Vary the dome light that surrounds the scene and is seen behind everything."""

    family: ClassVar[str] = "lights"

    lights: Lights
    """The dome."""
    texture: Panorama | None = None
    """Panorama (hdr, png, jpg), or a distribution of them."""
    color: Color | None = None
    """Linear RGB; multiplied with the panorama."""
    intensity: NonNegative | None = None
    """Brightness in nit."""
    azimuth: Number | None = None
    """Degrees by which the panorama is turned about the vertical."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(getattr(self, name) is None for name in ("texture", "color", "intensity", "azimuth")):
            raise faults([fault("nothing is varied", "give texture, color, intensity or azimuth")])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """modify.attribute for each field, modify.pose for the turn."""
        inputs = {"texture": "inputs:texture:file", "color": "inputs:color", "intensity": "inputs:intensity"}
        for target in context.targets("lights"):
            for field, name in inputs.items():
                if getattr(self, field) is not None:
                    rep.modify.attribute(name, context.draw(field, target), input_prims=target.item)
            if self.azimuth is not None:
                rep.modify.pose(rotation_z=context.draw("azimuth", target), input_prims=target.item)
