"""JSON Schema of ``designs``."""

from __future__ import annotations

from typing import Any

from replicator_dr.spec.designs import DESIGNS
from replicator_dr.spec.elements import Anything
from replicator_dr.spec.schema_parts import item_distributions, numeric_distributions

Schema = dict[str, Any]


def design_schema() -> Schema:
    """An entry of ``designs``. ``x-ref`` stands for references into the whole schema."""
    return {"anyOf": [_design(kind) for kind in DESIGNS]}


def _design(kind: str) -> Schema:
    options: Schema = {"anyOf": [{"x-ref": f"#/$defs/design_{kind}"}, {"type": "null"}]}
    levels: Schema = {"type": "array", "items": Anything().schema(), "minItems": 1}
    number: Schema = {"type": "number"}
    linspace: Schema = {
        "type": "object",
        "properties": {"linspace": {"type": "array", "items": number, "minItems": 3, "maxItems": 3}},
        "required": ["linspace"],
        "additionalProperties": False,
        "description": "[first, last, count]",
    }
    choice = item_distributions(Anything())[0]
    drawn = [schema for name, schema in numeric_distributions().items() if name != "keyframes"]
    factors: Schema = {
        "type": "object",
        "additionalProperties": {"anyOf": [levels, linspace, choice, *([] if kind == "grid" else drawn)]},
        "minProperties": 1,
        "description": "Names, as fields use them, and what each ranges over.",
    }
    return {
        "type": "object",
        "properties": {kind: options, "factors": factors},
        "required": [kind, "factors"],
        "additionalProperties": False,
    }
