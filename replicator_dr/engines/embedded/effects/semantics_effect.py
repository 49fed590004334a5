"""modify.semantics: the labels of prims, which later firings may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import distribution_of, things_of
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.scene.scene_labels import close_options
from replicator_dr.engines.embedded.usd.stage_labels import Labels, parse_labels, read_labels

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan


class SemanticsEffect(Effect):
    """Adds, replaces or clears labels. inputs: semantics (labels, or a choice among them), mode."""

    reads_state = True
    drawn = ("semantics",)

    def __init__(self, targets: Callable[[], list[str]], inputs: dict[str, Any]) -> None:
        super().__init__("modify.semantics", targets, inputs)

    transition: NDArray[np.int64]
    """(n, options, values): the option of each prim after it was given a value; set by ``close_labels``."""

    def options(self) -> list[Labels]:
        """The labels that the effect may give, in the order of the choices."""
        value = self.inputs["semantics"]
        things = things_of(value, len(self.targets())) if distribution_of(value) is not None else (value,)
        return [parse_labels(thing, self.kind) for thing in things]

    @override
    def prepare(self, plan: Plan) -> None:
        self.paths_now = self.targets()
        for path in self.paths_now:
            if path not in plan.labels:
                plan.label_options[path] = [read_labels(plan.prim(path, self.kind))]
                plan.labels.add(path, {"labels": 0.0})
        self._columns = plan.columns(plan.labels, self.paths_now)

    @override
    def evaluate(self, firing: Firing) -> None:
        count = len(self._columns)
        if not count:
            return
        before = firing.read("labels", self._columns)[..., 0].astype(np.int64)
        value = self.inputs["semantics"]
        chosen = firing.picks(value, count) if distribution_of(value) is not None else np.zeros_like(before)
        after = self.transition[np.arange(count), before, chosen]
        firing.write("labels", self._columns, after[..., None].astype(np.float64))


def close_labels(plan: Plan) -> None:
    """Work out, for all modify.semantics of a plan, every label dictionary that can come about."""
    effects = [effect for effect in plan.effects if isinstance(effect, SemanticsEffect)]
    tables = close_options(
        plan, [(effect.paths_now, effect.options(), str(effect.inputs["mode"])) for effect in effects]
    )
    for effect, table in zip(effects, tables):
        effect.transition = table
