"""Every scene, every randomizer and every writer compiles on every release, and a scene's calls are as listed.

``REPLICATOR_DR_GOLDEN=1 pytest tests/isaacsim/test_compile.py`` writes the listings anew.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from replicator_dr import build_graph, load_spec
from replicator_dr.errors import UnsupportedError
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS
from tests.isaacsim.runs import SPEC
from tests.isaacsim.standin import RELEASES, isaac_sim

ROOT = Path(__file__).parents[2]
SCENES = sorted(path.name for path in (ROOT / "scenes").glob("*.yaml") if path.name != "materials.yaml")
"""All but the one with patterns, which only the embedded renderer has."""
GOLDEN = Path(__file__).parent / "golden"

# One entry for each randomizer, in the form that graph mode can express.
ENTRIES: dict[str, Any] = {
    "background": {"lights": "sky", "intensity": {"uniform": [100, 900]}, "azimuth": {"uniform": [0, 360]}},
    "camera": {"cameras": "rig", "focal_length": {"uniform": [18, 35]}, "position": [2, 0, 1], "look_at": "ball"},
    "color": {"prims": "boxes", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}},
    "instantiate": {"paths": "assets/*.usda", "size": 2, "position": {"uniform": [[-1, -1, 0], [1, 1, 0]]}},
    "light": {"lights": "sun", "temperature": {"normal": [5500, 800]}, "azimuth": {"uniform": [0, 360]}},
    "materials": {
        "prims": "boxes", "roughness": {"truncated_normal": [0, 1, 0.5, 0.2]}, "metallic": {"choice": [0, 1]},
    },
    "orbit": {"cameras": "rig", "distance": {"log_uniform": [1, 4]}, "elevation": 30, "roll": {"uniform": [-5, 5]}},
    "pattern": {"prims": "boxes", "pattern": "noise", "color": [0.3, 0.1, 0.05]},
    "pose": {
        "prims": "boxes", "size": {"uniform": [0.1, 0.4]},
        "position": {"combine": [{"uniform": [-1, 1]}, {"normal": [0, 0.3]}, 0.2]},
    },
    "rotation": {"prims": "boxes"},
    "scatter_2d": {"prims": "boxes", "surface_prims": "floor", "stand": False, "check_for_collisions": True},
    "semantics": {"prims": "ball", "semantics": {"class": "marble"}},
    "texture": {"prims": "boxes", "textures": "PICTURE", "texture_rotate": {"uniform": [0, 360]}},
    "visibility": {"prims": "boxes", "count": [0, 2]},
}  # fmt: skip


REFUSED = {"pattern": "OmniPBR has no such pattern; use texture with pictures, or --engine embedded"}
"""What is said of the randomizers that only the embedded renderer has."""


def spec_of(kind: str) -> dict[str, Any]:
    """A scene that one randomizer varies."""
    made = copy.deepcopy(SPEC)
    made["create"]["sky"] = {"light": {"light_type": "dome", "intensity": 300}}
    made["triggers"] = [{"on_frame": {"interval": 2}, "randomize": [{kind: ENTRIES[kind]}]}]
    return made


def resolved(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with files that are there."""
    texture = next((ROOT / "scenes" / "assets").rglob("*.jpg"), None) or next((ROOT / "scenes").rglob("*.png"))
    asset = ROOT / "tests" / "engines" / "data" / "parts.usda"
    swapped = {"PICTURE": {"choice": [str(texture)]}, "assets/*.usda": [str(asset)]}
    return {key: swapped.get(value, value) if isinstance(value, str) else value for key, value in entry.items()}


def test_every_randomizer_has_an_entry_here() -> None:
    assert sorted(ENTRIES) == sorted(RANDOMIZERS.kinds())


@pytest.mark.parametrize("mode", ["graph", "stepped"])
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_every_randomizer_compiles(kind: str, release: str, mode: str) -> None:
    made = spec_of(kind)
    made["triggers"][0]["randomize"] = [{kind: resolved(ENTRIES[kind])}]
    if kind in REFUSED:
        with isaac_sim(release), pytest.raises(UnsupportedError, match=REFUSED[kind]):
            build_graph(made, mode=mode)
        return
    with isaac_sim(release), build_graph(made, mode=mode) as graph:
        assert graph.mode == mode
        graph.preview(0, ("rgb",))


