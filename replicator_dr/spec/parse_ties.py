"""``expr``, ``when``, ``case`` and weights by context, from YAML, checked against the field that they stand in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails

from replicator_dr.expressions import ExpressionError, Numbers, Texts, Tree, extent_of
from replicator_dr.expressions.tree import Conditional, Number
from replicator_dr.spec.distributions import Choice, Context, DrawUse, number
from replicator_dr.spec.document import Text
from replicator_dr.spec.elements import Anything, Element, TruthValue, names_of
from replicator_dr.spec.elements import Numbers as NumbersElement
from replicator_dr.spec.extents import DrawExtents, keys_of, use_tree
from replicator_dr.spec.model import Location, fault, moved, shown
from replicator_dr.spec.suggest import did_you_mean
from replicator_dr.spec.ties import Case, Expression, Limits, Switch, When, is_value, tree_of

if TYPE_CHECKING:
    from replicator_dr.spec.varying import Varying

Faults = list[InitErrorDetails]

KEYS = {"expr": (), "when": ("then", "else"), "case": ("of", "else")}
"""What chooses a tie, and what may stand beside it."""


def parse_tie(varying: Varying, raw: Mapping[str, Any], info: ValidationInfo) -> tuple[Any, Faults] | None:
    """The tie that a mapping writes, and what is wrong with it; None where it writes none."""
    kind = next((key for key in KEYS if key in raw), None)
    if kind is None:
        return None
    beside = KEYS[kind]
    found: Faults = []
    for key in raw:
        if key != kind and key not in beside:
            rest = f"beside it may stand: {', '.join(beside)}" if beside else "nothing stands beside expr"
            found.append(fault("unknown field", did_you_mean(str(key), beside).text or rest, (str(key),), True, raw))
    if found:
        return None, found
    if kind == "expr":
        return _expression(varying.element, raw["expr"], info)
    return (_when if kind == "when" else _case)(varying, raw, info)


def said(error: ExpressionError, text: str, at: Location) -> InitErrorDetails:
    """A fault for what is wrong with an expression, with the place in its text."""
    guess = did_you_mean(error.unknown, error.known).text if error.unknown is not None else ""
    short = " ".join(text.split())
    where = f" (character {error.at + 1} of {short!r})" if len(short) <= 120 else f" (character {error.at + 1})"
    return fault(f"{error.message}{where}", guess or error.hint, at=at, value=text)


def read(raw: Any, at: Location) -> tuple[Expression | None, Faults]:
    """The expression that a text writes, whatever it uses."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        raw = f"{raw!r}"
    if not isinstance(raw, str):
        return None, [fault(f"expected an expression as a text, got {shown(raw)}", 'as in "2 * warmth"', at, value=raw)]
    try:
        return Expression(raw, tree_of(str(raw))), []
    except ExpressionError as error:
        return None, [said(error, raw, at)]


def _expression(element: Element, raw: Any, info: ValidationInfo) -> tuple[Any, Faults]:
    value, found = read(raw, ("expr",))
    return (None, found) if value is None else fitted(element, value, info, ("expr",))


def fitted(element: Element, value: Expression, info: ValidationInfo, at: Location) -> tuple[Any, Faults]:
    """An expression in a field: whether its type and range fit, what is checked later, and what its texts stand for."""
    names = names_of(info)
    if names is None:
        return value, []
    try:
        extent = extent_of(value.tree, DrawExtents(names.draws))
    except ExpressionError as error:
        return None, [said(error, value.text, at)]
    if extent is None and isinstance(element, NumbersElement):
        return replace(value, limits=_limits(element)), []
    if extent is None or isinstance(element, Anything):
        return value, []
    if isinstance(element, NumbersElement):
        return _numbers(element, value, extent, at)
    if isinstance(element, TruthValue):
        if isinstance(extent, Numbers) and extent.truth and extent.size == 1:
            return value, []
        return None, [fault(f"'{value.text}' gives no truth value", "compare it, as in night > 0.5", at, value=value)]
    if not isinstance(extent, Texts):
        return None, [fault(f"'{value.text}' gives numbers, but this field holds {element.what}", at=at, value=value)]
    things: dict[str, Any] = {}
    for option in extent.options:
        # Names of files start from where they are written: at the draw, or in the expression.
        raw = option if isinstance(option, Text) or not isinstance(value.text, Text) else Text(option, value.text.mark)
        things[str(option)], problems = element.parse(raw, info)
        if problems:
            return None, [moved(problem, at) for problem in problems]
    return replace(value, things=things), []


