"""Pydantic's errors in the words of this project: what was expected, what was found, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

Words = tuple[str, str]


def _got(value: object) -> str:
    from replicator_dr.spec.model import shown

    return shown(value)


def _expected(what: str) -> Callable[[Any, dict[str, Any]], Words]:
    return lambda value, _: (f"expected {what}, got {_got(value)}", "")


def _bound(relation: str, key: str) -> Callable[[Any, dict[str, Any]], Words]:
    return lambda value, context: (f"{_got(value)} is out of range", f"must be {relation} {context[key]:g}")


def _pattern(value: Any, context: dict[str, Any]) -> Words:
    return f"{_got(value)} does not have the right form", f"must match {context['pattern']}"


def _choices(value: Any, context: dict[str, Any]) -> Words:
    return f"{_got(value)} is not one of the choices", f"one of {context['expected']}"


def _length(_value: Any, context: dict[str, Any]) -> Words:
    if "min_length" in context:
        return f"expected at least {context['min_length']} entries, got {context['actual_length']}", ""
    return f"expected at most {context['max_length']} entries, got {context['actual_length']}", ""


_WORDS: dict[str, Callable[[Any, dict[str, Any]], Words]] = {
    "missing": lambda *_: ("missing", "this field is required"),
    "extra_forbidden": lambda *_: ("unknown field", ""),
    "string_type": _expected("text"),
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda *_: ("expected some text, got none", ""),
    "bool_type": _expected("true or false"),
    "bool_parsing": _expected("true or false"),
    "int_type": _expected("a whole number"),
    "int_parsing": _expected("a whole number"),
    "int_from_float": _expected("a whole number"),
    "float_type": _expected("a number"),
    "float_parsing": _expected("a number"),
    "finite_number": _expected("a finite number"),
    "greater_than": _bound("greater than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "too_short": _length,
    "too_long": _length,
    "list_type": _expected("a list"),
    "tuple_type": _expected("a list"),
    "dict_type": _expected("a mapping"),
    "mapping_type": _expected("a mapping"),
    "model_type": _expected("a mapping of fields"),
    "literal_error": _choices,
    "enum": _choices,
}


def worded(details: ErrorDetails) -> Words:
    """The message and the hint for one of pydantic's errors."""
    context: dict[str, Any] = details.get("ctx", {})
    if details["type"] in _WORDS:
        return _WORDS[details["type"]](details["input"], context)
    if details["type"] == "value_error":
        return str(context["error"]), ""
    message = details["msg"].removeprefix("Input should be ")
    return f"expected {message}, got {_got(details['input'])}", ""