EMBEDDED_ONLY = {"bop": "needs the meshes of the scene, which only the embedded runtime gives"}
"""What says so of the writers that are not there on Isaac Sim."""


NEEDED: dict[str, dict[str, Any]] = {
    "basic_writer": {"rgb": True},
    **{kind: {"categories": ["box"]} for kind in ("pascal_voc", "tfrecord", "webdataset", "yolo")},
}
"""Fields without which a writer does not begin there: what is numbered in an image's files has to be known before."""


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", sorted(WRITERS.kinds()))
def test_every_writer_writes(kind: str, release: str, tmp_path: Path) -> None:
    made = {**copy.deepcopy(SPEC), "writers": [{kind: NEEDED.get(kind, {})}]}
    with isaac_sim(release), build_graph(made) as graph:
        if kind in EMBEDDED_ONLY:
            with pytest.raises(UnsupportedError, match=EMBEDDED_ONLY[kind]):
                graph.run(2, 0, tmp_path)
            return
        assert graph.run(2, 0, tmp_path).frames == 2
    assert any(tmp_path.iterdir())


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_compiles_as_listed(scene: str, release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "scenes")
    with isaac_sim(release), build_graph(scene):
        pass
    with isaac_sim(release) as standin, build_graph(scene, mode="stepped") as graph:
        assert len(graph.products) > 0
        calls = standin.listing()
    _compare(f"{Path(scene).stem}.stepped", calls)


OWN = {"designs", "edge_cases"}
"""Sections of which Replicator's graph knows nothing."""


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_is_a_graph_but_for_standing(scene: str, release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replicator puts origins onto surfaces and takes no draw back; all else that the scenes say is in its graph."""
    monkeypatch.chdir(ROOT / "scenes")
    document = load_spec(scene).resolved()
    document.pop("require", None)
    for trigger in document["triggers"]:
        for entry in trigger["randomize"]:
            if "scatter_2d" in entry:
                entry["scatter_2d"]["stand"] = False
    if OWN & document.keys():
        with isaac_sim(release), build_graph(document) as graph:
            assert graph.mode == "stepped"
        return
    with isaac_sim(release) as standin, build_graph(document, mode="graph") as graph:
        assert graph.mode == "graph"
        calls = standin.listing()
    _compare(f"{Path(scene).stem}.graph", calls)


@pytest.mark.parametrize("release", RELEASES)
def test_a_graph_of_everything_is_as_listed(release: str) -> None:
    made = spec_of("pose")
    made["triggers"] = [
        {"on_frame": {"interval": 1 + index % 3}, "randomize": [{kind: resolved(ENTRIES[kind])}]}
        for index, kind in enumerate(sorted(ENTRIES.keys() - REFUSED.keys()))
    ]
    with isaac_sim(release) as standin, build_graph(made, mode="graph"):
        calls = standin.listing()
    _compare("everything.graph", calls)


def _compare(name: str, calls: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("REPLICATOR_DR_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(calls)
    assert file.is_file(), f"no listing {file.name}; REPLICATOR_DR_GOLDEN=1 makes it"
    assert calls == file.read_text()


def test_scenes_say_nothing_that_only_one_runtime_has() -> None:
    for scene in SCENES:
        text = (ROOT / "scenes" / scene).read_text()
        assert not {"mode", "num_envs"} & set(yaml.safe_load(text)), scene
        load_spec(ROOT / "scenes" / scene)


@pytest.mark.parametrize("distribution", [{"hsv": [[0, 0.2, 0.5], [360, 1, 1]]}, {"palette": "woods"}])
def test_colors_by_hue_or_palette_take_the_stepped_way(distribution: dict[str, Any]) -> None:
    made = spec_of("color")
    made["triggers"][0]["randomize"] = [{"color": {"prims": "boxes", "colors": distribution}}]
    with isaac_sim(sorted(RELEASES)[-1]), build_graph(made, mode="auto") as graph:
        assert graph.mode == "stepped"
        graph.preview(0, ("rgb",))
