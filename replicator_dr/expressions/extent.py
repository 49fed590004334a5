"""What an expression may give: its type, and between which numbers it lies, from those of the draws that it uses.

The same walk finds unknown names, texts where numbers are wanted, and comparisons with what a draw never is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from replicator_dr.expressions import intervals
from replicator_dr.expressions.errors import ExpressionError
from replicator_dr.expressions.intervals import Interval
from replicator_dr.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Component,
    Conditional,
    Logic,
    Membership,
    Name,
    Negative,
    Not,
    Number,
    Text,
    Tree,
)


@dataclass(frozen=True)
class Numbers:
    """A number, a truth value, or a vector of numbers.

    ranges: of each component. whole: whether all are whole numbers; truth: whether it is true or false. options: all
    values of a single number, where these are few. sources: the draws that it depends on. tight: whether every value
    within the ranges can come.
    """

    ranges: tuple[Interval, ...]
    whole: bool = False
    truth: bool = False
    options: tuple[float, ...] | None = None
    sources: frozenset[str] = frozenset()
    tight: bool = True

    @property
    def size(self) -> int:
        """Components."""
        return len(self.ranges)


@dataclass(frozen=True)
class Texts:
    """One of some texts."""

    options: tuple[str, ...]
    sources: frozenset[str] = frozenset()


Extent: TypeAlias = Numbers | Texts

_CONTINUOUS = {"min", "max", "abs", "sqrt", "exp", "log", "sin", "cos", "clip", "lerp", "smoothstep"}
_SAFE = {"min", "max", "abs", "floor", "ceil", "round", "clip"}
"""Functions whose results are whole where their arguments are."""


def extent_of(tree: Tree, draws: Mapping[str, Extent | None]) -> Extent | None:
    """The extent of a tree; None where it uses a draw that is faulty itself. Raises ExpressionError.

    draws: the extent of every draw there is, None for those that are not known.
    """
    try:
        return _Walk(draws).extent(tree)
    except _Unknown:
        return None


class _Unknown(Exception):  # noqa: N818 - not an error
    """A draw that is not known: nothing more can be said."""


class _Walk:
    def __init__(self, draws: Mapping[str, Extent | None]) -> None:
        self.draws = draws

    def extent(self, tree: Tree) -> Extent:
        if isinstance(tree, Number):
            value, truth = float(tree.value), isinstance(tree.value, bool)
            return Numbers(((value, value),), value == int(value), truth, (value,))
        if isinstance(tree, Text):
            return Texts((tree.value,))
        if isinstance(tree, Name):
            return self._draw(tree)
        if isinstance(tree, Negative):
            inner = self.number(tree.operand)
            ranges = tuple(intervals.negative(part) for part in inner.ranges)
            return replace(inner, ranges=ranges, truth=False, options=None)
        if isinstance(tree, Arithmetic):
            return self._arithmetic(tree)
        if isinstance(tree, (Comparison, Membership, Logic, Not)):
            return self._truth(tree)
        if isinstance(tree, Conditional):
            return self._conditional(tree)
        if isinstance(tree, Call):
            return self._call(tree)
        if isinstance(tree, Component):
            inner = self.number(tree.vector)
            if not -inner.size <= tree.index < inner.size:
                what = "a number" if inner.size == 1 else f"{inner.size} numbers"
                raise ExpressionError(f"there is no component {tree.index} of {what}", tree.at, "they count from 0")
            return replace(inner, ranges=(inner.ranges[tree.index],), options=None)
        parts = [self.number(part, 1) for part in tree.components]
        sources, tight = _joint(parts)
        ranges = tuple(part.ranges[0] for part in parts)
        return Numbers(ranges, all(part.whole for part in parts), sources=sources, tight=tight)

    def number(self, tree: Tree, size: int | None = None) -> Numbers:
        """The extent of something that must be numbers."""
        found = self.extent(tree)
        if isinstance(found, Texts):
            raise ExpressionError("a text where a number is wanted", tree.at, 'compare it, as in room == "kitchen"')
        if size is not None and found.size != size:
            raise ExpressionError(f"{found.size} numbers where one is wanted", tree.at, "choose one, as in color[0]")
        return found

    def _draw(self, tree: Name) -> Extent:
        if tree.name not in self.draws:
            known = tuple(self.draws)
            hint = f"draws: {', '.join(known)}" if known else "name it under draws:"
            raise ExpressionError(f"there is no draw '{tree.name}'", tree.at, hint, tree.name, known)
        found = self.draws[tree.name]
        if found is None:
            raise _Unknown
        return found

    def _spread(self, parts: Sequence[Numbers], at: int) -> list[Numbers]:
        """All with as many components; single numbers are repeated."""
        longest = max(part.size for part in parts)
        for part in parts:
            if part.size not in (1, longest):
                raise ExpressionError(f"{part.size} numbers and {longest} numbers do not go together", at)
        return [replace(part, ranges=part.ranges * (longest if part.size == 1 else 1)) for part in parts]

    def _arithmetic(self, tree: Arithmetic) -> Numbers:
        left, right = self._spread([self.number(tree.left), self.number(tree.right)], tree.at)
        function = intervals.OPERATORS[tree.operator]
        ranges = tuple(intervals.sound(function(a, b)) for a, b in zip(left.ranges, right.ranges))
        whole = left.whole and right.whole and tree.operator in ("+", "-", "*")
        sources, tight = _joint([left, right])
        continuous = tree.operator in ("+", "-", "*") or (tree.operator in ("/", "**") and _bounded(ranges))
        return Numbers(ranges, whole, sources=sources, tight=tight and continuous)

    def _call(self, tree: Call) -> Numbers:
        parts = self._spread([self.number(part) for part in tree.arguments], tree.at)
        function = intervals.FUNCTIONS[tree.function]
        ranges = tuple(intervals.sound(function(*row)) for row in zip(*(part.ranges for part in parts)))
        whole = tree.function in ("floor", "ceil", "round") or (
            tree.function in _SAFE and all(part.whole for part in parts)
        )
        sources, tight = _joint(parts)
        return Numbers(ranges, whole, sources=sources, tight=tight and tree.function in _CONTINUOUS)

    def _conditional(self, tree: Conditional) -> Extent:
        condition = self.truth(tree.condition)
        then, otherwise = self.extent(tree.then), self.extent(tree.otherwise)
        return union([then, otherwise], condition.sources, tree.at)

    def truth(self, tree: Tree) -> Numbers:
        """The extent of something that must be true or false."""
        found = self.extent(tree)
        if isinstance(found, Texts):
            raise ExpressionError("a text is neither true nor false", tree.at, 'compare it, as in room == "kitchen"')
        if found.size > 1:
            raise ExpressionError(f"{found.size} numbers are neither true nor false", tree.at, "choose one: color[0]")
        (low, high), options = found.ranges[0], found.options
        may, must = not low == high == 0.0, low > 0.0 or high < 0.0
        if options is not None:
            may, must = any(options), all(options)
        return _truth_value(may, must, found.sources)

    def _truth(self, tree: Comparison | Membership | Logic | Not) -> Numbers:
        if isinstance(tree, Not):
            inner = self.truth(tree.operand)
            return _truth_value(inner.ranges[0][0] == 0.0, inner.ranges[0][1] == 0.0, inner.sources)
        if isinstance(tree, Logic):
            parts = [self.truth(part) for part in tree.operands]
            combine = all if tree.operator == "and" else any
            may = combine(part.ranges[0][1] == 1.0 for part in parts)
            must = combine(part.ranges[0][0] == 1.0 for part in parts)
            return _truth_value(may, must, _joint(parts)[0])
        if isinstance(tree, Membership):
            first = self.extent(tree.operand)
            links = [self._link("==", first, self.extent(option), option.at) for option in tree.options]
            return _truth_value(any(may for may, _ in links), any(must for _, must in links), first.sources)
        operands = [self.extent(part) for part in tree.operands]
        places = [part.at for part in tree.operands[1:]]
        links = [self._link(*link) for link in zip(tree.operators, operands, operands[1:], places)]
        sources = frozenset[str]().union(*(part.sources for part in operands))
        return _truth_value(all(may for may, _ in links), all(must for _, must in links), sources)

    def _link(self, operator: str, left: Extent, right: Extent, at: int) -> tuple[bool, bool]:
        """Whether a comparison may be true, and whether it always is."""
        if isinstance(left, Texts) and isinstance(right, Texts):
            if operator not in ("==", "!="):
                raise ExpressionError(f"'{operator}' does not order texts", at, "use == or !=")
            if not set(left.options) & set(right.options):
                few = min((left, right), key=lambda part: len(part.options)).options[0]
                known = max((left, right), key=lambda part: len(part.options)).options
                hint = f"it is one of {', '.join(known)}"
                raise ExpressionError(f"this is never '{few}'", at, hint, few, known)
            may, must = True, len(left.options) == len(right.options) == 1
            return (may, must) if operator == "==" else (not must, False)
        if isinstance(left, Texts) or isinstance(right, Texts):
            raise ExpressionError("a text is compared with a number", at)
        if left.size > 1 or right.size > 1:
            raise ExpressionError("vectors are not compared", at, "compare components, as in color[0] < color[1]")
        return _compare(operator, left, right)


def union(parts: Sequence[Extent], sources: frozenset[str] = frozenset(), at: int = 0) -> Extent:
    """What may be one of several. Raises ExpressionError where these do not go together."""
    joint = sources.union(*(part.sources for part in parts))
    texts = [part for part in parts if isinstance(part, Texts)]
    numbers = [part for part in parts if isinstance(part, Numbers)]
    if texts and numbers:
        raise ExpressionError("a number in one case and a text in the other", at)
    if texts:
        return Texts(tuple(dict.fromkeys(option for part in texts for option in part.options)), joint)
    longest = max(part.size for part in numbers)
    if any(part.size not in (1, longest) for part in numbers):
        raise ExpressionError(f"{longest} numbers in one case and fewer in the other", at)
    rows = zip(*(part.ranges * (longest if part.size == 1 else 1) for part in numbers))
    options: tuple[float, ...] | None = None
    if all(part.options is not None for part in numbers):
        options = tuple(dict.fromkeys(option for part in numbers for option in part.options or ()))
    return Numbers(
        tuple(intervals.hull(*row) for row in rows),
        whole=all(part.whole for part in numbers),
        truth=all(part.truth for part in numbers),
        options=options,
        sources=joint,
        tight=False,
    )


def _joint(parts: Sequence[Numbers]) -> tuple[frozenset[str], bool]:
    """The sources of several, and whether their ranges go together freely."""
    sources = frozenset[str]().union(*(part.sources for part in parts))
    apart = sum(len(part.sources) for part in parts) == len(sources)
    return sources, apart and all(part.tight for part in parts)


def _bounded(ranges: Sequence[Interval]) -> bool:
    return all(math.isfinite(low) and math.isfinite(high) for low, high in ranges)


def _truth_value(may: bool, must: bool, sources: frozenset[str]) -> Numbers:
    options = tuple(value for value, there in ((0.0, not must), (1.0, may)) if there)
    return Numbers(((options[0], options[-1]),), True, True, options, sources, tight=False)


def _compare(operator: str, left: Numbers, right: Numbers) -> tuple[bool, bool]:
    if operator in (">", ">="):
        operator, left, right = {">": "<", ">=": "<="}[operator], right, left
    (a, b), (c, d) = left.ranges[0], right.ranges[0]
    if operator == "<":
        return a < d, b < c
    if operator == "<=":
        return a <= d, b <= c
    may, must = not (b < c or d < a), a == b == c == d
    if left.options is not None and right.options is not None:
        may = bool(set(left.options) & set(right.options))
    return (may, must) if operator == "==" else (not must, not may)
