"""audit: exit codes, what is printed, the JSON file, and the line at the end of a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from replicator_dr.cli.app import app

Small = Callable[..., Path]


@pytest.fixture
def dataset(small: Small, runner: CliRunner) -> Path:
    """Four frames of the small spec."""
    assert runner.invoke(app, ["generate", str(small()), "-n", "4", "-q", "--no-audit"]).exit_code == 0
    return Path("out")


def spoil(dataset: Path) -> None:
    """Make the first box one pixel too narrow."""
    file = dataset / "annotations.json"
    labels = json.loads(file.read_text())
    labels["annotations"][0]["bbox"][2] -= 1
    file.write_text(json.dumps(labels))


def test_a_good_dataset_passes(dataset: Path, runner: CliRunner) -> None:
    before = sorted(dataset.rglob("*"))
    result = runner.invoke(app, ["audit", str(dataset)])
    assert result.exit_code == 0, result.output
    assert "audit: passed, 22 checks on 4 images in " in result.stdout
    assert result.stderr == "", "no progress bar where no terminal is"
    assert sorted(dataset.rglob("*")) == before, "an audit leaves the dataset as it is"


def test_a_bad_one_fails_and_says_where(dataset: Path, runner: CliRunner) -> None:
    spoil(dataset)
    result = runner.invoke(app, ["audit", str(dataset), "--json", "audit.json"])
    assert result.exit_code == 1
    assert "audit: failed, 2 of 22 checks on 4 images: checksums, boxes" in result.stdout
    assert "image 1, annotation 100002: bbox [" in result.stdout
    report = json.loads(Path("audit.json").read_text())
    assert (report["format"], report["passed"], report["images"]) == ("replicator_dr.audit/1", False, 4)
    (boxes,) = (check for check in report["checks"] if check["name"] == "boxes")
    assert (boxes["status"], boxes["severity"], boxes["found"]) == ("failed", "error", 1)
    assert boxes["findings"][0]["image_id"] == 1
    assert boxes["findings"][0]["numbers"]["bbox"][2] == boxes["findings"][0]["numbers"]["bounds"][2] - 1


def test_quiet_says_it_by_the_exit_code(dataset: Path, runner: CliRunner) -> None:
    assert runner.invoke(app, ["audit", str(dataset), "-q"]).output == ""
    spoil(dataset)
    result = runner.invoke(app, ["audit", str(dataset), "-q", "--quick"])
    assert (result.exit_code, result.output) == (1, "")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: folder.rename("elsewhere"), "out is not there"),
        (lambda folder: (folder / "annotations.json").unlink(), "out holds no annotations.json"),
        (lambda folder: (folder / "manifest.json").unlink(), "out holds no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "out/manifest.json is not a manifest"),
        (
            lambda folder: (folder / "manifest.json").write_text("{}"),
            "Object missing required field `format`",
        ),
        (
            lambda folder: (folder / "manifest.json").write_text('{"format": "other/1"}'),
            "says format other/1, not replicator_dr.coco_depth;",
        ),
        (lambda folder: (folder / "annotations.json").write_text(""), "annotations.json is not a COCO instances"),
        (
            lambda folder: (folder / "annotations.json").write_text("[]"),
            "annotations.json is not a COCO instances",
        ),
    ],
)
def test_a_folder_that_is_no_dataset(
    dataset: Path, runner: CliRunner, damage: Callable[[Path], object], message: str
) -> None:
    damage(dataset)
    result = runner.invoke(app, ["audit", "out"])
    assert result.exit_code == 3
    assert message in result.stderr
    assert "an audit takes a folder that coco_depth wrote" in result.stderr


def test_a_run_ends_with_a_quick_audit(small: Small, runner: CliRunner) -> None:
    spec = str(small())
    result = runner.invoke(app, ["generate", spec, "-n", "3"])
    assert result.stdout.splitlines()[-1].startswith("quick audit: passed, 13 checks on 3 images in ")
    assert "quick audit" not in runner.invoke(app, ["generate", spec, "-n", "3", "--no-audit"]).output


def test_a_run_that_makes_black_frames_says_so(small: Small, runner: CliRunner) -> None:
    spec = str(small(**{"intensity: 3000": "intensity: 0"}))
    result = runner.invoke(app, ["generate", spec, "-n", "3", "--quiet"])
    assert result.exit_code == 0, "the run itself did what the spec says"
    assert result.stdout == ""
    assert "quick audit: failed, 2 of 13 checks on 3 images: black, stale" in result.stderr
    assert "see what is wrong: replicator-dr audit " in result.stderr


def test_a_page(dataset: Path, runner: CliRunner) -> None:
    pytest.importorskip("jinja2", reason="the extra 'report' is not installed")
    result = runner.invoke(app, ["audit", str(dataset), "--html", "audit.html"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "written: audit.html"
    assert Path("audit.html").read_text().startswith("<!doctype html>")


def test_a_page_without_jinja(dataset: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = runner.invoke(app, ["audit", str(dataset), "--html", "audit.html"])
    assert result.exit_code == 3
    assert "pip install 'replicator_dr[report]'" in result.stderr
