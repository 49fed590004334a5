"""NVIDIA's published interface, for one release."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parents[2] / "data" / "replicator_api.json"
Version = tuple[int, ...]


def version(text: str) -> Version:
    """The numbers of a text such as "1.12.4"."""
    return tuple(int(part) for part in text.split("."))


@dataclass(frozen=True)
class Callable:
    """One callable. types: {argument: accepted values in words}. later: {argument: the release that brought it}."""

    name: str
    kind: str
    signature: inspect.Signature
    types: dict[str, str]
    later: dict[str, str]
    since: str | None


@cache
def callables() -> dict[str, Callable]:
    """Everything that is published, by its dotted name."""
    entries: dict[str, Any] = json.loads(MANIFEST.read_text())["callables"]
    return {name: _callable(name, entry) for name, entry in entries.items()}


def _callable(name: str, entry: dict[str, Any]) -> Callable:
    params: list[inspect.Parameter] = []
    optional = False
    for param in entry["params"]:
        optional = optional or not param["required"]
        kind = getattr(inspect.Parameter, param["kind"].upper())
        variadic = kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        default = inspect.Parameter.empty if variadic or not optional else param.get("default")
        params.append(inspect.Parameter(param["name"], kind, default=default))
    return Callable(
        name,
        entry["kind"],
        inspect.Signature(params),
        {param["name"]: param["type"] for param in entry["params"] if "type" in param},
        {param["name"]: param["since"] for param in entry["params"] if "since" in param},
        entry.get("since"),
    )
