"""``generate --vary``: the same frames with one factor changed, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from replicator_dr.cli.app import app
from replicator_dr.run.variants import split, variants

SPEC: dict[str, Any] = {
    "name": "lit",
    "seed": 6,
    "draws": {"shine": {"uniform": [0.2, 0.9]}},
    "create": {
        "floor": {"plane": {"scale": 6}, "semantics": {"class": "floor"}},
        "ball": {"sphere": {"scale": 0.6}, "semantics": {"class": "ball"}},
        "box": {"cube": {"scale": 0.5}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant", "intensity": 2000}},
        "wall": {"cube": {"scale": [0.05, 6, 3], "position": [0, 0, 1.5]}, "semantics": {"class": "wall"}},
        "lamp": {"light": {"light_type": "sphere", "radius": 0.05, "intensity": 90000, "position": [0.8, 1.5, 1]}},
        "camera": {"camera": {"position": [0, -7, 6], "look_at": [0, 0, 0], "focal_length": 24}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "ball", "position": {"uniform": [[-2, -1, 0.3], [-1, 1, 0.3]]}}},
                {"pose": {"prims": "box", "position": {"uniform": [[1, -1, 0.25], [2, 1, 0.25]]}}},
                {"materials": {"prims": "ball", "diffuse": {"uniform": [[0, 0, 0], [1, 1, 1]]}, "roughness": "$shine"}},
                {"light": {"lights": "lamp", "intensity": {"uniform": [50000, 90000]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "camera", "resolution": [96, 72]}],
    "writers": [{"coco_depth": {"output_dir": "out"}}],
}


def generate(folder: Path, *options: str, spec: dict[str, Any] | None = None) -> Path:
    """Two frames for each value, below ``folder / made``."""
    file = folder / "lit.yaml"
    file.write_text(yaml.safe_dump(spec or SPEC), encoding="utf-8")
    arguments = ["generate", str(file), "-n", "2", "-o", str(folder / "made"), "--device", "cpu", "-q", *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return folder / "made"


def read(dataset: Path) -> tuple[dict[str, Any], list[np.ndarray], list[np.ndarray]]:
    """annotations.json, colours, depths."""
    document = json.loads((dataset / "annotations.json").read_text())
    files = [(image["file_name"], image["depth_file_name"]) for image in document["images"]]
    colors = [np.asarray(Image.open(dataset / name)).astype(int) for name, _ in files]
    return document, colors, [np.asarray(Image.open(dataset / name)) for _, name in files]


def masks(document: dict[str, Any], image_id: int, name: str) -> np.ndarray:
    """The visible pixels of a class in an image."""
    from pycocotools import mask as coco

    category = next(one["id"] for one in document["categories"] if one["name"] == name)
    found = [one for one in document["annotations"] if (one["image_id"], one["category_id"]) == (image_id, category)]
    return np.any([coco.decode(one["segmentation"]).astype(bool) for one in found], axis=0)


def test_a_colour_changes_its_object_alone(tmp_path: Path) -> None:
    made = generate(tmp_path, "--vary", "ball.diffuse=[1,0,0],[0,0,1]")
    (red, red_images, red_depth), (blue, blue_images, blue_depth) = read(made / "variant_0"), read(made / "variant_1")
    assert red["annotations"] == blue["annotations"]
    for index, image in enumerate(red["images"]):
        np.testing.assert_array_equal(red_depth[index], blue_depth[index])
        differs = (red_images[index] != blue_images[index]).any(axis=2)
        ball = masks(red, image["id"], "ball")
        grown = np.pad(ball, 1)
        near = np.any([grown[1 + y : 73 + y, 1 + x : 97 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0)
        assert differs[ball].mean() > 0.7
        assert not differs[~near].any()
        assert image["draws"]["ball.materials.diffuse"] == [[1, 0, 0]]
        other = blue["images"][index]["draws"]
        changed = {name for name, value in image["draws"].items() if other[name] != value}
        assert changed == {"ball.materials.diffuse"}


def test_a_lamp_acts_where_it_shines(tmp_path: Path) -> None:
    made = generate(tmp_path, "--vary", "lamp.intensity=0,90000")
    (dark, dark_images, _), (lit, lit_images, _) = read(made / "variant_0"), read(made / "variant_1")
    assert dark["annotations"] == lit["annotations"]
    for index, image in enumerate(dark["images"]):
        difference = np.abs(lit_images[index] - dark_images[index]).max(axis=2)
        # The wall stands between the lamp, on the side of +X, and the ball.
        assert not difference[masks(dark, image["id"], "ball")].any()
        assert difference.max() > 20


def test_combinations_and_their_index(tmp_path: Path) -> None:
    made = generate(tmp_path, "--vary", "$shine=0.2,0.8", "--vary", "sun.intensity=100,200")
    index = json.loads((made / "variants.json").read_text())
    assert index["format"] == "replicator_dr.variants/1"
    values = [(one["folder"], one["values"]["$shine"], one["values"]["sun.intensity"]) for one in index["variants"]]
    expected = [("variant_0", 0.2, 100), ("variant_1", 0.2, 200), ("variant_2", 0.8, 100), ("variant_3", 0.8, 200)]
    assert values == expected
    for folder, shine, brightness in expected:
        manifest = json.loads((made / folder / "manifest.json").read_text())
        assert manifest["spec"]["fixed"] == {"$shine": shine}
        assert manifest["spec"]["create"]["sun"]["light"]["intensity"] == brightness
        document = read(made / folder)[0]
        assert [image["draws"]["ball.materials.roughness"] for image in document["images"]] == [[[shine]]] * 2


def test_variants_are_audited_and_go_on(tmp_path: Path) -> None:
    made = generate(tmp_path, "--vary", "ball.roughness=0.1,0.9")
    before = (made / "variant_1" / "annotations.json").read_bytes()
    generate(tmp_path, "--vary", "ball.roughness=0.1,0.9", "--audit")
    assert (made / "variant_1" / "annotations.json").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sun.intensity", "'sun.intensity' is not name=value,value; as in --vary sun.intensity=200,800,3000"),
        ("lamp.intensty=1,2", "nothing that varies is called 'lamp.intensty'; did you mean 'lamp.intensity'?"),
        ("lamp.intensity=-1", "-1 is out of range; must be at least 0"),
    ],
)
def test_faults_of_the_option(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "lit.yaml"
    file.write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    result = CliRunner().invoke(app, ["generate", str(file), "--vary", text])
    assert result.exit_code == 3
    assert message in " ".join(result.output.split())


def test_values_are_split_outside_brackets() -> None:
    assert split("1, [2, 3],{uniform: [0, 1]} ,x") == ["1", "[2, 3]", "{uniform: [0, 1]}", "x"]
    assert [one.values for one in variants(["a=1,2", "b=3"])] == [{"a": "1", "b": "3"}, {"a": "2", "b": "3"}]


def test_a_run_says_how_far_it_covers_a_grid(tmp_path: Path) -> None:
    spec = json.loads(json.dumps(SPEC))
    spec["designs"] = {"all": {"grid": {}, "factors": {"bright": [1, 2, 3]}}}
    spec["triggers"][0]["randomize"][3]["light"]["intensity"] = "$bright"
    file = tmp_path / "lit.yaml"
    file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    options = ["-o", str(tmp_path / "made"), "--device", "cpu", "--no-audit"]
    result = CliRunner().invoke(app, ["generate", str(file), "-n", "4", *options])
    expected = (
        "note: design 'all' has 3 combinations; frames 0 to 3 show all of them 1 time and 1 of them once more; "
        "3 or 6 frames cover it evenly"
    )
    assert expected in " ".join(result.output.split())
    result = CliRunner().invoke(app, ["generate", str(file), "-n", "6", *options])
    assert "design" not in result.output
