"""grid: things in cells, shifted a little."""

from __future__ import annotations

from types import ModuleType

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.placing import Placing
from replicator_dr.plugins import BuildContext
from replicator_dr.spec import Number, Vector3
from replicator_dr.spec.model import fault, faults


class Grid(Placing):
    """Put things into the cells of a grid, one each, with a random shift within the cell.

    Replicator has no such randomizer: Isaac Sim runs it in stepped mode.
    """

    counts: tuple[int, int, int]
    """Cells along X, Y and Z; things fill them in this order."""
    pitch: tuple[float, float, float]
    """Metres from one cell to the next."""
    position: Vector3 = (0.0, 0.0, 0.0)
    """Middle of the grid in metres."""
    rotation: Number | None = None
    """Degrees by which the grid is turned about the vertical; things turn with it."""
    jitter: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Greatest shift along X, Y and Z of the grid, either way, in metres."""
    shuffle: bool = False
    """Whether things take cells at random instead of in order."""
    tries: int = Field(default=64, ge=1, le=100000)
    """Shifts that are tried for each thing."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = []
        if min(self.counts) < 1:
            found.append(fault(f"{list(self.counts)} is no number of cells", "give 1 or more each", ("counts",)))
        if min(self.jitter) < 0:
            found.append(fault("a shift below 0", "give the greatest shift, either way", ("jitter",)))
        if found:
            raise faults(found)
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.grid for all things, registered by the project."""
        rep.randomizer.grid(
            counts=self.counts,
            pitch=self.pitch,
            position=context.draw("position"),
            rotation=context.draw("rotation"),
            jitter=self.jitter,
            shuffle=self.shuffle,
            **self.rules(context),
        )
