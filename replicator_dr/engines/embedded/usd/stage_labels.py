"""Semantic labels on prims: UsdSemantics' LabelsAPI written, and the older SemanticsAPI attributes read too.

Labels are kept in order of type, ``{"class": ["mug"]}``; the older list of tuples is accepted as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pxr import Sdf, Usd

Labels = dict[str, tuple[str, ...]]

_SCHEMA = "SemanticsLabelsAPI:"
_LABELS = "semantics:labels:"
_OLD_TYPE = re.compile(r"semantic:(?P<instance>.+):params:semanticType$")


def parse_labels(value: object, kind: str) -> Labels:
    """Labels from an argument: a dict, a list of (type, label), one such tuple, or the text "class:a; shape:b".

    Raises ValueError.
    """
    if value is None:
        return {}
    pairs: list[tuple[str, str]] = []
    if isinstance(value, Mapping):
        for name, labels in value.items():
            pairs += [(str(name), str(label)) for label in ([labels] if isinstance(labels, str) else labels)]
    elif isinstance(value, str):
        pairs = [_pair(text, kind) for text in value.split(";") if text.strip()]
    elif isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, str) for part in value):
        pairs = [(value[0], value[1])]
    elif isinstance(value, (list, tuple)) and all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value):
        pairs = [(str(name), str(label)) for name, label in value]
    else:
        raise ValueError(f"{kind}: semantics is {value!r}; give a dictionary such as {{'class': 'mug'}}")
    return _collect(pairs)


def _pair(text: str, kind: str) -> tuple[str, str]:
    name, separator, label = text.partition(":")
    if not separator:
        raise ValueError(f"{kind}: semantics '{text}' has no ':'; write 'class:mug'")
    return name.strip(), label.strip()


def _collect(pairs: list[tuple[str, str]]) -> Labels:
    labels: dict[str, list[str]] = {}
    for name, label in pairs:
        known = labels.setdefault(name, [])
        if label not in known:
            known.append(label)
    return {name: tuple(known) for name, known in labels.items()}


def read_labels(prim: Usd.Prim) -> Labels:
    """The prim's own labels, without inherited ones."""
    labels: dict[str, list[str]] = {}
    # By attribute and not through UsdSemantics, which Kit's older pxr lacks.
    for schema in prim.GetAppliedSchemas():
        if schema.startswith(_SCHEMA):
            name = schema.removeprefix(_SCHEMA)
            value = prim.GetAttribute(f"{_LABELS}{name}").Get() or []
            labels.setdefault(name, []).extend(str(label) for label in value)
    for attribute in prim.GetAttributes():
        if match := _OLD_TYPE.match(attribute.GetName()):
            data = prim.GetAttribute(f"semantic:{match['instance']}:params:semanticData")
            if data and data.Get() and attribute.Get():
                labels.setdefault(str(attribute.Get()), []).append(str(data.Get()))
    return {name: tuple(dict.fromkeys(known)) for name, known in labels.items() if known}


def write_labels(prim: Usd.Prim, labels: Labels) -> None:
    """Make ``labels`` the prim's labels of these types; other types stay."""
    for name, values in labels.items():
        prim.AddAppliedSchema(f"{_SCHEMA}{name}")
        prim.CreateAttribute(f"{_LABELS}{name}", Sdf.ValueTypeNames.TokenArray, False).Set(list(values))


def change_labels(labels: Labels, change: Labels, mode: str) -> Labels:
    """The labels after modify.semantics. mode: "add", "replace" (those of the same types) or "clear" (all)."""
    if mode == "clear":
        return dict(change)
    if mode == "replace":
        return {**labels, **change}
    merged = dict(labels)
    for name, values in change.items():
        merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *values)))
    return merged
