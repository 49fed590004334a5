"""Poses: orders, pivots, sizes, looking, orbits, rest poses, against USD's own matrices and plain geometry."""

from __future__ import annotations

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom

from replicator_dr.engines.embedded.api import create, distribution, get, modify, randomizer, settings, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.transforms import (
    ORDERS,
    decompose,
    euler_angles,
    euler_matrix,
    look_at,
    rigid,
)
from replicator_dr.errors import EngineError


def usd_world(runtime: Runtime, path: str) -> np.ndarray:
    prim = runtime.stage.GetPrimAtPath(path)
    return np.array(UsdGeom.Xformable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default()))


def world(runtime: Runtime, frame: int = 0) -> np.ndarray:
    """(E, 4, 4) of the labelled prims."""
    return runtime.evaluate(np.array([frame])).entity_world[0]


@pytest.mark.parametrize("order", ORDERS)
def test_euler_orders_agree_with_usd(runtime: Runtime, order: str) -> None:
    angles = (33.0, -71.0, 128.0)
    with trigger.on_frame(), create.cube(semantics={"class": "a"}):
        modify.pose(position=(1, 2, 3), rotation=angles, scale=(0.5, 2, 3), rotation_order=order)
    stage = Usd.Stage.CreateInMemory()
    reference = UsdGeom.Xform.Define(stage, "/a")
    reference.AddTranslateOp().Set(Gf.Vec3d(1, 2, 3))
    getattr(reference, f"AddRotate{order}Op")().Set(Gf.Vec3f(*angles))
    reference.AddScaleOp().Set(Gf.Vec3f(0.5, 2, 3))
    expected = np.array(reference.GetLocalTransformation())
    assert np.allclose(world(runtime)[0], expected, atol=1e-6)


def test_angles_from_rotations_and_back() -> None:
    rng = np.random.default_rng(1)
    angles = rng.uniform(-180, 180, (500, 3))
    angles[:40, 1] = rng.choice([-90.0, 90.0], 40)
    rotations = euler_matrix(angles)
    assert np.allclose(euler_matrix(euler_angles(rotations)), rotations, atol=1e-7)


def test_decompose_keeps_mirrors() -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag([2.0, -3.0, 4.0]) @ euler_matrix(np.array([10.0, 20.0, 30.0]))
    translate, angles, scale = decompose(matrix)
    assert np.prod(scale) < 0
    assert np.allclose(np.diag(scale) @ euler_matrix(angles), matrix[:3, :3])
    assert not translate.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"position": (0, 0, 0), "position_x": 1}, "position and position_x cannot both be given"),
        ({"rotation": (0, 0, 0), "rotation_z": 1}, "rotation and rotation_z cannot both be given"),
        ({"rotation": (0, 0, 0), "look_at": (0, 0, 1)}, "rotation and look_at cannot both be given"),
        ({"scale": 1, "size": 1}, "scale and size cannot both be given"),
        ({"rotation": (0, 0, 0), "rotation_order": "XYY"}, "rotation_order is 'XYY'"),
        ({"look_at": (0, 0, 0), "look_at_up_axis": "w"}, "look_at_up_axis is 'w'"),
    ],
)
def test_arguments_that_exclude_each_other(runtime: Runtime, arguments: dict[str, object], message: str) -> None:
    with create.cube(), pytest.raises(ValueError, match=message):
        modify.pose(**arguments)  # type: ignore[arg-type]


def test_single_axes_leave_the_others(runtime: Runtime) -> None:
    with trigger.on_frame(), create.cube(position=(1, 2, 3), rotation=(10, 20, 30), semantics={"class": "a"}):
        modify.pose(position_y=9, rotation_z=40)
    expected = np.eye(4)
    expected[:3, :3] = euler_matrix(np.array([10.0, 20.0, 40.0]))
    expected[3, :3] = [1, 9, 3]
    assert np.allclose(world(runtime)[0], expected)


