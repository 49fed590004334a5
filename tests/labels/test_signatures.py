"""Capture, annotators, writers and backends have every callable that Replicator documents, with its parameters."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from replicator_dr.engines.embedded import api

MANIFEST = Path(__file__).parents[1] / "data" / "replicator_api.json"
CALLABLES: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text())["callables"]
MODULES = (
    "orchestrator",
    "annotators",
    "AnnotatorRegistry",
    "Writer",
    "WriterRegistry",
    "writers",
    "BasicWriter",
    "backends",
    "BackendDispatch",
    "vp_manager",
)
NAMES = sorted(
    name
    for name in CALLABLES
    if name.split(".")[0] in MODULES or name.startswith(("functional.write_", "create.render_product"))
)
# The abstract base's __new__ takes what the __init__ of any subclass takes.
OPEN = {"Writer"}
# Names of parameters that the reading of the documentation did not keep: they are given by position.
POSITIONAL = {"orchestrator.set_next_rt_subframes", "orchestrator.set_minimum_next_rt_subframes"}


def find(name: str) -> Any:
    target: Any = api
    for part in name.split("."):
        target = getattr(target, part)
    return target


def default(text: str) -> Any:
    """The documented default, where it is a literal; the text where it names a class."""
    try:
        return ast.literal_eval(text)
    except ValueError:
        return text


@pytest.mark.parametrize("name", NAMES)
def test_has_the_documented_parameters(name: str) -> None:
    own = [parameter for parameter in inspect.signature(find(name)).parameters.values() if parameter.name != "self"]
    documented = CALLABLES[name]["params"]
    if name in OPEN:
        assert not documented
        return
    if name in POSITIONAL:
        assert len(own) == len(documented)
        return
    assert [parameter.name for parameter in own] == [parameter["name"] for parameter in documented]
    for mine, theirs in zip(own, documented):
        if theirs["kind"].startswith("var_"):
            assert mine.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            continue
        assert (mine.default is inspect.Parameter.empty) == theirs["required"], mine.name
        if "default" in theirs:
            wanted = default(theirs["default"])
            assert getattr(mine.default, "__name__", mine.default) == wanted or mine.default == wanted, mine.name


def test_enough_is_compared() -> None:
    assert len(NAMES) > 90
