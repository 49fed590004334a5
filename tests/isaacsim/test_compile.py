"""Every scene, every randomizer and every writer compiles on every release, and a scene's calls are as listed.

``REPLICATOR_DR_GOLDEN=1 pytest tests/isaacsim/test_compile.py`` writes the listings anew.
"""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from replicator_dr import build_graph, load_spec
from replicator_dr.errors import UnsupportedError
from replicator_dr.spec.registry import RANDOMIZERS, WRITERS
from tests.isaacsim.runs import LENSES, REFUSED, SCENES, SPEC
from tests.isaacsim.standin import RELEASES, isaac_sim

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
TIED = ("ties.yaml",)
"""Scenes whose draws depend on each other."""

# One entry for each randomizer, in the form that graph mode can express, where it can.
ENTRIES: dict[str, Any] = {
    "along_path": {"prims": "boxes", "points": [[-1, 0, 0], [1, 0, 0]], "aside": 0.1},
    "background": {"lights": "sky", "intensity": {"uniform": [100, 900]}, "azimuth": {"uniform": [0, 360]}},
    "animation": {"prims": "worker", "time": {"uniform": [0, 4]}},
    "backdrop": {"camera": "single", "photos": "PICTURE"},
    "camera": {"cameras": "rig", "focal_length": {"uniform": [18, 35]}, "position": [2, 0, 1], "look_at": "ball"},
    "camera_cylinder": {"cameras": "rig", "radius": 2, "height": {"uniform": [0.5, 2]}, "target": "ball"},
    "camera_dome": {"cameras": "rig", "distance": {"uniform": [1, 2]}, "elevation": [20, 80]},
    "camera_path": {"cameras": "rig", "points": [[2, 0, 1], [0, 2, 1]], "look_at": "ball"},
    "camera_shake": {"cameras": "rig", "rotation": 1, "position": 0.01},
    "color": {"prims": "boxes", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}},
    "focus": {"cameras": "rig", "target": "ball"},
    "deform": {"prims": "boxes", "bend": {"uniform": [-40, 40]}, "bumps": 0.01, "axis": "x"},
    "distractors": {"position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}, "count": [0, 2]},
    "grid": {"prims": "boxes", "counts": [3, 3, 1], "pitch": [1, 1, 1], "jitter": [0.1, 0.1, 0]},
    "instantiate": {"paths": "assets/*.usda", "size": 2, "position": {"uniform": [[-1, -1, 0], [1, 1, 0]]}},
    "joints": {"robots": "arm", "range": 0.5, "positions": {"elbow": {"uniform": [0, 90]}}, "collision_free": True},
    "light": {"lights": "sun", "temperature": {"normal": [5500, 800]}, "azimuth": {"uniform": [0, 360]}},
    "materials": {
        "prims": "boxes", "roughness": {"truncated_normal": [0, 1, 0.5, 0.2]}, "metallic": {"choice": [0, 1]},
    },
    "occluders": {"prims": "others", "targets": "boxes", "camera": "single"},
    "orbit": {"cameras": "rig", "distance": {"log_uniform": [1, 4]}, "elevation": 30, "roll": {"uniform": [-5, 5]}},
    "pack": {"prims": "boxes", "into": "floor", "height": 3, "no_room": "hide"},
    "poisson_disk": {"prims": "boxes", "surface_prims": "floor", "distance": 0.1},
    "pattern": {"prims": "boxes", "pattern": "noise", "color": [0.3, 0.1, 0.05]},
    "pose": {
        "prims": "boxes", "size": {"uniform": [0.1, 0.4]},
        "position": {"combine": [{"uniform": [-1, 1]}, {"normal": [0, 0.3]}, 0.2]},
    },
    "room": {"width": {"uniform": [4, 6]}, "sides": ["back", "left"]},
    "rotation": {"prims": "boxes"},
    "scatter_2d": {"prims": "boxes", "surface_prims": "floor", "stand": False, "check_for_collisions": True},
    "scatter_3d": {"prims": "boxes", "volume_prims": "ball", "collision": "none"},
    "semantics": {"prims": "ball", "semantics": {"class": "marble"}},
    "sensor": {"cameras": "rig", "gain": {"log_uniform": [1, 8]}, "blur": {"uniform": [0, 1]}, "jpeg_quality": 80},
    "sun_sky": {"sun": "sun", "sky": "sky", "hour": {"uniform": [6, 18]}},
    "shape": {"prims": ["boxes", "others"], "weights": [2, 1]},
    "settle": {"prims": ["boxes", "ball"], "colliders": "floor", "friction": {"uniform": [0.3, 1.5]}, "left": "keep"},
    "stack": {"prims": "boxes", "height": 2, "turn": {"uniform": [-5, 5]}},
    "texture": {"prims": "boxes", "textures": "PICTURE", "texture_rotate": {"uniform": [0, 360]}},
    "visibility": {"prims": "boxes", "count": [0, 2]},
}  # fmt: skip


