"""preview: sheets of specs and of datasets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from replicator_dr.cli.app import app

Small = Callable[..., Path]


def test_a_spec_gives_a_sheet_and_leaves_no_dataset(small: Small, runner: CliRunner) -> None:
    result = runner.invoke(app, ["preview", str(small()), "--frames", "2", "-o", "sheet.png", "--width", "160"])
    assert result.exit_code == 0, result.output
    assert result.stdout == "sheet.png\n"
    sheet = Image.open("sheet.png")
    assert sheet.width > 4 * 160, "four columns: normals are known for a spec"
    assert sorted(path.name for path in Path().iterdir()) == ["sheet.png", "small.yaml"]


def test_a_dataset_gives_a_sheet_of_what_was_written(small: Small, runner: CliRunner) -> None:
    assert runner.invoke(app, ["generate", str(small()), "-n", "3", "-q"]).exit_code == 0
    first = runner.invoke(app, ["preview", "out", "-n", "1", "-o", "a.png", "--width", "160"])
    assert first.exit_code == 0, first.output
    image = min(Path("out").rglob("rgb/**/*.png"))
    Image.fromarray(np.zeros((48, 64, 3), dtype=np.uint8)).save(image)
    assert runner.invoke(app, ["preview", "out", "-n", "1", "-o", "b.png", "--width", "160"]).exit_code == 0
    assert Path("a.png").read_bytes() != Path("b.png").read_bytes(), "the sheet is drawn from the files"


def test_a_chosen_frame(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    for name, options in {"five": ["--frame", "5"], "again": ["-k", "5"], "six": ["-k", "6"]}.items():
        assert runner.invoke(app, ["preview", spec, *options, "-o", f"{name}.png", "--width", "160"]).exit_code == 0
    assert Path("five.png").read_bytes() == Path("again.png").read_bytes()
    assert Path("five.png").read_bytes() != Path("six.png").read_bytes()


def test_what_cannot_be_shown(small: Small, runner: CliRunner, tmp_path: Path) -> None:
    spec = str(small())
    assert runner.invoke(app, ["preview", str(tmp_path)]).exit_code == 3
    assert runner.invoke(app, ["preview", "missing.yaml"]).exit_code == 3
    assert runner.invoke(app, ["preview", str(tmp_path), "--seed", "3"]).exit_code == 2
    assert runner.invoke(app, ["preview", spec, "-o", f"{spec}/sheet.png", "-n", "1"]).exit_code == 4