def test_the_pivot_lands_on_the_position_and_stays_under_rotation(runtime: Runtime) -> None:
    with trigger.on_frame(), create.cube(semantics={"class": "a"}):
        modify.pose(position=(5, 0, 0), rotation=(0, 0, 90), scale=2, pivot=(1, 0, -1))
    matrix = world(runtime)[0]
    assert np.allclose(np.array([0.5, 0, -0.5, 1]) @ matrix, [5, 0, 0, 1])
    # The cube's centre hangs 2 * 0.5 from the pivot, turned by 90 degrees.
    assert np.allclose(matrix[3, :3], [5, -1, 1])


def test_size_fits_the_prim_into_a_box_and_keeps_its_proportions(runtime: Runtime) -> None:
    torus = create.torus(scale=3, semantics={"class": "a"})
    plane = create.plane(semantics={"class": "b"})
    with trigger.on_frame():
        with torus:
            modify.pose(size=(0.5, 0.4, 9.0))
        with plane:
            modify.pose(size=0.25)
    scale = np.linalg.norm(world(runtime)[:, :3, :3], axis=-1)
    # The torus is 1 x 1 x 0.3; its height has room to spare. A plane has no height.
    assert np.allclose(scale[0], 0.4, atol=1e-6)
    assert np.allclose(scale[1], 0.25)


class TestLookAt:
    """Directions of cameras and of other prims."""

    def test_a_camera_looks_at_a_point_with_its_up_axis_up(self, runtime: Runtime) -> None:
        create.camera(position=(3, -2, 4), look_at=(0.5, 0, 1))
        matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
        direction = np.array([0.5, 0, 1]) - [3, -2, 4]
        assert np.allclose(-matrix[2, :3], direction / np.linalg.norm(direction))
        assert abs(matrix[0, 2]) < 1e-12
        assert matrix[1, 2] > 0
        assert np.allclose(matrix[3, :3], [3, -2, 4])

    def test_other_prims_turn_their_own_minus_z(self, runtime: Runtime) -> None:
        with create.cone(position=(1, 1, 0), semantics={"class": "a"}):
            modify.pose(look_at=(1, 5, 0))
        assert np.allclose(-world(runtime)[0, 2, :3], [0, 1, 0])

    def test_straight_down_has_a_direction_too(self, runtime: Runtime) -> None:
        create.camera(position=(1, 1, 5), look_at=(1, 1, 0))
        matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
        assert np.allclose(matrix[2, :3], [0, 0, 1], atol=1e-4)
        assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-9)

    def test_several_prims_are_looked_at_in_their_middle(self, runtime: Runtime) -> None:
        group = create.group([create.cube(position=(4, 0, 0)), create.cube(position=(4, 2, 2))])
        create.camera(look_at=group)
        matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
        assert np.allclose(-matrix[2, :3], np.array([4, 1, 1]) / np.sqrt(18))

    def test_a_drawn_target_is_shared_by_the_group(self, runtime: Runtime) -> None:
        cameras = create.camera(count=3, position=[(5, 0, 0), (0, 5, 0), (0, 0.1, 5)])
        with trigger.on_frame(), cameras:
            modify.pose(look_at=distribution.uniform((-1, -1, -1), (1, 1, 1), name="target"))
        state = runtime.evaluate(np.arange(4))
        assert state.draws["target"].shape == (4, 1, 3)
        to_target = state.draws["target"] - state.arrays.cameras.world[:, :, 3, :3]
        to_target /= np.linalg.norm(to_target, axis=-1, keepdims=True)
        assert np.allclose(-state.arrays.cameras.world[:, :, 2, :3], to_target)

    def test_a_choice_of_prims(self, runtime: Runtime) -> None:
        left, right = create.cube(position=(5, -5, 0)), create.cube(position=(5, 5, 0))
        with trigger.on_frame(), create.camera():
            modify.pose(look_at=distribution.choice([left, right], name="which"))
        state = runtime.evaluate(np.arange(30))
        side = np.sign(-state.arrays.cameras.world[:, 0, 2, 1])
        named = np.where(state.draws["which"][:, 0] == "/Replicator/Cube_Xform", -1, 1)
        assert np.array_equal(side, named)
        assert 3 < (side > 0).sum() < 27

    def test_it_holds_under_a_turned_and_moved_parent(self, runtime: Runtime) -> None:
        parent = create.xform(position=(1, 2, 3), rotation=(20, 30, 40), scale=2)
        camera = create.camera(position=(0.5, 0, 0), parent=parent)
        with trigger.on_frame(), camera:
            modify.pose(look_at=(7, 8, 9))
        matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
        direction = np.array([7, 8, 9]) - matrix[3, :3]
        assert np.allclose(-matrix[2, :3], direction / np.linalg.norm(direction))
        assert np.allclose(matrix[3, :3], usd_world(runtime, camera.paths[0])[3, :3])

    def test_the_given_up_axis_counts(self, runtime: Runtime) -> None:
        with create.camera():
            modify.pose(look_at=(0, 0, 4), look_at_up_axis=(1, 0, 0))
        matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
        assert np.allclose(matrix[1, :3], [1, 0, 0])

    def test_random_targets_against_a_frame_built_by_hand(self) -> None:
        rng = np.random.default_rng(5)
        eye, target = rng.normal(size=(2, 50, 3))
        matrix = look_at(eye, target, np.broadcast_to([0.0, 0.0, 1.0], eye.shape))
        z = (eye - target) / np.linalg.norm(eye - target, axis=1, keepdims=True)
        assert np.allclose(matrix[:, 2], z)
        assert np.allclose(np.linalg.det(matrix), 1)
        assert np.allclose(matrix[:, 0, 2], 0)
        assert (matrix[:, 1, 2] > 0).all()


