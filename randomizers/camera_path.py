"""camera_path: cameras along a path."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Cameras, Fraction, Target
from replicator_dr.spec.distributions import Uniform
from replicator_dr.spec.model import fault, faults

ANYWHERE = Uniform(0.0, 1.0)
"""Equal lengths of the path are equally likely."""


class CameraPath(RandomizerPlugin):
    """Put cameras on a path, anywhere or step by step, looking at a target or ahead.

    On Isaac Sim in stepped mode, as Replicator has no such node. Runs after everything is placed.
    """

    family: ClassVar[str] = "cameras"
    order: ClassVar[int] = 2

    cameras: Cameras
    """What moves."""
    points: tuple[tuple[float, float, float], ...] = Field(min_length=2)
    """Corners of the path [m], two or more."""
    smooth: bool = False
    """Whether a smooth curve goes through the points, a centripetal Catmull-Rom spline, rather than straight lines."""
    closed: bool = False
    """Whether the last point is joined to the first."""
    along: Fraction | None = None
    """The share of the path's length at which the cameras stand, 0 .. 1; by default anywhere on it, evenly."""
    frames: int | None = Field(default=None, ge=1)
    """Travel the whole path in so many firings at constant speed, over and over, instead of ``along``."""
    look_at: Target | None = None
    """A point [m] or an item that is looked at; by default the way ahead."""

    @model_validator(mode="after")
    def _a_path(self) -> Self:
        found = []
        if self.along is not None and self.frames is not None:
            found.append(fault("frames and along exclude each other", "keep one of them", ("frames",), True))
        for index, (one, other) in enumerate(zip(self.points, self.points[1:])):
            if one == other:
                found.append(fault("this point is the one before it", "leave it out", ("points", index + 1)))
        if self.closed and len(self.points) > 2 and self.points[0] == self.points[-1]:
            at = ("points", len(self.points) - 1)
            found.append(fault("a closed path ends at its first point by itself", "leave it out", at))
        if self.closed and len(self.points) == 2:
            found.append(fault("two points make no closed path", "give three or more", ("points",)))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """randomizer.follow_path of our own."""
        for target in context.targets("cameras"):
            along = ANYWHERE if self.along is None else self.along
            rep.randomizer.follow_path(
                points=self.points,
                along=0.0 if self.frames is not None else context.draw_value(along, "along", target),
                frames=self.frames,
                closed=self.closed,
                smooth=self.smooth,
                look_at=None if self.look_at is None else context.draw("look_at", target),
                input_prims=target.item,
            )
