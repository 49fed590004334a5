"""validate, schema, graph: commands that render nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from replicator_dr.cli.app import app
from tests.cli.conftest import SPEC


def test_a_good_spec_is_ok(small: Callable[..., Path], runner: CliRunner) -> None:
    result = runner.invoke(app, ["validate", str(small())])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "small.yaml: ok\n", "")


def test_a_typo_in_a_key_is_named_with_place_and_remedy(small: Callable[..., Path], runner: CliRunner) -> None:
    path = small(intensity="intensty")
    result = runner.invoke(app, ["validate", str(path)])
    assert result.exit_code == 3
    expected = "small.yaml:6:38 create.sun.light.intensty: unknown field; did you mean 'intensity'?"
    assert expected in result.stderr
    assert "Traceback" not in result.output


def test_all_faults_of_all_files_are_reported(small: Callable[..., Path], runner: CliRunner) -> None:
    path = small(intensity="intensty", resolution="resolutoin")
    Path("good.yaml").write_text(SPEC)
    result = runner.invoke(app, ["validate", str(path), "good.yaml", "missing.yaml"])
    assert result.exit_code == 3
    assert "intensty" in result.stderr
    assert "resolutoin" in result.stderr
    assert "good.yaml: ok" in result.stdout
    assert "missing.yaml" in result.stderr


def test_a_missing_asset_is_a_fault_of_the_spec(small: Callable[..., Path], runner: CliRunner) -> None:
    path = small(**{"cube: {count: 3,": "from_usd: {usd: mug.usda, count: 3,"})
    result = runner.invoke(app, ["validate", str(path)])
    assert result.exit_code == 3
    assert "small.yaml:5:" in result.stderr
    assert "mug.usda" in result.stderr


def test_overrides_are_checked_like_the_file(small: Callable[..., Path], runner: CliRunner) -> None:
    path = str(small())
    assert runner.invoke(app, ["validate", path, "--set", "create.sun.light.intensity=5"]).exit_code == 0
    bad = runner.invoke(app, ["validate", path, "--set", "create.sun.light.intensity=bright", "--without", "moon"])
    assert bad.exit_code == 3
    assert "--without moon: nothing is called 'moon'; did you mean 'sun'?" in bad.stderr or "moon" in bad.stderr


def test_debug_shows_the_error_itself(small: Callable[..., Path], runner: CliRunner) -> None:
    result = runner.invoke(app, ["graph", str(small(intensity="intensty")), "--debug"])
    assert type(result.exception).__name__ == "SpecError"


def test_graph_prints_mermaid(small: Callable[..., Path], runner: CliRunner) -> None:
    result = runner.invoke(app, ["graph", str(small())])
    assert result.exit_code == 0
    assert result.stdout.startswith("flowchart LR\n")
    assert "item_eye ==> product0" in result.stdout


def test_the_schema_accepts_the_spec_and_refuses_a_typo(small: Callable[..., Path], runner: CliRunner) -> None:
    result = runner.invoke(app, ["schema"])
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(SPEC), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(SPEC.replace("intensity", "intensty")), schema)
