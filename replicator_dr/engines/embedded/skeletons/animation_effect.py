"""randomizer.animation as an effect: the time at which skeletons are shown in their animations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.skeletons.read import skeletons_below
from replicator_dr.errors import AssetError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan


class AnimationEffect(Effect):
    """inputs: time [s], one for all skeletons of a target, None = even over the animation by ``source``; record."""

    drawn = ("time",)

    def __init__(
        self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any], source: Distribution
    ) -> None:
        super().__init__(kind, targets, inputs)
        self._source = source

    @override
    def prepare(self, plan: Plan) -> None:
        paths = self.targets()
        held = [[one.path for one in skeletons_below(plan.prim(path, self.kind))] for path in paths]
        if without := [path for path, skeletons in zip(paths, held) if not skeletons]:
            raise AssetError(
                f"{self.kind}: {without[0]} holds no Skeleton within a SkelRoot; animate an asset that does"
            )
        self._columns = plan.animation_columns([path for skeletons in held for path in skeletons], self.kind)
        self._owner = np.repeat(np.arange(len(paths)), [len(skeletons) for skeletons in held])
        ends = [plan.clips[path].times[[0, -1]] for skeletons in held for path in skeletons]
        self._ends = np.array(ends).reshape(-1, 2)
        if self.inputs["record"] and len(self._columns):
            # Skeletons of one asset are shown at the same time.
            first = self._columns[np.unique(self._owner, return_index=True)[1]]
            plan.recorded[self.inputs["record"]] = "animation_time", first, slice(0, 1)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self.targets())
        if self.inputs["time"] is not None:
            times = firing.numbers(self.inputs["time"], count, 1)[:, self._owner]
        else:
            share = self._source.uniforms(firing.seed, firing.executions, count, 1)
            share = share.reshape(-1, count, 1)[:, self._owner]
            times = self._ends[:, :1] + share * np.diff(self._ends, axis=1)
        firing.write("animation_time", self._columns, times)
