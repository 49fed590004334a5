"""along_path: things along a line."""

from __future__ import annotations

from types import ModuleType
from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from replicator_dr.placing import Placing
from replicator_dr.plugins import BuildContext
from replicator_dr.spec import PrimName
from replicator_dr.spec.model import fault, faults


class AlongPath(Placing):
    """Put things along a path: evenly, by a step, or anywhere on it.

    Replicator has no such randomizer: Isaac Sim runs it in stepped mode.
    """

    points: tuple[tuple[float, float, float], ...] | None = Field(default=None, min_length=2)
    """Corners of the path in metres; closed where the last one is the first."""
    curve: PrimName | None = None
    """An asset with BasisCurves, instead of points."""
    spacing: Literal["even", "random"] = "even"
    """Whether things stand at even distances or anywhere."""
    step: float | None = Field(default=None, gt=0)
    """Metres from one thing to the next along the path; left out, things share its whole length."""
    start: float = Field(default=0.0, ge=0)
    """Metres of the path before the first thing."""
    jitter: float = Field(default=0.0, ge=0)
    """Greatest shift along the path, either way, in metres."""
    aside: float = Field(default=0.0, ge=0)
    """Greatest shift across the path, either way, in metres."""
    align: bool = False
    """Turn things so that their own X follows the path."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.points is None) == (self.curve is None):
            raise faults([fault("a path is either points or a curve", "give one of points, curve")])
        if self.step is not None and self.spacing == "random":
            raise faults([fault("step goes with even spacing", "leave step out, or use spacing: even", ("step",))])
        return self

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.along_path for all things, registered by the project."""
        path = self.points if self.curve is None else list(context.target(self.curve).paths)
        rep.randomizer.along_path(
            path=path,
            step=self.step,
            random=self.spacing == "random",
            start=self.start,
            jitter=self.jitter,
            aside=self.aside,
            align=self.align,
            **self.rules(context),
        )
