"""Names and forms of draws: what a run records is what the audit expects of the spec."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

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


@pytest.mark.parametrize(
    ("photos", "tested"),
    [
        ("[a.png, b.png]", False),
        ("{choice: [a.png, b.png]}", True),
        ("{choice: {choices: [a.png, b.png], weights: [1, 3]}}", True),
        ("{choice: {choices: ['?.png', a.png], weights: [3, 1]}}", False),
        ("'*.png'", False),
    ],
)
def test_photographs_and_patterns_of_them(tmp_path: Path, photos: str, tested: bool) -> None:
    for name in ("a", "b"):
        Image.new("RGB", (8, 6), "grey").save(tmp_path / f"{name}.png")
    spec = SPEC[SPEC.index("render_products:") :]
    text = (
        "name: backdrop\nseed: 2\ncreate:\n  box: {cube: {}, semantics: {class: box}}\n"
        "  eye: {camera: {position: [3, 2, 2], look_at: [0, 0, 0]}}\n"
        f"triggers: [{{on_frame: {{}}, randomize: [{{backdrop: {{camera: eye, photos: {photos}}}}}]}}]\n{spec}"
    )
    folder = write_dataset(tmp_path, text, 12)
    assert fired(audit(folder)) == {}
    assert ("left out: " in note(folder)) == (not tested)


TIED = """\
name: tied
seed: 5
draws:
  night: {uniform: [0, 1]}
  noise: {normal: [0, 0.1], per: prim}
  room: {choice: {choices: [kitchen, office], weights: [3, 1]}}
  lamp: {expr: "1000 * night + 100"}
  wear: {case: room, of: {kitchen: {uniform: [0, 0.5]}, office: 0.9}}
  early: {uniform: [1, 2]}
  fresh: {uniform: [0, 1]}
designs:
  sweep: {latin_hypercube: {samples: 40}, factors: {turn: {uniform: [0, 90]}}}
create:
  boxes: {cube: {count: 3, size: 0.3}, semantics: {class: box}}
  sun: {light: {light_type: distant, intensity: {expr: "1000 * early"}, rotation: [-40, 10, 0]}}
  eye: {camera: {position: [2, 2, 2], look_at: [0, 0, 0]}}
triggers:
  - on_frame: {}
    randomize:
      - materials: {prims: boxes, roughness: $wear, metallic: {expr: "0.5 + 0.1 * sin(noise)"}}
      - pose: {prims: boxes, rotation_z: {expr: "2 * turn"}, position_x: {expr: "night - fresh"}}
  - on_frame: {interval: 4}
    randomize: [{light: {lights: sun, intensity: {expr: lamp}}}]
render_products:
  - {cameras: eye, resolution: [32, 24]}
writers:
  - coco_depth: {output_dir: out}
"""
SHARED = {
    "draws.night": 1, "draws.noise": 1, "draws.room": 1, "draws.turn": 1, "draws.wear": 1, "draws.early": 0,
    "draws.fresh": 1, "draws.night.every_4": 4, "draws.lamp.every_4": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty frames with shared draws of all kinds."""
    return write_dataset(tmp_path_factory.mktemp("tied"), TIED, 80)


def note(folder: Path) -> str:
    """What the check says besides its findings."""
    return next(result.note for result in audit(folder).results if result.name == "draws")


def test_shared_draws_that_ties_use_are_tested(tied: Path) -> None:
    recorded = json.loads((tied / "annotations.json").read_text())["images"][0]["draws"]
    declared = declared_draws(load_spec(tied.parent / "spec.yaml"))
    for name, interval in SHARED.items():
        assert name in recorded
        assert declared[name].interval == interval
    assert {name for name in recorded if name.startswith("draws.")} == set(SHARED)
    assert fired(audit(tied)) == {}
    # night twice, noise, room, turn, fresh; expressions and conditions have no law of their own.
    follow = ("boxes.materials.metallic", "boxes.materials.roughness", "boxes.pose.position_x", "boxes.pose.rotation_z")
    left = ", ".join(
        sorted([*follow, "draws.lamp.every_4", "draws.wear", "sun.create.intensity", "sun.light.intensity"])
    )
    assert note(tied) == f"6 distributions tested; left out: {left}"


@pytest.mark.parametrize("name", ["draws.night", "draws.night.every_4", "draws.noise", "draws.room", "draws.turn"])
def test_a_shared_draw_of_another_law_is_found(tied: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    shutil.copytree(tied, folder)
    labels = json.loads((folder / "annotations.json").read_text())
    for image in labels["images"]:
        rows = image["draws"][name]
        image["draws"][name] = ["office"] if name == "draws.room" else [[0.2 * value] for (value,) in rows]
    (folder / "annotations.json").write_text(json.dumps(labels))
    (draws,) = (result for result in audit(folder).results if result.name == "draws")
    assert [finding.message.split(maxsplit=1)[0] for finding in draws.findings] == [name]


def test_draws_that_ties_use_at_different_times_are_left_out(tmp_path: Path) -> None:
    text = TIED.replace("  - on_frame: {interval: 4}", "  - on_frame: {max_execs: 3}")
    assert "draws.night" in note(write_dataset(tmp_path, text, 12))


def test_draws_of_frames_that_are_drawn_anew_keep_their_range_alone(tmp_path: Path) -> None:
    """What is required of frames changes the law of their draws, but not of those that frames share."""
    text = f'{TIED}require:\n  - {{draws: "fresh > 0.6"}}\n'
    folder = write_dataset(tmp_path, text, 80)
    images = json.loads((folder / "annotations.json").read_text())["images"]
    assert min(image["draws"]["draws.fresh"][0][0] for image in images) > 0.6
    assert fired(audit(folder)) == {}
    assert note(folder).startswith("1 distributions tested; left out: ")
    assert note(folder).endswith("; of 5 draws only the range, as frames that do not meet `require` are drawn anew")


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
