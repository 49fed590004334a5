"""Batched evaluation: the graph as a pure function from frame numbers to channel tables.

Each channel is a table (R, N, k): rows are frames, columns are prims. A row holds what the frame shows: what ran before
frame 0, then the latest firing of every trigger, later firings over earlier ones and, within one firing, in order of
creation. Effects that read the state are evaluated in the row of the frame in which they fired and carried on from
there, so the batch is widened by those frames. A row's own firings see what other triggers wrote before it.

Rows are moments (``moments.py``): a frame and an attempt at it. Firings that other frames share are those of attempt 0
in every attempt, so effects that read the state are evaluated in the row of attempt 0 and repeated in the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.firing import Apply, Firing
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.require.moments import executions_at, fired_at, frame_of, moments
from replicator_dr.engines.embedded.scene.assembly import assemble
from replicator_dr.engines.embedded.scene.plan import Plan, Tables
from replicator_dr.engines.embedded.scene.state import FrameState
from replicator_dr.engines.embedded.triggers import BEFORE, NEVER, Trigger

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass
class _Record:
    """What a state-reading effect wrote in each row, to be carried on to rows that show an earlier firing."""

    writes: list[tuple[str, Int64, slice, Float64]] = field(default_factory=list)
    cursor: int = 0


@dataclass
class _Batch:
    """moments: (R,) ascending. fired: frames of the latest firings, by trigger; executions: with their attempts."""

    plan: Plan
    seed: int
    moments: Int64
    tables: Tables
    fired: dict[int, Int64]
    executions: dict[int, Int64]
    records: dict[int, _Record] = field(default_factory=dict)
    stamps: dict[str, Int64] = field(default_factory=dict)
    memory: dict[tuple[int, int], Float64] = field(default_factory=dict)

    def fire(self, effect: Effect, rows: Int64 | None, apply: Apply) -> None:
        executions = self.executions[id(effect.trigger)]
        executions = executions if rows is None else executions[rows]
        memory = self.memory if rows is None else None
        moments = self.moments if rows is None else self.moments[rows]
        frames = np.where(moments < 0, -1, frame_of(moments))
        effect.evaluate(Firing(self.plan, self.seed, executions, rows, self.tables, apply, frames, memory))

    def run_fresh(self, effect: Effect, rows: Int64 | None, keep: bool) -> None:
        """Evaluate in rows where the effect fires at that very frame: it comes after all held values."""
        record = self.records.setdefault(id(effect), _Record()) if keep else None
        if record is not None:
            record.cursor = 0

        def apply(channel: str, columns: Int64, values: Float64, components: slice) -> None:
            store(self.tables[channel], rows, columns, values, components)
            if record is not None and rows is not None:
                if record.cursor == len(record.writes):
                    shape = (len(self.moments), *np.shape(values)[1:])
                    record.writes.append((channel, columns, components, np.zeros(shape)))
                record.writes[record.cursor][3][rows] = values
                record.cursor += 1

        self.fire(effect, rows, apply)

    def run_held(self, effect: Effect, rows: Int64) -> None:
        """Write an earlier firing's values where nothing fired later."""
        when = self.fired[id(effect.trigger)][rows]

        def apply(channel: str, columns: Int64, values: Float64, components: slice) -> None:
            if channel not in self.stamps:
                self.stamps[channel] = np.full(self.tables[channel].shape, BEFORE, dtype=np.int64)
            index = (rows[:, None], columns)
            stamps = self.stamps[channel][index]
            table = self.tables[channel][index]
            newer = when[:, None, None] >= stamps[..., components]
            table[..., components] = np.where(newer, values, table[..., components])
            stamps[..., components] = np.where(newer, when[:, None, None], stamps[..., components])
            self.tables[channel][index] = table
            self.stamps[channel][index] = stamps

        if not effect.reads_state:
            self.fire(effect, rows, apply)
            return
        self.carry(effect, when, apply)

    def repeat(self, effect: Effect, rows: Int64) -> None:
        """Write what a firing at that very frame wrote in the row of attempt 0."""

        def apply(channel: str, columns: Int64, values: Float64, components: slice) -> None:
            store(self.tables[channel], rows, columns, values, components)

        self.carry(effect, self.fired[id(effect.trigger)][rows], apply)

    def carry(self, effect: Effect, when: Int64, apply: Apply) -> None:
        """Apply again what the effect wrote at the moments ``when``."""
        source = np.searchsorted(self.moments, when)
        for channel, columns, components, values in self.records[id(effect)].writes:
            apply(channel, columns, values[source], components)


def store(table: Float64, rows: Int64 | None, columns: Int64, values: Float64, components: slice) -> None:
    """table[rows, columns, components] = values."""
    if rows is None:
        table[:, columns, components] = values
    else:
        table[rows[:, None], columns, components] = values


def base_tables(plan: Plan, seed: int) -> Tables:
    """The tables (1, N, k) before frame 0: the stage's authored values, then every node outside the triggers."""
    tables = {channel: values[None].copy() for channel, values in plan.rest.items()}
    once = [effect for effect in plan.effects if effect.trigger.fired_at(np.zeros(1, np.int64))[0] == BEFORE]
    batch = _Batch(plan, seed, np.array([BEFORE]), tables, {}, {})
    for effect in once:
        batch.executions[id(effect.trigger)] = np.zeros(1, dtype=np.int64)
        batch.run_fresh(effect, None, keep=False)
    return tables