def _entries(scene: str) -> list[str]:
    """What is randomized in a scene, as ``- light:``."""
    return re.findall(r"- \w+:", (ROOT / "scenes" / scene).read_text())


STEPPED = (
    "along_path", "animation", "backdrop", "camera_cylinder", "camera_dome", "camera_path", "camera_shake", "deform",
    "distractors", "focus", "grid", "joints", "occluders", "pack", "poisson_disk", "room", "settle", "stack", "sun_sky",
)  # fmt: skip
"""What Replicator's graph cannot express."""


GRAPHS = [name for name in SCENES if not {f"- {kind}:" for kind in STEPPED} & set(_entries(name))]
"""The scenes that Replicator's graph can express."""


UNKNOWN = {"pattern": "OmniPBR has no such pattern; use texture with pictures, or --engine embedded"}
"""What is said of the randomizers that only the embedded renderer has."""


def spec_of(kind: str) -> dict[str, Any]:
    """A scene that one randomizer varies."""
    made = copy.deepcopy(SPEC)
    made["create"]["sky"] = {"light": {"light_type": "dome", "intensity": 300}}
    made["create"]["others"] = {"cone": {"count": 3}}
    made["create"]["single"] = {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}}
    made["render_products"] = [*made["render_products"], {"cameras": "single", "resolution": [64, 48]}]
    if kind == "joints":
        made["create"]["arm"] = {"from_robot": {"robot": str(ROOT / "scenes" / "assets" / "robots" / "arm.urdf")}}
    if kind == "animation":
        worker = ROOT / "scenes" / "assets" / "characters" / "worker.usdc"
        made["create"]["worker"] = {"from_usd": {"usd": str(worker)}, "semantics": {"class": "worker"}}
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
    if kind in UNKNOWN:
        with isaac_sim(release), pytest.raises(UnsupportedError, match=UNKNOWN[kind]):
            build_graph(made, mode=mode)
        return
    with isaac_sim(release):
        if mode == "graph" and kind in STEPPED:
            with pytest.raises(UnsupportedError, match="use mode: stepped"):
                build_graph(made, mode=mode)
            mode = "auto"
        with build_graph(made, mode=mode) as graph:
            assert graph.mode == ("stepped" if kind in STEPPED else mode)
            graph.preview(0, ("rgb",))


EMBEDDED_ONLY = dict.fromkeys(
    ("bop", "bop_webdataset"), "needs the meshes of the scene, which only the embedded runtime"
)
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
    if release == "4.5" and scene in LENSES:
        with isaac_sim(release), pytest.raises(UnsupportedError, match=f"^{LENSES[scene]}: .*OmniLensDistortion"):
            build_graph(scene)
        return
    with isaac_sim(release), build_graph(scene):
        pass
    with isaac_sim(release) as standin, build_graph(scene, mode="stepped") as graph:
        assert len(graph.products) > 0
        calls = standin.listing()
    _compare(f"{Path(scene).stem}.stepped", calls)


OWN = {"designs", "edge_cases"}
"""Sections of which Replicator's graph knows nothing."""


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("scene", GRAPHS)
def test_every_scene_is_a_graph_but_for_standing(scene: str, release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replicator puts origins onto surfaces, takes no draw back, ties none and lacks a few randomizers."""
    monkeypatch.chdir(ROOT / "scenes")
    document = load_spec(scene).resolved()
    document.pop("require", None)
    for trigger in document["triggers"]:
        trigger["randomize"] = [entry for entry in trigger["randomize"] if not set(STEPPED) & entry.keys()]
        for entry in trigger["randomize"]:
            if "scatter_2d" in entry:
                entry["scatter_2d"]["stand"] = False
    if OWN & document.keys():
        with isaac_sim(release), build_graph(document) as graph:
            assert graph.mode == "stepped"
        return
    if scene in TIED:
        with isaac_sim(release), pytest.raises(UnsupportedError, match="use mode: stepped"):
            build_graph(document, mode="graph")
        return
    with isaac_sim(release) as standin, build_graph(document, mode="graph") as graph:
        assert graph.mode == "graph"
        calls = standin.listing()
    _compare(f"{Path(scene).stem}.graph", calls)


@pytest.mark.parametrize("mode", ["graph", "stepped"])
@pytest.mark.parametrize("scene", REFUSED)
def test_what_only_the_embedded_renderer_has_is_refused(scene: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "scenes")
    with isaac_sim("6.0"), pytest.raises(UnsupportedError, match=f"^{REFUSED[scene]}: .*--engine embedded$"):
        build_graph(scene, mode=mode)


@pytest.mark.parametrize("release", RELEASES)
def test_a_graph_of_everything_is_as_listed(release: str) -> None:
    made = spec_of("pose")
    made["triggers"] = [
        {"on_frame": {"interval": 1 + index % 3}, "randomize": [{kind: resolved(ENTRIES[kind])}]}
        for index, kind in enumerate(sorted(ENTRIES.keys() - set(STEPPED) - UNKNOWN.keys()))
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
