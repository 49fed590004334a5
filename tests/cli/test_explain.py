"""explain: the graph, the draws of a frame with their origins, and what frames cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from replicator_dr.cli.app import app
from replicator_dr.graph import build_graph
from replicator_dr.graph.seeds import seed_of

SPEC = """\
name: told
seed: 3
draws:
  night: {uniform: [0, 1]}
  room: {choice: [kitchen, office]}
  away: {uniform: [1, 2]}
  high: {uniform: [0, 1]}
  lamp: {expr: "1000 * night"}
  wear: {case: room, of: {kitchen: {uniform: [0, 0.5]}, office: 0.9}}
correlations:
  - {draws: [away, high], correlation: 0.5}
create:
  boxes: {cube: {count: 3, size: 0.3}, semantics: {class: box}}
  sun: {light: {light_type: distant, intensity: {uniform: [500, 900]}}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0]}}
triggers:
  - on_frame: {}
    name: all
    randomize:
      - materials: {prims: boxes, roughness: $wear}
      - light: {lights: sun, intensity: {expr: "lamp + 5"}}
      - pose: {prims: boxes, position_x: {uniform: [-1, 1]}, position_z: {draw: high, scale: 2}}
  - on_frame: {interval: 4}
    randomize: [{orbit: {cameras: eye, distance: $away, elevation: 20}}]
require:
  - {draws: "night > 0.3"}
render_products:
  - {cameras: eye, resolution: [32, 24]}
writers:
  - coco_depth: {output_dir: out}
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "told.yaml"
    path.write_text(SPEC)
    return path


def explained(runner: CliRunner, *arguments: str) -> dict[str, Any]:
    result = runner.invoke(app, ["explain", "told.yaml", "--json", *arguments])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def values(found: dict[str, Any]) -> dict[str, Any]:
    return {entry["name"]: entry for entry in found["frame"]["values"]}


def test_the_graph_as_data(told: Path, runner: CliRunner) -> None:
    graph = explained(runner, "--no-estimate")["graph"]
    assert [(item["name"], item["kind"], item["count"]) for item in graph["items"]] == [
        ("boxes", "cube", 3), ("sun", "light", 1), ("eye", "camera", 1),
    ]  # fmt: skip
    assert graph["items"][1]["drawn"] == {"intensity": {"value": "uniform [500, 900]", "uses": []}}
    assert [(trigger["name"], trigger["when"]) for trigger in graph["triggers"]] == [
        ("all", "every frame"), (None, "every 4 frames"),
    ]  # fmt: skip
    entries = graph["triggers"][0]["entries"]
    assert [(entry["kind"], entry["items"]) for entry in entries] == [
        ("materials", ["boxes"]), ("light", ["sun"]), ("pose", ["boxes"]),
    ]  # fmt: skip
    assert entries[1]["fields"] == {"intensity": {"value": "expr lamp + 5", "uses": ["lamp"]}}
    draws = {draw["name"]: draw for draw in graph["draws"]}
    assert draws["lamp"]["uses"] == ["night"]
    assert draws["night"]["used_by"] == ["draws.lamp", "require[0]"]
    assert draws["away"]["correlated_with"] == ["high"]
    assert draws["wear"]["value"] == "case room of {kitchen: uniform [0, 0.5], office: 0.9}"
    assert draws["wear"]["used_by"] == ["triggers[0].randomize[0].materials.roughness"]
    assert graph["require"] == [{"kind": "draws", "asks": "night > 0.3"}]
    assert graph["render_products"] == [{"cameras": ["eye"], "resolution": "[32, 24]"}]
    assert graph["writers"] == [{"kind": "coco_depth"}]


