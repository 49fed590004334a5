"""Whether a value is of a kind that the interface names in words, such as "tuple[float, float] | ReplicatorItem"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from replicator_dr.engines.embedded.item import ReplicatorItem

_ANYTHING = re.compile(
    r"\b(any|object|value|values|numpy|bytes|Node|type|instance|Writer|Backend\w*|Annotator|class)\b"
)
_TUPLE = re.compile(r"tuple\[([^\]]*)\]")


def fits(value: Any, words: str) -> bool:
    """Whether the value is of one of the kinds in ``words``; words that name kinds of their own admit everything."""
    if _ANYTHING.search(words):
        return True
    if value is None:
        return "None" in words
    if isinstance(value, ReplicatorItem):
        return "ReplicatorItem" in words or "item" in words
    if isinstance(value, bool):
        return "bool" in words
    if isinstance(value, int):
        return "int" in words or "float" in words or "degrees" in words
    if isinstance(value, float):
        return "float" in words or "degrees" in words
    if isinstance(value, str):
        return any(word in words for word in ("str", "path", "'", "URL"))
    if isinstance(value, Mapping):
        return "dict" in words
    if isinstance(value, (list, tuple)):
        return _sequence(value, words)
    if callable(value):
        return "callable" in words or "function" in words or "kernel" in words
    return any(word in words for word in ("prim", "Prim", "HydraTexture", "Sdf"))


def _sequence(value: list[Any] | tuple[Any, ...], words: str) -> bool:
    if "list" in words or "these" in words or "them" in words:
        return True
    numbers = all(isinstance(part, (int, float)) for part in value)
    shapes = [shape for shape in _TUPLE.findall(words) if "..." not in shape]
    if shapes and numbers:
        return len(value) in {shape.count(",") + 1 for shape in shapes}
    return "tuple" in words
