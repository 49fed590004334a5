"""Items on a conveyor belt: anywhere along it, near its middle, headed mostly along it."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Number, Numbers, Prims, Value, Varying


class Conveyor(RandomizerPlugin):
    """Lay items onto a belt along X; each copy draws for itself."""

    prims: Prims
    """What lies on it."""
    along: Number
    """Metres along the belt."""
    across: Number = 0.0
    """Metres from its middle line."""
    heading: Annotated[Value, Varying(Numbers(low=-180, high=180, unit="degrees"))] = 0.0
    """Degrees from the belt's direction."""
    height: Number = 0.0
    """Metres of the items' origins above the ground."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """Make the rep calls; they run each time the trigger fires."""
        for target in context.targets("prims"):
            rep.modify.pose(
                position_x=context.draw("along", target),
                position_y=context.draw("across", target),
                position_z=context.draw("height", target),
                rotation_z=context.draw("heading", target),
                input_prims=target.item,
            )
