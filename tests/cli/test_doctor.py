"""doctor: what it finds, and that missing things come with remedies."""

from __future__ import annotations

import importlib.metadata
from collections import Counter

import pytest
from typer.testing import CliRunner

from replicator_dr.cli.app import app
from replicator_dr.run import doctor


def test_this_machine_is_ready(runner: CliRunner) -> None:
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert f"warp-lang         {importlib.metadata.version('warp-lang')}" in result.output
    assert "embedded" in result.output
    assert "coco_depth" in result.output
    assert "ready to generate" in result.output


def test_every_topic_is_covered() -> None:
    topics = Counter(finding.topic for finding in doctor.examine())
    assert set(topics) == {
        "python", "base packages", "embedded runtime", "plugins", "runtime", "device", "caches", "disk",
    }  # fmt: skip
    assert topics["base packages"] == len(doctor.BASE_PACKAGES)


def test_missing_packages_and_plugins_are_faults_with_remedies(
    monkeypatch: pytest.MonkeyPatch, runner: CliRunner
) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: [])
    faults = [finding for finding in doctor.examine() if finding.state == "fault"]
    assert len(faults) == len(doctor.BASE_PACKAGES) + len(doctor.EMBEDDED_PACKAGES) + 2
    assert all(finding.remedy for finding in faults)
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "pip install 'replicator_dr[embedded]'" in result.output


def test_a_full_disk_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = doctor.shutil.disk_usage("/")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    notes = [finding for finding in doctor.examine() if finding.topic == "disk"]
    assert [finding.state for finding in notes] == ["note", "note"]
    assert all("0.0 GB free" in finding.value and finding.remedy for finding in notes)
