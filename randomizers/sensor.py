"""sensor: what cameras make of the light, from the lens to the file."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import SENSOR_ATTRIBUTES, Cameras
from replicator_dr.spec import Sensor as SensorFields
from replicator_dr.spec.model import Model, fault, faults


class _OfCameras(Model):
    """What comes first in the reference."""

    cameras: Cameras
    """What is varied."""


class Sensor(SensorFields, _OfCameras, RandomizerPlugin):
    """Vary exposure, gain, white balance, blur, noise and compression of images. Labels and true depth stay."""

    family: ClassVar[str] = "sensors"
    order: ClassVar[int] = 2

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(getattr(self, name) is None for name in SENSOR_ATTRIBUTES):
            raise faults([fault("nothing is varied", "give gain, white_balance, blur or another field")])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """modify.attribute for each field."""
        for target in context.targets("cameras"):
            for field, name in SENSOR_ATTRIBUTES.items():
                if getattr(self, field) is not None:
                    drawn = context.draw(field, target)
                    rep.modify.attribute(name, drawn, attribute_type="float", input_prims=target.item)
