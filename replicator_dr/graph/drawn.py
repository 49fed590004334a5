"""What was drawn for a frame, and how each value came about: seed, stream, execution, attempt, branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.distributions import Distribution, distribution_of
from replicator_dr.engines.embedded.draws.own_distributions import Shared
from replicator_dr.engines.embedded.draws.tied_distributions import Switched
from replicator_dr.engines.embedded.evaluation import Values
from replicator_dr.engines.embedded.require.moments import attempt_of, executions_at, fired_at, frame_of, moments
from replicator_dr.engines.embedded.triggers import BEFORE, NEVER
from replicator_dr.graph.place import Place
from replicator_dr.labels.redraws import ATTEMPT, FAILED

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime
    from replicator_dr.graph.context import Built

SHARED = "draws"
"""What names of shared draws begin with."""


@dataclass(frozen=True)
class DrawnValue:
    """One draw of a frame.

    name: under which it is recorded; ``draws.x`` for a shared one. value: (n, k) numbers, or (n,) texts or items, of n
    prims (1 for all of them). written: the value of the spec behind it, None where a randomizer made it. stream: the
    names that, with the spec's seed, make ``seed``; both None for what has no stream of its own. trigger, fired: whose
    firing it is, and at which frame, -1 before frame 0. execution, attempt: what the draw is a function of besides the
    stream. taken: the branch of a condition that was taken, for each prim.
    """

    name: str
    value: NDArray[Any]
    written: Any
    stream: tuple[str, ...] | None
    seed: int | None
    trigger: str
    fired: int
    execution: int
    attempt: int
    taken: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DrawnFrame:
    """What was drawn for a frame. attempt: how often it was drawn before. failed: how many each requirement refused.

    facts: what else is recorded, as found out and not drawn, by name; None where nobody asked.
    """

    frame: int
    attempt: int
    failed: tuple[int, ...]
    values: tuple[DrawnValue, ...]
    facts: dict[str, NDArray[np.float64]] | None


def drawn_frame(runtime: Runtime, built: Built, frame: int, facts: bool) -> DrawnFrame:
    """Everything that is recorded of a frame, and the shared draws of a frame that it uses."""
    values = (runtime.values if facts else runtime.drawn)(np.array([frame]))
    attempt = int(values.draws[ATTEMPT][0]) if ATTEMPT in values.draws else 0
    failed = tuple(values.draws[FAILED][0].tolist()) if FAILED in values.draws else ()
    moment = moments(np.array([frame]), np.array([attempt]))
    found = [*_shared(runtime, built, moment, values), *_fields(runtime, built, moment, values)]
    told = {name: values.draws[name][0] for name in values.plan.recorded} if facts else None
    return DrawnFrame(frame, attempt, failed, tuple(found), told)


def _shared(runtime: Runtime, built: Built, moment: NDArray[np.int64], values: Values) -> list[DrawnValue]:
    """Shared draws by themselves: at this frame, as entries that run at every frame see them."""
    found = []
    for name, item in built.lowering.shared.items():
        node, shared, place = distribution_of(item), built.spec.shared(name), Place((SHARED, name))
        if node is None or (shared.per == "prim" and place.name not in values.draws):
            continue
        count = 1 if shared.per == "frame" else values.draws[place.name].shape[1]
        value = _sampled(node, runtime.seed, moment, count)
        found.append(_one(place.name, value, shared.distribution, place, node, runtime.seed, moment, count, None))
    return found


def _fields(runtime: Runtime, built: Built, moment: NDArray[np.int64], values: Values) -> list[DrawnValue]:
    found = []
    for name, (node, trigger, count) in values.plan.named.items():
        if name.startswith(f"{SHARED}."):
            continue
        place, written = built.lowering.origins.get(name, (None, None))
        executions = executions_at(trigger, moment)
        at = int(fired_at(trigger, moment)[0])
        fired = (trigger.name, at if at in (BEFORE, NEVER) else int(frame_of(np.array([at]))[0]))
        found.append(_one(name, values.draws[name][0], written, place, node, runtime.seed, executions, count, fired))
    return found


def _one(
    name: str,
    value: NDArray[Any],
    written: Any,
    place: Place | None,
    node: Distribution,
    seed: int,
    executions: NDArray[np.int64],
    count: int,
    fired: tuple[str, int] | None,
) -> DrawnValue:
    own = None if isinstance(node, Shared) else node.seed
    execution = int(frame_of(executions)[0])
    attempt = int(attempt_of(executions)[0])
    trigger, frame = fired or ("", execution)
    taken = None
    if isinstance(node, Switched):
        labels = getattr(written, "labels", ()) or tuple(str(row) for row in range(len(node.branches)))
        taken = tuple(labels[row] for row in node.taken(seed, executions, count)[0].tolist())
    stream = place.parts if place is not None and own is not None else None
    return DrawnValue(name, value, written, stream, own, trigger, frame, execution, attempt, taken)


def _sampled(node: Distribution, seed: int, executions: NDArray[np.int64], count: int) -> NDArray[Any]:
    if node.numeric:
        return np.asarray(node.sample(seed, executions, count, None)[0])
    picks = node.picks(seed, executions, count)
    things = np.empty(len(picks.things), dtype=object)
    things[:] = [str(getattr(thing, "written", thing)) for thing in picks.things]
    return np.asarray(things[picks.index[0]])
