"""Camera parameters: row vectors, world to camera, square pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replicator_dr.engines.embedded.annotate.annotators_camera import camera_params, world_to_camera
from replicator_dr.engines.embedded.loop.capture import CapturedView
from replicator_dr.render.scene import CameraArrays, View


def view_of(cameras: CameraArrays, width: int, height: int) -> CapturedView:
    intrinsics = cameras.intrinsics(0, width, height)
    rendered = type("Rendered", (), {"view": View(0, width, height), "intrinsics": intrinsics})
    state = type("State", (), {"arrays": type("A", (), {"cameras": cameras}), "__len__": lambda self: len(intrinsics)})
    return CapturedView(None, state(), rendered, 0)  # type: ignore[arg-type]


def cameras(world: np.ndarray, **changes: np.ndarray) -> CameraArrays:
    batch = len(world)
    values = {
        "world": world[:, None],
        "focal_length": np.full((batch, 1), 50.0),
        "horizontal_aperture": np.full((batch, 1), 20.955),
        "aperture_offset": np.zeros((batch, 1, 2)),
        "opencv": np.full((batch, 1, 4), np.nan),
        "nominal": np.full((batch, 1, 2), np.nan),
        "clipping": np.tile([0.1, 100.0], (batch, 1, 1)),
        "f_stop": np.zeros((batch, 1)),
        "focus_distance": np.full((batch, 1), 400.0),
        "lens_model": np.zeros((batch, 1), np.int32),
        "lens": np.zeros((batch, 1, 12)),
    }
    return CameraArrays(**{**values, **changes})  # type: ignore[arg-type]


def at(x: float, y: float, z: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[3, :3] = x, y, z
    return matrix[None]


def test_the_view_matrix_takes_the_world_to_the_camera() -> None:
    info = camera_params(view_of(cameras(at(100.0, 0.0, 0.0)), 64, 48)).info(0)
    matrix = info["cameraViewTransform"].reshape(4, 4)
    assert matrix[3].tolist() == [-100.0, 0.0, 0.0, 1.0]
    assert (np.array([100.0, 0.0, -5.0, 1.0]) @ matrix).tolist() == [0.0, 0.0, -5.0, 1.0]


@pytest.mark.parametrize(("width", "height"), [(4, 4), (64, 64), (211, 99), (67, 137)])
def test_pixels_are_square_and_the_vertical_aperture_does_not_enter(width: int, height: int) -> None:
    info = camera_params(view_of(cameras(at(0, 0, 0)), width, height)).info(0)
    projection = info["cameraProjection"].reshape(4, 4)
    focal = width * 50.0 / 20.955
    assert projection[0, 0] * width / 2 == pytest.approx(focal)
    assert projection[1, 1] * height / 2 == pytest.approx(focal)
    assert projection[2, 3] == -1.0
    assert projection[3, 2] == 0.1
    assert projection[2, :3].tolist() == [0.0, 0.0, 0.0]
    assert info["renderProductResolution"].tolist() == [width, height]
    assert info["cameraFocalLength"] == pytest.approx(50.0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_projection_agrees_with_the_intrinsics_for_any_camera(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    world = at(*rng.normal(size=3))
    world[0, :3, :3] = rotation * np.sign(np.linalg.det(rotation))
    opencv = rng.uniform([300, 350, 100, 100], [900, 800, 400, 300], (1, 1, 4))
    array = cameras(world, opencv=opencv, nominal=np.array([[[640.0, 480.0]]]))
    info = camera_params(view_of(array, 640, 480)).info(0)
    in_camera = np.append(rng.normal(size=2), -rng.uniform(0.5, 9.0))
    point = np.append(in_camera, 1.0) @ world[0]
    clip = point @ info["cameraViewTransform"].reshape(4, 4) @ info["cameraProjection"].reshape(4, 4)
    pixel = ((clip[0] / clip[3] + 1) * 320, (1 - clip[1] / clip[3]) * 240)
    focal_x, focal_y, centre_x, centre_y = opencv[0, 0]
    depth = -in_camera[2]
    expected = (focal_x * in_camera[0] / depth + centre_x, -focal_y * in_camera[1] / depth + centre_y)
    assert pixel == pytest.approx(expected, abs=1e-6)
    assert info["cameraModel"] == "pinholeOpenCV"


def test_the_inverse_of_a_rigid_matrix() -> None:
    rng = np.random.default_rng(0)
    matrices = np.tile(np.eye(4), (5, 1, 1))
    for matrix in matrices:
        matrix[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        matrix[3, :3] = rng.normal(size=3)
    assert np.allclose(world_to_camera(matrices), np.linalg.inv(matrices), atol=1e-12)
