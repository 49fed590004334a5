"""generate: datasets, exit codes, and what is printed when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from replicator_dr.cli.app import app

Small = Callable[..., Path]


def images(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def annotations(folder: Path) -> dict[str, list[dict[str, object]]]:
    content: dict[str, list[dict[str, object]]] = json.loads((folder / "annotations.json").read_text())
    return content


def test_a_dataset_and_a_summary(small: Small, runner: CliRunner) -> None:
    result = runner.invoke(app, ["generate", str(small()), "--frames", "4"])
    assert result.exit_code == 0, result.output
    assert len(annotations(Path("out"))["images"]) == 4
    assert len(images(Path("out"))) == 8
    for stage in ("sample", "render", "annotate", "encode", "write"):
        assert f"\n{stage} " in "\n" + result.stdout
    assert "4 frames, 4 images" in result.stdout
    assert "replicator-dr preview out -o out/preview.png" in result.stdout
    assert result.stderr == "", "no progress bar where no terminal is"


def test_quiet_prints_nothing(small: Small, runner: CliRunner) -> None:
    result = runner.invoke(app, ["generate", str(small()), "-n", "1", "-o", "elsewhere", "--quiet"])
    assert (result.exit_code, result.output) == (0, "")
    assert (Path("elsewhere") / "annotations.json").exists()
    assert not Path("out").exists()


def test_one_frame_alone_is_the_frame_of_the_run(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    assert runner.invoke(app, ["generate", spec, "-n", "6", "-o", "all", "--batch", "4"]).exit_code == 0
    assert runner.invoke(app, ["generate", spec, "-n", "1", "--start", "5", "-o", "one", "-w", "1"]).exit_code == 0
    every, alone = images(Path("all")), images(Path("one"))
    assert len(alone) == 2
    assert alone.items() <= every.items()


def test_seed_and_overrides_change_the_dataset(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    folders = {
        "seven": [],
        "again": ["--seed", "7"],
        "zero": ["--seed", "0"],
        "more": ["--set", "create.boxes.cube.count=5"],
        "without": ["--without", "boxes"],
    }
    for folder, options in folders.items():
        result = runner.invoke(app, ["generate", spec, "-n", "1", "-o", folder, *options])
        assert result.exit_code == 0, result.output
    assert images(Path("seven")) == images(Path("again"))
    assert images(Path("seven")) != images(Path("zero"))
    counts = {folder: len(annotations(Path(folder))["annotations"]) for folder in folders}
    assert counts["more"] > counts["seven"] > counts["without"] > 0


def test_a_dataset_that_is_there_is_not_overwritten_unasked(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    assert runner.invoke(app, ["generate", spec, "-n", "2"]).exit_code == 0
    before = images(Path("out"))
    other = runner.invoke(app, ["generate", spec, "-n", "2", "--seed", "8"])
    assert other.exit_code == 4, other.output
    assert "--overwrite" in other.stderr
    assert images(Path("out")) == before
    assert runner.invoke(app, ["generate", spec, "-n", "1", "--seed", "8", "--overwrite"]).exit_code == 0
    assert len(images(Path("out"))) == 2


def test_a_folder_that_cannot_be_written_is_an_output_problem(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    Path("file").write_text("")
    result = runner.invoke(app, ["generate", spec, "-n", "1", "-o", "file/data"])
    assert result.exit_code == 4
    assert "file/data" in result.stderr
    assert "Traceback" not in result.output
    assert "choose another" in result.stderr


def test_a_spec_with_faults_renders_nothing(small: Small, runner: CliRunner) -> None:
    result = runner.invoke(app, ["generate", str(small(intensity="intensty")), "-n", "1"])
    assert result.exit_code == 3
    assert "did you mean 'intensity'?" in result.stderr
    assert not Path("out").exists()


def test_a_mesh_without_faces_is_named(small: Small, runner: CliRunner) -> None:
    Path("points.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    spec = small(**{"cube: {count: 3,": "from_mesh: {mesh: points.obj,"})
    result = runner.invoke(app, ["generate", str(spec), "-n", "1"])
    assert result.exit_code == 3, result.output
    assert "points.obj" in result.stderr
    assert "Traceback" not in result.output


CAMERA = "position: [2, 2, 2], look_at: [0, 0, 0]"
SUN = "  sun: {light: {light_type: distant, intensity: 3000, rotation: [-40, 10, 0]}}\n"


@pytest.mark.parametrize(
    ("change", "least", "most"),
    [
        pytest.param({CAMERA: "position: [0, 0, 0.15]"}, 0, 3, id="camera inside an object"),
        pytest.param({SUN: ""}, 2, 4, id="no light"),
        pytest.param({"triggers:": "  none: {group: []}\ntriggers:"}, 2, 4, id="an empty group"),
        pytest.param({CAMERA: "position: [0, 0, 2], rotation: [180, 0, 0]"}, 0, 0, id="nothing in view"),
        pytest.param({", semantics: {class: floor}": "", ", semantics: {class: box}": ""}, 0, 0, id="nothing labelled"),
    ],
)
def test_odd_scenes_give_valid_datasets(
    change: dict[str, str], least: int, most: int, small: Small, runner: CliRunner
) -> None:
    result = runner.invoke(app, ["generate", str(small(**change)), "-n", "2"])
    assert result.exit_code == 0, result.output
    content = annotations(Path("out"))
    assert len(content["images"]) == 2
    per_image = [sum(a["image_id"] == i["id"] for a in content["annotations"]) for i in content["images"]]
    assert all(least <= number <= most for number in per_image), per_image


def test_a_device_that_is_not_there_is_named_with_those_that_are(small: Small, runner: CliRunner) -> None:
    result = runner.invoke(app, ["generate", str(small()), "-n", "1", "--device", "cuda:99"])
    assert result.exit_code == 1
    assert "there is no device 'cuda:99' here; devices are: cpu" in result.stderr


def test_usage_errors(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    for wrong in (["--frames", "0"], ["--start", "-1"], ["--workers", "0"], ["--nonsense"], ["--seed", "-3"]):
        assert runner.invoke(app, ["generate", spec, *wrong]).exit_code == 2, wrong


def test_the_summary_says_how_many_draws_were_accepted(small: Small, runner: CliRunner) -> None:
    path = small()
    path.write_text(path.read_text() + "require:\n  - pixels: {prims: boxes, at_least: 60}\n  - count: {at_most: 4}\n")
    result = runner.invoke(app, ["generate", str(path), "-n", "12"])
    assert result.exit_code == 0, result.output
    manifest = json.loads((Path("out") / "manifest.json").read_text())["require"]
    assert manifest["draws"] > 12
    share, pixels = f"{12 / manifest['draws']:.0%}", manifest["failed"][0]
    line = f"require: 12 of {manifest['draws']} draws accepted ({share}); not met: {pixels} pixels, 0 count"
    assert line in result.stdout
    assert "require" not in runner.invoke(app, ["generate", str(path), "-n", "1", "--set", "require=[]"]).stdout


def test_a_frame_that_cannot_be_drawn_is_a_failed_run(small: Small, runner: CliRunner) -> None:
    path = small()
    path.write_text(path.read_text() + "redraws: 4\nrequire:\n  - pixels: {prims: boxes, at_least: 3000}\n")
    result = runner.invoke(app, ["generate", str(path), "-n", "2", "-o", "none"])
    assert result.exit_code == 1
    assert "frame 0: 5 draws, and none meets what is required" in result.stderr
    assert "small.yaml:18:5 require[0].pixels: visible pixels of at least 3000, each of boxes" in result.stderr
    assert not images(Path("none"))
