"""camera: the lens, and where it stands."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Lens, NonNegative, Positive, Target, Vector3
from replicator_dr.spec.items import own_place
from replicator_dr.spec.model import fault, faults

_ATTRIBUTES = {
    "focal_length": "focalLength",
    "horizontal_aperture": "horizontalAperture",
    "focus_distance": "focusDistance",
    "shutter": "sensor:shutter",
}


class Camera(RandomizerPlugin):
    """Vary lenses and positions of cameras. Runs after everything is placed."""

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 2

    cameras: Cameras
    """What is varied."""
    focal_length: Positive | None = None
    """Millimetres."""
    horizontal_aperture: Positive | None = None
    """Width of the sensor in millimetres."""
    f_stop: NonNegative | None = None
    """Aperture number; 0 keeps everything sharp."""
    focus_distance: Positive | None = None
    """Metres at which the image is sharp."""
    lens: Lens | None = None
    """Coefficients of the model that the cameras were created with, such as
    ``{model: opencv_pinhole, k1: {uniform: [-0.3, -0.1]}}``."""
    shutter: NonNegative | None = None
    """Seconds that the shutter is open; 0 freezes what moves."""
    baseline: Positive | None = None
    """Metres between the two eyes, of cameras that are the right eye of a pair (`stereo`)."""
    position: Vector3 | None = None
    """Metres."""
    look_at: Target | None = None
    """A point [m] or an item that is looked at."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields if name != "cameras"):
            raise faults([fault("nothing is varied", "give focal_length, position, look_at or another field")])
        if found := own_place(self.position, self.look_at):
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """modify.attribute for the lens, modify.pose for the place."""
        for target in context.targets("cameras"):
            for field, name in _ATTRIBUTES.items():
                if getattr(self, field) is not None:
                    rep.modify.attribute(name, context.draw(field, target), input_prims=target.item)
            if self.lens is not None:
                for name in self.lens.given:
                    value = context.draw_value(getattr(self.lens, name), f"lens.{name}", target)
                    rep.modify.attribute(self.lens.attribute(name), value, input_prims=target.item)
            if self.f_stop is not None:
                rep.modify.attribute("fStop", context.draw_f_stop("f_stop", target), input_prims=target.item)
            if self.baseline is not None:
                rep.modify.pose(**context.draw_beside("baseline", target), input_prims=target.item)
            names = [name for name in ("position", "look_at") if getattr(self, name) is not None]
            if names:
                rep.modify.pose(**{name: context.draw(name, target) for name in names}, input_prims=target.item)
