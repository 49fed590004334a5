"""Between which numbers, or among which texts, the draws of a spec lie."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from typing_extensions import override

from replicator_dr.expressions import ExpressionError, Extent, Numbers, Texts, extent_of
from replicator_dr.expressions.extent import union
from replicator_dr.expressions.tree import Arithmetic, Name, Number, Tree, Vector
from replicator_dr.spec.distributions import (
    Choice,
    Combine,
    Distribution,
    DrawUse,
    LogUniform,
    Normal,
    Numeric,
    Sequence,
    TruncatedNormal,
    Uniform,
    number,
    spread_out,
)
from replicator_dr.spec.elements import NEVER
from replicator_dr.spec.ties import Expression, Switch


class DrawExtents(Mapping[str, "Extent | None"]):
    """The extent of each draw by its name, worked out when it is asked for; None for faulty ones and rings."""

    def __init__(self, draws: Mapping[str, Any]) -> None:
        self._draws = draws
        self._known: dict[str, Extent | None] = {}

    @override
    def __getitem__(self, name: str) -> Extent | None:
        if name not in self._known:
            value = self._draws[name]
            self._known[name] = None  # what a ring finds
            with suppress(ExpressionError):  # said where it stands
                self._known[name] = None if value is None else self._of_draw(name, value)
        return self._known[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._draws)

    @override
    def __len__(self) -> int:
        return len(self._draws)

    def _of_draw(self, name: str, value: Any) -> Extent | None:
        found = self.of(value)
        if found is None or isinstance(value, Expression):
            return found
        sources = found.sources | {name}
        if isinstance(found, Texts):
            return Texts(found.options, sources)
        return Numbers(found.ranges, found.whole, found.truth, found.options, sources, found.tight)

    def of(self, value: Any) -> Extent | None:
        """The extent of any value of the language. Raises ExpressionError where it has none."""
        if isinstance(value, Expression):
            return extent_of(value.tree, self)
        if isinstance(value, Switch):
            parts = [self.of(branch) for branch in value.branches]
            conditions = [extent_of(tree, self) for tree in value.conditions]
            if any(part is None for part in (*parts, *conditions)):
                return None
            sources = frozenset[str]().union(*(part.sources for part in conditions if part is not None))
            return union([part for part in parts if part is not None], sources)
        if isinstance(value, DrawUse):
            return extent_of(use_tree(value), self)
        if isinstance(value, (Choice, Sequence)):
            return _of_items(value.choices if isinstance(value, Choice) else value.items)
        if isinstance(value, Combine):
            singles = [self.of(part) for part in value.distributions]
            if any(not isinstance(part, Numbers) for part in singles):
                return None
            ranges = tuple(part.ranges[0] for part in singles if isinstance(part, Numbers))
            return Numbers(ranges, tight=False)
        return _of_law(value) if isinstance(value, Distribution) else _of_constant(value)


def use_tree(use: DrawUse) -> Tree:
    """A use of a shared draw as a tree."""
    tree: Tree = Name(use.draw)
    if use.scale != 1.0:
        tree = Arithmetic("*", tree, _numbers(use.scale))
    return tree if use.offset == 0.0 else Arithmetic("+", tree, _numbers(use.offset))


def _numbers(value: Numeric) -> Tree:
    if isinstance(value, tuple):
        return Vector(tuple(Number(item) for item in value))
    return Number(value)


def _of_law(law: Distribution) -> Extent | None:
    """Of a distribution of numbers."""
    if isinstance(law, (Uniform, LogUniform)):
        return Numbers(tuple(spread_out(law.lower, law.upper)), tight=True)  # type: ignore[arg-type]
    if isinstance(law, Normal):
        rows = [(-math.inf, math.inf, mean, std) for mean, std in spread_out(law.mean, law.std)]
    elif isinstance(law, TruncatedNormal):
        rows = [tuple(row) for row in spread_out(law.lower, law.upper, law.mean, law.std)]  # type: ignore[misc]
    else:
        return None
    ranges = [
        (max(low, min(mean - NEVER * std, high)), min(high, max(mean + NEVER * std, low)))
        for low, high, mean, std in rows
    ]
    return Numbers(tuple(ranges), tight=False)


def _of_constant(value: Any) -> Extent | None:
    if isinstance(value, str):
        return Texts((value,))
    if isinstance(value, (bool, int, float)):
        single = float(value)
        return Numbers(((single, single),), single == int(single), isinstance(value, bool), (single,))
    if isinstance(value, tuple) and all(isinstance(part, (int, float)) for part in value):
        return Numbers(tuple((float(part), float(part)) for part in value), all(part == int(part) for part in value))
    return None


def _of_items(items: tuple[Any, ...]) -> Extent | None:
    parts = [_of_constant(item) for item in items]
    if any(part is None for part in parts):
        return None
    return union([part for part in parts if part is not None])


def keys_of(extent: Extent) -> Mapping[str, float] | tuple[str, ...] | None:
    """How YAML names each value of a draw that has few: numbers by key, or texts; None where there are too many."""
    if isinstance(extent, Texts):
        return tuple(str(option) for option in extent.options)
    if extent.options is None:
        return None
    if extent.truth:
        return {"true" if option else "false": option for option in extent.options}
    return {number(option): option for option in extent.options}
