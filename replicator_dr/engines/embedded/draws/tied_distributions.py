"""Distributions that depend on others: expressions, one of several by conditions, weights by context.

A tie draws nothing by itself: its sources are sampled at the same execution, for the same prims, so it is a pure
function of the seed, the execution and the prim as they are. All branches of a switch are sampled, each from a stream
of its own, and one of them is taken, so that what is not taken moves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.choices import Choice
from replicator_dr.engines.embedded.draws.distributions import (
    Distribution,
    Picks,
    distribution_of,
    expand,
    pick,
    sample,
)
from replicator_dr.engines.embedded.draws.values import fit, is_numeric
from replicator_dr.engines.embedded.require.moments import frame_of
from replicator_dr.errors import EngineError
from replicator_dr.expressions import Tree, evaluate

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Allowed:
    """What is checked of each value: that it is a number, within low .. high (above low where open_low).

    field: where the value goes. rule: the bounds in words. text: the expression. interval: frames between executions.
    """

    field: str
    text: str
    low: float = -np.inf
    high: float = np.inf
    open_low: bool = False
    rule: str = ""
    interval: int = 1

    def check(self, values: Float64, executions: Int64) -> None:
        """(R, n, k) values of R executions. Raises EngineError for the first that is not allowed."""
        wrong = ~np.isfinite(values) | (values < self.low) | (values > self.high)
        if self.open_low:
            wrong |= values == self.low
        if not wrong.any():
            return
        row, prim, component = np.argwhere(wrong)[0].tolist()
        value, frame = values[row, prim, component], int(frame_of(executions)[row]) * self.interval
        which = f" (prim {prim})" if values.shape[1] > 1 else ""
        reason = self.rule if np.isfinite(value) else "which is no number; keep it from where it has no value"
        raise EngineError(f"{self.field}: frame {frame}{which}: '{self.text}' gives {value:g}, {reason}")


class _Memory(threading.local):
    """What sources gave while one tie is sampled: draws that several draws use are worked out once, not once each."""

    known: dict[tuple[int, int, int, bytes], NDArray[Any]] | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Remember until the outermost block ends."""
        outermost = self.known is None
        if outermost:
            self.known = {}
        try:
            yield
        finally:
            if outermost:
                self.known = None


_memory = _Memory()


class Tie(Distribution):
    """What all of them share: sources by name, sampled as numbers or texts."""

    sources: dict[str, Distribution]
    allowed: Allowed | None

    @override
    def parse(self) -> None:
        self._parts: tuple[Distribution, ...] | None = None
        self._checked: set[int] = set()
        self.allowed = self.inputs["allowed"]
        self.sources = {}
        for name, item in self.inputs["sources"].items():
            source = distribution_of(item)
            if source is None:
                raise EngineError(f"{self.kind}: {name} is {item!r}, which is not a distribution")
            self.sources[name] = source

    def inputs_drawn(self) -> list[Any]:
        """Everything that the tie takes: distributions and constants."""
        return [*self.sources.values()]

    @override
    def parts(self) -> Iterator[Distribution]:
        # Kept, as draws that use draws that use draws share most of theirs.
        if self._parts is None:
            self._parts = tuple({id(part): part for part in expand(self.inputs_drawn())}.values())
        yield from self._parts

    @override
    def check(self, count: int) -> None:
        if count not in self._checked:
            self._checked.add(count)
            for part in self.inputs_drawn():
                if (node := distribution_of(part)) is not None:
                    node.check(count)

    def values(self, seed: int, executions: Int64, count: int) -> dict[str, NDArray[Any]]:
        """(R, count, k) of each source: numbers, or texts."""
        with _memory.kept():
            return {name: _value(source, seed, executions, count) for name, source in self.sources.items()}

    def checked(self, values: Float64, executions: Int64) -> Float64:
        """The values, where they are allowed."""
        if self.allowed is not None:
            self.allowed.check(values, executions)
        return values


def _value(source: Distribution, seed: int, executions: Int64, count: int) -> NDArray[Any]:
    known = _memory.known
    assert known is not None
    key = (id(source), seed, count, executions.tobytes())
    if key not in known:
        known[key] = _sampled(source, seed, executions, count)
    return known[key]


def _sampled(source: Distribution, seed: int, executions: Int64, count: int) -> NDArray[Any]:
    if source.numeric:
        return source.sample(seed, executions, count, None)
    picks = source.picks(seed, executions, count)
    texts = np.array([str(getattr(thing, "written", thing)) for thing in picks.things])
    return texts[picks.index][..., None]


