"""bench: the command runs, and its JSON has the keys that the page documents."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from replicator_dr.cli.app import app
from replicator_dr.run.exit_codes import ExitCode

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def documented(heading: str) -> set[str]:
    """The keys in the first column of the page's table with that heading."""
    table = re.search(rf"^\| {heading} \| content \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    assert table, heading
    return {key for row in table[1].splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_a_measurement_has_the_documented_keys(runner: CliRunner, small: Callable[..., Path], tmp_path: Path) -> None:
    arguments = ["bench", str(small()), "--frames", "6", "--repeats", "2", "--device", "cpu", "--batch", "2"]
    result = runner.invoke(app, [*arguments, "-o", "figures", "--json", "other/figures.json"])
    assert result.exit_code == 0, result.output
    report = json.loads(Path("other/figures.json").read_text())
    assert set(report) == documented("key") - {"growth", "peers"} - documented_parts()
    (scene,) = report["scenes"]
    assert set(scene) == documented("key of a scene") - set(scene["stages"])
    assert list(scene["stages"]) == ["sample", "render_labels", "render_color", "annotate", "encode", "write"]
    assert {"rendered", "null", "disk"} <= set(scene["sinks"])
    for rate in [*scene["stages"].values(), *scene["sinks"].values()]:
        assert set(rate) == documented("key of a rate")
        assert rate["frames"] == rate["images"] == 6
        assert len(rate["repeats"]) == 2
    assert_facts(scene)
    assert len(scene["memory_megabytes"]) == 10
    assert [path.name for path in Path("figures").iterdir()] == ["report.md"], "what was written meanwhile is gone"
    assert "| small |" in Path("figures/report.md").read_text()
    assert "Each stage alone" in result.stdout


def documented_parts() -> set[str]:
    """What the page says is inside ``machine``."""
    return {"processor", "threads", "memory_gigabytes", "system"} & documented("key")


def assert_facts(scene: dict[str, Any]) -> None:
    assert scene["scene"] == "small"
    assert scene["device"] == "cpu"
    assert scene["instances"] == 4
    assert scene["lights"] == 1
    assert scene["triangles"] > 4 * 2
    assert scene["resolution"] == [[64, 48]]
    assert scene["batch"] == 2
    assert scene["frames"] == 6
    assert scene["samples_per_pixel"] >= 1


def test_a_spec_with_faults_is_refused_before_anything_is_measured(
    runner: CliRunner, small: Callable[..., Path]
) -> None:
    result = runner.invoke(app, ["bench", str(small(intensity="intensty")), "-o", "figures"])
    assert result.exit_code == ExitCode.SPEC_FAULTS
    assert "did you mean 'intensity'" in result.output
    assert not Path("figures").exists()


def test_a_device_that_is_not_there_is_refused(runner: CliRunner, small: Callable[..., Path]) -> None:
    result = runner.invoke(app, ["bench", str(small()), "--frames", "1", "--device", "cuda:99"])
    assert result.exit_code == ExitCode.RUN_FAILED
    assert "there is no device 'cuda:99' here" in result.output
