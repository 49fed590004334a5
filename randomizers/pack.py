"""pack: things on shelves and in containers."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import NonNegative, Prims


class Pack(RandomizerPlugin):
    """Pack things onto boards or into containers.

    The boxes about them lie along the container's axes, inside of it, none overlapping another, each as low, then as
    far back and as far left as there is room. Things keep the orientation that they have, as seen in the container's
    frame, but for quarter turns. Replicator has no such randomizer: Isaac Sim runs it in stepped mode.
    """

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    prims: Prims
    """What is packed, in the order of ``create``."""
    into: Prims
    """Boards (flat things, such as hidden planes) or containers, whose box is filled: back and left are -Y and -X.

    Several are filled one after the other."""
    height: float | None = Field(default=None, gt=0)
    """Metres up to which things are packed; needed for boards, a container has its own."""
    inset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Metres of wall: at both sides along X, at both along Y, and at the bottom."""
    gap: NonNegative = 0.0
    """Metres that each thing keeps around it, half of them on each side."""
    turn: bool = True
    """Turn things by a random multiple of 90 degrees."""
    spread: bool = False
    """Whether each thing begins at a container drawn at random, instead of the first one that has room."""
    layers: int | None = Field(default=None, ge=1)
    """Greatest number of things on each other."""
    support: float = Field(default=0.7, ge=0, le=1)
    """Share of a thing's base that has to lie on the floor or on others."""
    no_room: Literal["error", "hide"] = "error"
    """What happens to a thing for which no container has room: an error, or it is hidden, with a warning, and
    with the number in each frame among the draws, as `parts.pack.no_room`."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.pack for all things, registered by the project."""
        targets = context.targets("prims")
        rep.randomizer.pack(
            into=[path for target in context.targets("into") for path in target.paths],
            input_prims=[target.item for target in targets],
            seeds=[context.seed("pack", target) for target in targets],
            height=self.height,
            inset=self.inset,
            turn=self.turn,
            spread=self.spread,
            layers=self.layers,
            support=self.support,
            no_room=self.no_room,
            record=context.record_name("no_room") if self.no_room == "hide" else None,
            gaps=[context.draw("gap", target) for target in targets],
        )
