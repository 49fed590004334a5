"""What a field accepts, in words, read from its annotation: the middle column of the reference page."""

from __future__ import annotations

import math
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from replicator_dr.spec.distributions import LogUniform, Uniform
from replicator_dr.spec.elements import Element, Numbers, Words
from replicator_dr.spec.references import Reference
from replicator_dr.spec.varying import Varying

_PLAIN = {int: "whole number", float: "number", str: "text", bool: "true or false", type(None): "nothing"}


def accepted(field: FieldInfo) -> str:
    """The words for what a field takes, such as ``3 numbers [m], may vary``."""
    return _words(field.annotation, tuple(field.metadata))


def default(field: FieldInfo) -> str:
    """The default as YAML shows it; ``required`` where there is none, empty where leaving it out means nothing."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True) if field.default_factory is None else ""
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return _plain(value)
    if isinstance(value, (Uniform, LogUniform)):
        return f"{{{value.kind}: [{_plain(value.lower)}, {_plain(value.upper)}]}}"
    return _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _words(annotation: Any, metadata: tuple[Any, ...]) -> str:
    for mark in metadata:
        if isinstance(mark, Varying):
            return f"{_element(mark.element)}, may vary"
        if isinstance(mark, Reference):
            return _reference(mark)
        if hasattr(mark, "validate") and type(mark).__doc__:
            return _first_sentence(mark)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(arguments[0], tuple(arguments[1:]))
    if origin in (Union, types.UnionType):
        kinds = [argument for argument in arguments if argument is not type(None)]
        return " or ".join(dict.fromkeys(_words(kind, metadata if len(kinds) == 1 else ()) for kind in kinds))
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if origin in (list, tuple):
        if origin is tuple and Ellipsis not in arguments:
            return f"{len(arguments)} {_plural(_words(arguments[0], ()))}"
        return f"list of {_words(arguments[0], ())}" if arguments else "list"
    if origin is dict:
        return f"mapping to {_words(arguments[1], ())}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"mapping ({annotation.__name__})"
    return _PLAIN.get(annotation, getattr(annotation, "__name__", str(annotation))) + _bounds(metadata)


def _plural(words: str) -> str:
    noun, _, rest = words.partition(", ")
    return f"{noun}s" + (f", {rest}" if rest else "")


def _first_sentence(mark: object) -> str:
    """What a validating annotation says of itself: its docstring's first line."""
    line = str(type(mark).__doc__).partition("\n")[0].rstrip(".").replace("``", "`")
    return line[:1].lower() + line[1:]


def _element(element: Element) -> str:
    if isinstance(element, Words) and element.choices:
        return " or ".join(f"`{choice}`" for choice in element.choices)
    if isinstance(element, Numbers):
        unit = f" [{element.unit}]" if element.unit else ""
        limits = (
            ""
            if math.isinf(element.low) and math.isinf(element.high)
            else f", {element.range_text.removeprefix('must be ')}"
        )
        return element.what.removeprefix("a ") + unit + limits
    return element.what.removeprefix("the ")


def _reference(reference: Reference) -> str:
    what = reference.what.removeprefix("the ").replace("name of a ", "name of a created ")
    return f"{what}, or a list of them" if reference.many else what


def _bounds(metadata: tuple[Any, ...]) -> str:
    words = []
    for mark in metadata:
        for attribute, text in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below")):
            limit = getattr(mark, attribute, None)
            if isinstance(limit, (int, float)) and math.isfinite(limit):
                words.append(f"{text} {limit:g}")
    return f", {' and '.join(words)}" if words else ""
