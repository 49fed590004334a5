"""``{keyframes: {0: 10, 30: 80}}`` and ``{keyframes: {values: {0: 10, 30: 80}, interpolation: smooth}}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import InitErrorDetails

from replicator_dr.spec.distributions import Keyframes
from replicator_dr.spec.elements import Anything, Element, Numbers
from replicator_dr.spec.model import fault, moved, shown
from replicator_dr.spec.suggest import did_you_mean

BLENDS = ("linear", "smooth", "step")
_FORM = "as in {0: 10, 30: 80}"


def parse_keyframes(body: Any, info: ValidationInfo) -> tuple[Keyframes | None, list[InitErrorDetails]]:
    """Keyframes, and what is wrong with them, below the key ``keyframes``."""
    long = isinstance(body, Mapping) and "values" in body
    found: list[InitErrorDetails] = []
    blend = body.get("interpolation", "linear") if long else "linear"
    if long:
        for key in body.keys() - {"values", "interpolation"}:
            hint = did_you_mean(str(key), ["interpolation"]).text or "fields: values, interpolation"
            found.append(fault("unknown field", hint, (str(key),), True))
    if blend not in BLENDS:
        hint = did_you_mean(str(blend), BLENDS).text or f"one of {', '.join(BLENDS)}"
        found.append(fault(f"{shown(blend)} is not one of the choices", hint, ("interpolation",), value=blend))
    keys = body["values"] if long else body
    place = ("values",) if long else ()
    if not isinstance(keys, Mapping) or not keys:
        return None, [*found, fault(f"expected frames with values, got {shown(keys)}", _FORM, place, value=keys)]
    values: dict[int, Any] = {}
    for key, raw in keys.items():
        frame = frame_number(key)
        value, problems = Anything().parse(raw, info)
        found += [moved(problem, (*place, str(key))) for problem in problems]
        if frame is None:
            hint = f"count frames from 0, {_FORM}"
            found.append(fault(f"'{key}' is not a frame", hint, (*place, str(key)), True, key))
        elif frame in values:
            found.append(fault(f"frame {frame} is given twice", "keep one of them", (*place, str(key)), True, key))
        else:
            values[frame] = value
    if found:
        return None, found
    frames = tuple(sorted(values))
    where = {"values": ("keyframes", *place)}
    made = Keyframes(tuple(values[frame] for frame in frames), frames, blend, places=where)
    return made, [fault(message, hint, place) for _, message, hint in made.problems()]


def frame_number(key: Any) -> int | None:
    """A key of a mapping as the number of a frame."""
    text = str(key)
    return int(text) if text.isascii() and text.isdigit() else None


def conform_keyframes(
    keyframes: Keyframes, element: Element, info: ValidationInfo
) -> tuple[Any, list[InitErrorDetails]]:
    """Keyframes whose values fit a field's element."""
    blends = element.is_numeric and not (isinstance(element, Numbers) and element.whole)
    if not blends and keyframes.interpolation != "step":
        message = f"{keyframes.interpolation} blends numbers, but this field holds {element.what}"
        return None, [fault(message, "give interpolation: step", value=keyframes)]
    found: list[InitErrorDetails] = []
    values = []
    for frame, raw in zip(keyframes.frames, keyframes.values, strict=True):
        value, problems = element.parse(raw, info)
        values.append(value)
        found += [moved(problem, (*keyframes.places.get("values", ()), str(frame))) for problem in problems]
    return replace(keyframes, values=tuple(values)), found
