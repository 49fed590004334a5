"""rotation: a random orientation, all equally likely."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from pydantic import Field

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Posables


class Rotation(RandomizerPlugin):
    """Turn items at random; over the full range every orientation is equally likely."""

    family: ClassVar[str] = "placement"

    prims: Posables
    """What is turned."""
    min_angle: tuple[float, float, float] = Field(default=(-180.0, -180.0, -180.0))
    """Degrees about X, Y, Z: the least."""
    max_angle: tuple[float, float, float] = Field(default=(180.0, 180.0, 180.0))
    """Degrees about X, Y, Z: the most."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.rotation for each item."""
        for target in context.targets("prims"):
            rep.randomizer.rotation(
                min_angle=self.min_angle,
                max_angle=self.max_angle,
                seed=context.seed("rotation", target),
                input_prims=target.item,
            )