def run(plan: Plan, seed: int, wanted: Int64) -> tuple[Tables, Int64, dict[tuple[int, int], Float64]]:
    """Tables over the moments ``wanted`` and those that they depend on.

    Returns (tables, rows, memory): moments ascending, and samples of named distributions at these moments, by node and
    number of samples, where they are at hand.
    """
    base = plan.base(seed, base_tables)
    effects = [e for e in plan.effects if type(e.trigger) is not Trigger or e.trigger.born != BEFORE]
    carried = {id(e.trigger): e.trigger for e in effects if e.reads_state}
    shown = np.unique(wanted)
    while True:
        reached = [fired_at(trigger, shown) for trigger in carried.values()]
        wider = np.unique(np.concatenate([shown, *(times[times >= 0] for times in reached)]))
        if len(wider) == len(shown):
            break
        shown = wider
    frames = frame_of(shown)
    triggers = {id(e.trigger): e.trigger for e in effects}
    origin = {key: fired_at(trigger, shown) for key, trigger in triggers.items()}
    fired = {key: trigger.fired_at(frames) for key, trigger in triggers.items()}
    executions = {key: executions_at(trigger, shown) for key, trigger in triggers.items()}
    tables = {channel: np.repeat(values, len(shown), axis=0) for channel, values in base.items()}
    batch = _Batch(plan, seed, shown, tables, fired, executions)
    if all((times == shown).all() for times in origin.values()):
        for effect in effects:
            batch.run_fresh(effect, None, keep=False)
        return tables, shown, batch.memory
    for rows in _waves(shown, [origin[key] for key in carried]):
        for effect in effects:
            times = fired[id(effect.trigger)][rows]
            held = rows[(times < frames[rows]) & (times != NEVER)]
            if len(held):
                batch.run_held(effect, held)
        for effect in effects:
            fresh = rows[fired[id(effect.trigger)][rows] == frames[rows]]
            if effect.reads_state:
                own = origin[id(effect.trigger)][fresh] == shown[fresh]
                if not own.all():
                    batch.repeat(effect, fresh[~own])
                    fresh = fresh[own]
            if len(fresh) == len(shown):
                batch.run_fresh(effect, None, keep=False)
            elif len(fresh):
                batch.run_fresh(effect, fresh, keep=effect.reads_state)
    return tables, shown, batch.memory


def _waves(shown: Int64, carried: list[Int64]) -> list[Int64]:
    """Rows in groups, such that the moments whose firings a row carries on lie in earlier groups."""
    depth = np.zeros(len(shown), dtype=np.int64)
    while True:
        deeper = np.zeros_like(depth)
        for times in carried:
            source = np.searchsorted(shown, np.maximum(times, shown[0]))
            held = (times < shown) & (times != NEVER)
            deeper = np.maximum(deeper, np.where(held, depth[source] + 1, 0))
        if (deeper == depth).all():
            break
        depth = deeper
    return [np.flatnonzero(depth == level) for level in range(int(depth.max()) + 1)]


@dataclass(frozen=True)
class Values:
    """What the graph says of some frames, a row each.

    tables: every channel. draws, trigger_counts: as in :class:`~replicator_dr.engines.embedded.scene.state.FrameState`.
    """

    plan: Plan
    frames: Int64
    tables: Tables
    draws: dict[str, NDArray[Any]]
    trigger_counts: dict[str, Int64]


def values(plan: Plan, seed: int, wanted: Int64, attempts: Int64 | None = None) -> Values:
    """The values at each frame of ``wanted``, (B,) in any order, repetitions allowed.

    attempts: (B,) how often each was drawn before; by default 0.
    """
    asked = _asked(wanted, attempts)
    tables, shown, memory = run(plan, seed, asked)
    if not np.array_equal(shown, asked):
        memory = {}
        rows = np.searchsorted(shown, asked)
        tables = {channel: table[rows] for channel, table in tables.items()}
    counts = {
        trigger.name: np.where(trigger.fired_at(wanted) == NEVER, 0, trigger.executions(wanted) + 1)
        for trigger in plan.triggers
    }
    draws = _draws(plan, seed, asked, memory)
    for name, (channel, columns, components) in plan.recorded.items():
        draws[name] = tables[channel][:, columns, components]
    return Values(plan, wanted, tables, draws, counts)


def drawn(plan: Plan, seed: int, wanted: Int64, attempts: Int64 | None = None) -> Values:
    """The values without tables: what distributions with names draw, a function of numbers alone; no effect runs."""
    return Values(plan, wanted, {}, _draws(plan, seed, _asked(wanted, attempts), {}), {})


def _asked(wanted: Int64, attempts: Int64 | None) -> Int64:
    return wanted if attempts is None else moments(wanted, attempts)


def state_of(values: Values) -> FrameState:
    """Values as the renderer and the annotators take them."""
    arrays, entity_world, entity_labels, held = assemble(values.plan, values.tables, len(values.frames))
    return FrameState(values.frames, arrays, entity_world, entity_labels, values.draws, values.trigger_counts, held)


def _draws(plan: Plan, seed: int, asked: Int64, memory: dict[tuple[int, int], Float64]) -> dict[str, NDArray[Any]]:
    draws: dict[str, NDArray[Any]] = {}
    for name, (distribution, trigger, count) in plan.named.items():
        if (id(distribution), count) in memory:
            draws[name] = memory[id(distribution), count]
            continue
        executions = executions_at(trigger, asked)
        if distribution.numeric:
            draws[name] = distribution.sample(seed, executions, count, None)
        else:
            picks = distribution.picks(seed, executions, count)
            things = np.empty(len(picks.things), dtype=object)
            things[:] = [plan.name_of(thing) for thing in picks.things]
            draws[name] = things[picks.index]
    return draws
