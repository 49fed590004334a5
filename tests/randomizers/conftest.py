"""What the tests of randomizers share: a small scene, and its state over many frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from replicator_dr.graph import Graph, build_graph


class Sampled:
    """The state of a graph over frames 0 .. n - 1, read by names."""

    def __init__(self, graph: Graph, frames: int) -> None:
        self.graph = graph
        self.scene = graph.scene
        self.state = graph.sample(range(frames))

    def world(self, name: str) -> NDArray[np.float64]:
        """(B, copies, 4, 4): local to world of the labelled copies of an item."""
        rows = [i for i, path in enumerate(self.scene.labels.entity_paths) if _stem(path) == name]
        return self.state.entity_world[:, rows]

    def position(self, name: str) -> NDArray[np.float64]:
        """(B, copies, 3) [m]."""
        return self.world(name)[..., 3, :3]

    def parts(self, name: str) -> NDArray[np.int64]:
        """The parts that an item draws."""
        arrays = self.scene.arrays
        owner = [path.split("/")[2] for path in self.scene.labels.prim_paths]
        return np.array([p for p, prim in enumerate(arrays.part_prim) if _stem(f"/x/{owner[prim]}") == name])

    def material(self, name: str, channel: str) -> NDArray[Any]:
        """(B, parts, ...): a channel of the materials that an item's parts show."""
        rows = self.state.arrays.part_material[:, self.parts(name)]
        values = getattr(self.state.arrays.materials, channel)
        return values[np.arange(len(rows))[:, None], rows]

    def visible(self, name: str) -> NDArray[np.bool_]:
        """(B, parts)."""
        return self.state.arrays.part_visible[:, self.parts(name)]

    def draw(self, name: str) -> NDArray[Any]:
        """The recorded samples of a place."""
        return self.state.draws[name]


def _stem(path: str) -> str:
    """The item's name of a copy's path: boxes_02 -> boxes."""
    name = path.rpartition("/")[2]
    head, _, tail = name.rpartition("_")
    return head if tail.isdigit() and len(tail) == 2 else name


SCENE: dict[str, Any] = {
    "seed": 1,
    "create": {
        "floor": {"plane": {"scale": 6}, "semantics": {"class": "floor"}},
        "boxes": {"cube": {"count": 3, "scale": 0.5}, "semantics": {"class": "box"}},
        "balls": {"sphere": {"count": 2}, "semantics": {"class": "ball"}},
        "parts": {"group": ["boxes", "balls"]},
        "dull": {"material": {"roughness": 0.9}},
        "shiny": {"material": {"roughness": 0.1, "metallic": 1}},
        "sun": {"light": {"intensity": 2000}},
        "lamps": {"light": {"light_type": "sphere", "count": 2, "intensity": 50}},
        "sky": {"light": {"light_type": "dome", "intensity": 100}},
        "rig": {"camera": {"count": 2}},
    },
    "render_products": [{"cameras": "rig", "resolution": [32, 24]}],
}


@pytest.fixture
def sampled() -> Iterator[Callable[..., Sampled]]:
    """Make the scene with entries of ``randomize``: ``sampled(entry, ..., frames=200, interval=1, create={...})``."""
    graphs: list[Graph] = []

    def make(
        *entries: dict[str, Any], frames: int = 200, interval: int = 1, create: Any = None, **more: Any
    ) -> Sampled:
        spec = {**SCENE, **more, "create": {**SCENE["create"], **(create or {})}}
        spec["triggers"] = [{"on_frame": {"interval": interval}, "randomize": list(entries)}]
        graphs.append(build_graph(spec))
        return Sampled(graphs[-1], frames)

    yield make
    for graph in graphs:
        graph.close()


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Three image files of one colour each: red, green, blue."""
    paths = []
    for name, color in (("red", (200, 0, 0)), ("green", (0, 200, 0)), ("blue", (0, 0, 200))):
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (8, 4), color).save(path)
        paths.append(str(path))
    return paths
