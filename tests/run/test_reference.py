"""The reference page: complete, and up to date with the models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from replicator_dr.run.reference import reference_page
from replicator_dr.run.reference_types import accepted, default
from replicator_dr.spec import Fraction, Model, Prims, Spec, Vector3
from replicator_dr.spec.create import MODELS
from replicator_dr.spec.distributions import DISTRIBUTIONS
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS
from replicator_dr.spec.triggers import WHEN

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "language.md"
SCHEMA = ROOT / "scenes" / "replicator_dr.schema.json"


class Sample(Model):
    """A model with a field of each sort."""

    required: int
    positive: Annotated[float, Field(gt=0)] = 1.5
    maybe: Vector3 | None = None
    choice: Literal["a", "b"] = "a"
    share: Fraction = 0.5
    prims: Prims = ()
    flag: bool = False
    pair: tuple[int, int] = (1, 2)


@pytest.mark.parametrize(
    ("name", "takes", "shown"),
    [
        ("required", "whole number", "required"),
        ("positive", "number, above 0", "1.5"),
        ("maybe", "3 numbers, may vary", ""),
        ("choice", "`a` or `b`", "a"),
        ("share", "number, within 0 .. 1, may vary", "0.5"),
        ("prims", "name of a created prim, or a list of them", ""),
        ("flag", "true or false", "false"),
        ("pair", "2 whole numbers", "[1, 2]"),
    ],
)
def test_words_for_a_field(name: str, takes: str, shown: str) -> None:
    field = Sample.model_fields[name]
    assert accepted(field) == takes
    assert default(field) == shown


def test_the_page_in_docs_is_what_the_models_say() -> None:
    # In a process of its own: other tests register plugins of theirs in this one.
    command = [sys.executable, "-m", "replicator_dr", "schema", "--markdown"]
    page = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert PAGE.read_text() == page, "run `make docs`"


def test_the_schema_beside_the_scenes_is_what_the_models_say() -> None:
    command = [sys.executable, "-m", "replicator_dr", "schema"]
    schema = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert SCHEMA.read_text() == schema, "run `make docs`"


def test_every_key_of_every_model_is_on_the_page_with_its_meaning() -> None:
    page = reference_page()
    models = {
        "spec": Spec,
        **MODELS,
        **WHEN,
        **RANDOMIZERS.all(),
        **WRITERS.all(),
    }
    for kind, model in models.items():
        if kind != "spec":
            assert f"`{kind}`" in page, f"{kind} is not on the page"
        for name, field in model.model_fields.items():
            assert f"| `{field.alias or name}` |" in page
            assert field.description, f"{kind}.{name} has no docstring"
    for kind in DISTRIBUTIONS:
        assert f"| `{kind}` |" in page


def test_tables_are_well_formed() -> None:
    width = 0
    for line in reference_page().splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = line.replace("\\|", "").count("|")
        assert width in (0, cells), line
        width = cells
