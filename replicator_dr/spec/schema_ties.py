"""JSON Schema of what depends on draws: expressions, conditions, weights by context, shared draws."""

from __future__ import annotations

from typing import Any

from replicator_dr.spec.elements import Anything
from replicator_dr.spec.schema_parts import (
    color_distributions,
    fields_of,
    item_distributions,
    numeric_distributions,
    single,
)

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number"], "description": "An expression over draws, such as 2000 * warmth + 500."}
_ANY: Schema = {
    "description": "What the field takes: a constant, a distribution, a shared draw, another tie.",
    "type": ["number", "boolean", "string", "array", "object"],
}
DRAWS_CONDITION: Schema = single("draws", {"type": "string"}, "A condition on shared draws, asked without an image.")


def tie_definitions() -> dict[str, Schema]:
    """Definitions that all fields share."""
    row: Schema = {"type": "array", "items": {"type": "number", "minimum": 0}}
    weight: Schema = {
        "anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}, fields_of({"expr": _TEXT}, ["expr"])]
    }
    table: Schema = {
        "description": "A row of weights for each value of a draw.",
        "type": "object",
        "properties": {"by": {"type": "string"}},
        "required": ["by"],
        "additionalProperties": row,
    }
    return {
        "tie": {"anyOf": _ties()},
        "weights": {"anyOf": [{"type": "array", "items": weight}, table]},
    }


def _ties(beside: Schema | None = None) -> list[Schema]:
    more = beside or {}
    cases: Schema = {"type": "object", "additionalProperties": _ANY, "minProperties": 1}
    return [
        {"description": "What an expression makes of draws.", **fields_of({"expr": _TEXT}, ["expr"])},
        {
            "description": "One of two, by a condition on draws.",
            **fields_of({"when": _TEXT, "then": _ANY, "else": _ANY, **more}, ["when", "then", "else"]),
        },
        {
            "description": "One for each value of a draw.",
            **fields_of({"case": {"type": "string"}, "of": cases, "else": _ANY, **more}, ["case", "of"]),
        },
    ]


def shared_draw() -> Schema:
    """An entry of ``draws``."""
    per: Schema = {
        "enum": ["frame", "prim"], "default": "frame", "description": "One sample a frame, or one for each prim.",
    }  # fmt: skip
    options = [*numeric_distributions().values(), *color_distributions().values(), *item_distributions(Anything())]
    for option in options:
        option["properties"] = {**option["properties"], "per": per}
    return {"anyOf": [*options, *_ties({"per": per})]}
