"""Rotations, rays and outlines, against SciPy and OpenCV's conventions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from replicator_dr.optics import Lens, LensModel
from replicator_dr.run.audit.checks.mask_in_box import convex_hull
from replicator_dr.run.audit.geometry import rays, rotations


def test_rotations() -> None:
    expected = Rotation.random(50, random_state=3)
    x, y, z, w = expected.as_quat().T
    assert np.allclose(rotations(3 * np.stack([w, x, y, z], axis=-1)), expected.as_matrix(), atol=1e-12)


@pytest.mark.parametrize(
    "lens",
    [
        Lens(LensModel.PINHOLE, (300.0, 310.0, 160.0, 118.0)),
        Lens(LensModel.OPENCV_PINHOLE, (300.0, 310.0, 160.0, 118.0), (-0.2, 0.05, 0.001, 0.002)),
        Lens(LensModel.OPENCV_FISHEYE, (120.0, 121.0, 160.0, 118.0), (-0.02, 0.004)),
    ],
)
def test_depth_times_a_ray_is_the_point(lens: Lens) -> None:
    points = np.random.default_rng(1).uniform((-0.5, -0.4, 0.8), (0.5, 0.4, 3.0), (100, 3))
    assert np.allclose(rays(lens, lens.project(points)) * points[:, 2:], points, atol=1e-9)


def test_hulls() -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        points = random.normal(size=(8, 2))
        expected = points[ConvexHull(points).vertices]
        hull = convex_hull(points.tolist())
        assert {tuple(point) for point in hull} == {tuple(point) for point in expected}
        after = np.roll(hull, -1, axis=0)
        area = 0.5 * np.sum(hull[:, 0] * after[:, 1] - hull[:, 1] * after[:, 0])
        assert area == pytest.approx(ConvexHull(points).volume), "inside is where x turns toward y"


def test_the_hull_of_a_flat_box_is_a_line() -> None:
    hull = convex_hull([[0, 0], [1, 1], [2, 2], [0, 0]])
    assert sorted(map(tuple, hull)) == [(0, 0), (2, 2)]