def test_a_cameras_rest_pose_looks_along_minus_x(runtime: Runtime) -> None:
    create.camera()
    matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
    assert np.allclose(-matrix[2, :3], [-1, 0, 0])
    assert np.allclose(matrix[1, :3], [0, 0, 1])
    assert runtime.scene().camera_paths == ("/Replicator/Camera_Xform/Camera",)


def test_rotation_0_minus_90_0_looks_straight_down(runtime: Runtime) -> None:
    create.camera(rotation=(0, -90, 0))
    matrix = runtime.evaluate(np.array([0])).arrays.cameras.world[0, 0]
    assert np.allclose(-matrix[2, :3], [0, 0, -1])


def test_on_a_y_up_stage_a_camera_is_plain_and_the_scene_turned_to_z_up(runtime: Runtime) -> None:
    settings.set_stage_up_axis("Y")
    settings.set_stage_meters_per_unit(0.01)
    create.camera(position=(0, 100, 0))
    create.cube(position=(0, 50, 0), semantics={"class": "a"})
    state = runtime.evaluate(np.array([0]))
    camera = state.arrays.cameras.world[0, 0]
    assert np.allclose(camera[3, :3], [0, 0, 1])
    # -Z of the stage is +Y of the world after the turn.
    assert np.allclose(-camera[2, :3], [0, 1, 0])
    points = runtime.scene().arrays.meshes[0].points
    corners = points @ state.entity_world[0, 0, :3, :3] + state.entity_world[0, 0, 3, :3]
    assert np.allclose(corners.min(axis=0), [-0.5, -0.5, 0.0])
    assert np.allclose(corners.max(axis=0), [0.5, 0.5, 1.0])


def test_an_orbit_keeps_distance_azimuth_and_elevation(runtime: Runtime) -> None:
    centre = create.cube(position=(1, 2, 0.5))
    with trigger.on_frame(), create.camera():
        modify.pose_orbit(
            centre,
            distribution.uniform(2, 3, name="distance"),
            distribution.uniform(0, 360, name="azimuth"),
            distribution.uniform(-60, 60, name="elevation"),
        )
    state = runtime.evaluate(np.arange(20))
    offset = state.arrays.cameras.world[:, 0, 3, :3] - [1, 2, 0.5]
    distance = np.linalg.norm(offset, axis=1)
    assert np.allclose(distance, state.draws["distance"].ravel())
    assert np.allclose(np.rad2deg(np.arcsin(offset[:, 2] / distance)), state.draws["elevation"].ravel())
    assert np.allclose(np.rad2deg(np.arctan2(offset[:, 1], offset[:, 0])) % 360, state.draws["azimuth"].ravel())
    assert np.allclose(state.arrays.cameras.world[:, 0, 2, :3], offset / distance[:, None])


