"""Keypoints: places by arithmetic of their own, visibility of corners, joints and hidden objects, what a stage says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.errors import EngineError
from replicator_dr.graph import Graph

CORNERS = {f"c{i}": [(i & 1) - 0.5, (i >> 1 & 1) - 0.5, (i >> 2 & 1) - 0.5] for i in range(8)}
EDGES = [[f"c{i}", f"c{i ^ bit}"] for i in range(8) for bit in (1, 2, 4) if i < i ^ bit]
SIZE = (320, 240)
FOCAL = 24 / 20.955 * SIZE[0]


def spec(**further: Any) -> dict[str, Any]:
    """A camera at (0, -4, 0) that looks along +Y, and what else is given."""
    return {
        "name": "points",
        "seed": 11,
        "create": {"eye": {"camera": {"position": [0, -4, 0], "look_at": [0, 0, 0]}}, **further},
        "render_products": [{"cameras": "eye", "resolution": list(SIZE), "name": "eye"}],
    }


def shown(given: dict[str, Any], frame: int = 0) -> dict[str, Any]:
    with build_graph(given, device="cpu") as graph:
        found: dict[str, Any] = graph.preview(frame, ("keypoints",))["eye"]["keypoints"]
    return found


def pixel(point: list[float]) -> list[float]:
    """A point of the world through that camera: x to the right, z up, depth y + 4."""
    x, y, z = point
    return [SIZE[0] / 2 + FOCAL * x / (y + 4), SIZE[1] / 2 - FOCAL * z / (y + 4), y + 4]


def places(table: np.ndarray) -> np.ndarray:
    return np.stack([table["x"], table["y"], table["depth"]], axis=-1)


def test_corners_of_a_cube_are_where_arithmetic_puts_them() -> None:
    cube = {"cube": {"size": 0.5, "position": [0.8, 0.4, -0.7]}, "semantics": {"class": "box"}, "keypoints": CORNERS}
    given = shown(spec(box={**cube, "skeleton": EDGES}))
    data = given["data"]
    world = [[0.5 * a + b for a, b in zip(corner, (0.8, 0.4, -0.7), strict=True)] for corner in CORNERS.values()]
    np.testing.assert_allclose(places(data), [pixel(point) for point in world], atol=1e-3)
    assert given["keypointSets"] == [{"names": list(CORNERS), "skeleton": [[int(a[1]), int(b[1])] for a, b in EDGES]}]
    assert data["keypoint"].tolist() == list(range(8))
    assert set(data["instanceId"].tolist()) == {2}
    # The front face has y < 0; seen from the left above, the left and the upper face show, too.
    left_above = [corner[1] < 0 or corner[0] < 0 or corner[2] > 0 for corner in CORNERS.values()]
    assert data["visibility"].tolist() == [2 if seen else 1 for seen in left_above]


def turned(turn: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(8,) cosines: how far the faces beside each corner of a cube turn to a camera at (0, -4, 0), the most one."""
    result = []
    for corner in CORNERS.values():
        normals = np.sign(corner)[:, None] * turn
        to_camera = np.array([0, -4.0, 0]) - (0.5 * np.array(corner) @ turn + centre)
        result.append((normals @ to_camera).max() / np.linalg.norm(to_camera))
    return np.array(result)


