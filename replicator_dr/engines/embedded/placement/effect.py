"""Things placed one after the other, each at the first of its tries that satisfies the rules.

Each thing has streams of its own and looks only at those before it: one added at the end leaves the others where they
are. A try is a function of (seed, execution, thing, number), so a frame alone is as it is in a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.placement.group_effect import GroupEffect
from replicator_dr.engines.embedded.placement.groups import Group, drawn
from replicator_dr.engines.embedded.placement.no_room import NoRoom
from replicator_dr.engines.embedded.placement.poses import turn_about_z, write_worlds
from replicator_dr.engines.embedded.placement.proposal import Places, Proposal, Tries
from replicator_dr.engines.embedded.placement.rules import Rules
from replicator_dr.engines.embedded.placement.scenery import Scenery
from replicator_dr.engines.embedded.placement.search import Search
from replicator_dr.engines.embedded.scene.shaped import shaped_points

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Tries of a round: most things find room in the first one, the few that do not get ever more.
ROUNDS = (1, 7, 24, 96, 384)


class PlacementEffect(GroupEffect):
    """Writes the poses, and the visibility where no_room is "hide".

    inputs: offset [m] along what a thing stands on, stand (lifted until its lowest point is there), record (the name of
    the number of things without a place, None).
    """

    def __init__(
        self, proposal: Proposal, groups: Sequence[Group], rules: Rules, inputs: dict[str, Any], name: str | None
    ) -> None:
        super().__init__(proposal.kind, groups, inputs, name)
        self._proposal = proposal
        self._rules = rules

    @override
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self._no_room = NoRoom(plan, self.kind, self._paths, self._rules.no_room, self.inputs["record"])
        self._scenery = Scenery(plan, self.kind, self._paths, self._rules)
        self._proposal.prepare(plan, len(self._paths))

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        linear = firing.world(self._paths)[..., :3, :3]
        spin = self._spin(firing)
        if spin is not None:
            linear = np.matmul(linear, spin)
        keys = [group.source.key(firing.seed) for group, _ in self._members]
        self._proposal.begin(firing, keys)
        shapes = shaped_points(firing, self._paths)
        search = Search(self._scenery.at(firing, linear, shapes), self._rules, self._proposal.spacing)
        lift = firing.numbers(self.inputs["offset"], len(self._paths), 1)[..., 0]
        placed = np.ones(linear.shape[:2], dtype=bool)
        for thing in range(len(self._paths)):
            now = shapes[thing]
            hull = (self._hulls[thing] if now is None else now) if self.inputs["stand"] else None
            placed[:, thing] = self._place(firing, search, thing, lift[:, thing], hull, keys)
        self._no_room.settle(firing, placed, f"among {self._rules.tries} tries")
        turned = spin is not None or search.turned
        write_worlds(firing, self._paths, self._columns, search.linear, search.origin, turned)

    def _spin(self, firing: Firing) -> Float64 | None:
        """(R, n, 3, 3): turns about the vertical before a thing is aligned, None where there are none."""
        if all(group.spin is None for group in self._groups):
            return None
        return turn_about_z(drawn(firing, self._groups, "spin", 1)[..., 0])

    def _place(
        self, firing: Firing, search: Search, thing: int, lift: Float64, hull: Float64 | None, keys: list[int]
    ) -> NDArray[np.bool_]:
        """(R,): whether the thing found a place; it is put there, or at its first try.

        hull: what stands on the place, (K, 3) or, of a deformed thing, (R, K, 3); None where its origin does.
        """
        rows: Int64 = np.arange(len(firing.executions))
        placed = np.zeros(len(rows), dtype=bool)
        first = 0
        for size in (*ROUNDS, *[ROUNDS[-1]] * (self._rules.tries // ROUNDS[-1])):
            count = min(size, self._rules.tries - first)
            if count <= 0 or not len(rows):
                break
            key = sampling.stream_key("places", keys[thing], self._members[thing][1], first)
            u = sampling.uniforms(key, firing.executions[rows], 1, self._proposal.width * count)
            places = self._proposal.propose(thing, rows, u.reshape(len(rows), count, self._proposal.width), first)
            tries = _lifted(
                places, search.linear[rows, thing], hull if hull is None or hull.ndim == 2 else hull[rows], lift[rows]
            )
            found = search.first_free(thing, rows, tries)
            if first == 0:
                search.put(thing, rows, tries, np.maximum(found, 0))
            else:
                search.put(thing, rows[found >= 0], tries.only(found >= 0), found[found >= 0])
            placed[rows[found >= 0]] = True
            rows = rows[found < 0]
            first += count
        search.forget(thing, rows, keep=self._rules.no_room == "overlap")
        return placed


def _lifted(places: Places, linear: Float64, hull: Float64 | None, lift: Float64) -> Tries:
    """Places of the origin, above what the thing stands on. linear: (r, 3, 3); hull: None for 0 below it."""
    height = np.broadcast_to(lift[:, None], places.within.shape)
    if hull is not None:
        hull = np.matmul(hull, linear)
        if places.turn is not None:
            # It is turned with what it stands on.
            depth = -hull[..., 2].min(axis=-1)[:, None]
        elif (places.up == places.up[:1, :1]).all():
            depth = -np.sum(hull * places.up[:, :1], axis=-1).min(axis=-1)[:, None]
        else:
            depth = -np.matmul(places.up, np.swapaxes(hull, -1, -2)).min(axis=-1)
        height = height + depth
    return Tries(places.where + height[..., None] * places.up, places.where, places.turn, places.within)
