"""What effects that place groups have in common: their things, what these draw, and how they are shaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution, expand
from replicator_dr.engines.embedded.effects.posing import PosingEffect
from replicator_dr.engines.embedded.placement.groups import VALUES, Group, members

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan


class GroupEffect(PosingEffect):
    """Writes the poses of all things of some groups."""

    reads_state = True

    def __init__(self, kind: str, groups: Sequence[Group], inputs: dict[str, Any], name: str | None = None) -> None:
        super().__init__(kind, lambda: [path for group in groups for path in group.paths()], inputs, name)
        self._groups = groups

    @override
    def sources(self) -> Iterable[tuple[Distribution, int]]:
        for group in self._groups:
            for distribution in expand([getattr(group, name) for name in VALUES]):
                yield distribution, len(group.paths())
        yield from super().sources()

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._members = members(self._groups)
        plan.watch_shapes(self._paths)
        self._hulls = [plan.bounds.extremes(path).hull for path in self._paths]