def _numbers(element: NumbersElement, value: Expression, extent: Any, at: Location) -> tuple[Any, Faults]:
    def wrong(message: str, hint: str = "") -> tuple[None, Faults]:
        return None, [fault(message, hint, at, value=value)]

    if isinstance(extent, Texts):
        return wrong(f"'{value.text}' gives a text, but this field holds {element.what}")
    if extent.size != element.size and not (extent.size == 1 and element.repeat):
        gives = "a number" if extent.size == 1 else f"{extent.size} numbers"
        hint = "write a vector as [a, b, c]"
        return wrong(f"'{value.text}' gives {gives}, but this field holds {element.what}", hint)
    if element.whole and not extent.whole:
        return wrong(f"'{value.text}' gives any number, but this field holds whole ones", "use round(...)")
    low, high = min(low for low, _ in extent.ranges), max(high for _, high in extent.ranges)
    below = low < element.low or (element.open_low and low == element.low)
    if not below and high <= element.high:
        return value, []
    never = any(b < element.low or a > element.high for a, b in extent.ranges)
    if never or extent.tight:
        reached = number(low if below else high)
        verb = "gives" if never else "reaches"
        message = f"'{value.text}' {verb} {reached}, which is out of range"
        return wrong(message, f"{element.range_text}; clip(...) cuts it")
    return replace(value, limits=_limits(element)), []


def _limits(element: NumbersElement) -> Limits | None:
    if math.isinf(element.low) and math.isinf(element.high):
        return None
    return Limits(element.low, element.high, element.open_low, element.range_text)


def use_of_tie(varying: Varying, use: DrawUse, info: ValidationInfo) -> tuple[Any, Faults]:
    """A use of a shared draw that depends on others, in a field: an expression like any other."""
    text = use.draw
    if not use.is_plain:
        text = f"{use.draw} * {use.scale} + {use.offset}"
    return fitted(varying.element, Expression(text, use_tree(use)), info, ())


def _when(varying: Varying, raw: Mapping[str, Any], info: ValidationInfo) -> tuple[Any, Faults]:
    found: Faults = []
    condition, problems = read(raw["when"], ("when",))
    found += problems
    if condition is not None:
        _, problems = fitted_condition(condition, info, ("when",))
        found += problems
    branches = []
    for key in ("then", "else"):
        if key not in raw:
            found.append(fault("missing", "write {when: condition, then: ..., else: ...}", (key,)))
            continue
        value, problems = _branch(varying, raw[key], info)
        branches.append(value)
        found += [moved(problem, (key,)) for problem in problems]
    if found or condition is None:
        return None, found
    switch = When((condition.tree,), tuple(branches), ("then", "else"), condition.text)
    return switch, _alike(switch, info)


def fitted_condition(condition: Expression, info: ValidationInfo, at: Location) -> tuple[Any, Faults]:
    """Whether an expression is a condition that can be true and can be false; gives what is known of it."""
    names = names_of(info)
    if names is None:
        return None, []
    try:
        extent = extent_of(condition.tree, DrawExtents(names.draws))
    except ExpressionError as error:
        return None, [said(error, condition.text, at)]
    if extent is None or (isinstance(extent, Numbers) and extent.truth and extent.size == 1):
        return extent, []
    message = f"'{condition.text}' is neither true nor false"
    return None, [fault(message, 'compare something, as in night > 0.5 or room == "kitchen"', at, value=condition)]


def _branch(varying: Varying, raw: Any, info: ValidationInfo) -> tuple[Any, Faults]:
    if isinstance(varying.element, Anything) and isinstance(raw, str) and raw.startswith("$"):
        # A shared draw may use others; elsewhere the field knows what a $ means.
        return varying.use(DrawUse(str(raw[1:])), info)
    return varying.parse(raw, info)


