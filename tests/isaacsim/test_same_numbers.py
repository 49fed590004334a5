"""Stepped mode says of every frame what the embedded runtime says: poses, boxes, masks, draws, cameras.

Both runtimes run for real here, the first behind the stand-in for Isaac Sim. Tiled products do not know what is hidden;
their truncation comes from the 3D box.
"""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr import build_graph, load_spec
from tests.isaacsim.runs import SPEC, dataset, differences
from tests.isaacsim.standin import RELEASES, isaac_sim

SCENES = Path(__file__).parents[2] / "scenes"
HIDDEN = ("bbox_amodal", "area_amodal", "visible_fraction", "truncation")


def spec(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SPEC), "mode": "stepped", **changes}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("num_envs", "tiled"), [(1, None), (1, False), (3, None), (4, False)])
def test_environments_and_products_change_nothing(
    tmp_path: Path, release: str, num_envs: int, tiled: bool | None
) -> None:
    products = [{"cameras": "rig", "resolution": [64, 48], "tiled": tiled}]
    with isaac_sim(release):
        found = dataset(spec(num_envs=num_envs, render_products=products), tmp_path / "kit", 6)
    wanted = dataset(SPEC, tmp_path / "embedded", 6)
    # A plain product of Isaac Sim has the ratio of what is hidden in single precision, and no exact extent.
    unknown = HIDDEN if tiled is None else ("truncation",)
    assert differences(found, wanted, unknown) == []


# All but the one with patterns, which only the embedded renderer has.
@pytest.mark.parametrize("scene", sorted(path.name for path in SCENES.glob("*.yaml") if path.stem != "materials"))
def test_every_scene(tmp_path: Path, scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SCENES)
    small = load_spec(scene).resolved()
    for product in small["render_products"]:
        product["resolution"] = [160, 120]
    with isaac_sim("6.0"):
        found = dataset({**small, "mode": "stepped"}, tmp_path / "kit", 2, start=5)
    wanted = dataset(small, tmp_path / "embedded", 2, start=5)
    assert len(wanted["annotations"]) > 0
    assert differences(found, wanted, HIDDEN) == []


def test_pictures_and_depth_are_the_same_to_the_pixel(tmp_path: Path) -> None:
    with isaac_sim("5.1"):
        dataset(spec(), tmp_path / "kit", 2)
    dataset(SPEC, tmp_path / "embedded", 2)
    for kind in ("rgb", "depth"):
        names = sorted(
            path.relative_to(tmp_path / "embedded") for path in (tmp_path / "embedded" / kind).rglob("*.png")
        )
        assert len(names) == 4
        for name in names:
            here, there = (np.asarray(Image.open(tmp_path / side / name)) for side in ("kit", "embedded"))
            np.testing.assert_array_equal(here, there)


def test_a_frame_alone_is_the_frame_among_others(tmp_path: Path) -> None:
    with isaac_sim("6.0"):
        alone = dataset(spec(), tmp_path / "alone", 1, start=4)
    with isaac_sim("6.0"):
        among = dataset(spec(num_envs=2), tmp_path / "among", 6)
    kept = [image for image in among["images"] if image["frame"] == 4]
    ids = {image["id"] for image in kept}
    among = {
        "images": kept,
        "annotations": [entry for entry in among["annotations"] if entry["image_id"] in ids],
        "categories": among["categories"],
    }
    assert differences(alone, among) == []


def test_a_run_goes_on_where_another_ended(tmp_path: Path) -> None:
    with isaac_sim("6.0"):
        dataset(spec(), tmp_path / "parts", 2)
    with isaac_sim("6.0"):
        parts = dataset(spec(num_envs=2), tmp_path / "parts", 3, start=2)
    whole = dataset(SPEC, tmp_path / "whole", 5)
    assert differences(parts, whole, HIDDEN) == []


def test_inside_the_event_loop(tmp_path: Path) -> None:
    counts: list[int] = []

    async def run() -> int:
        with build_graph(spec()) as graph:
            done = await graph.run_async(5, 0, tmp_path / "kit", listener=lambda now: counts.append(now.frames))
            return done.frames

    with isaac_sim("6.0"):
        assert asyncio.run(run()) == 5
    assert counts == [1, 2, 3, 4, 5]
    found = json.loads((tmp_path / "kit" / "annotations.json").read_text())
    assert differences(found, dataset(SPEC, tmp_path / "embedded", 5), HIDDEN) == []


def test_arrays_and_previews() -> None:
    """Labels; colours of environments side by side share a sun and a shadow map."""
    with build_graph(SPEC) as embedded:
        wanted = next(iter(embedded.frames(2, start=4)))
        seen = embedded.preview(4)
    with isaac_sim("6.0"), build_graph(spec(num_envs=2)) as graph:
        found = next(iter(graph.frames(2, start=4)))
        shown = graph.preview(4, ("rgb", "bounding_box_2d_tight", "camera_params"))
    assert graph.mode == "stepped"
    assert found["frames"].tolist() == wanted["frames"].tolist()
    for product in ("rig", "rig_01"):
        for name in ("distance_to_image_plane", "instance_segmentation"):
            np.testing.assert_array_equal(found[product][name], wanted[product][name])
        assert (
            shown[product]["bounding_box_2d_tight"]["primPaths"] == seen[product]["bounding_box_2d_tight"]["primPaths"]
        )
    for name, draw in wanted["draws"].items():
        np.testing.assert_allclose(np.asarray(found["draws"][name], draw.dtype), draw)


def test_steps_are_the_first_frames(tmp_path: Path) -> None:
    writers = [{"coco_depth": {"output_dir": str(tmp_path / "kit")}}]
    with isaac_sim("5.1"), build_graph(spec(writers=writers)) as graph:
        graph.step()
        graph.step()
        graph.finish()
    found = json.loads((tmp_path / "kit" / "annotations.json").read_text())
    assert differences(found, dataset(SPEC, tmp_path / "embedded", 2), HIDDEN) == []


def test_sixty_four_environments_are_one_step(tmp_path: Path) -> None:
    products = [{"cameras": "rig", "resolution": [32, 24]}]
    with isaac_sim("6.0") as standin:
        found = dataset(spec(num_envs=64, render_products=products), tmp_path / "kit", 64)
        steps = [line for line in standin.listing().splitlines() if "orchestrator.step(" in line]
    assert len(steps) == 1
    wanted = dataset({**SPEC, "render_products": products}, tmp_path / "embedded", 64)
    assert differences(found, wanted, HIDDEN) == []
