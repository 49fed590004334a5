"""A randomizer of a package that nobody here knows: built, installed, found by its entry point, run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="builds the package")

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "examples" / "third_party_randomizer"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip put the package, as it puts it into an environment."""
    folder = tmp_path_factory.mktemp("third_party")
    source, target = folder / "source", folder / "target"
    shutil.copytree(PACKAGE, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    command = [*pip, "--no-deps", "--no-build-isolation", "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return target


def program(target: Path | None, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    places = [str(ROOT), *([str(target)] if target else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-m", "replicator_dr", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_the_package_is_what_pip_installs(installed: Path) -> None:
    assert (installed / "conveyor_randomizer" / "conveyor.py").is_file()
    points = next(installed.glob("conveyor_randomizer-*.dist-info")) / "entry_points.txt"
    assert points.read_text().split("\n")[:2] == [
        "[replicator_dr.randomizers]",
        "conveyor = conveyor_randomizer.conveyor:Conveyor",
    ]


def test_frames_are_made_with_it(installed: Path, tmp_path: Path) -> None:
    scene = str(PACKAGE / "conveyor.yaml")
    done = program(installed, tmp_path, "generate", scene, "-n", "2", "-o", "out", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    images = json.loads((tmp_path / "out" / "annotations.json").read_text())["images"]
    assert len(images) == 2
    for image in images:
        heading, turn = image["draws"]["parcels.conveyor.heading"], image["draws"]["draws.turn"]
        skew = 5 + 40 * image["draws"]["draws.speed"][0][0]
        assert [row[0] for row in heading] == pytest.approx([skew * row[0] for row in turn])


def test_it_is_in_the_schema_and_its_faults_are_found(installed: Path, tmp_path: Path) -> None:
    schema = program(installed, tmp_path, "schema")
    assert "Metres along the belt." in schema.stdout
    faulty = (PACKAGE / "conveyor.yaml").read_text().replace("across:", "acros:")
    (tmp_path / "faulty.yaml").write_text(faulty)
    done = program(installed, tmp_path, "validate", "faulty.yaml")
    assert done.returncode == 3
    assert "conveyor.acros: unknown field; did you mean 'across'?" in done.stderr


def test_without_the_package_the_error_names_what_there_is(tmp_path: Path) -> None:
    done = program(None, tmp_path, "validate", str(PACKAGE / "conveyor.yaml"))
    assert done.returncode == 3
    assert "unknown randomizer" in done.stderr