def test_a_frames_values_are_those_of_the_run_with_their_origins(told: Path, runner: CliRunner) -> None:
    with build_graph(told) as graph:
        draws = graph.sample(range(20)).draws
    redrawn = int(draws["require.attempt"].argmax())
    assert draws["require.attempt"][redrawn] > 0
    found = explained(runner, "--no-estimate", "--frame", str(redrawn))
    entries, attempt = values(found), int(draws["require.attempt"][redrawn])
    assert found["frame"]["redraws"] == attempt
    assert found["frame"]["turned_down"] == {"require[0]": attempt}
    x = entries["boxes.pose.position_x"]
    assert x["value"] == draws["boxes.pose.position_x"][redrawn, :, 0].tolist()
    assert x["stream"] == {"path": ["boxes", "pose", "position_x"], "seed": seed_of(3, "boxes", "pose", "position_x")}
    assert (x["from"], x["execution"], x["attempt"], x["trigger"]) == ("distribution", redrawn, attempt, "all")
    night = entries["draws.night"]
    assert night["value"] == draws["draws.night"][redrawn, 0, 0] > 0.3
    assert night["stream"]["seed"] == seed_of(3, "draws", "night")
    sun = entries["sun.light.intensity"]
    assert (sun["from"], sun["uses"], sun["stream"]) == ("expression", ["lamp"], None)
    assert sun["value"] == pytest.approx(1000 * night["value"] + 5)
    room, wear = entries["draws.room"]["value"], entries["draws.wear"]
    assert (wear["from"], wear["branch"]) == ("condition", [room])
    z = entries["boxes.pose.position_z"]
    assert (z["from"], z["uses"]) == ("shared draw", ["high"])
    assert entries["draws.high"]["correlated_with"] == ["away"]
    slow = entries["eye.orbit.distance"]
    assert (slow["drawn_at_frame"], slow["execution"]) == (redrawn // 4 * 4, redrawn // 4)
    created = entries["sun.create.intensity"]
    assert (created["drawn_at_frame"], created["trigger"], created["execution"]) == (None, None, 0)


def test_the_number_of_draws(told: Path, runner: CliRunner) -> None:
    counted = explained(runner, "--no-estimate")["frame"]["draws"]
    # night, room, away, high; the sun's first intensity; a position of each box.
    assert (counted["streams"], counted["numbers"]) == (6, 8)
    assert "draw nothing" in counted["counted"]


def test_cost_is_measured_and_says_so(told: Path, runner: CliRunner) -> None:
    cost = explained(runner, "--frames", "50")["cost"]
    assert cost["frames"] == 50
    assert cost["seconds"] == pytest.approx(50 * cost["seconds_a_frame"])
    assert cost["bytes"] == pytest.approx(50 * cost["bytes_a_frame"])
    assert cost["bytes_a_frame"] > 100
    assert "measured: frames 1 .. 4" in cost["how"]
    assert [path.name for path in Path().iterdir()] == ["told.yaml"], "nothing is left behind"


def test_tables_show_the_same(told: Path, runner: CliRunner) -> None:
    result = runner.invoke(app, ["explain", "told.yaml", "--no-estimate", "-k", "2"])
    assert result.exit_code == 0, result.output
    for text in (
        "told, seed 3", "items (3)", "boxes cube x 3", "all: every frame", "every 4 frames",
        "intensity expr lamp + 5 <- lamp", "shared draws", "draws: night > 0.3", "frame 2",
        "distribution, with away", "draws of frame 2: 8 from 6 streams",
    ):  # fmt: skip
        assert text in result.stdout, text
    assert "frames: about" not in result.stdout


def test_faults_of_the_spec(told: Path, runner: CliRunner) -> None:
    told.write_text(SPEC.replace("1000 * night", "1000 * nigth"))
    result = runner.invoke(app, ["explain", "told.yaml"])
    assert result.exit_code == 3
    assert "there is no draw 'nigth' (character 8 of '1000 * nigth'); did you mean 'night'?" in result.stderr


CROWDED = """\
name: crowded
seed: 3
create:
  tray: {plane: {scale: 0.3}}
  boxes: {cube: {count: 6, size: 0.2}, semantics: {class: box}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0]}}
triggers:
  - on_frame: {}
    randomize:
      - scatter_2d:
          {prims: boxes, surface_prims: tray, collision: hull, tries: 9, no_room: hide, spin: {uniform: [0, 360]}}
render_products:
  - {cameras: eye, resolution: [32, 24]}
"""


@pytest.mark.filterwarnings("ignore:.*found no free place")
def test_what_came_of_a_frame_is_told_where_the_frame_is_asked_for(told: Path, runner: CliRunner) -> None:
    pytest.importorskip("fcl")
    told.write_text(CROWDED)
    with build_graph(told) as graph:
        without = graph.sample([0, 4]).draws["boxes.scatter_2d.no_room"][:, 0, 0].tolist()
    assert without[1] > 0
    first, fourth = (explained(runner, "--no-estimate", *more)["frame"] for more in ([], ["--frame", "4"]))
    assert first["facts"] is None
    assert fourth["facts"] == {"boxes.scatter_2d.no_room": without[1]}
    assert "no_room" not in str(fourth["values"])
    assert explained(runner, "--no-estimate", "--frame", "0")["frame"]["values"] == first["values"]
    tables = runner.invoke(app, ["explain", "told.yaml", "--no-estimate", "--frame", "4"]).output
    assert f"came of it: boxes.scatter_2d.no_room = {without[1]:g}\n" in tables