def varied() -> dict[str, Any]:
    given = spec(boxes={
        "cube": {"count": 3, "size": 0.5}, "semantics": {"class": "box"}, "keypoints": CORNERS,
    })  # fmt: skip
    given["triggers"] = [{"on_frame": {}, "randomize": [
        {"pose": {"prims": "boxes", "position": {"uniform": [[-1.3, -1, -1], [1.3, 1, 1]]},
                  "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]}}},
    ]}]  # fmt: skip
    return given


def test_a_corner_is_visible_where_a_face_beside_it_is() -> None:
    faces = []
    with build_graph(varied(), device="cpu") as graph:
        (batch,) = graph.frames(12, annotators=("keypoints", "occlusion"), batch=12)
        world = graph.sample(range(12)).entity_world
    for frame in range(12):
        table, free = batch["eye"]["keypoints"][frame], batch["eye"]["occlusion"][frame]
        for number in free["instanceId"][free["occlusionRatio"] == 0].tolist():
            matrix = world[frame, number - 2]
            rows = table[(table["instanceId"] == number) & (table["visibility"] > 0)]
            cosines = turned(matrix[:3, :3] / np.linalg.norm(matrix[0, :3]), matrix[3, :3])[rows["keypoint"]]
            faces += list(zip(cosines.tolist(), (rows["visibility"] == 2).tolist(), strict=True))
    # Nearer to edge-on a face has less than a pixel, or its corner is no further behind another than the tolerance.
    clear = [(cosine > 0) == seen for cosine, seen in faces if abs(cosine) > 0.1]
    assert all(clear)
    assert len(clear) > 100


def test_the_width_of_a_batch_changes_nothing() -> None:
    def of(graph: Graph, batch: int) -> list[np.ndarray]:
        parts = graph.frames(5, annotators=("keypoints",), batch=batch)
        return [table for part in parts for table in part["eye"]["keypoints"]]

    with build_graph(varied(), device="cpu") as graph:
        for one, other in zip(of(graph, 1), of(graph, 5), strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_stands_behind_something_is_hidden() -> None:
    point = {"semantics": {"class": "ball"}, "keypoints": {"upper": [0, -0.3, 0.4], "front": [0, -0.5, 0]}}
    wall = {"cube": {"scale": [1, 0.02, 0.4], "position": [0, -1, 0]}}
    alone = shown(spec(ball={"sphere": {}, **point}))["data"]
    behind = shown(spec(ball={"sphere": {}, **point}, wall=wall))["data"]
    assert alone["visibility"].tolist() == [2, 2]
    assert behind["visibility"].tolist() == [2, 1]
    np.testing.assert_array_equal(places(alone), places(behind))


def test_a_joint_is_visible_within_its_tolerance() -> None:
    def middle(**further: float) -> int:
        ball = {"sphere": {"scale": 0.4}, "semantics": {"class": "ball"}, "keypoints": {"middle": [0, 0, 0]}, **further}
        return int(shown(spec(ball=ball))["data"]["visibility"][0])

    # The front lies half a metre before the middle, in the ball's own frame.
    assert middle() == 1
    assert middle(keypoint_tolerance=0.49) == 1
    assert middle(keypoint_tolerance=0.51) == 2


def test_what_is_out_of_the_image_is_zero() -> None:
    bar = {"cube": {"scale": [4, 0.1, 0.1]}, "semantics": {"class": "bar"},
           "keypoints": {"left": [-0.5, 0, 0.5], "middle": [0, -0.5, 0], "behind": [0, -100, 0]}}  # fmt: skip
    data = shown(spec(bar=bar))["data"]
    assert data["visibility"].tolist() == [0, 2, 0]
    for row in (0, 2):
        assert places(data)[row].tolist() == [0, 0, 0]


LENSES: dict[str, tuple[dict[str, Any], Callable[[float, float, float], tuple[float, float]]]] = {
    "opencv_pinhole": (
        {"model": "opencv_pinhole", "k1": -0.2, "k2": 0.03, "p1": 0.002, "p2": -0.001},
        lambda a, b, r: (
            a * (1 - 0.2 * r**2 + 0.03 * r**4) + 2 * 0.002 * a * b - 0.001 * (r**2 + 2 * a**2),
            b * (1 - 0.2 * r**2 + 0.03 * r**4) + 0.002 * (r**2 + 2 * b**2) - 2 * 0.001 * a * b,
        ),
    ),
    "opencv_fisheye": (
        {"model": "opencv_fisheye", "k1": 0.05, "k2": -0.01},
        lambda a, b, r: tuple(
            c / r * np.arctan(r) * (1 + 0.05 * np.arctan(r) ** 2 - 0.01 * np.arctan(r) ** 4) for c in (a, b)
        ),
    ),
}


@pytest.mark.parametrize("model", LENSES)
def test_keypoints_go_through_lenses(model: str) -> None:
    lens, formula = LENSES[model]
    cube = {"cube": {"position": [0.2, 0.1, -0.3]}, "semantics": {"class": "box"}, "keypoints": CORNERS}
    given = spec(box=cube)
    given["create"]["eye"]["camera"].update(resolution=list(SIZE), fx=230, fy=235, cx=158, cy=123, lens=lens)
    data = shown(given)["data"]
    assert (data["visibility"] > 0).all()
    for row, corner in zip(data, CORNERS.values(), strict=True):
        x, y, z = corner[0] + 0.2, corner[1] + 0.1 + 4, corner[2] - 0.3
        u, v = formula(x / y, -z / y, float(np.hypot(x, z) / y))
        np.testing.assert_allclose([row["x"], row["y"]], [158 + 230 * u, 123 + 235 * v], atol=2e-3)
        assert row["depth"] == pytest.approx(y, abs=1e-5)


STAGE = """#usda 1.0
(
    defaultPrim = "Arm"
    metersPerUnit = 0.01
    upAxis = "Z"
)
def Xform "Arm"
{
    uniform token[] keypoints:names = ["base", "tip"]
    point3d[] keypoints:points = [(0, 0, 0), (0, 0, 100)]
    uniform token[] keypoints:skeleton = ["base", "elbow", "elbow", "tip"]
    double keypoints:tolerance = 20
    def Cube "Body"
    {
        double size = 2
        double3 xformOp:scale = (10, 10, 50)
        double3 xformOp:translate = (0, 0, 50)
        uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"]
    }
    def Xform "Elbow"
    {
        token keypoint:name = "elbow"
        double3 xformOp:translate = (0, 0, 50)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }
}
"""


def arm(tmp_path: Path, text: str = STAGE) -> dict[str, Any]:
    file = tmp_path / "arm.usda"
    file.write_text(text)
    return {"from_usd": {"usd": str(file)}, "semantics": {"class": "arm"}}


def test_assets_carry_keypoints_of_their_own(tmp_path: Path) -> None:
    given = shown(spec(arm={**arm(tmp_path), "position": [0.2, 0, -0.5], "keypoints": {"face": [0, -0.1, 0.5]}}))
    assert given["keypointSets"][0]["names"] == ["face", "base", "tip", "elbow"]
    assert given["keypointSets"][0]["skeleton"] == [[1, 3], [3, 2]]
    expected = [pixel(point) for point in ([0.2, -0.1, 0], [0.2, 0, -0.5], [0.2, 0, 0.5], [0.2, 0, 0])]
    np.testing.assert_allclose(places(given["data"]), expected, atol=1e-3)
    # The elbow has no tolerance of its own: 2 % of the arm's diagonal; the ends lie within theirs.
    assert given["data"]["visibility"].tolist() == [2, 2, 2, 1]


def test_labelled_things_below_belong_to_the_object(tmp_path: Path) -> None:
    labelled = """def Cube "Body" (
        prepend apiSchemas = ["SemanticsLabelsAPI:class"]
    )
    {
        token[] semantics:labels:class = ["body"]"""
    part = STAGE.replace('def Cube "Body"\n    {', labelled)
    assert part != STAGE
    whole, parted = (shown(spec(arm=arm(tmp_path, text)))["data"] for text in (STAGE, part))
    assert len(whole) == 3
    for name in ("x", "y", "depth", "visibility", "instanceId"):
        np.testing.assert_array_equal(whole[name], parted[name])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"elbow", "tip"]\n    double',
            '"elbow", "tap"]\n    double',
            "keypoint 'tap' that is not there; there are: base",
        ),
        ('token keypoint:name = "elbow"', 'token keypoint:name = "tip"', "has two keypoints called 'tip'; rename one"),
        ("[(0, 0, 0), (0, 0, 100)]", "[(0, 0, 0)]", "keypoints:names has 2 entries and keypoints:points 1"),
        ('["base", "elbow", "elbow", "tip"]', '["base"]', "keypoints:skeleton has 1 names; give two for each bone"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in STAGE
    with pytest.raises(EngineError, match=message):
        shown(spec(arm=arm(tmp_path, STAGE.replace(old, new))))


def test_keypoints_of_what_has_no_label_are_left_out(tmp_path: Path) -> None:
    plain = arm(tmp_path)
    del plain["semantics"]
    box = {"cube": {"position": [1, 0, 0], "scale": 0.3}, "semantics": {"class": "box"}, "keypoints": {"o": [0, 0, 0]}}
    with build_graph(spec(arm=plain, box=box), device="cpu") as graph:
        (batch,) = graph.frames(1, annotators=("keypoints",))
        assert len(batch["eye"]["keypoints"][0]) == 1
    with build_graph(spec(arm=arm(tmp_path), box=box), device="cpu") as graph:
        (batch,) = graph.frames(1, annotators=("keypoints",))
        assert batch["eye"]["keypoints"][0]["keypointSet"].tolist() == [0, 0, 0, 1]