def _case(varying: Varying, raw: Mapping[str, Any], info: ValidationInfo) -> tuple[Any, Faults]:
    draw, of = raw["case"], raw.get("of")
    if not isinstance(draw, str) or not draw:
        return None, [fault(f"expected the name of a draw, got {shown(draw)}", at=("case",), value=draw)]
    if not isinstance(of, Mapping) or not of:
        hint = "write the values of the draw, each with what is used for it"
        return None, [fault(f"expected values below of, got {shown(of)}", hint, ("of",), value=of)]
    draw = str(draw).lstrip("$")
    found: Faults = []
    branches: list[Any] = []
    for key, entry in of.items():
        value, problems = _branch(varying, entry, info)
        branches.append(value)
        found += [moved(problem, ("of", str(key))) for problem in problems]
    labels = [str(key) for key in of]
    if "else" in raw:
        value, problems = _branch(varying, raw["else"], info)
        branches.append(value)
        labels.append("else")
        found += [moved(problem, ("else",)) for problem in problems]
    keys, problems = _keys(draw, [str(key) for key in of], "else" in raw, info, ("case",), ("of",))
    found += problems
    if found:
        return None, found
    if keys is None:
        return Case((), tuple(branches), tuple(labels), draw), []
    conditions = tuple(is_value(draw, str(key), keys if isinstance(keys, Mapping) else None) for key in of)
    switch = Case(conditions if "else" in raw else conditions[:-1], tuple(branches), tuple(labels), draw)
    return switch, _alike(switch, info)


def _keys(
    draw: str, written: list[str], rest: bool, info: ValidationInfo, at: Location, below: Location
) -> tuple[Mapping[str, float] | tuple[str, ...] | None, Faults]:
    """How a draw's values are named, and faults of those that are written. rest: whether others are covered."""
    names = names_of(info)
    if names is None:
        return None, []
    if draw not in names.draws:
        hint = did_you_mean(draw, names.draws).text or f"draws: {', '.join(names.draws)}"
        return None, [fault(f"there is no draw '{draw}'", hint, at, value=draw)]
    extent = DrawExtents(names.draws)[draw]
    if extent is None:
        return None, []
    keys = keys_of(extent)
    if keys is None:
        message = f"draw '{draw}' has any number of values"
        return None, [fault(message, "use when, with a condition on it", at, value=draw)]
    found = []
    for key in written:
        if key not in keys:
            hint = did_you_mean(key, keys).text or f"it is one of {', '.join(keys)}"
            found.append(fault(f"'{draw}' is never '{key}'", hint, (*below, key), True, key))
    missing = [key for key in keys if key not in written]
    if missing and not rest and not found:
        rest_too = ", or else:" if below == ("of",) else ""
        hint = f"add {'it' if len(missing) == 1 else 'them'}{rest_too}"
        found.append(fault(f"'{draw}' may also be {', '.join(missing)}", hint, at, value=draw))
    return keys, found


def _alike(switch: Switch, info: ValidationInfo) -> Faults:
    """Faults where the branches do not go together."""
    names = names_of(info)
    if names is None:
        return []
    try:
        DrawExtents(names.draws).of(switch)
    except ExpressionError as error:
        return [fault(error.message, "give all of them the same kind of value", value=switch)]
    return []


def conform_weights(choice: Choice, info: ValidationInfo) -> tuple[Choice, Faults]:
    """A choice whose weights depend on draws: each weight as a number or an expression."""
    place = choice.places.get("weights", ())
    weights: Any = choice.weights
    if isinstance(weights, Context):
        keys, found = _keys(weights.by, [key for key, _ in weights.rows], False, info, (*place, "by"), place)
        if found or keys is None:
            return choice, found
        named = keys if isinstance(keys, Mapping) else None
        table: tuple[Expression, ...] = tuple(_column(weights, index, named) for index in range(len(choice.choices)))
        return replace(choice, weights=table), []
    found = []
    fitting: list[Any] = []
    for index, weight in enumerate(weights):
        if not isinstance(weight, Expression):
            fitting.append(weight)
            continue
        value, problems = fitted(NumbersElement(low=0.0), weight, info, (*place, index))
        fitting.append(value)
        found += problems
    return replace(choice, weights=tuple(fitting)), found


def _column(table: Context, index: int, keys: Mapping[str, float] | None) -> Expression:
    """The weight of one choice, by the value of the draw."""
    tree: Tree = Number(table.rows[-1][1][index])
    for key, row in reversed(table.rows[:-1]):
        tree = Conditional(is_value(table.by, key, keys), Number(row[index]), tree)
    return Expression(f"weight {index} by {table.by}", tree)
