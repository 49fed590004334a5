"""modify.material and randomizer.materials: which material a prim and all below it show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pxr import UsdShade
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import things_of
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.targets import paths_of
from replicator_dr.engines.embedded.usd.stage import content
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan


class MaterialEffect(Effect):
    """Binds one material to each prim. inputs: value, a choice of materials, or one."""

    drawn = ("value",)

    @override
    def prepare(self, plan: Plan) -> None:
        prims = [str(content(plan.prim(path, self.kind)).GetPath()) for path in self.targets()]
        self._columns = plan.binding_columns(prims, self.kind)
        self._rows = np.array(
            [self._row(plan, thing) for thing in things_of(self.inputs["value"], len(prims))], dtype=np.float64
        )

    def _row(self, plan: Plan, thing: object) -> int:
        paths = paths_of(thing)
        if len(paths) != 1:
            raise EngineError(
                f"{self.kind}: {thing!r} stands for {len(paths)} prims; give one material for each choice"
            )
        prim = plan.prim(paths[0], self.kind)
        if prim.IsA(UsdShade.Shader):
            prim = prim.GetParent()
        if str(prim.GetPath()) not in plan.materials:
            raise EngineError(f"{self.kind}: {paths[0]} is a {prim.GetTypeName()}, not a material")
        return plan.materials.index[str(prim.GetPath())]

    @override
    def evaluate(self, firing: Firing) -> None:
        if len(self._columns):
            rows = self._rows[firing.picks(self.inputs["value"], len(self._columns))]
            firing.write("binding", self._columns, rows[..., None])
