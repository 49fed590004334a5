"""Mappings in which one key chooses the model of its value: ``{cube: {...}}``, ``{pose: {...}, name: turn}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails

from replicator_dr.spec.model import Model, below, fault, shown
from replicator_dr.spec.suggest import did_you_mean


def chosen_kind(
    raw: Any, kinds: tuple[str, ...], beside: tuple[str, ...], what: str, plural: str
) -> tuple[str | None, list[InitErrorDetails]]:
    """The kind that a mapping chooses, and what is wrong with its keys.

    kinds: the keys that choose. beside: other keys that may stand beside. what, plural: "randomizer", "randomizers".
    """
    if not isinstance(raw, Mapping):
        kind = f"as in {{{raw}: {{...}}}}" if isinstance(raw, str) and raw in kinds else f"{plural}: {', '.join(kinds)}"
        return None, [fault(f"expected a mapping that names a {what}, got {shown(raw)}", kind, value=raw)]
    chosen = [key for key in raw if key in kinds]
    found: list[InitErrorDetails] = []
    for key in raw:
        if key in kinds or key in beside:
            continue
        if chosen:
            message, pool = "unknown field", beside
            rest = f"indent it below '{chosen[0]}'" if not beside else f"beside it may stand: {', '.join(beside)}"
        else:
            message, pool, rest = f"unknown {what}", (*kinds, *beside), f"{plural}: {', '.join(kinds)}"
        found.append(fault(message, did_you_mean(str(key), pool).text or rest, (str(key),), True, raw[key]))
    if len(chosen) > 1:
        found.append(fault(f"two {plural} in one entry: {' and '.join(chosen)}", "keep one of them", value=raw))
    elif not chosen and not found:
        found.append(fault(f"no {what} is named here", f"one of {', '.join(kinds)}", value=raw))
    return (chosen[0] if len(chosen) == 1 else None), found


def validated(
    model: type[Model], kind: str, body: Any, info: ValidationInfo, beside: Mapping[str, Any] | None = None
) -> tuple[Any, list[InitErrorDetails]]:
    """The model of ``{kind: body}`` and its faults, placed below ``kind``.

    An empty body (``on_frame:``) is an empty mapping. beside: fields of the model that were written beside the kind;
    their faults are placed where they stand.
    """
    fields = {} if body is None else body
    found: list[InitErrorDetails] = []
    if beside and isinstance(fields, Mapping):
        message, hint = f"given twice: here and below '{kind}'", "remove one of them"
        found += [fault(message, hint, (key,), True, beside[key]) for key in sorted(beside.keys() & fields.keys())]
        fields = {**fields, **beside}
    try:
        return model.model_validate(fields, context=info.context), found
    except ValidationError as error:
        for details in below(error):
            location = details.get("loc", ())
            outside = beside is not None and bool(location) and location[0] in beside
            place = location if outside else (kind, *location)
            found.append(InitErrorDetails(type=details["type"], loc=place, input=details["input"]))
        return None, found
