"""orbit: cameras around a target."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Elevation, Number, Positive, Target


class Orbit(RandomizerPlugin):
    """Put cameras on a sphere around a target and let them look at it. Runs after everything is placed."""

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 2

    cameras: Cameras
    """What moves."""
    target: Target = (0.0, 0.0, 0.0)
    """The point [m] or item in the middle."""
    distance: Positive
    """Metres from the target."""
    elevation: Elevation = 30.0
    """Degrees above the horizon."""
    azimuth: Number = 0.0
    """Degrees from +X toward +Y."""
    roll: Number | None = None
    """Degrees about the optical axis, positive turns the image clockwise."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One modify.pose_orbit for each camera; the roll is the wrapper's turn about X, its optical axis."""
        for target in context.targets("cameras"):
            rep.modify.pose_orbit(
                barycentre=context.draw("target", target),
                distance=context.draw("distance", target),
                azimuth=context.draw("azimuth", target),
                elevation=context.draw("elevation", target),
                look_at_barycentre=True,
                input_prims=target.item,
            )
            if self.roll is not None:
                rep.modify.pose(rotation_x=context.draw("roll", target), input_prims=target.item)
