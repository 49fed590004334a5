"""Scenes on a stage that was there before: a file, or the stage that is open; labels as each release reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from replicator_dr import build_graph
from replicator_dr.errors import AssetError, EngineError
from tests.isaacsim.runs import dataset, differences
from tests.isaacsim.standin import RELEASES, Standin, isaac_sim

ROOM = """#usda 1.0
(
    metersPerUnit = 0.01
    upAxis = "Z"
)
def Xform "World"
{
    def Cube "Table" (
        prepend apiSchemas = ["SemanticsLabelsAPI:class"]
    )
    {
        double size = 80
        token[] semantics:labels:class = ["table"]
        double3 xformOp:translate = (0, 0, 40)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }
    def DistantLight "Sun"
    {
        float inputs:intensity = 2000
    }
}
"""


def spec(folder: Path, **changes: Any) -> dict[str, Any]:
    """A room in centimetres, a table of its own to turn, and a camera."""
    (folder / "room.usda").write_text(ROOM)
    return {
        "name": "room",
        "seed": 8,
        "stage": str(folder / "room.usda"),
        "create": {
            "table": {"get_prims": {"path_pattern": "^/World/Table$"}},
            "sun": {"get_light": {"path_pattern": "Sun"}},
            "ball": {"sphere": {"scale": 30}, "semantics": {"class": "ball"}},
            "eye": {"camera": {"position": [300, 0, 200], "look_at": [0, 0, 40], "clipping_range": [1, 10000]}},
        },
        "triggers": [
            {
                "on_frame": {},
                "randomize": [
                    {"pose": {"prims": "table", "rotation_z": {"uniform": [-90, 90]}}},
                    {"pose": {"prims": "ball", "position": {"uniform": [[-30, -30, 95], [30, 30, 95]]}}},
                    {"light": {"lights": "sun", "intensity": {"uniform": [1000, 3000]}}},
                ],
            }
        ],
        "render_products": [{"cameras": "eye", "resolution": [64, 48]}],
        "writers": [{"coco_depth": {}}],
        **changes,
    }


@pytest.mark.parametrize("release", RELEASES)
def test_a_file_is_labelled_alike_on_both_runtimes(tmp_path: Path, release: str) -> None:
    with isaac_sim(release):
        found = dataset(spec(tmp_path, mode="stepped"), tmp_path / "kit", 3)
    wanted = dataset(spec(tmp_path), tmp_path / "embedded", 3)
    assert {category["name"] for category in wanted["categories"]} == {"ball", "table"}
    assert len(wanted["annotations"]) == 6
    # One plain product: what is hidden is known, in single precision.
    assert differences(found, wanted, ("truncation",)) == []
    assert (tmp_path / "room.usda").read_text() == ROOM


@pytest.mark.parametrize("release", RELEASES)
def test_a_file_is_labelled_in_graph_mode(tmp_path: Path, release: str) -> None:
    with isaac_sim(release):
        found = dataset(spec(tmp_path, mode="graph"), tmp_path / "kit", 2)
    assert {category["name"] for category in found["categories"]} == {"ball", "table"}
    assert len(found["annotations"]) == 4


def test_older_releases_find_labels_of_their_kind(tmp_path: Path) -> None:
    with isaac_sim("4.5"), build_graph(spec(tmp_path, mode="stepped")) as graph:
        for path, label in (("/World/Table", "table"), ("/Replicator/ball", "ball")):
            prim = graph.stage.GetPrimAtPath(path)
            assert prim.GetAttribute("semantic:class:params:semanticType").Get() == "class"
            assert prim.GetAttribute("semantic:class:params:semanticData").Get() == label
            # By metadata: only Kit knows the schema, so only there it counts as applied.
            assert "SemanticsAPI:class" in prim.GetMetadata("apiSchemas").GetAppliedItems()
    with isaac_sim("5.1"), build_graph(spec(tmp_path, mode="stepped")) as graph:
        assert not graph.stage.GetPrimAtPath("/World/Table").GetAttribute("semantic:class:params:semanticType")


def test_labels_that_vary_reach_older_releases(tmp_path: Path) -> None:
    made = spec(tmp_path, mode="stepped")
    made["triggers"][0]["randomize"] = [
        {"semantics": {"prims": "ball", "semantics": {"class": "marble"}}},
    ]
    with isaac_sim("4.5"), build_graph(made) as graph:
        graph.preview(0, ("rgb",))
        prim = graph.stage.GetPrimAtPath("/Replicator/ball")
        assert "marble" in prim.GetAttribute("semantic:class:params:semanticData").Get()


def test_what_stands_on_the_stage_is_there_once(standin: Standin, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"create\.table stands on the stage, once for all environments"):
        build_graph(spec(tmp_path, num_envs=4))


def test_a_file_that_is_no_stage(standin: Standin, tmp_path: Path) -> None:
    made = spec(tmp_path)
    (tmp_path / "room.usda").write_text("nonsense")
    with pytest.raises(AssetError, match=r"stage: .*room\.usda cannot be opened as USD"):
        build_graph(made)
