"""``camera_clear`` and ``view_clear``: distances, insides and lines of sight, against formulas and other tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from replicator_dr import build_graph
from replicator_dr.engines.embedded.require.clearance import Clearance, is_solid, joined
from replicator_dr.engines.embedded.require.conditions import Condition
from replicator_dr.errors import RequirementError
from replicator_dr.render.clearance import inside, posed
from replicator_dr.render.scene import Mesh

Float64 = NDArray[np.float64]


def scene(create: dict[str, Any], randomize: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "seed": 3,
        "create": {**create, "eye": {"camera": {}}},
        "triggers": [{"on_frame": {}, "randomize": randomize}],
        "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
        **more,
    }


def asked(kind: str, cameras: tuple[str, ...], least: float = 0.0, prims: tuple[str, ...] | None = None) -> Condition:
    return Condition(kind, "", "", kind, prims, cameras, least, np.inf)


def near(made: dict[str, Any], frames: int, reach: float) -> tuple[Float64, Any]:
    with build_graph(made) as graph:
        state = graph.sample(range(frames))
        condition = asked("camera_clear", graph.scene.camera_paths, reach)
        return Clearance(graph.scene).near(condition, state, [0])[:, 0, 0], (graph.scene, state)


WANDER = {"camera": {"cameras": "eye", "position": {"uniform": [[-1.2, -1.2, -1.2], [1.2, 1.2, 1.2]]}}}


def test_a_box_of_any_pose_and_shape() -> None:
    """Against the signed distance of a box, by its half extents in its own axes."""
    half = np.array([0.5, 0.25, 0.8])
    turn = {"pose": {"prims": "box", "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]}}}
    made = scene({"box": {"cube": {"scale": (2 * half).tolist()}, "semantics": {"class": "box"}}}, [turn, WANDER])
    values, (_, state) = near(made, 400, 5.0)
    world = state.entity_world[:, 0]
    eye = state.arrays.cameras.world[:, 0, 3, :3]
    axes = world[:, :3, :3] / np.linalg.norm(world[:, :3, :3], axis=-1, keepdims=True)
    local = np.einsum("bj,bij->bi", eye - world[:, 3, :3], axes)
    over = np.abs(local) - half
    wanted = np.linalg.norm(np.maximum(over, 0), axis=1) + np.minimum(over.max(axis=1), 0)
    np.testing.assert_allclose(values, wanted, atol=1e-6)
    assert 30 < (values < 0).sum() < 370


def test_meshes_under_an_uneven_scale() -> None:
    """Against trimesh, on triangles that were put into the world by hand; a torus has a hole that is no inside."""
    stretch = {"pose": {"prims": "ring", "rotation": {"uniform": [[-90, 0, 0], [90, 0, 0]]}, "scale": [2, 1.2, 3]}}
    made = scene({"ring": {"torus": {}, "semantics": {"class": "ring"}}}, [stretch, WANDER])
    values, (compiled, state) = near(made, 150, 5.0)
    mesh = compiled.arrays.meshes[0]
    for frame in range(150):
        world = state.arrays.world[frame, compiled.arrays.part_transform[0]]
        points = mesh.points.astype(np.float64) @ world[:3, :3] + world[3, :3]
        placed = trimesh.Trimesh(points, mesh.triangles, process=False)
        eye = state.arrays.cameras.world[frame, :1, 3, :3]
        _, (away,), _ = trimesh.proximity.closest_point_naive(placed, eye)
        assert abs(values[frame]) == pytest.approx(away, abs=1e-6)
        # A ray that leaves a torus crosses it an even number of times from outside.
        solid = trimesh.Trimesh(*_merged(points, mesh.triangles), process=False)
        assert (values[frame] < 0) == bool(_crossings(solid, eye[0]) % 2)
    assert 3 < (values < 0).sum() < 75


def _merged(points: Float64, triangles: Any) -> tuple[Float64, Any]:
    places, row = np.unique(points.round(9), axis=0, return_inverse=True)
    return places, row.reshape(-1)[triangles]


def _crossings(mesh: Any, start: Float64) -> int:
    """How many triangles a ray in an odd direction crosses, by Cramer's rule in float64."""
    way = np.array([0.3141, 0.2718, 0.9093])
    a, b, c = np.moveaxis(mesh.triangles, 1, 0)
    matrix = np.stack([b - a, c - a, np.broadcast_to(-way, a.shape)], axis=-1)
    kept = np.abs(np.linalg.det(matrix)) > 1e-15
    u, v, t = np.linalg.solve(matrix[kept], (start - a[kept])[..., None])[..., 0].T
    return int(((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)).sum())


