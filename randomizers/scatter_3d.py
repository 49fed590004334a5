"""scatter_3d: things in the air, or wherever a volume is."""

from __future__ import annotations

from types import ModuleType

from replicator_dr.placing import Limit, Placing
from replicator_dr.plugins import BuildContext
from replicator_dr.spec import Prims


class Scatter3d(Placing):
    """Spread things over volumes, each part of them alike: their origins are inside.

    Isaac Sim's graph has it as randomizer.scatter_3d where `collision` is none, or hull with `no_room: overlap`, and no
    zone, camera, clearance, spin or offset is given; otherwise it runs in stepped mode.
    """

    volume_prims: Prims | None = None
    """Closed meshes that are filled; hidden ones count. Left out, the box from min_samp to max_samp is."""
    volume_excl_prims: Prims | None = None
    """Closed meshes whose inside is left out."""
    min_samp: Limit = (None, None, None)
    """Least X, Y, Z in metres; null for no limit."""
    max_samp: Limit = (None, None, None)
    """Greatest X, Y, Z in metres; null for no limit."""
    prevent_vol_overlap: bool = True
    """Whether what several volumes share is filled as densely as the rest, instead of once for each."""
    stand: bool = False
    """Put the lowest point of each thing at the place, instead of its origin."""

    def build(self, rep: ModuleType, context: BuildContext) -> None:
        """One randomizer.scatter_3d for each item where it can say all, else a call that the project registers."""
        volumes, excluded = (
            [path for target in context.targets(field) for path in target.paths] or None
            for field in ("volume_prims", "volume_excl_prims")
        )
        where = {
            "volume_prims": volumes,
            "volume_excl_prims": excluded,
            "min_samp": self.min_samp,
            "max_samp": self.max_samp,
            "prevent_vol_overlap": self.prevent_vol_overlap,
        }
        if not self._is_plain():
            rep.randomizer.place_in_volume(**where, **self.rules(context))
            return
        avoided = [path for target in context.targets("no_coll_prims") for path in target.paths]
        for target in context.targets("prims"):
            rep.randomizer.scatter_3d(
                **where,
                no_coll_prims=list(avoided) or None,
                check_for_collisions=self.collision != "none",
                seed=context.seed("scatter_3d", target),
                input_prims=target.item,
            )
            if self.collision != "none":
                avoided += target.paths

    def _is_plain(self) -> bool:
        """Whether Replicator's own randomizer can say all of it."""
        ours = (self.keep_out, self.in_view, self.clearance, self.offset, self.stand, self.spin)
        never_short = self.collision == "none" and self.no_coll_prims is None and self.volume_excl_prims is None
        return not any(ours) and (never_short or (self.collision == "hull" and self.no_room == "overlap"))
