"""What the program says of itself: help, version, exit codes, and what it imports for that."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

import replicator_dr
from replicator_dr.cli.app import app
from replicator_dr.run.exit_codes import MEANINGS, ExitCode, exit_code

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("generate", "validate", "merge", "preview", "explain", "graph", "schema", "doctor", "bench")


def test_help_lists_commands_examples_and_exit_codes(runner: CliRunner) -> None:
    result = runner.invoke(app, ["--help"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"│ {command}" in result.output
    assert "replicator-dr generate scenes/tabletop.yaml --frames 64" in result.output
    for code, meaning in MEANINGS.items():
        assert f"{int(code)}  {meaning}" in result.output


@pytest.mark.parametrize("command", ["generate", "validate", "merge", "preview", "explain", "graph", "schema", "bench"])
def test_help_of_a_command_teaches_with_an_example(command: str, runner: CliRunner) -> None:
    result = runner.invoke(app, [command, "--help"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    assert f"replicator-dr {command}" in result.output.split("Arguments")[0].split("Usage", 1)[1]


def test_exit_codes_are_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    for code, meaning in MEANINGS.items():
        assert f"| {int(code)} | {meaning} |" in page
    assert set(MEANINGS) == set(ExitCode)


def shown_commands() -> list[str]:
    """Every command on a scene of ours that the help and the pages show."""
    sources = [*(ROOT / "replicator_dr" / "cli").glob("*.py"), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(path.read_text() for path in sources)
    commands = "generate|preview|explain|graph|validate|bench"
    found = re.findall(rf"replicator-dr (?:{commands}) scenes/\w+\.yaml[^\n#>\"|`]*", text)
    return sorted(set(found))


@pytest.mark.parametrize("command", shown_commands())
def test_commands_that_are_shown_fit_the_scenes(command: str) -> None:
    words = shlex.split(command.split("  ")[0])
    values = {option: [b for a, b in pairwise(words) if a == option] for option in ("--set", "--without")}
    replicator_dr.load_spec(ROOT / words[2], overrides=values["--set"], without=values["--without"])


def test_there_are_commands_to_check() -> None:
    assert sum("--set" in command or "--without" in command for command in shown_commands()) >= 4


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (replicator_dr.SpecError([]), 3),
        (replicator_dr.AssetError("x"), 3),
        (replicator_dr.OutputError("x"), 4),
        (replicator_dr.EngineError("x"), 1),
        (replicator_dr.UnsupportedError("x"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_code_of_an_error(error: BaseException, code: int) -> None:
    assert exit_code(error) == code


def test_version_and_unknown_command(runner: CliRunner) -> None:
    assert runner.invoke(app, ["--version"]).output == f"replicator-dr {replicator_dr.__version__}\n"
    assert runner.invoke(app, ["generat"]).exit_code == ExitCode.USAGE
    assert runner.invoke(app, ["generate"]).exit_code == ExitCode.USAGE


def test_the_module_is_the_program() -> None:
    command = [sys.executable, "-m", "replicator_dr", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"replicator-dr {replicator_dr.__version__}\n"


def test_help_loads_no_numerical_library() -> None:
    script = (
        "import sys\nfrom replicator_dr.cli.app import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert loaded.isdisjoint({"numpy", "pydantic", "yaml", "warp", "pxr", "PIL", "trimesh"})
