"""``create``: what stands on the stage, and how cameras and lights come out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from replicator_dr.errors import AssetError
from replicator_dr.graph import Graph, build_graph
from replicator_dr.graph.items import creation_order
from replicator_dr.spec import load_spec

USD = """#usda 1.0
(
    defaultPrim = "a"
    metersPerUnit = 1
    upAxis = "Z"
)

def Xform "a"
{
    def %s "b"
    {
    }
}
"""


def made(create: dict[str, Any], **options: Any) -> Graph:
    return build_graph({"create": create}, **options)


def assets(folder: Path, *shapes: str) -> None:
    for shape in shapes:
        (folder / f"{shape.lower()}.usda").write_text(USD % shape)


def shapes_of(graph: Graph, stem: str) -> list[str]:
    """The type of the geometry below each copy of an asset, in order."""
    from pxr import Usd

    root = graph.stage.GetPrimAtPath("/Replicator")
    copies = [prim for prim in root.GetChildren() if prim.GetName().startswith(stem)]
    return [next(p.GetTypeName() for p in Usd.PrimRange(copy) if p.GetName() == "b") for copy in copies]


@pytest.mark.parametrize("kind", ["plane", "cube", "sphere", "cylinder", "cone", "torus", "disk"])
def test_shapes_measure_a_metre(kind: str) -> None:
    with made({"thing": {kind: {"count": 2}, "semantics": {"class": "x"}}}) as graph:
        assert [path.split("/")[2] for path in graph.scene.labels.entity_paths] == ["thing", "thing_01"]
        low, high = graph.scene.labels.entity_bounds[0]
    np.testing.assert_allclose((high - low)[:2], 1, atol=0.01)


def test_items_are_made_after_what_they_need() -> None:
    spec = load_spec(
        {
            "create": {
                "all": {"group": ["child", "root"]},
                "child": {"cube": {"parent": "root", "material": {"choice": ["wood", "steel"]}}},
                "root": {"cube": {"look_at": "eye"}},
                "eye": {"camera": {}},
                "wood": {"material": {}},
                "steel": {"material": {}},
            }
        }
    )
    assert creation_order(spec) == ["eye", "root", "wood", "steel", "child", "all"]


def test_children_move_with_their_parents() -> None:
    create = {
        "table": {"cube": {"position": [1, 0, 0]}, "semantics": {"class": "table"}},
        "cup": {"cube": {"position": [0, 0, 0.5], "parent": "table"}, "semantics": {"class": "cup"}},
    }
    with made(create) as graph:
        state = graph.sample(0)
        cup = next(i for i, path in enumerate(graph.scene.labels.entity_paths) if path.endswith("cup"))
    np.testing.assert_allclose(state.entity_world[0, cup, 3, :3], [1, 0, 0.5])


def test_labels_of_groups_are_added(tmp_path: Path) -> None:
    create = {
        "a": {"cube": {}, "semantics": {"class": "box"}},
        "b": {"cube": {}},
        "both": {"group": ["a", "b"], "semantics": {"role": ["part", "loose"]}},
    }
    with made(create) as graph:
        state = graph.sample(0)
        sets = [graph.scene.labels.label_sets[row] for row in state.entity_labels[0]]
    assert sets == [{"class": "box", "role": "part,loose"}, {"role": "part,loose"}]


def test_a_list_of_assets_is_taken_in_turn(tmp_path: Path) -> None:
    assets(tmp_path, "Cube", "Sphere", "Cone")
    files = [str(tmp_path / f"{name}.usda") for name in ("cube", "sphere")]
    with made({"things": {"from_usd": {"usd": files, "count": 5}}}) as graph:
        assert shapes_of(graph, "things") == ["Cube", "Sphere", "Cube", "Sphere", "Cube"]
    with made({"things": {"from_usd": {"usd": files}}}) as graph:
        assert shapes_of(graph, "things") == ["Cube", "Sphere"]


def test_a_pattern_is_sorted(tmp_path: Path) -> None:
    assets(tmp_path, "Sphere", "Cube", "Cone")
    with made({"things": {"from_usd": {"usd": str(tmp_path / "*.usda")}}}) as graph:
        assert shapes_of(graph, "things") == ["Cone", "Cube", "Sphere"]


def test_a_choice_of_assets_is_drawn_for_each_copy(tmp_path: Path) -> None:
    assets(tmp_path, "Cube", "Sphere")
    files = [str(tmp_path / f"{name}.usda") for name in ("cube", "sphere")]
    create = {"things": {"from_usd": {"usd": {"choice": {"choices": files, "weights": [3, 1]}}, "count": 60}}}
    with made(create) as graph:
        first = shapes_of(graph, "things")
    with made(create) as graph:
        assert shapes_of(graph, "things") == first
    with made(create, overrides=("seed=1",)) as graph:
        assert shapes_of(graph, "things") != first
    assert 33 <= first.count("Cube") <= 56


def test_a_choice_without_replacements_takes_each_once(tmp_path: Path) -> None:
    assets(tmp_path, "Cube", "Sphere", "Cone")
    choice = {"choices": [str(tmp_path / "*.usda")], "with_replacements": False}
    with made({"things": {"from_usd": {"usd": {"choice": choice}, "count": 3}}}) as graph:
        assert sorted(shapes_of(graph, "things")) == ["Cone", "Cube", "Sphere"]
    with pytest.raises(AssetError, match=r"create\.things: 4 copies of 3 files without replacements; lower count"):
        made({"things": {"from_usd": {"usd": {"choice": choice}, "count": 4}}})


def test_different_assets_draw_poses_for_themselves(tmp_path: Path) -> None:
    assets(tmp_path, "Cube", "Sphere")
    body = {"usd": str(tmp_path / "*.usda"), "position": {"uniform": [[0, 0, 0], [1, 1, 1]]}}
    with made({"things": {"from_usd": body, "semantics": {"class": "x"}}}) as graph:
        position = graph.sample(0).entity_world[0, :, 3, :3]
    assert len(np.unique(position)) == 6


def test_size_fits_the_largest_extent() -> None:
    create = {"slab": {"cube": {"size": 0.3}, "semantics": {"class": "x"}}}
    with made(create) as graph:
        world = graph.sample(0).entity_world[0, 0]
    np.testing.assert_allclose(np.diag(world)[:3], 0.3)


def camera_arrays(body: dict[str, Any]) -> Any:
    with made({"eye": {"camera": body}}) as graph:
        return graph.sample(0).arrays.cameras


@pytest.mark.parametrize("fy", [None, 610.0])
def test_calibrated_cameras_have_their_intrinsics(fy: float | None) -> None:
    body = {"fx": 600.0, "cx": 330.0, "cy": 236.0, "resolution": [640, 480], **({} if fy is None else {"fy": fy})}
    cameras = camera_arrays(body)
    np.testing.assert_allclose(cameras.intrinsics(0, 640, 480), [[600, fy or 600, 330, 236]], rtol=1e-6)
    np.testing.assert_allclose(cameras.intrinsics(0, 320, 240), [[300, (fy or 600) / 2, 165, 118]], rtol=1e-6)


def test_lenses_have_replicators_defaults_but_see_what_is_close() -> None:
    cameras = camera_arrays({})
    np.testing.assert_allclose(cameras.focal_length, 24)
    np.testing.assert_allclose(cameras.horizontal_aperture, 20.955, rtol=1e-6)
    np.testing.assert_allclose(cameras.clipping, [[[0.01, 1000]]], rtol=1e-6)


def test_cameras_look_at_items() -> None:
    create = {
        "eye": {"camera": {"position": [3, 0, 0], "look_at": "box"}},
        "box": {"cube": {"position": [3, 4, 0]}},
    }
    with made(create) as graph:
        world = graph.sample(0).arrays.cameras.world[0, 0]
    np.testing.assert_allclose(-world[2, :3], [0, 1, 0], atol=1e-6)


def test_lights_have_their_sizes() -> None:
    create = {
        "a": {"light": {"light_type": "sphere", "radius": 0.2}},
        "b": {"light": {"light_type": "rect", "width": 2, "height": 3}},
        "c": {"light": {"light_type": "cylinder", "length": 4, "radius": 0.1}},
        "d": {"light": {"light_type": "distant", "angle": 1.5, "temperature": None, "intensity": 8, "exposure": 1}},
    }
    with made(create) as graph:
        lights = graph.sample(0).arrays.lights
    np.testing.assert_allclose(lights.size[0], [[0.2, 0], [2, 3], [0.1, 4], [1.5, 0]], rtol=1e-6)
    np.testing.assert_allclose(lights.color[0, 3], 16, rtol=1e-6)


def test_materials_are_shared_and_textured(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (10, 200, 30)).save(tmp_path / "green.png")
    create = {
        "green": {"material": {"diffuse_texture": str(tmp_path / "green.png"), "roughness": 0.2, "texture_scale": 4}},
        "boxes": {"cube": {"count": 2}, "material": "green"},
    }
    with made(create) as graph:
        arrays = graph.sample(0).arrays
    row = np.unique(arrays.part_material[0])
    assert len(row) == 1
    assert arrays.materials.base_texture[0, row[0]] >= 0
    np.testing.assert_allclose(arrays.materials.roughness[0, row[0]], 0.2, rtol=1e-6)
    np.testing.assert_allclose(arrays.materials.uv_scale[0, row[0]], 4)


def test_hidden_items_are_hidden() -> None:
    with made({"a": {"cube": {"visible": False}}, "b": {"cube": {}}}) as graph:
        assert graph.sample(0).arrays.part_visible.tolist() == [[False, True]]


def test_a_camera_that_is_not_turned_looks_along_minus_x() -> None:
    create = {"eye": {"camera": {"position": [3, 0, 0]}}, "low": {"camera": {"rotation": [0, -90, 0]}}}
    with made(create) as graph:
        (eye, low) = graph.sample(0).arrays.cameras.world[0, :, :3, :3]
    # Rows are the camera's axes in the world: right, up, back.
    np.testing.assert_allclose(eye, [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(low[2], [0, 0, 1], atol=1e-12)  # straight down
