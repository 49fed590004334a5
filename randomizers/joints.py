"""joints: how a robot holds itself."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import Field

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Prims, Robots
from replicator_dr.spec.robots import JointPositions


class Joints(RandomizerPlugin):
    """Pose robots by their joints, within the limits of these; links and their labels follow.

    Joints that ``positions`` does not name are drawn evenly over ``range``. Joints that follow others (``mimic``) do.
    Runs after the entries that place things. On Isaac Sim in stepped mode, which gives the links the same poses.
    """

    family: ClassVar[str] = "robots"
    order: ClassVar[int] = 1

    robots: Robots
    """What is posed."""
    positions: JointPositions = {}  # noqa: RUF012 - frozen with its model
    """By name or pattern of joints, the first that fits: degrees for those that turn, metres for those that slide.
    Distributions without bounds are cut to the joint's limits."""
    range: Annotated[float, Field(ge=0, le=1)] = 1.0
    """For the other joints: the share of the way from the pose of the file to each limit; 0 leaves them there."""
    collision_free: bool = False
    """Draw anew until no link touches another one; neighbours, and what touches in the file's own pose, may."""
    avoid: Prims | None = None
    """What links must not touch either."""
    ground: float | None = None
    """Height [m] to which the robot is lifted or lowered, so that its lowest point touches it."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.joints for each item."""
        avoid = [path for target in context.targets("avoid") for path in target.paths]
        for target in context.targets("robots"):
            rep.randomizer.joints(
                positions={
                    name: context.draw_value(value, f"positions.{name}", target)
                    for name, value in self.positions.items()
                },
                range=self.range,
                collision_free=self.collision_free,
                avoid=avoid or None,
                ground=self.ground,
                seed=context.seed("joints", target),
                record=context.record_name("position", target),
                input_prims=target.item,
            )