def test_random_rotations_are_uniform(runtime: Runtime) -> None:
    """Each axis of a uniformly turned frame is uniform on the sphere: its coordinates are uniform in -1..1."""
    from scipy import stats

    with trigger.on_frame(), create.cube(count=50, semantics={"class": "a"}):
        randomizer.rotation()
    axes = runtime.evaluate(np.arange(200)).entity_world[..., :3, :3].reshape(-1, 9)
    assert all(stats.kstest(column, stats.uniform(-1, 2).cdf).pvalue > 1e-5 for column in axes.T)
    angle = np.arccos(np.clip((axes[:, [0, 4, 8]].sum(axis=1) - 1) / 2, -1, 1))
    # The angle of a uniform rotation has the density (1 - cos) / pi.
    assert stats.kstest(angle, lambda a: (a - np.sin(a)) / np.pi).pvalue > 1e-5


def test_rotation_bounds_hold(runtime: Runtime) -> None:
    with trigger.on_frame(), create.cube(count=20, semantics={"class": "a"}):
        randomizer.rotation(min_angle=(0, 0, -30), max_angle=(0, 0, 30))
    matrices = runtime.evaluate(np.arange(20)).entity_world
    assert np.allclose(matrices[..., 2, :3], [0, 0, 1])
    assert np.abs(np.rad2deg(np.arctan2(matrices[..., 0, 1], matrices[..., 0, 0]))).max() <= 30


def test_foreign_poses_are_taken_over_exactly(runtime: Runtime) -> None:
    prim = UsdGeom.Xform.Define(runtime.stage, "/World/thing")
    prim.AddTranslateOp().Set(Gf.Vec3d(1, 2, 3))
    prim.AddTranslateOp(UsdGeom.XformOp.PrecisionFloat, "pivot").Set(Gf.Vec3f(0.5, 0, 0))
    prim.AddRotateZYXOp().Set(Gf.Vec3f(10, 20, 30))
    prim.AddScaleOp().Set(Gf.Vec3f(2, 2, 2))
    prim.AddTranslateOp(UsdGeom.XformOp.PrecisionFloat, "pivot", True)
    turned = UsdGeom.Xform.Define(runtime.stage, "/World/turned")
    turned.AddOrientOp().Set(Gf.Quatf(0.5, 0.5, 0.5, 0.5))
    for path in ("/World/thing", "/World/turned"):
        create.cube(parent=path, semantics={"class": "a"})
    expected = [usd_world(runtime, path) for path in ("/World/thing", "/World/turned")]
    with get.prim_at_path(["/World/thing", "/World/turned"]):
        modify.pose(position_z=8)
    for matrix in expected:
        matrix[3, 2] += 8 - (3 if matrix is expected[0] else 0)
    assert np.allclose(world(runtime)[:, :, :], expected, atol=1e-6)


def test_a_prim_without_a_pose(runtime: Runtime) -> None:
    with create.material_omnipbr():
        modify.pose(position=(0, 0, 1))
    with pytest.raises(EngineError, match="is a Material and has no pose"):
        runtime.scene()


def test_rigid_takes_scale_and_mirror_out() -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag([-2.0, 3.0, 0.5]) @ euler_matrix(np.array([10.0, 20.0, 30.0]))
    assert np.allclose(np.linalg.det(rigid(matrix[None])[0, :3, :3]), 1)
    assert np.allclose(rigid(matrix[None])[0, 2, :3], matrix[2, :3] / 0.5)
