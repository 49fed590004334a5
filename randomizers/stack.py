"""stack: things on each other, side by side."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Number, PrimName, Prims, Vector2, Vector3
from replicator_dr.spec.model import fault, faults


class Stack(RandomizerPlugin):
    """Pile things up: stacks of ``height`` things, side by side in rows of ``columns``. ``height: 1`` makes rows.

    Things keep the orientation that they have, as seen in the pile's frame; the boxes about them touch. Replicator has
    no such randomizer: Isaac Sim runs it in stepped mode.
    """

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    prims: Prims
    """What is piled up, in the order of ``create``: the first stack from below, then the next one."""
    on: PrimName | None = None
    """An item on the middle of whose top the pile stands and with which it turns, instead of a position."""
    position: Vector3 = (0.0, 0.0, 0.0)
    """Metres: where the pile stands."""
    rotation: Number = 0.0
    """Degrees by which the pile is turned about the vertical."""
    height: int = Field(default=1, ge=1)
    """Things on each other in a stack."""
    columns: int = Field(default=1, ge=1)
    """Stacks side by side along X; further ones make the next row along Y."""
    gap: float = Field(default=0.0, ge=0)
    """Metres between the stacks."""
    turn: Number | None = None
    """Degrees about the vertical by which each thing is turned in its place."""
    shift: Vector2 | None = None
    """Metres by which each thing is shifted along X and Y of the pile."""
    centre: bool = True
    """Whether the position is the middle of the pile; otherwise it begins there and grows along X and Y, and a thing
    added at the end leaves the others where they are."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = [
            fault(f"on and {name} exclude each other", "keep one of them", (name,), True)
            for name in ("position", "rotation")
            if self.on is not None and name in self.model_fields_set
        ]
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.stack for all things, registered by the project."""
        targets = context.targets("prims")
        rep.randomizer.stack(
            input_prims=[target.item for target in targets],
            seeds=[context.seed("stack", target) for target in targets],
            on=None if self.on is None else context.target(self.on).paths[0],
            position=context.draw("position"),
            rotation=context.draw("rotation"),
            columns=self.columns,
            height=self.height,
            gap=self.gap,
            centre=self.centre,
            spins=[context.draw("turn", target) for target in targets],
            shifts=[context.draw("shift", target) for target in targets],
        )
