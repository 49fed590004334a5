"""scatter_2d: put things onto surfaces."""

from __future__ import annotations

from types import ModuleType
from typing import Literal

from replicator_dr.placing import Limit, Placing
from replicator_dr.plugins import BuildContext
from replicator_dr.spec import Prims

_PLAIN = frozenset(
    {"prims", "surface_prims", "no_coll_prims", "min_samp", "max_samp", "offset", "check_for_collisions", "stand"}
)


class Scatter2d(Placing):
    """Spread items over surfaces, resting on them.

    Runs after the entries that size and turn things. Items are placed in the order of ``create``; with
    ``check_for_collisions`` each avoids those placed before it, by its ground plan, which is fast. Fields beyond
    Replicator's (``collision``, ``clearance``, ``tries``, ``no_room``, ``keep_out``, ``in_view``, ``align``, ``spin``)
    place things exactly; Isaac Sim runs them, and ``stand``, in stepped mode.
    """

    surface_prims: Prims
    """Onto what."""
    min_samp: Limit = (None, None, None)
    """Least X, Y, Z in metres; null for no limit."""
    max_samp: Limit = (None, None, None)
    """Greatest X, Y, Z in metres; null for no limit."""
    check_for_collisions: bool = False
    """Keep the items from overlapping."""
    collision: Literal["footprint", "hull", "mesh", "none"] = "footprint"  # type: ignore[assignment]
    """How they are kept apart: by the rectangles about them as seen from above, where one without room overlaps with
    a warning; by their convex hulls or triangles, exactly; or not at all."""
    align: bool = False
    """Turn things so that their own Z follows the surface's normal."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.scatter_2d for each item, which avoids the items before it; else a call of the project's."""
        surfaces = [path for target in context.targets("surface_prims") for path in target.paths]
        if self._is_exact():
            rules = self.rules(context)
            if self.collision == "footprint":
                rules["collision"] = "hull" if self.check_for_collisions or self.no_coll_prims else "none"
                rules["among"] = self.check_for_collisions
            rep.randomizer.place_on_surface(
                surface_prims=surfaces, min_samp=self.min_samp, max_samp=self.max_samp, align=self.align, **rules
            )
            return
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

    def _is_exact(self) -> bool:
        """Whether a field is given that Replicator's randomizer does not have."""
        given = {name for name in self.model_fields_set if getattr(self, name) != type(self).model_fields[name].default}
        return bool(given - _PLAIN)
