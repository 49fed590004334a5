"""JSON Schema of values that may vary: constants, distributions, shared draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from replicator_dr.spec.elements import Element, Numbers
from replicator_dr.spec.keyframes import BLENDS
from replicator_dr.spec.palettes import PALETTES

Schema = dict[str, Any]

NUMERIC = {"x-ref": "#/$defs/numeric_distribution"}
COMBINE = {"x-ref": "#/$defs/combine"}
COLOR = {"x-ref": "#/$defs/color_distribution"}
DRAW = {"x-ref": "#/$defs/draw_use"}
DRAW_NAME: Schema = {
    "type": "string",
    "pattern": r"^\$[A-Za-z_][\w.]*$",
    "description": "A shared draw, such as $bright.",
}
TIE = {"x-ref": "#/$defs/tie"}

_NUMBER: Schema = {"type": "number"}
_NUMBERS: Schema = {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 1}]}
"""An argument of a numeric distribution: one number, or one for each component."""


def varying_schema(element: Element) -> Schema:
    """What a varying field takes. ``x-ref`` stands for references into the whole schema, see :func:`resolved`."""
    options = [element.schema(), DRAW_NAME, DRAW, TIE, *item_distributions(element)]
    if element.is_numeric:
        whole = isinstance(element, Numbers) and element.whole
        options += [] if whole else [NUMERIC]
        options += [COMBINE] if isinstance(element, Numbers) and element.size > 1 else []
        options += [COLOR] if element.holds_color else []
    return {"anyOf": options}


def item_distributions(element: Element) -> list[Schema]:
    """Choice and sequence over the element's constants, and keyframes of what is no number."""
    items: Schema = {"type": "array", "items": element.schema(), "minItems": 1}
    choice = fields_of(
        {
            "choices": items,
            "weights": {"x-ref": "#/$defs/weights"},
            "with_replacements": {"type": "boolean", "default": True},
        },
        ["choices"],
    )
    sequence = fields_of({"items": items, "ordered": {"type": "boolean", "default": True}}, ["items"])
    return [
        single("choice", {"anyOf": [items, choice]}, "One of the choices, by weight."),
        single("sequence", {"anyOf": [items, sequence]}, "One item after the other, shared by all prims."),
        *([] if element.is_numeric else [_keyframes(element.schema())]),
    ]


def _keyframes(value: Schema) -> Schema:
    """``{0: value, 30: value}``, or below ``values``, beside which stands the interpolation."""
    body: Schema = {
        "type": "object",
        "properties": {"values": {"type": "object"}, "interpolation": {"enum": list(BLENDS), "default": BLENDS[0]}},
        "patternProperties": {"^[0-9]+$": value},
        "additionalProperties": False,
    }
    return single("keyframes", body, "Values at frames, blended in between.")


def definitions() -> dict[str, Schema]:
    """The distributions that all numeric fields share."""
    scale = {"scale": _NUMBERS, "offset": _NUMBERS}
    part = {"anyOf": [_NUMBER, DRAW_NAME, DRAW, TIE, NUMERIC, *item_distributions(Numbers())]}
    parts: Schema = {"type": "array", "items": part, "minItems": 2}
    combine = {"anyOf": [parts, fields_of({"distributions": parts}, ["distributions"])]}
    return {
        "numeric_distribution": {"anyOf": [*numeric_distributions().values()]},
        "color_distribution": {"anyOf": [*color_distributions().values()]},
        "combine": single("combine", combine, "A vector whose components have distributions of their own."),
        "draw_use": {
            "description": "scale * draw + offset of a shared draw.",
            **fields_of({"draw": {"type": "string"}, **scale}, ["draw"]),
            "examples": [{"draw": "brightness", "scale": 1000}],
        },
    }


def numeric_distributions() -> dict[str, Schema]:
    """The distributions of numbers, by kind."""
    texts = {
        "uniform": (["lower", "upper"], "Every value between lower and upper is equally likely."),
        "normal": (["mean", "std"], "The normal distribution, cut to the bounds of the field."),
        "truncated_normal": (["lower", "upper", "mean", "std"], "The normal distribution between lower and upper."),
        "log_uniform": (["lower", "upper"], "The logarithm is uniform between those of lower and upper."),
    }
    found = {}
    for kind, (names, text) in texts.items():
        count = len(names)
        listed: Schema = {"type": "array", "items": _NUMBERS, "minItems": count, "maxItems": count}
        listed["description"] = f"[{', '.join(names)}]"
        found[kind] = single(kind, {"anyOf": [listed, fields_of(dict.fromkeys(names, _NUMBERS), names)]}, text)
    found["keyframes"] = _keyframes(_NUMBERS)
    return found


def color_distributions() -> dict[str, Schema]:
    """The distributions of colours, by kind."""
    three: Schema = {"type": "array", "items": _NUMBER, "minItems": 3, "maxItems": 3}
    ends: Schema = {"type": "array", "items": three, "minItems": 2, "maxItems": 2, "description": "[lower, upper]"}
    code = {"type": "string", "pattern": "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"}
    colors = {"anyOf": [{"enum": list(PALETTES)}, {"type": "array", "items": code, "minItems": 1}]}
    weights = {"type": "array", "items": {"type": "number", "minimum": 0}}
    jitter = {"type": "number", "minimum": 0, "maximum": 1, "default": 0}
    hsv = {"anyOf": [ends, fields_of({"lower": three, "upper": three}, ["lower", "upper"])]}
    palette = {"anyOf": [colors, fields_of({"colors": colors, "jitter": jitter, "weights": weights}, ["colors"])]}
    return {
        "hsv": single("hsv", hsv, "Hue [degrees, wraps around], saturation and value uniform; drawn as linear RGB."),
        "palette": single("palette", palette, "One of some sRGB colours, moved by the jitter; drawn as linear RGB."),
    }


def single(key: str, value: Schema, description: str) -> Schema:
    """A mapping of one key."""
    return {"description": description, **fields_of({key: value}, [key])}


def fields_of(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    """A mapping of these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def resolved(schema: Any) -> Any:
    """The schema with ``x-ref`` turned into ``$ref`` and pydantic's titles left out."""
    if isinstance(schema, Mapping):
        named = isinstance(schema.get("properties"), Mapping)
        found = {}
        for key, value in schema.items():
            if key == "title" and isinstance(value, str):
                continue
            if key == "properties" and named:
                found[key] = {name: resolved(entry) for name, entry in value.items()}
            else:
                found["$ref" if key == "x-ref" else key] = resolved(value)
        return found
    return [resolved(item) for item in schema] if isinstance(schema, list) else schema
