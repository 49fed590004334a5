"""Numbers, sizes and places of the usual tables are in the labels as they were drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph

GEAR = Path(__file__).parents[2] / "scenes" / "assets" / "meshes" / "gear.usdc"
FOCAL = 160 * 24 / 20.955
HEIGHT = 12.0
SPEC: dict[str, Any] = {
    "seed": 9,
    "create": {
        "cubes": {"cube": {"count": 2}, "semantics": {"class": "cube"}},
        "cylinders": {"cylinder": {"count": 2}, "semantics": {"class": "cylinder"}},
        "balls": {"sphere": {}, "semantics": {"class": "ball"}},
        "obstacles": {"group": ["cubes", "cylinders", "balls"]},
        "eye": {"camera": {"position": [0, 0, HEIGHT], "look_at": [0, 0, 0], "clipping_range": [0.1, 100]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"visibility": {"prims": "obstacles", "count": [0, 5]}},
                {
                    "pose": {
                        "prims": "obstacles",
                        "size": {"uniform": [0.1, 0.5]},
                        "position": {"uniform": [[-2, -2, 0], [2, 2, 0]]},
                    }
                },
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [160, 160], "name": "eye"}],
}
ORDER = ("cubes", "cylinders", "balls")


@pytest.fixture(scope="module")
def labelled() -> list[dict[str, Any]]:
    """Sixteen frames: boxes, and which of the five there are, with their drawn sizes (n,) and positions (n, 3)."""
    found = []
    with build_graph(SPEC) as graph:
        for frame in range(16):
            boxes = graph.preview(frame, ("bounding_box_2d_loose", "bounding_box_3d"))["eye"]
            draws = graph.sample([frame]).draws
            there = draws["obstacles.visibility.count"][0, :, 0] == 1
            position = np.concatenate([draws[f"{name}.pose.position"][0] for name in ORDER])
            size = np.concatenate([draws[f"{name}.pose.size"][0, :, 0] for name in ORDER])
            found.append({**boxes, "there": there, "size": size[there], "position": position[there]})
    return found


def test_the_number_of_obstacles(labelled: list[dict[str, Any]]) -> None:
    numbers = [int(frame["there"].sum()) for frame in labelled]
    assert [len(frame["bounding_box_3d"]["data"]) for frame in labelled] == numbers
    assert {0, 5} <= set(numbers)


def test_the_size_of_obstacles(labelled: list[dict[str, Any]]) -> None:
    """Edges of the 3D box in the world: the largest one is the size, and all are for these shapes."""
    for frame in labelled:
        data = frame["bounding_box_3d"]["data"]
        size = [data[f"{axis}_max"] - data[f"{axis}_min"] for axis in "xyz"]
        scale = np.linalg.norm(data["transform"][:, :3, :3], axis=2) if len(data) else np.zeros((0, 3))
        edges = np.stack(size, axis=1) * scale
        np.testing.assert_allclose(edges.max(axis=1, initial=0), frame["size"], rtol=0.01)


def test_the_position_of_obstacles(labelled: list[dict[str, Any]]) -> None:
    """Middles of the boxes, in the image and in the world.

    From straight above, 12 m away and with -X up, a point (x, y, 0) is y f / 12 pixels right of the image's middle and
    x f / 12 below it.
    """
    for frame in labelled:
        places = frame["bounding_box_3d"]["data"]["transform"][:, 3, :3]
        np.testing.assert_allclose(places, frame["position"], atol=1e-5)
        data = frame["bounding_box_2d_loose"]["data"]
        middle = np.stack([(data["x_min"] + data["x_max"] + 1) / 2, (data["y_min"] + data["y_max"] + 1) / 2], axis=1)
        wanted = 80 + frame["position"][:, 1::-1] * FOCAL / HEIGHT
        np.testing.assert_allclose(middle, wanted, atol=1.5)


def test_the_scale_of_an_object() -> None:
    """A gear of 0.20 x 0.20 x 0.05 m (scenes/assets/meshes/README.md), 0.5 to 2 times as large."""
    create = {
        "gear": {"from_usd": {"usd": str(GEAR)}, "semantics": {"class": "gear"}},
        "eye": {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0]}},
    }
    randomize = [{"pose": {"prims": "gear", "scale": {"uniform": [0.5, 2]}, "rotation_z": {"uniform": [0, 360]}}}]
    spec = {**SPEC, "create": create, "triggers": [{"on_frame": {}, "randomize": randomize}]}
    with build_graph(spec) as graph:
        drawn = graph.sample(range(6)).draws["gear.pose.scale"][:, 0, 0]
        for frame, scale in enumerate(drawn):
            (box,) = graph.preview(frame, ("bounding_box_3d",))["eye"]["bounding_box_3d"]["data"]
            size = np.array([box[f"{axis}_max"] - box[f"{axis}_min"] for axis in "xyz"])
            edges = size * np.linalg.norm(box["transform"][:3, :3], axis=1)
            np.testing.assert_allclose(edges, scale * np.array([0.20, 0.20, 0.05]), rtol=0.02)
    assert np.ptp(drawn) > 0.5
