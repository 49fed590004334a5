"""``{uniform: [0, 1]}`` and ``{uniform: {lower: 0, upper: 1}}``: distributions from YAML, checked among themselves.

What they fit is checked afterwards, by the field that they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails

from replicator_dr.spec.distributions import DISTRIBUTIONS, Distribution, Keyframes
from replicator_dr.spec.elements import Numbers
from replicator_dr.spec.keyframes import parse_keyframes
from replicator_dr.spec.model import Location, fault, moved, shown
from replicator_dr.spec.suggest import did_you_mean

_Parsed = tuple[Any, list[InitErrorDetails]]


def parse_distribution(raw: Mapping[str, Any], info: ValidationInfo) -> _Parsed:
    """``{uniform: [0, 1]}`` or ``{uniform: {lower: 0, upper: 1}}``: its arguments, checked among themselves."""
    if len(raw) != 1 or next(iter(raw)) not in DISTRIBUTIONS:
        return None, list(_not_a_distribution(raw))
    kind, body = next(iter(raw.items()))
    if kind == Keyframes.kind:
        keyframes, found = parse_keyframes(body, info)
        return keyframes, [moved(problem, (kind,)) for problem in found]
    model = DISTRIBUTIONS[kind]
    arguments, places, found = _arguments(model, body)
    values = {}
    for name, argument in arguments.items():
        values[name], problems = _argument(model, name, argument, info)
        found += [moved(problem, places[name]) for problem in problems]
    if found:
        return None, [moved(problem, (kind,)) for problem in found]
    distribution = model(**values, places={name: (kind, *place) for name, place in places.items()})
    where = distribution.places
    checked = [fault(message, hint, at=where.get(name, (kind,))) for name, message, hint in distribution.problems()]
    return distribution, checked


def _arguments(
    model: type[Distribution], body: Any
) -> tuple[dict[str, Any], dict[str, Location], list[InitErrorDetails]]:
    """The arguments by name, where each stands, and what is missing or unknown."""
    takes_list = len(model.positional) == 1
    if isinstance(body, (list, tuple)):
        if takes_list:
            return {model.positional[0]: body}, {model.positional[0]: ()}, []
        if len(body) != len(model.positional):
            order = f"[{', '.join(model.positional)}]"
            return {}, {}, [fault(f"expected {order}, got {shown(body)}", value=body)]
        named = dict(zip(model.positional, body))
        return named, {name: (index,) for index, name in enumerate(model.positional)}, []
    if isinstance(body, Mapping):
        accepted = [field.name for field in fields(model) if field.name != "places"]
        found = []
        for key in body:
            if key not in accepted:
                hint = did_you_mean(str(key), accepted).text or f"fields: {', '.join(accepted)}"
                if key == "seed":
                    hint = "seeds follow from the spec's own seed and the place of the distribution"
                found.append(fault("unknown field", hint, at=(str(key),), on_key=True, value=body[key]))
        if not found:
            absent = [name for name in model.positional if name not in body]
            found += [fault("missing", "this field is required", at=(name,)) for name in absent]
        known = {key: body[key] for key in accepted if key in body}
        return known, {key: (key,) for key in known}, found
    if isinstance(body, str) and takes_list:  # of a palette, its name; the argument's own check says whether it may
        return {model.positional[0]: body}, {model.positional[0]: ()}, []
    example = f"[{', '.join(model.positional)}]" if not takes_list else "a list"
    return {}, {}, [fault(f"expected {example}, got {shown(body)}", value=body)]


def _argument(model: type[Distribution], name: str, raw: Any, info: ValidationInfo) -> _Parsed:
    if name in model.numeric or name == "jitter":
        value, problems = any_numbers(raw)
        return value, [fault(problem, value=raw) for problem in problems]
    if name in ("with_replacements", "ordered"):
        return (raw, []) if isinstance(raw, bool) else (None, [fault(f"expected true or false, got {shown(raw)}")])
    if name == "weights":
        from replicator_dr.spec.parse_weights import parse_weights

        return parse_weights(raw)
    if name == "colors" and isinstance(raw, str):
        return str(raw), []
    if not isinstance(raw, (list, tuple)):
        return None, [fault(f"expected a list, got {shown(raw)}", value=raw)]
    if name == "colors":
        texts = [isinstance(item, str) for item in raw]
        message, hint = "expected a colour, got {}", "write sRGB hex codes in quotes, as in '#c0392b'"
        wrong = [fault(message.format(shown(x)), hint, at=(i,), value=x) for i, x in enumerate(raw) if not texts[i]]
        return tuple(str(item) for item in raw), wrong
    if name == "distributions":
        nested = [isinstance(part, Mapping) and not {"draw", "expr", "when", "case"} & set(part) for part in raw]
        parts = [parse_distribution(part, info) if deep else (part, []) for part, deep in zip(raw, nested)]
        return tuple(p[0] for p in parts), [moved(x, (i,)) for i, p in enumerate(parts) for x in p[1]]
    found = [
        fault("a distribution cannot stand among the choices", "write the values out", at=(index,), value=item)
        for index, item in enumerate(raw)
        if isinstance(item, Mapping)
    ]
    return tuple(tuple(item) if isinstance(item, list) else item for item in raw), found


def any_numbers(raw: Any) -> tuple[Any, list[str]]:
    """A number, or a tuple of numbers, whatever the length."""
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    if not items:
        return None, ["expected a number, got an empty list"]
    for item in items:
        _, found = Numbers().shape(item)
        if found:
            return None, [str((found[0]["type"].context or {})["message"])]  # type: ignore[union-attr]
    return (tuple(float(item) for item in items) if isinstance(raw, (list, tuple)) else float(raw)), []


def _not_a_distribution(raw: Mapping[str, Any]) -> list[InitErrorDetails]:
    kinds = f"distributions: {', '.join(DISTRIBUTIONS)}; or {{draw: name}}, {{expr: ...}}, {{when: ...}}, {{case: ...}}"
    if not raw:
        return [fault("expected a value or a distribution, got an empty mapping", kinds, value=raw)]
    known = [key for key in raw if key in DISTRIBUTIONS]
    if len(known) > 1:
        return [fault(f"two distributions in one place: {' and '.join(known)}", "keep one of them", value=raw)]
    message = "unknown field" if known else "unknown distribution"
    hints = {key: did_you_mean(str(key), DISTRIBUTIONS).text or kinds for key in raw}
    return [fault(message, hints[key], (str(key),), True, raw) for key in raw if key not in known]