def test_values_end_beyond_the_bound() -> None:
    made = scene({"box": {"cube": {}, "semantics": {"class": "box"}}}, [WANDER])
    far, _ = near(made, 200, 5.0)
    close, _ = near(made, 200, 0.05)
    np.testing.assert_allclose(close[np.abs(far) < 0.05], far[np.abs(far) < 0.05], atol=1e-9)
    assert (close[far > 0.052] > 0.05).all()
    assert (close[far < -0.052] < 0).all()


def test_what_is_solid() -> None:
    box = trimesh.creation.box()
    made = Mesh(*_arrays(box.vertices), box.faces.astype(np.int32))
    assert is_solid(joined([made]))
    # Every face with vertices of its own, as rendered meshes have them.
    apart = Mesh(*_arrays(box.triangles.reshape(-1, 3)), np.arange(36, dtype=np.int32).reshape(-1, 3))
    assert is_solid(joined([apart]))
    half = [Mesh(apart.points, apart.normals, apart.uvs, apart.triangles[rows]) for rows in (slice(6), slice(6, 12))]
    assert is_solid(joined(half))
    assert not is_solid(joined(half[:1]))
    room = Mesh(made.points, made.normals, made.uvs, np.ascontiguousarray(made.triangles[:, ::-1]))
    assert not is_solid(joined([room]))


def _arrays(points: Any) -> tuple[Any, Any, Any]:
    places = np.ascontiguousarray(points, np.float32)
    return places, np.zeros_like(places), np.zeros((len(places), 2), np.float32)


def test_insides_do_not_depend_on_the_batch_and_hidden_things_have_none() -> None:
    from replicator_dr.render.clearance import MeshTable

    box = trimesh.creation.box()
    table = MeshTable((Mesh(*_arrays(box.vertices), box.faces.astype(np.int32)),))
    world = np.tile(np.eye(4), (3, 1, 1, 1))
    world[1, 0, 3, 0] = 2.0
    things = posed(table, np.zeros(1, np.int32), np.zeros(1, np.int32), world)
    points = np.zeros((3, 2, 3))
    points[:, 1] = [2.0, 0.1, 0.1]
    found = inside(things, np.array([[True], [True], [False]]), points)
    np.testing.assert_array_equal(found, [[True, False], [False, True], [False, False]])


def test_a_shadow_of_a_ball_in_lines_of_sight() -> None:
    """Which of the 27 lines a ball between crosses, by their distance to its middle."""
    create = {
        "target": {"cube": {"scale": [0.6, 0.6, 0.4]}, "semantics": {"class": "box"}},
        "ball": {"sphere": {"scale": 0.5}},
    }
    moves = [
        {"pose": {"prims": "ball", "position": {"uniform": [[0.6, -0.4, -0.4], [1.4, 0.4, 0.4]]}}},
        {"pose": {"prims": "target", "rotation": {"uniform": [[0, 0, 0], [0, 0, 90]]}}},
        {"camera": {"cameras": "eye", "position": [3, 0, 0], "look_at": [9, 9, 9]}},
    ]
    with build_graph(scene(create, moves)) as graph:
        state = graph.sample(range(200))
        values = Clearance(graph.scene).seen(state, [0], np.array([0]))[:, 0, 0]
        ball = graph.scene.labels.prim_paths.index(
            next(path for path in graph.scene.labels.prim_paths if "/ball" in path)
        )
        (part,) = np.flatnonzero(graph.scene.arrays.part_prim == ball)
        middle = state.arrays.world[:, graph.scene.arrays.part_transform[part], 3, :3]
    grid = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)])
    spots = grid * 0.75 * [0.3, 0.3, 0.2] / [0.6, 0.6, 0.4]
    ends = np.einsum("kj,bji->bki", spots, state.entity_world[:, 0, :3, :3])
    eye = np.array([3.0, 0, 0])
    way = (eye - ends) / np.linalg.norm(eye - ends, axis=-1, keepdims=True)
    along = np.einsum("bki,bki->bk", middle[:, None] - ends, way)
    apart = np.linalg.norm(middle[:, None] - ends - along[..., None] * way, axis=-1)
    sure = (np.abs(apart - 0.25) > 0.005).all(axis=1)
    assert sure.sum() > 100
    np.testing.assert_allclose(values[sure], (apart[sure] > 0.25).mean(axis=1), atol=1e-12)
    assert values.min() < 0.4
    assert values.max() == 1


