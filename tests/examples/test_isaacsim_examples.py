"""The examples for Isaac Sim: run with the stand-in where they are Python, read word by word where they are shell."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from replicator_dr.engines import isaacsim
from tests.isaacsim.test_kit_files import TOML, flat, read

ROOT = Path(__file__).resolve().parents[2]
KIT = Path(isaacsim.__file__).parent / "kit"
SHELL = sorted((ROOT / "examples").glob("*.sh"))


@pytest.mark.parametrize("release", ["4.5", "6.0"])
def test_own_script(tmp_path: Path, release: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "isaacsim" / "launch.py"), release, str(tmp_path / "log.json"),
         str(ROOT / "examples" / "06_isaacsim_own_script.py"), "data"],
        cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "8 frames in graph mode" in done.stdout
    assert json.loads((tmp_path / "log.json").read_text())["faults"] == []
    read_back = json.loads((tmp_path / "data" / "annotations.json").read_text())
    assert "crate" in [category["name"] for category in read_back["categories"]]


def commands(file: Path) -> list[list[str]]:
    """The commands of a script, each as its words, variables as they are."""
    text = file.read_text().replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line and not line.startswith(("#", "set ", "here="))]


@pytest.mark.parametrize("file", SHELL, ids=lambda file: file.name)
def test_shell_scripts_are_sound(file: Path) -> None:
    assert file.read_text().startswith("#!/bin/sh\n# ")
    assert f"examples/{file.name}" in file.read_text()
    subprocess.run(["sh", "-n", str(file)], check=True)
    for path in re.findall(r"\$here/([\w./-]+)", file.read_text()):
        assert (ROOT / path).is_file(), path
    for path in re.findall(r"\$kit/([\w./-]+)", file.read_text()):
        assert (KIT / path).exists(), path


def test_options_of_our_commands_exist() -> None:
    asked = {}
    for file in SHELL:
        for words in commands(file):
            if "replicator_dr" in words and "-m" in words:
                command = words[words.index("replicator_dr") + 1].rstrip(")")
                options = [word for word in words if word.startswith("--") and not word.startswith("--/")]
                asked.setdefault(command, set()).update(options)
    assert set(asked) >= {"generate"}
    for command, options in asked.items():
        shown = subprocess.run(
            [sys.executable, "-m", "replicator_dr", command, "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert not [option for option in options if option not in shown]


def test_options_of_the_script_for_a_running_app_exist() -> None:
    text = (ROOT / "examples" / "07_isaacsim_running_app.sh").read_text()
    inner = re.search(r'--exec "([^"]+)"', text)
    assert inner
    script = (KIT / "run_spec.py").read_text()
    assert all(f'"{word}"' in script for word in inner[1].split() if word.startswith("--"))


def test_settings_of_the_app_are_declared() -> None:
    declared = {name.replace(".", "/") for name, _ in flat(read(TOML)["settings"])}
    given = re.findall(r"--/(replicator_dr/\w+)=", (ROOT / "examples" / "08_isaacsim_kit_app.sh").read_text())
    assert len(given) == 3
    assert set(given) <= declared
