"""3D boxes of labelled prims that hold something which moves in their frame: what they show, where it is then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from replicator_dr import build_graph
from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.graph import Graph

FRAMES = 5
POT = {"semantics": {"class": "pot"}}
CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])


def rotation(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, 3) for column vectors: first about X, then Y, then Z."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def made(folder: Path, create: dict[str, Any], randomize: list[Any], **fields: Any) -> Graph:
    camera = {"camera": {"position": [9, 0, 0], "look_at": [0, 0, 0]}}
    spec = {
        "name": "moved",
        "create": {**create, "eye": camera},
        "triggers": [{"on_frame": {}, "randomize": randomize}],
        "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
        **fields,
    }
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return build_graph(folder / "spec.yaml")


def row(graph: Graph, name: str) -> int:
    return next(i for i, path in enumerate(graph.scene.labels.entity_paths) if name in path)


def expected(state: Any) -> NDArray[np.float64]:
    """(B, 2, 3): the box of a unit cube and of another one half its size that the draws move in its frame."""
    boxes = []
    places, turns = (state.draws[f"lid.pose.{name}"][:, 0] for name in ("position", "rotation"))
    for place, turn in zip(places, turns):
        points = np.concatenate([CORNERS, 0.5 * CORNERS @ rotation(turn).T + place])
        boxes.append([points.min(axis=0), points.max(axis=0)])
    return np.array(boxes)


MOVES = {
    "pose": {
        "prims": "lid",
        "position": {"uniform": [[-1, -1, 1], [1, 1, 3]]},
        "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]},
    }
}


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_a_part_that_moves_below_a_labelled_prim_is_in_its_box(tmp_path: Path, scale: float) -> None:
    create = {
        "pot": {"cube": {"scale": scale, "position": [0.2, 0.1, 0], "rotation": [10, 20, 30]}, **POT},
        "lid": {"cube": {"scale": 0.5, "parent": "pot"}},
    }
    with made(tmp_path, create, [MOVES]) as graph:
        state = graph.sample(range(FRAMES))
        boxes = entity_boxes(graph.scene, state)[:, row(graph, "pot")]
    np.testing.assert_allclose(boxes, expected(state), atol=1e-6)
    assert np.ptp(boxes[:, 1, 2]) > 0.1


def test_the_labelled_prim_itself_may_move_too(tmp_path: Path) -> None:
    create = {
        "pot": {"cube": {}, **POT},
        "lid": {"cube": {"scale": 0.5, "parent": "pot"}},
    }
    turn = {"pose": {"prims": "pot", "rotation": {"uniform": [[0, 0, 0], [90, 90, 90]]}, "position": [0, 3, 0]}}
    with made(tmp_path, create, [turn, MOVES]) as graph:
        state = graph.sample(range(FRAMES))
        boxes = entity_boxes(graph.scene, state)[:, row(graph, "pot")]
    np.testing.assert_allclose(boxes, expected(state), atol=1e-6)


def test_what_has_no_extent_keeps_its_box(tmp_path: Path) -> None:
    create = {
        "pot": {"cube": {"scale": 0}, **POT},
        "lid": {"cube": {"scale": 0.5, "parent": "pot"}},
    }
    with made(tmp_path, create, [MOVES]) as graph:
        boxes = entity_boxes(graph.scene, graph.sample(range(FRAMES)))
    assert np.isfinite(boxes).all()


def test_a_deformed_part_that_moves_is_in_the_box(tmp_path: Path) -> None:
    create = {
        "pot": {"cube": {}, **POT},
        "lid": {"cube": {"scale": 0.5, "parent": "pot"}},
    }
    taper = {"deform": {"prims": "lid", "taper": 0.0, "twist": 0.0, "bend": 1e-6}}
    with made(tmp_path, create, [MOVES, taper]) as graph:
        state = graph.sample(range(FRAMES))
        assert graph.scene.boxes is not None
        assert graph.scene.boxes.cloud_moves.any()
        boxes = entity_boxes(graph.scene, state)[:, row(graph, "pot")]
    np.testing.assert_allclose(boxes, expected(state), atol=1e-5)


def test_lines_of_sight_go_to_where_the_parts_are(tmp_path: Path) -> None:
    """A wall hides the pot, not the lid, which is moved far beside it."""
    create = {
        "pot": {"cube": {"scale": 0.2}, **POT},
        "lid": {"cube": {"parent": "pot"}},
        "wall": {"cube": {"scale": [0.1, 1, 1], "position": [3, 0, 0]}},
    }
    aside = {"pose": {"prims": "lid", "position": {"uniform": [[0, 19, 0], [0, 20, 0]]}}}
    clear = {"view_clear": {"prims": "pot", "at_least": 0.3, "at_most": 0.9}}
    with made(tmp_path, create, [aside], require=[clear], redraws=1) as graph:
        graph.sample(range(FRAMES))