class Expressed(Tie):
    """What an expression makes of its sources. things: what each of its texts stands for; None for numbers."""

    tree: Tree

    @override
    def parse(self) -> None:
        super().parse()
        self.tree = self.inputs["tree"]
        things: Mapping[str, Any] | None = self.inputs["things"]
        self.things = None if things is None else tuple(things.items())

    @property
    @override
    def numeric(self) -> bool:
        return self.things is None

    def _evaluated(self, seed: int, executions: Int64, count: int) -> NDArray[Any]:
        found = evaluate(self.tree, self.values(seed, executions, count))
        return np.broadcast_to(found, (len(executions), count, found.shape[-1]))

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if self.things is not None:
            return super().sample(seed, executions, count, width)
        found = self._evaluated(seed, executions, count)
        return self.checked(np.array(found, dtype=np.float64, order="C"), executions)

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.things is None:
            return super().picks(seed, executions, count)
        texts = self._evaluated(seed, executions, count)[..., 0]
        index = np.zeros(texts.shape, np.int64)
        for row, (text, _) in enumerate(self.things):
            index[texts == text] = row
        return Picks(index, tuple(thing for _, thing in self.things))


class Switched(Tie):
    """One of several values or distributions: that of the first condition that is true, else the last."""

    @override
    def parse(self) -> None:
        super().parse()
        self.conditions: Sequence[Tree] = self.inputs["conditions"]
        self.branches: list[Any] = list(self.inputs["branches"])
        numeric = [_is_number(branch) for branch in self.branches]
        if any(numeric) and not all(numeric):
            raise ValueError(f"{self.kind}: some branches are numbers and others are not")
        self._numeric = all(numeric)

    @property
    @override
    def numeric(self) -> bool:
        return self._numeric

    @override
    def inputs_drawn(self) -> list[Any]:
        return [*self.sources.values(), *self.branches]

    def taken(self, seed: int, executions: Int64, count: int) -> Int64:
        """(R, count) which branch is taken."""
        values = self.values(seed, executions, count)
        index = np.full((len(executions), count), len(self.branches) - 1, np.int64)
        for row in reversed(range(len(self.conditions))):
            true = np.asarray(evaluate(self.conditions[row], values), dtype=np.bool_)[..., 0]
            index[np.broadcast_to(true, index.shape)] = row
        return index

    @override
    def sample(self, seed: int, executions: Int64, count: int, width: int | None) -> Float64:
        if not self.numeric:
            return super().sample(seed, executions, count, width)
        with _memory.kept():
            options = [sample(branch, seed, executions, count, None) for branch in self.branches]
            index = self.taken(seed, executions, count)
        widest = max(option.shape[-1] for option in options)
        stack = np.stack([fit(option, widest, self.kind) for option in options])
        return self.checked(np.take_along_axis(stack, index[None, :, :, None], axis=0)[0], executions)

    @override
    def picks(self, seed: int, executions: Int64, count: int) -> Picks:
        if self.numeric:
            return super().picks(seed, executions, count)
        with _memory.kept():
            options = [pick(branch, seed, executions, count) for branch in self.branches]
            index = self.taken(seed, executions, count)
        starts = np.cumsum([0, *(len(option.things) for option in options)])
        stack = np.stack([option.index + start for option, start in zip(options, starts)])
        chosen = np.take_along_axis(stack, index[None], axis=0)[0]
        return Picks(chosen, tuple(thing for option in options for thing in option.things))


def _is_number(value: object) -> bool:
    node = distribution_of(value)
    return is_numeric(value) if node is None else node.numeric


class WeightedChoice(Choice):
    """A choice whose weights depend on draws: constants and distributions of numbers, one a choice."""

    @override
    def parse(self) -> None:
        super().parse()
        self.context: list[Any] = list(self.inputs["context"])

    @override
    def parts(self) -> Iterator[Distribution]:
        yield from super().parts()
        yield from expand(self.context)

    @override
    def _index(self, seed: int, executions: Int64, count: int) -> Int64:
        weights = np.concatenate([sample(one, seed, executions, count, 1) for one in self.context], axis=-1)
        total = weights.sum(axis=-1, keepdims=True)
        wrong = (total[..., 0] <= 0) | (weights < 0).any(axis=-1)
        if wrong.any():
            row, prim = np.argwhere(wrong)[0].tolist()
            frame, allowed = int(frame_of(executions)[row]), self.inputs["allowed"]
            found = ", ".join(f"{weight:g}" for weight in weights[row, prim])
            at = f"{allowed.field}: frame {frame * allowed.interval}"
            raise EngineError(f"{at}: the weights are {found}; they must be 0 or more and not all 0")
        u = self.uniforms(seed, executions, count, 1)
        index = (u >= np.cumsum(weights / total, axis=-1)).sum(axis=-1)
        # A zero weight at the end must stay impossible although the last edge is rounded.
        last = weights.shape[-1] - 1 - np.argmax((weights > 0)[..., ::-1], axis=-1)
        return np.minimum(index, last).astype(np.int64)
