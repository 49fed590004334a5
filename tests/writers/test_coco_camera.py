"""Cameras and poses against SciPy's rotations and plain projection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from replicator_dr.labels.cameras import Camera, camera_of
from replicator_dr.labels.poses import poses_of, quaternions

FLIP = np.diag([1.0, -1.0, -1.0])


def params(world_from_camera: np.ndarray, intrinsics: tuple[float, ...], size: tuple[int, int]) -> dict[str, object]:
    """camera_params of a USD camera whose pose is given for column vectors."""
    focal_x, focal_y, centre_x, centre_y = intrinsics
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = 2 * focal_x / size[0], 2 * focal_y / size[1]
    projection[2] = 1 - 2 * centre_x / size[0], 2 * centre_y / size[1] - 1, 0, -1
    projection[3, 2] = 0.1
    return {
        "cameraProjection": projection.reshape(16),
        "cameraViewTransform": np.linalg.inv(world_from_camera).T.reshape(16),
        "renderProductResolution": np.array(size, np.int32),
        "metersPerSceneUnit": 1.0,
    }


def rigid(rng: np.random.Generator) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.random(random_state=rng).as_matrix()
    matrix[:3, 3] = rng.normal(size=3)
    return matrix


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_intrinsics_and_extrinsics_come_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    world_from_usd = rigid(rng)
    camera = camera_of(params(world_from_usd, (600.0, 610.0, 300.0, 250.0), (640, 480)))
    assert camera.intrinsics == pytest.approx((600.0, 610.0, 300.0, 250.0))
    # A point one metre ahead of a USD camera (-Z), a little right and up, in OpenCV's axes.
    point = world_from_usd @ [0.2, 0.1, -1.0, 1.0]
    assert camera.from_world @ point == pytest.approx([0.2, -0.1, 1.0, 1.0])
    record = camera.record()
    product = np.array(record["camera_from_world"]) @ np.array(record["world_from_camera"])
    assert product == pytest.approx(np.eye(4), abs=1e-6)
    assert record["intrinsics"] == [[600.0, 0.0, 300.0], [0.0, 610.0, 250.0], [0.0, 0.0, 1.0]]


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_pose_takes_scaled_object_points_to_the_camera(seed: int) -> None:
    rng = np.random.default_rng(seed)
    world_from_object, scale = rigid(rng), rng.uniform(0.1, 3.0, 3)
    if seed % 2:
        scale[0] *= -1  # mirrored
    matrix = world_from_object @ np.diag([*scale, 1.0])
    camera = Camera((500, 500, 320, 240), np.linalg.inv(rigid(rng)), 640, 480)
    pose = poses_of(camera, matrix.T[None])
    points = rng.normal(size=(6, 3))
    expected = (camera.from_world @ matrix @ np.c_[points, np.ones(6)].T).T[:, :3]
    turn = Rotation.from_quat(pose.quaternion[0][[1, 2, 3, 0]])
    assert turn.apply(pose.scale[0] * points) + pose.translation[0] == pytest.approx(expected, abs=1e-9)
    assert np.linalg.det(pose.rotation[0]) == pytest.approx(1.0)
    assert pose.quaternion[0, 0] >= 0


def test_quaternions_agree_with_scipy_and_have_no_bad_corner() -> None:
    half_turns = [np.diag(signs) for signs in ((1, -1, -1), (-1, 1, -1), (-1, -1, 1))]
    rotations = np.concatenate([Rotation.random(500, random_state=0).as_matrix(), half_turns, [np.eye(3)]])
    back = Rotation.from_quat(quaternions(rotations)[:, [1, 2, 3, 0]]).as_matrix()
    assert back == pytest.approx(rotations, abs=1e-9)


def test_shear_does_not_spoil_the_rotation() -> None:
    matrix = np.eye(4)
    matrix[0, 1] = 0.5
    pose = poses_of(Camera((1, 1, 0, 0), np.eye(4), 2, 2), matrix.T[None])
    assert pose.rotation[0] @ pose.rotation[0].T == pytest.approx(np.eye(3), abs=1e-12)


def test_points_behind_the_camera_have_no_pixel() -> None:
    camera = Camera((500.0, 400.0, 320.0, 240.0), np.eye(4), 640, 480)
    pixels = camera.project(np.array([[0.1, 0.2, 2.0], [0.1, 0.2, -2.0], [0.0, 0.0, 0.0]]))
    assert pixels[0].tolist() == [345.0, 280.0]
    assert np.isnan(pixels[1:]).all()


def test_no_objects_no_poses() -> None:
    pose = poses_of(Camera((1, 1, 0, 0), np.eye(4), 2, 2), np.zeros((0, 4, 4), np.float32))
    assert pose.quaternion.shape == (0, 4)
