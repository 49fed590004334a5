"""Every example runs as a user would run it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(name: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *arguments],
        cwd=folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_are_numbered_and_say_what_they_show() -> None:
    everything = sorted(path for path in (ROOT / "examples").iterdir() if path.is_file())
    assert [path.name[:2] for path in everything] == [f"{number:02d}" for number in range(1, len(everything) + 1)]
    for path in EXAMPLES:
        assert path.read_text().startswith('"""')
        assert re.search(rf"python(\.sh)? examples/{path.name}", path.read_text())
        assert len(path.read_text().splitlines()) < 100


def test_first_dataset(tmp_path: Path) -> None:
    printed = run("01_first_dataset.py", tmp_path, "data")
    assert "10 images" in printed
    assert "box: box [" in printed
    assert len(list((tmp_path / "data" / "rgb").rglob("*.png"))) == 10


def test_custom_randomizer(tmp_path: Path) -> None:
    printed = run("02_custom_randomizer.py", tmp_path)
    assert "height" in printed
    assert "tilt" in printed
    assert not list(tmp_path.iterdir()), "nothing is written"


@pytest.mark.parametrize("name", ["03_custom_writer.py"])
def test_custom_writer(name: str, tmp_path: Path) -> None:
    run(name, tmp_path, "data")
    lines = (tmp_path / "data" / "boxes.csv").read_text().splitlines()
    assert lines[0] == "file,label,x_min,y_min,x_max,y_max"
    assert len(lines) > 1
    assert all((tmp_path / "data" / line.split(",")[0]).is_file() for line in lines[1:])
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text())
    assert len(manifest["sha256"]) == 5 + 1


def test_arrays_without_disk(tmp_path: Path) -> None:
    printed = run("04_arrays_without_disk.py", tmp_path)
    assert "(4, 120, 160" in printed
    assert not list(tmp_path.iterdir()), "nothing is written"


def test_camera_effects(tmp_path: Path) -> None:
    printed = run("09_camera_effects.py", tmp_path)
    assert "(1, 120, 160, 4)" in printed
    assert "(1, 96, 96, 4)" in printed
    assert "mm" in printed
    assert not list(tmp_path.iterdir()), "nothing is written"


def test_lenses(tmp_path: Path) -> None:
    printed = run("10_lenses.py", tmp_path, "seen.png")
    assert "barrel: opencv_pinhole" in printed
    assert "fisheye: opencv_fisheye" in printed
    assert (tmp_path / "seen.png").stat().st_size > 5000


def test_train_from_disk(tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torchvision is not installed")
    printed = run("11_train_from_disk.py", tmp_path, "data")
    assert "classes {1: 'ball', 2: 'box'}" in printed
    losses = [float(loss) for loss in re.findall(r"loss ([\d.]+)", printed)]
    assert len(losses) >= 4
    assert (tmp_path / "data" / "annotations_val.json").is_file()


def test_train_from_a_running_graph(tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torchvision is not installed")
    printed = run("12_train_from_a_running_graph.py", tmp_path)
    errors = [float(error) for error in re.findall(r"([\d.]+) m off", printed)]
    assert len(errors) == 3
    assert errors[-1] < errors[0]
    assert not list(tmp_path.iterdir()), "nothing is written"
