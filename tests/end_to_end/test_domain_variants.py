"""Counterfactual pairs of the scene of the usual tables, with its physics, its noise and its lens that distorts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco
from typer.testing import CliRunner

from replicator_dr.cli.app import app

pytest.importorskip("mujoco", reason="the extra physics is not installed")

SCENE = Path(__file__).parents[2] / "scenes" / "domain_randomization.yaml"


def test_a_gear_of_metal_and_one_of_plastic(tmp_path: Path) -> None:
    """The same frames to the byte but for the gear's own pixels."""
    options = ["-n", "3", "-o", str(tmp_path), "--device", "cpu", "-q", "--vary", "gear.metallic=0,1"]
    options += ["--set", "render_products[0].resolution=[160, 120]", "--set", "render_products[0].cameras=wide"]
    result = CliRunner().invoke(app, ["generate", str(SCENE), *options])
    assert result.exit_code == 0, result.output
    folders = [tmp_path / "variant_0", tmp_path / "variant_1"]
    plastic, metal = (json.loads((folder / "annotations.json").read_text()) for folder in folders)
    assert plastic["annotations"] == metal["annotations"]
    (gear,) = (one["id"] for one in plastic["categories"] if one["name"] == "gear")
    acted = 0
    for one, other in zip(plastic["images"], metal["images"], strict=True):
        changed = {name for name, value in one["draws"].items() if other["draws"][name] != value}
        assert changed == {"gear.materials.metallic"}
        pair = [np.asarray(Image.open(folder / one["file_name"])).astype(int) for folder in folders]
        depths = [(folder / one["depth_file_name"]).read_bytes() for folder in folders]
        assert depths[0] == depths[1]
        masks = [row["segmentation"] for row in plastic["annotations"]
                 if (row["image_id"], row["category_id"]) == (one["id"], gear)]  # fmt: skip
        mine = np.any([np.zeros((120, 160), bool), *(coco.decode(mask).astype(bool) for mask in masks)], axis=0)
        grown = np.pad(mine, 1)
        near = np.any([grown[1 + y : 121 + y, 1 + x : 161 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0)
        differs = (pair[0] != pair[1]).any(axis=2)
        assert not differs[~near].any()
        acted += int(differs[mine].sum())
    assert acted > 100
