from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from replicator_dr.spec import json_schema, load_spec
from replicator_dr.spec.document import read
from replicator_dr.spec.kinds import CREATE_KINDS, DISTRIBUTION_KINDS
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS

ROOT = Path(__file__).parents[2]
SCENES = sorted((ROOT / "scenes").glob("*.yaml"))
BROKEN = ROOT / "tests" / "spec" / "broken"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def content(path: Path) -> Any:
    return read(path).plain()


@pytest.mark.parametrize("scene", SCENES, ids=lambda path: path.stem)
def test_the_scenes_are_valid(scene: Path, validator: jsonschema.Draft202012Validator) -> None:
    load_spec(scene)
    assert [error.message for error in validator.iter_errors(content(scene))] == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown_section", "item_unknown_kind", "item_two_kinds", "item_unknown_field", "count_zero",
        "vector_too_short",
        "size_negative", "light_type", "roughness_high", "colour_255", "uniform_one_entry", "distribution_typo",
        "distribution_seed", "distribution_empty", "trigger_typo", "trigger_field", "trigger_interval_zero",
        "randomizer_typo", "materials_typo", "pose_missing_prims", "orbit_distance_missing", "writer_typo",
        "product_resolution_text", "draw_per", "draw_constant", "semantics_text", "prims_empty_list",
    ],
)  # fmt: skip
def test_typos_are_not(name: str, validator: jsonschema.Draft202012Validator) -> None:
    assert not validator.is_valid(content(BROKEN / f"{name}.yaml"))


VARIED = """
extends: base.yaml
draws: {bright: {uniform: [0.5, 2]}, tint: {normal: [[1, 1, 1], 0.1], per: prim}}
create:
  a: {cube: {position: {combine: [0, {uniform: [0, 1]}, $bright]}, scale: 2}, semantics: {class: [x, y]}}
  b: null
  c: {count: 3}
  parts: {group: [a, c]}
triggers:
  - on_frame:
    randomize:
      - light: {lights: [sun, moon], intensity: {draw: bright, scale: 1000}, temperature: {sequence: [3000, 4000]}}
      - pose: {prims: a, size: {choice: {choices: [0.1, 0.2], weights: [1, 2]}}}
        name: sizes
"""


def test_distributions_are_allowed_wherever_a_field_varies(validator: jsonschema.Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(VARIED))] == []


def test_everything_is_described() -> None:
    schema = json_schema()
    names = [f"create_{kind}" for kind in CREATE_KINDS]
    names += [f"randomize_{kind}" for kind in RANDOMIZERS.kinds()] + [f"writer_{kind}" for kind in WRITERS.kinds()]
    for name in names:
        assert schema["$defs"][name]["description"], name
        for field, entry in schema["$defs"][name]["properties"].items():
            assert entry.get("description"), f"{name}.{field}"
    assert all(f'"{kind}"' in str(schema).replace("'", '"') for kind in DISTRIBUTION_KINDS)


def test_it_is_small_enough_for_an_editor() -> None:
    assert len(json.dumps(json_schema())) < 260_000
