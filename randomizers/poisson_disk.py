"""poisson_disk: things spread evenly, never too near to each other."""

from __future__ import annotations

from types import ModuleType
from typing import Literal

from pydantic import Field

from replicator_dr.placing import Limit, Placing
from replicator_dr.plugins import BuildContext
from replicator_dr.spec import Prims


class PoissonDisk(Placing):
    """Spread things over surfaces with a least distance between the points on which they stand.

    That is blue noise, as plants grow and people stand. Surfaces that hold no more points take no more things.

    Replicator has no such randomizer: Isaac Sim runs it in stepped mode.
    """

    surface_prims: Prims
    """Onto what."""
    distance: float = Field(gt=0)
    """Least distance between the points on which things stand, in metres."""
    align: bool = False
    """Turn things so that their own Z follows the surface's normal."""
    min_samp: Limit = (None, None, None)
    """Least X, Y, Z of these points in metres; null for no limit."""
    max_samp: Limit = (None, None, None)
    """Greatest X, Y, Z of these points in metres; null for no limit."""
    collision: Literal["hull", "mesh", "none"] = "none"
    """How things are kept apart beyond that: by their convex hulls, by their triangles, or not at all."""
    tries: int = Field(default=2000, ge=1, le=100000)
    """Points that are tried for each thing."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.poisson_disk for all things, registered by the project."""
        rep.randomizer.poisson_disk(
            surface_prims=[path for target in context.targets("surface_prims") for path in target.paths],
            distance=self.distance,
            min_samp=self.min_samp,
            max_samp=self.max_samp,
            align=self.align,
            **self.rules(context),
        )
