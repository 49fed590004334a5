"""deform: what is drawn, and that labels, keypoints and the stage follow the deformed surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pxr import UsdGeom
from scipy import stats

from replicator_dr.engines.embedded.scene.refine import refine
from replicator_dr.errors import EngineError
from replicator_dr.graph import build_graph
from replicator_dr.render.deformation import BEND, BUMPS, TAPER, TWIST
from tests.render import scenes
from tests.render.test_deform import formulas

TWISTED = {
    "seed": 5,
    "create": {
        "box": {
            "cube": {"position": [0, 0, 0.5], "keypoints": {"corner": [0.5, 0.5, 0.5], "middle": [0, 0, 0.5]}},
            "semantics": {"class": "box"},
        },
        "sun": {"light": {"intensity": 2000}},
        "eye": {"camera": {"position": [3, -2, 3], "look_at": [0, 0, 0.5]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "box", "rotation_z": {"uniform": [0, 90]}}},
                {"deform": {"prims": "box", "twist": {"uniform": [20, 60]}, "taper": {"uniform": [-0.5, -0.1]}}},
            ],
        }
    ],
    "render_products": [{"cameras": "eye", "resolution": [320, 240]}],
}


def shaped(points: NDArray[np.float64], graph: Any, frame: int) -> NDArray[np.float64]:
    """Points of the box as the formulas move them in a frame."""
    shapes = graph.sample([frame]).arrays.deform
    return formulas(points, shapes)


def test_amounts_follow_their_distributions(sampled: Any) -> None:
    entry = {
        "deform": {
            "prims": "boxes",
            "bend": {"uniform": [-60, 60]},
            "twist": {"normal": [0, 20]},
            "taper": 0.25,
            "bumps": {"uniform": [0, 0.02]},
        }
    }
    result = sampled(entry, frames=2000)
    shapes = result.state.arrays.deform
    assert shapes.amounts.shape == (2000, 3, 6)
    for copy in range(3):
        amounts = shapes.amounts[:, copy]
        assert stats.kstest(amounts[:, BEND], "uniform", (-60, 120)).pvalue > 1e-4
        assert stats.kstest(amounts[:, TWIST], "norm", (0, 20)).pvalue > 1e-4
        assert stats.kstest(amounts[:, BUMPS], "uniform", (0, 0.02)).pvalue > 1e-4
        assert (amounts[:, TAPER] == 0.25).all()
    assert np.array_equal(result.draw("boxes.deform.bend")[..., 0], shapes.amounts[..., BEND])
    # Waves come from all sides: each component of a unit vector is uniform.
    wave, push, phase = shapes.waves[:, 0, 0, :3], shapes.waves[:, 0, 0, 3:6], shapes.waves[:, 0, 0, 6]
    for vector in (wave, push):
        assert np.allclose(np.linalg.norm(vector, axis=1), 1)
        for component in vector.T:
            assert stats.kstest(component, "uniform", (-1, 2)).pvalue > 1e-4
    assert stats.kstest(phase, "uniform", (0, 2 * np.pi)).pvalue > 1e-4
    assert abs(np.corrcoef(shapes.waves[:, 0, 0, 2], shapes.waves[:, 1, 0, 2])[0, 1]) < 0.1


def test_without_it_nothing_is_deformed(sampled: Any) -> None:
    result = sampled(frames=2)
    assert result.state.arrays.deform is None
    assert result.scene.arrays.deform is None


def test_3d_boxes_are_those_of_the_deformed_vertices() -> None:
    with build_graph(TWISTED) as graph:
        mesh = graph.scene.arrays.meshes[graph.scene.arrays.part_mesh[0]]
        for frame in range(3):
            points = shaped(mesh.points.astype(np.float64), graph, frame)
            table = graph.preview(frame, ("bounding_box_3d",))["eye"]["bounding_box_3d"]["data"][0]
            found = [[table[f"{axis}_{end}"] for axis in "xyz"] for end in ("min", "max")]
            assert np.abs(np.array(found) - [points.min(axis=0), points.max(axis=0)]).max() < 1e-5
            assert abs(table["x_max"] - 0.5) > 0.01, "the box at rest"


def test_2d_boxes_are_those_of_the_projected_vertices() -> None:
    with build_graph(TWISTED) as graph:
        mesh = graph.scene.arrays.meshes[graph.scene.arrays.part_mesh[0]]
        for frame in range(3):
            state = graph.sample([frame])
            world = shaped(mesh.points.astype(np.float64), graph, frame) @ state.entity_world[0, 0][:3, :3]
            world += state.entity_world[0, 0][3, :3]
            local = np.c_[world, np.ones(len(world))] @ np.linalg.inv(state.arrays.cameras.world[0, 0])
            focal = state.arrays.cameras.intrinsics(0, 320, 240)[0]
            x = focal[2] + focal[0] * local[:, 0] / -local[:, 2]
            y = focal[3] - focal[1] * local[:, 1] / -local[:, 2]
            extent = graph.preview(frame, ("coverage",))["eye"]["coverage"]["data"][0]["extent"]
            assert np.abs(extent - [x.min(), y.min(), x.max(), y.max()]).max() < 1 / 100


def test_keypoints_move_with_the_surface() -> None:
    with build_graph(TWISTED) as graph:
        for frame in range(3):
            state = graph.sample([frame])
            points = shaped(np.array([[0.5, 0.5, 0.5], [0, 0, 0.5]]), graph, frame)
            world = points @ state.entity_world[0, 0][:3, :3] + state.entity_world[0, 0][3, :3]
            local = np.c_[world, np.ones(2)] @ np.linalg.inv(state.arrays.cameras.world[0, 0])
            focal = state.arrays.cameras.intrinsics(0, 320, 240)[0]
            table = graph.preview(frame, ("keypoints",))["eye"]["keypoints"]["data"]
            assert np.abs(table["x"] - (focal[2] + focal[0] * local[:, 0] / -local[:, 2])).max() < 1e-2
            assert np.abs(table["depth"] + local[:, 2]).max() < 1e-5
            assert (table["visibility"] == 2).all()


def test_the_stage_shows_a_frames_shape() -> None:
    """After a step, what stands on the stage is the deformed mesh: where scripts and Isaac Sim read it."""
    with build_graph(TWISTED) as graph:
        graph.step()
        prim = next(prim for prim in graph.stage.Traverse() if prim.IsA(UsdGeom.Mesh))
        mesh = UsdGeom.Mesh(prim)
        part = graph.scene.arrays.meshes[graph.scene.arrays.part_mesh[0]]
        points = np.array(mesh.GetPointsAttr().Get())
        assert np.abs(points - shaped(part.points.astype(np.float64), graph, 0)).max() < 1e-6
        faces = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
        assert np.array_equal(faces, part.triangles)
        assert len(mesh.GetNormalsAttr().Get()) == len(points)
        assert mesh.GetNormalsInterpolation() == "vertex"
        assert np.allclose(mesh.GetExtentAttr().Get(), [points.min(axis=0), points.max(axis=0)])
        assert len(UsdGeom.PrimvarsAPI(prim).GetPrimvar("st").ComputeFlattened()) == len(points)


def test_frames_are_the_same_alone_and_in_a_run() -> None:
    with build_graph(TWISTED) as graph:
        together = graph.sample(range(8)).arrays.deform
        alone = graph.sample([5]).arrays.deform
        assert np.array_equal(alone.amounts[0], together.amounts[5])
        picture = graph.preview(5, ("rgb", "distance_to_image_plane"))["eye"]
    with build_graph(TWISTED) as graph:
        again = graph.preview(5, ("rgb", "distance_to_image_plane"))["eye"]
    for name in ("rgb", "distance_to_image_plane"):
        assert np.array_equal(picture[name]["data"], again[name]["data"])


def test_a_refined_mesh_is_the_same_surface() -> None:
    mesh = scenes.box(1.0, 2.0, 0.5)
    fine = refine(mesh, 0.2, np.eye(3))
    corners = fine.points.astype(np.float64)[fine.triangles]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1)
    assert edges.max() <= 0.2
    areas = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    assert areas.sum() == pytest.approx(2 * (1 * 2 + 1 * 0.5 + 2 * 0.5), rel=1e-6)
    assert areas.min() > 0
    # Closed: each edge between positions is used once in each direction.
    _, place = np.unique(fine.points, axis=0, return_inverse=True)
    faces = place.reshape(-1)[fine.triangles]
    forward = {(a, b) for face in faces.tolist() for a, b in zip(face, face[1:] + face[:1])}
    assert len(forward) == 3 * len(faces)
    assert forward == {(b, a) for a, b in forward}
    assert refine(fine, 0.2, np.eye(3)) is fine


def test_what_moves_inside_of_a_deformed_item_is_refused(sampled: Any) -> None:
    create = {"knob": {"sphere": {"scale": 0.2, "parent": "lid"}}, "lid": {"cube": {}}}
    entries = (
        {"deform": {"prims": "lid", "twist": 20}},
        {"pose": {"prims": "knob", "position_z": {"uniform": [0, 1]}}},
    )
    with pytest.raises(EngineError, match=r"below it moves; deform .*knob itself, or leave it in place"):
        sampled(*entries, frames=1, create=create)
