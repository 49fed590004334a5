"""The weights of a choice: numbers, expressions, or a table by a draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import InitErrorDetails

from replicator_dr.spec.distributions import Context
from replicator_dr.spec.model import fault, moved, shown
from replicator_dr.spec.parse import any_numbers


def parse_weights(raw: Any) -> tuple[Any, list[InitErrorDetails]]:
    """A tuple of numbers and expressions, or a table; and what is wrong with them."""
    if isinstance(raw, Mapping):
        return _table(raw)
    if not isinstance(raw, (list, tuple)):
        return None, [fault(f"expected a list, got {shown(raw)}", value=raw)]
    if not any(isinstance(part, (str, Mapping)) for part in raw):
        value, problems = any_numbers(raw)
        return value, [fault(problem, value=raw) for problem in problems]
    from replicator_dr.spec.parse_ties import read

    found: list[InitErrorDetails] = []
    weights: list[Any] = []
    for index, part in enumerate(raw):
        text = part.get("expr") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            value, faults = read(text, (index,))
            found += faults
        else:
            value, messages = any_numbers(part)
            found += [fault(message, at=(index,), value=part) for message in messages]
        weights.append(value)
    return (None if found else tuple(weights)), found


def _table(raw: Mapping[str, Any]) -> tuple[Any, list[InitErrorDetails]]:
    by = raw.get("by")
    if not isinstance(by, str) or not by:
        hint = "as in {by: room, kitchen: [3, 1], office: [1, 1]}"
        return None, [fault("weights by a draw need its name", hint, ("by",), value=by)]
    found: list[InitErrorDetails] = []
    rows = []
    for key, row in raw.items():
        if key == "by":
            continue
        if not isinstance(row, (list, tuple)):
            found.append(fault(f"expected a list of weights, got {shown(row)}", at=(str(key),), value=row))
            continue
        value, messages = any_numbers(row)
        found += [moved(fault(message, value=row), (str(key),)) for message in messages]
        rows.append((str(key), value))
    if not rows and not found:
        found.append(fault("no weights by the values of the draw", "give a row of weights for each of them", value=raw))
    return (None if found else Context(str(by).lstrip("$"), tuple(rows))), found
