"""camera_cylinder: cameras on an upright cylinder around a target."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Number, Positive, Target
from replicator_dr.spec.distributions import Uniform

AROUND = Uniform(0.0, 360.0)
"""All sides are equally likely."""


class CameraCylinder(RandomizerPlugin):
    """Put cameras on an upright cylinder around a target and let them look at it: for what stands tall.

    With one radius and a uniform height, equal areas are equally likely. On Isaac Sim in stepped mode, as Replicator
    has no such node. Runs after everything is placed.
    """

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 2

    cameras: Cameras
    """What moves."""
    target: Target = (0.0, 0.0, 0.0)
    """The point [m] or item on the axis."""
    radius: Positive
    """Metres from the axis."""
    height: Number
    """Metres above the target."""
    azimuth: Number | None = None
    """Degrees from +X toward +Y; by default all around."""
    roll: Number | None = None
    """Degrees about the optical axis, positive turns the image clockwise."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.orbit_cylinder of our own; the roll is the wrapper's turn about X, its optical axis."""
        for target in context.targets("cameras"):
            azimuth = AROUND if self.azimuth is None else self.azimuth
            rep.randomizer.orbit_cylinder(
                barycentre=context.draw("target", target),
                radius=context.draw("radius", target),
                azimuth=context.draw_value(azimuth, "azimuth", target),
                height=context.draw("height", target),
                input_prims=target.item,
            )
            if self.roll is not None:
                rep.modify.pose(rotation_x=context.draw("roll", target), input_prims=target.item)
