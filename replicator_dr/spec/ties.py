"""Values that depend on draws: ``{expr: "2000 * warmth + 500"}``, ``{when: ...}``, ``{case: ...}``, weights by context.

They stand wherever a value may vary, and under ``draws``. What they fit is checked with the ranges of the draws that
they use (:mod:`replicator_dr.spec.extents`); what cannot be told from ranges is checked when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from typing_extensions import override

from replicator_dr.expressions import Tree, parse
from replicator_dr.expressions.tree import Comparison, Name, Number, Text
from replicator_dr.spec.distributions import Choice, Distribution, DrawUse, Keyframes, Pinned, Sequence, plain


@dataclass(frozen=True)
class Limits:
    """What a field allows, where ranges leave it open: checked of each value. rule: in words, for the message."""

    low: float
    high: float
    open_low: bool
    rule: str


@dataclass(frozen=True)
class Expression(Distribution):
    """What an expression makes of draws: numbers, texts, conditions, functions ([ties](ties.md))."""

    kind = "expr"
    positional = ("text",)
    text: str
    tree: Tree = field(compare=False, repr=False, default=Number(0.0))
    limits: Limits | None = field(compare=False, repr=False, default=None)
    things: Mapping[str, Any] = field(compare=False, repr=False, default_factory=dict)
    """What each text stands for in its field: a file for its name."""

    @override
    def to_yaml(self) -> dict[str, Any]:
        return {self.kind: self.text}


@dataclass(frozen=True)
class Switch(Distribution):
    """One of several values or distributions, by conditions: that of the first one that is true, else the last.

    labels: a name for each branch, which is part of the seeds of what is drawn in it.
    """

    conditions: tuple[Tree, ...] = field(compare=False, repr=False)
    branches: tuple[Any, ...]
    labels: tuple[str, ...]
    asked: str

    @override
    def to_yaml(self) -> dict[str, Any]:
        named = {label: plain(branch) for label, branch in zip(self.labels, self.branches)}
        return {self.kind: self.asked, **named} if self.kind == "when" else {self.kind: self.asked, "of": named}


@dataclass(frozen=True)
class When(Switch):
    """``then`` where a condition on draws is true, ``else`` where it is not; each draws from a stream of its own."""

    kind = "when"
    positional = ("when", "then", "else")


@dataclass(frozen=True)
class Case(Switch):
    """A value or distribution for each value of a draw, and ``else`` for those that are not named."""

    kind = "case"
    positional = ("case", "of")


@lru_cache(maxsize=4096)
def tree_of(text: str) -> Tree:
    """The tree of an expression's text. Raises ExpressionError."""
    return parse(text)


def is_value(draw: str, key: str, options: Mapping[str, float] | None) -> Tree:
    """The condition that a draw has the value that a key of YAML names. options: numbers by key; None for texts."""
    value = Text(key) if options is None else Number(options[key])
    return Comparison(("==",), (Name(draw), value))


def constants_in(value: Any) -> tuple[Any, ...]:
    """All constants that a value may stand for: choices, items, branches, what texts stand for; itself for one."""
    if isinstance(value, Expression):
        return tuple(value.things.values())
    if isinstance(value, Switch):
        return tuple(constant for branch in value.branches for constant in constants_in(branch))
    if isinstance(value, (Choice, Sequence)):
        return value.choices if isinstance(value, Choice) else value.items
    if isinstance(value, Keyframes):
        return value.values
    if isinstance(value, Pinned):
        return (*value.values, *constants_in(value.source))
    return () if isinstance(value, (Distribution, DrawUse)) or value is None else (value,)


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with every constant that it may stand for changed."""
    if isinstance(value, Expression):
        return replace(value, things={text: change(thing) for text, thing in value.things.items()})
    if isinstance(value, Switch):
        return replace(value, branches=tuple(mapped(branch, change) for branch in value.branches))
    if isinstance(value, Choice):
        return replace(value, choices=tuple(change(item) for item in value.choices))
    if isinstance(value, Sequence):
        return replace(value, items=tuple(change(item) for item in value.items))
    if isinstance(value, Keyframes):
        return replace(value, values=tuple(change(item) for item in value.values))
    if isinstance(value, Pinned):
        values = tuple(change(item) for item in value.values)
        return replace(value, values=values, source=mapped(value.source, change))
    return value if isinstance(value, (Distribution, DrawUse)) else change(value)