CROWD = scene(
    {
        "balls": {"sphere": {"count": 3, "scale": 0.8}, "semantics": {"class": "ball"}},
        "mug": {"cube": {"scale": 0.2}, "semantics": {"class": "mug"}},
        "floor": {"plane": {"scale": 8, "position": [0, 0, -1]}},
    },
    [{"pose": {"prims": "balls", "position": {"uniform": [[-1.5, -1.5, -0.5], [1.5, 1.5, 0.5]]}}},
     {"camera": {"cameras": "eye", "position": {"uniform": [[-1.5, -1.5, -0.5], [1.5, 1.5, 0.5]]}, "look_at": "mug"}}],
    require=[{"camera_clear": {"at_least": 0.2}}, {"view_clear": {"prims": "mug", "at_least": 0.8}}],
    redraws=500,
)  # fmt: skip


def test_frames_are_drawn_anew_until_cameras_are_clear() -> None:
    with build_graph(CROWD) as graph:
        state = graph.sample(range(40))
        alone = graph.sample([17])
        compiled = graph.scene
    assert state.draws["require.attempt"].max() > 1
    assert (state.draws["require.failed"].sum(axis=0) > 0).all()
    np.testing.assert_array_equal(alone.arrays.cameras.world[0], state.arrays.cameras.world[17])
    rows = [row for row, path in enumerate(compiled.labels.entity_paths) if "balls" in path]
    eye = state.arrays.cameras.world[:, 0, 3, :3]
    away = np.linalg.norm(state.entity_world[:, rows, 3, :3] - eye[:, None], axis=-1) - 0.4
    # The spheres are inscribed polyhedra, a little smaller than the formula.
    assert away.min() > 0.2 - 0.01
    condition = asked("camera_clear", compiled.camera_paths, 0.2)
    assert Clearance(compiled).near(condition, state, [0]).min() >= 0.2


def test_a_camera_in_an_object_is_told() -> None:
    stuck = scene(
        {"box": {"cube": {}}},
        [{"camera": {"cameras": "eye", "position": {"uniform": [[-0.1] * 3, [0.1] * 3]}}}],
        require=[{"camera_clear": {}}],
        redraws=5,
    )
    with build_graph(stuck) as graph, pytest.raises(RequirementError, match=r"camera_clear: .* at least 0\.05"):
        graph.sample([0])
    # What it is not asked to keep clear of does not count; nor does what a frame hides.
    create = {"box": {"cube": {}}, "other": {"cube": {"position": [5, 0, 0]}}}
    elsewhere = {**stuck, "create": {**stuck["create"], **create}, "require": [{"camera_clear": {"prims": "other"}}]}
    with build_graph(elsewhere) as graph:
        assert graph.sample(range(5)).draws["require.attempt"].max() == 0
    hidden = {"visibility": {"prims": "box", "visible": False}}
    gone = {**stuck, "triggers": [{"on_frame": {}, "randomize": [hidden, *stuck["triggers"][0]["randomize"]]}]}
    with build_graph(gone) as graph:
        assert graph.sample(range(5)).draws["require.attempt"].max() == 0
