"""camera_dome: cameras spread evenly over a dome around a target."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Number, Positive, Target
from replicator_dr.spec.distributions import Uniform
from replicator_dr.spec.model import fault, faults

AROUND = Uniform(0.0, 360.0)
"""All sides are equally likely."""


class CameraDome(RandomizerPlugin):
    """Put cameras on a part of a sphere around a target and let them look at it; equal areas are equally likely.

    ``orbit`` with a uniform elevation crowds them around the pole instead. On Isaac Sim in stepped mode, as Replicator
    has no such distribution. Runs after everything is placed.
    """

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 2

    cameras: Cameras
    """What moves."""
    target: Target = (0.0, 0.0, 0.0)
    """The point [m] or item in the middle."""
    distance: Positive
    """Metres from the target."""
    elevation: tuple[float, float] = (0.0, 90.0)
    """[lowest, highest]: degrees above the horizon, within -90 .. 90."""
    azimuth: Number | None = None
    """Degrees from +X toward +Y; by default all around."""
    roll: Number | None = None
    """Degrees about the optical axis, positive turns the image clockwise."""

    @model_validator(mode="after")
    def _a_zone(self) -> Self:
        if not -90 <= self.elevation[0] <= self.elevation[1] <= 90:
            message = f"[{self.elevation[0]:g}, {self.elevation[1]:g}] is not [lowest, highest]"
            raise faults([fault(message, "-90 <= lowest <= highest <= 90", ("elevation",))])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """modify.pose_orbit, with elevations of our own."""
        lower, upper = self.elevation
        for target in context.targets("cameras"):
            azimuth = AROUND if self.azimuth is None else self.azimuth
            rep.modify.pose_orbit(
                barycentre=context.draw("target", target),
                distance=context.draw("distance", target),
                azimuth=context.draw_value(azimuth, "azimuth", target),
                elevation=context.own("zone", "elevation", target, lower=lower, upper=upper),
                look_at_barycentre=True,
                input_prims=target.item,
            )
            if self.roll is not None:
                rep.modify.pose(rotation_x=context.draw("roll", target), input_prims=target.item)
