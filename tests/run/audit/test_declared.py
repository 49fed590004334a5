"""Names and forms of draws: what a run records is what the audit expects of the spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replicator_dr import load_spec
from replicator_dr.errors import SpecError
from replicator_dr.run.audit import audit
from replicator_dr.run.audit.draws.declared import declared_draws
from replicator_dr.spec.load import recorded_spec
from tests.run.audit.conftest import write_dataset
from tests.run.audit.written import fired

ROOT = Path(__file__).resolve().parents[3]
SPEC = """\
name: drawn
seed: 5
draws:
  bright: {uniform: [0.5, 2]}
  tone: {choice: [0.1, 0.5, 0.9], per: prim}
create:
  floor: {plane: {scale: 4}, semantics: {class: floor}}
  boxes: {cube: {count: 3, size: {uniform: [0.2, 0.4]}, position: [0, 0, 0.15]}, semantics: {class: box}}
  red: {material: {diffuse: [1, 0, 0]}}
  blue: {material: {diffuse: [0, 0, 1]}}
  sun: {light: {light_type: distant, intensity: 3000, rotation: [-40, 10, 0]}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0], f_stop: 2.8}}
triggers:
  - on_frame: {}
    randomize:
      - pose:
          prims: boxes
          position: {combine: [{uniform: [-0.8, 0.8]}, {normal: [0, 0.2]}, 0.2]}
          rotation: {choice: [[0, 0, 0], [0, 0, 45]]}
      - materials: {prims: boxes, roughness: $tone, diffuse: {normal: [[0.5, 0.5, 0.5], [0.3, 0.3, 0.3]]}}
      - pose: {prims: boxes, rotation_z: {sequence: [0, 10, 20]}}
      - pose: {prims: boxes, rotation_z: {log_uniform: [1, 90]}}
      - light: {lights: sun, intensity_scale: $bright, temperature: {draw: bright, scale: 1000, offset: 4000}}
      - camera: {cameras: eye, f_stop: {uniform: [2, 8]}, focal_length: {log_uniform: [18, 35]}}
      - visibility: {prims: boxes, probability: 0.7}
        name: sometimes
      - materials: {prims: floor, materials: {choice: [red, blue]}}
  - on_frame: {interval: 3, max_execs: 2}
    randomize:
      - color: {prims: floor, colors: {uniform: [[0, 0, 0], [1, 1, 1]]}}
render_products:
  - {cameras: eye, resolution: [64, 48]}
writers:
  - coco_depth: {output_dir: out}
"""
PATHS = {"floor.materials.materials"}
"""Draws that are recorded by the paths of prims."""


def test_every_kind_of_draw_is_tested(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, SPEC, 12)
    recorded = json.loads((folder / "annotations.json").read_text())["images"][0]["draws"]
    declared = declared_draws(load_spec(tmp_path / "spec.yaml"))
    assert {"boxes.pose#2.rotation_z", "boxes.sometimes.probability", "eye.camera.f_stop"} <= set(recorded)
    assert set(recorded) <= set(declared)
    report = audit(folder)
    assert fired(report) == {}
    (draws,) = (result for result in report.results if result.name == "draws")
    assert draws.note.endswith(f"left out: {', '.join(PATHS)}")
    assert draws.note.startswith("16 distributions tested")


def test_what_came_of_the_draws_is_counted_and_not_tested(tmp_path: Path) -> None:
    """Five boxes in a yard with room for three or four: how many are hidden is recorded with each frame."""
    pytest.importorskip("fcl")
    crowded = """\
name: crowded
seed: 5
create:
  yard: {plane: {scale: 0.7, visible: false}}
  boxes: {cube: {count: 5, size: 0.3}, semantics: {class: box}}
  sun: {light: {light_type: distant, intensity: 3000}}
  eye: {camera: {position: [1, 1, 2], look_at: [0, 0, 0]}}
triggers:
  - on_frame: {}
    randomize:
      - pose: {prims: boxes, rotation_z: {uniform: [0, 90]}}
      - scatter_2d: {prims: boxes, surface_prims: yard, collision: hull, tries: 4, no_room: hide}
render_products:
  - {cameras: eye, resolution: [64, 48]}
writers:
  - coco_depth: {output_dir: out}
"""
    with pytest.warns(UserWarning, match="found no free place"):
        folder = write_dataset(tmp_path, crowded, 40)
    images = json.loads((folder / "annotations.json").read_text())["images"]
    numbers = [image["draws"]["boxes.scatter_2d.no_room"][0][0] for image in images]
    assert len(set(numbers)) > 1
    report = audit(folder)
    assert fired(report) == {}
    (draws,) = (result for result in report.results if result.name == "draws")
    hidden = sum(number > 0 for number in numbers)
    assert draws.note == f"1 distributions tested; boxes.scatter_2d.no_room above 0 in {hidden} frames"


@pytest.mark.parametrize("scene", ["tabletop", "parts", "bin", "warehouse", "domain_randomization", "cone_cube"])
def test_a_recorded_spec_needs_no_files(scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load_spec(ROOT / "scenes" / f"{scene}.yaml")
    monkeypatch.chdir(tmp_path)
    again = recorded_spec(json.loads(json.dumps(spec.resolved())))
    assert declared_draws(again).keys() == declared_draws(spec).keys()
    with pytest.raises(SpecError, match="no file"):
        load_spec(spec.resolved())


def test_a_spec_of_a_plugin_that_is_not_here(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, SPEC, 2)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["spec"]["triggers"][0]["randomize"].append({"of_another_package": {}})
    (folder / "manifest.json").write_text(json.dumps(manifest))
    report = audit(folder)
    (draws,) = (result for result in report.results if result.name == "draws")
    assert report.passed
    assert draws.status.value == "skipped"
    assert "of_another_package" in draws.note
