"""Counterfactual datasets: the same frames again with chosen factors changed, a folder for each combination.

``<folder>/variant_<i>`` is a whole dataset; frame k has the same number, names of files and ids in each, and all draws
but the chosen ones are equal. ``variants.json`` beside them says which is which.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from replicator_dr.errors import Fault, SpecError
from replicator_dr.spec import Spec, load_spec
from replicator_dr.spec.pins import path_to_vary
from replicator_dr.storage.atomic import write_file

INDEX = "variants.json"
FORMAT = "replicator_dr.variants/1"


@dataclass(frozen=True)
class Variant:
    """One combination. values: the text of each name's value, as YAML."""

    number: int
    values: Mapping[str, str]

    @property
    def folder(self) -> str:
        """Below the folder of all."""
        return f"variant_{self.number}"


def variants(vary: Iterable[str]) -> list[Variant]:
    """All combinations of ``name=value,value``, the last name's values changing fastest. SpecError for other texts."""
    names: dict[str, list[str]] = {}
    for text in vary:
        name, equals, values = text.partition("=")
        parts = split(values)
        if not equals or not name.strip() or not all(parts):
            hint = "as in --vary sun.intensity=200,800,3000"
            raise SpecError([Fault(f"--vary {text}", 0, 0, "", f"'{text}' is not name=value,value", hint)])
        names[name.strip()] = parts
    return [Variant(number, dict(zip(names, values))) for number, values in enumerate(product(*names.values()))]


def split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def load_variant(
    source: str | Path | Mapping[str, Any],
    base: Spec,
    variant: Variant,
    overrides: Sequence[str] = (),
    without: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Spec:
    """The spec of one combination. base: the spec without it. Raises SpecError."""
    paths = {name: path_to_vary(base, name) for name in variant.values}
    changed = [f"{path}={variant.values[name]}" for name, path in paths.items() if path is not None]
    fixed = {name: text for name, text in variant.values.items() if paths[name] is None}
    return load_spec(source, (*overrides, *changed), without, only=only, fixed=fixed)


def folder_of_all(spec: Spec) -> Path:
    """Where the variants of a spec go by themselves: its writer's folder, or the one above those of several."""
    folders = [os.path.abspath(getattr(entry.writer, "output_dir", ".")) for entry in spec.writers]
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def write_index(folder: Path, every: Sequence[Variant]) -> None:
    """Say which folder holds which values. OutputError where it cannot be written."""
    entries = [
        {"folder": one.folder, "values": {name: yaml.safe_load(text) for name, text in one.values.items()}}
        for one in every
    ]
    text = json.dumps({"format": FORMAT, "variants": entries}, indent=1)
    write_file(folder / INDEX, text.encode())
