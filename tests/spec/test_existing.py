"""Prims of a stage file, varied, referred to and labelled like what a spec creates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import Graph, build_graph
from replicator_dr.errors import AssetError

HALL = """#usda 1.0
(
    metersPerUnit = 1
    upAxis = "Z"
)

def Xform "World"
{
    def Cube "Shelf_1"
    {
        double size = 1
        double3 xformOp:translate = (0, 0, -0.5)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }

    def Sphere "Crate_1"
    {
        double radius = 0.1
    }

    def Cube "Crate_2"
    {
        double size = 0.2
    }

    def Camera "Eye"
    {
        float focalLength = 24
        float horizontalAperture = 20.955
        float2 clippingRange = (0.01, 100)
        matrix4d xformOp:transform = ((1, 0, 0, 0), (0, 0, 1, 0), (0, -1, 0, 0), (0, -4, 0.5, 1))
        uniform token[] xformOpOrder = ["xformOp:transform"]
    }

    def DistantLight "Sun"
    {
        float inputs:intensity = 2000
    }
}
"""

CREATE: dict[str, Any] = {
    "rig": {"camera": {"position": [3, 0, 2], "look_at": "shelf", "clipping_range": [0.01, 100]}},
    "balls": {"sphere": {"count": 2, "scale": 0.15}, "semantics": {"class": "ball"}},
    "lid": {"cube": {"parent": "crates", "position": [0, 0, 0.6], "scale": 0.1}, "semantics": {"class": "lid"}},
    "shelf": {"get_prims": {"path_pattern": r"^/World/Shelf_\d+$"}, "semantics": {"class": "shelf"}},
    "crates": {"get_prims": {"path_pattern": "Crate"}, "semantics": {"class": "crate"}},
    "movable": {"group": ["crates"]},
    "sun": {"get_light": {"path_pattern": "."}},
    "eye": {"get_camera": {"path_pattern": "."}},
}
RANDOMIZE: list[dict[str, Any]] = [
    {"pose": {"prims": "movable", "position": {"uniform": [[-0.4, -0.4, 0.1], [0.4, 0.4, 0.3]]}}},
    {"scatter_2d": {"prims": "balls", "surface_prims": "shelf"}},
    {"light": {"lights": "sun", "intensity": {"uniform": [1000, 3000]}}},
]


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    file = tmp_path / "hall.usda"
    file.write_text(HALL)
    return file


def on(hall: Path, create: dict[str, Any], **spec: Any) -> Graph:
    return build_graph({"seed": 4, "stage": str(hall), "create": create, **spec}, device="cpu")


def test_poses_draws_and_surfaces(hall: Path) -> None:
    frames = 6
    with on(hall, CREATE, triggers=[{"on_frame": {}, "randomize": RANDOMIZE}]) as graph:
        state = graph.sample(range(frames))
        row = {path: index for index, path in enumerate(graph.scene.labels.entity_paths)}
    at = {path: state.entity_world[:, index, 3, :3] for path, index in row.items()}
    assert set(at) == {
        *("/World/Shelf_1", "/World/Crate_1", "/World/Crate_2"),
        *("/Replicator/balls", "/Replicator/balls_01", "/World/Crate_1/lid"),
    }
    drawn = np.asarray(state.draws["crates.pose.position"])
    crates = np.stack([at["/World/Crate_1"], at["/World/Crate_2"]], axis=1)
    np.testing.assert_allclose(crates, drawn, atol=1e-6)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 2 * frames, "a draw for each prim and frame"
    # A ball of radius 0.075 m on a face of a cube of 1 m around (0, 0, -0.5).
    for ball in ("/Replicator/balls", "/Replicator/balls_01"):
        np.testing.assert_allclose(np.abs(at[ball] - [0, 0, -0.5]).max(axis=1), 0.575, atol=1e-5)
    above = at["/World/Crate_1/lid"] - at["/World/Crate_1"]
    np.testing.assert_allclose(above, np.tile([0, 0, 0.6], (frames, 1)), atol=1e-6)
    assert np.asarray(state.draws["sun.light.intensity"]).shape == (frames, 1, 1)


def test_a_dataset_of_a_stage_file(hall: Path, tmp_path: Path) -> None:
    with on(
        hall,
        CREATE,
        triggers=[{"on_frame": {}, "randomize": RANDOMIZE}],
        render_products=[{"cameras": ["eye", "rig"], "resolution": [96, 72]}],
        writers=[{"coco_depth": {}}],
    ) as graph:
        graph.run(2, output_dir=tmp_path / "out")
    written = json.loads((tmp_path / "out" / "annotations.json").read_text())
    names = {entry["id"]: entry["name"] for entry in written["categories"]}
    assert {names[entry["category_id"]] for entry in written["annotations"]} == {"ball", "crate", "lid", "shelf"}
    cameras = {image["product"]: np.asarray(image["camera"]["world_from_camera"]) for image in written["images"]}
    np.testing.assert_allclose(cameras["Eye"][:3, 3], [0, -4, 0.5], atol=1e-6)
    toward = np.array([0, 0, -0.5]) - [3, 0, 2]
    np.testing.assert_allclose(cameras["rig"][:3, 2], toward / np.linalg.norm(toward), atol=1e-6)
    assert hall.read_text() == HALL, "the stage file is never written to"


@pytest.mark.parametrize("order", [("crate", "there"), ("there", "crate")])
def test_what_the_spec_creates_is_not_found(hall: Path, order: tuple[str, str]) -> None:
    items = {
        "crate": {"cube": {"count": 2}},
        "there": {"get_prims": {"path_pattern": "crate"}, "semantics": {"class": "there"}},
    }
    with on(hall, {name: items[name] for name in order}) as graph:
        assert graph.scene.labels.entity_paths == ("/World/Crate_1", "/World/Crate_2")


@pytest.mark.parametrize(
    ("conditions", "paths"),
    [
        ({"path_pattern": "crate"}, ("Crate_1", "Crate_2")),
        ({"path_pattern": "crate", "path_pattern_exclusion": "_1$"}, ("Crate_2",)),
        ({"path_pattern": "^/World/", "prim_types": "Cube"}, ("Shelf_1", "Crate_2")),
        ({"path_pattern": "^/World/", "prim_types": ["Cube", "Sphere"]}, ("Shelf_1", "Crate_1", "Crate_2")),
        ({"path_pattern": "crate", "prim_types_exclusion": "Sphere"}, ("Crate_2",)),
    ],
)
def test_conditions(hall: Path, conditions: dict[str, Any], paths: tuple[str, ...]) -> None:
    with on(hall, {"a": {"get_prims": conditions, "semantics": {"class": "a"}}}) as graph:
        assert graph.scene.labels.entity_paths == tuple(f"/World/{path}" for path in paths)


def test_nothing_found_names_the_pattern_the_stage_and_what_there_is(hall: Path) -> None:
    with pytest.raises(AssetError) as caught:
        on(hall, {"a": {"get_camera": {"path_pattern": "Crate"}}})
    assert str(caught.value) == (
        f"<dict>:4:3 create.a: path_pattern 'Crate' does not find a camera on the stage {hall}; on it are: /World, "
        "/World/Shelf_1, /World/Crate_1, /World/Crate_2, /World/Eye and 2 more"
    )


@pytest.mark.parametrize(
    "spec",
    [
        {"stage": "omniverse://server/hall.usd"},
        {"create": {"mug": {"from_usd": {"usd": "omniverse://server/hall.usd"}}}},
        {"create": {"mug": {"from_usd": {"usd": {"choice": ["omniverse://server/hall.usd"]}}}}},
        {"create": {"mug": {"material": {"diffuse_texture": "https://server/wood.png"}}}},
    ],
)
def test_urls_need_isaac_sim(spec: dict[str, Any]) -> None:
    with pytest.raises(
        AssetError, match=r"://server/\S+ can only be resolved inside Isaac Sim; run with --engine isaacsim"
    ):
        build_graph(spec, device="cpu")
