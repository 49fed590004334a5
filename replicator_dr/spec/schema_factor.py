"""Repeated parts of a JSON Schema moved into its definitions: the same options stand at dozens of fields."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

LENGTH = 300
"""Characters from which a repeated part is worth a definition."""


def factored(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with equal long ``anyOf`` lists replaced by references to one definition each."""
    counts = Counter(text for text in _options(schema) if len(text) >= LENGTH)
    names = {text: f"value_{index:02d}" for index, text in enumerate(text for text, n in counts.items() if n > 1)}
    result: dict[str, Any] = _replaced(schema, names)
    bodies = {name: {"anyOf": _replaced(json.loads(text), names)} for text, name in names.items()}
    result["$defs"] = {**result.get("$defs", {}), **bodies}
    return result


def _options(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("anyOf"), list):
            yield json.dumps(schema["anyOf"], sort_keys=True)
        for value in schema.values():
            yield from _options(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _options(value)


def _replaced(schema: Any, names: Mapping[str, str]) -> Any:
    if isinstance(schema, Mapping):
        found = {}
        for key, value in schema.items():
            name = names.get(json.dumps(value, sort_keys=True)) if key == "anyOf" else None
            if name is None:
                found[key] = _replaced(value, names)
            else:
                found["$ref"] = f"#/$defs/{name}"
        return found
    return [_replaced(value, names) for value in schema] if isinstance(schema, list) else schema
