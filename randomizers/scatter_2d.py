"""scatter_2d: put things onto surfaces."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar

from replicator_dr.plugins import BuildContext, RandomizerPlugin
from replicator_dr.spec import Prims

Limit = tuple[float | None, float | None, float | None]


class Scatter2d(RandomizerPlugin):
    """Spread items over surfaces, resting on them.

    Runs after the entries that size and turn things. Items are placed in the order of ``create``; with
    ``check_for_collisions`` each avoids those placed before it.
    """

    family: ClassVar[str] = "placement"
    order: ClassVar[int] = 1

    prims: Prims
    """What is scattered."""
    surface_prims: Prims
    """Onto what."""
    no_coll_prims: Prims | None = None
    """What else is to be avoided."""
    min_samp: Limit = (None, None, None)
    """Least X, Y, Z in metres; null for no limit."""
    max_samp: Limit = (None, None, None)
    """Greatest X, Y, Z in metres; null for no limit."""
    offset: float = 0.0
    """Metres above the surface."""
    check_for_collisions: bool = False
    """Keep the items from overlapping."""
    stand: bool = True
    """Lift each item so that its lowest point touches the surface; false puts its origin there."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.scatter_2d for each item, which avoids the items before it."""
        surfaces = [path for target in context.targets("surface_prims") for path in target.paths]
        avoided = [path for target in context.targets("no_coll_prims") for path in target.paths]
        for target in context.targets("prims"):
            placed = rep.randomizer.scatter_2d(
                surface_prims=surfaces,
                no_coll_prims=list(avoided) or None,
                min_samp=self.min_samp,
                max_samp=self.max_samp,
                seed=context.seed("scatter_2d", target),
                offset=self.offset,
                check_for_collisions=self.check_for_collisions,
                input_prims=target.item,
            )
            if self.stand:
                placed.set_input("stand", True)
            if self.check_for_collisions:
                avoided += target.paths
