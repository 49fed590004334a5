"""pose: where things are, how they are turned, how large they are."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Number, Posables, Scale3, Size3, Target, Vector3
from replicator_dr.spec.items import own_place
from replicator_dr.spec.model import fault, faults

_AXES = ("x", "y", "z")
_MOTION = {"velocity": "physics:velocity", "angular_velocity": "physics:angularVelocity"}


class Pose(RandomizerPlugin):
    """Place, turn and scale items; each copy draws for itself."""

    family: ClassVar[str] = "placement"

    prims: Posables
    """What is posed."""
    position: Vector3 | None = None
    """Metres, in the world or in the parent."""
    position_x: Number | None = None
    """Metres along X alone; the other axes keep their value."""
    position_y: Number | None = None
    """Metres along Y alone."""
    position_z: Number | None = None
    """Metres along Z alone."""
    rotation: Vector3 | None = None
    """Degrees about X, then Y, then Z."""
    rotation_x: Number | None = None
    """Degrees about X alone; the other axes keep their value."""
    rotation_y: Number | None = None
    """Degrees about Y alone."""
    rotation_z: Number | None = None
    """Degrees about Z alone."""
    scale: Scale3 | None = None
    """Factor; one number scales all axes evenly."""
    size: Size3 | None = None
    """Extent in metres, instead of a scale: one number for the largest extent, or one an axis."""
    look_at: Target | None = None
    """A point [m] or an item toward which local -Z turns, instead of a rotation."""
    velocity: Vector3 | None = None
    """Metres a second, along the axes of the world or the parent: blurred by cameras with a shutter."""
    angular_velocity: Vector3 | None = None
    """Degrees a second about these axes, through the item's origin."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        pairs = [("size", "scale"), ("look_at", "rotation")]
        for whole in ("position", "rotation"):
            pairs += [(f"{whole}_{axis}", whole) for axis in _AXES]
        pairs += [(f"rotation_{axis}", "look_at") for axis in _AXES]
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        found = [
            fault(f"{first} and {second} exclude each other", "keep one of them", (first,), True)
            for first, second in pairs
            if {first, second} <= given
        ]
        found += own_place(self.position, self.look_at)
        if given == {"prims"}:
            found.append(fault("nothing is posed", "give position, rotation, scale, size, look_at or velocity"))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.pose for each item, modify.attribute for velocities."""
        fields = [name for name in type(self).model_fields if name not in ("prims", "look_at", *_MOTION)]
        for target in context.targets("prims"):
            values = {name: context.draw(name, target) for name in fields if getattr(self, name) is not None}
            if self.look_at is not None:
                values["look_at"] = context.draw("look_at", target)
            if values:
                rep.modify.pose(**values, input_prims=target.item)
            for field, attribute in _MOTION.items():
                if getattr(self, field) is not None:
                    rep.modify.attribute(attribute, context.draw(field, target), input_prims=target.item)
