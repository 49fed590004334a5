"""Lenses against OpenCV's formulas, written down a second time, and against OpenCV itself where it is there."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.optics import COEFFICIENTS, Lens, LensModel
from tests.render.lens_oracle import opencv_fisheye, opencv_pinhole

PIXELS = (300.0, 310.0, 322.0, 238.0)
SPREAD = (0.1, 0.03, 0.002, 0.002, 0.01, 0.05, 0.02, 0.01, 0.002, 0.001, 0.002, 0.001)


def lens_of(seed: int) -> Lens:
    rng = np.random.default_rng(seed)
    return Lens(LensModel.OPENCV_PINHOLE, PIXELS, tuple(rng.normal(0, SPREAD)))


def fisheye_of(seed: int) -> Lens:
    rng = np.random.default_rng(seed)
    return Lens(LensModel.OPENCV_FISHEYE, PIXELS, tuple(rng.normal(0, [0.02, 0.005, 0.0005, 0.0001])))


@pytest.mark.parametrize("seed", range(20))
def test_points_are_seen_where_opencv_sees_them(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(500, 3)) + np.array([0, 0, 2])
    lens = lens_of(seed)
    radius = np.linalg.norm(points[:, :2] / points[:, 2:], axis=1)
    seen = (points[:, 2] > 0) & (radius < lens.limit)
    found = lens.project(points)
    assert np.isnan(found[~seen]).all()
    np.testing.assert_allclose(found[seen], opencv_pinhole(*PIXELS, *lens.coefficients)(points[seen]), rtol=1e-12)
    wide = fisheye_of(seed)
    theta = np.arctan2(np.linalg.norm(points[:, :2], axis=1), points[:, 2])
    found = wide.project(points)
    assert np.isnan(found[theta >= wide.limit]).all()
    inside = theta < wide.limit
    expected = opencv_fisheye(*PIXELS, *wide.coefficients)(points[inside])
    np.testing.assert_allclose(found[inside], expected, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_rays_lead_back_to_their_pixels(seed: int) -> None:
    pixels = np.random.default_rng(seed).uniform([0, 0], [640, 480], (1000, 2))
    for lens in (lens_of(seed), fisheye_of(seed), Lens(LensModel.PINHOLE, PIXELS)):
        rays = lens.unproject(pixels)
        seen = np.isfinite(rays).all(axis=1)
        assert seen.mean() > 0.25
        np.testing.assert_allclose(np.linalg.norm(rays[seen], axis=1), 1.0)
        np.testing.assert_allclose(lens.project(rays[seen]), pixels[seen], atol=1e-8)


@pytest.mark.parametrize("seed", range(10))
def test_points_within_the_limit_have_no_twin(seed: int) -> None:
    """Where the lens sees a point it finds that point's ray again: its map is one to one."""
    rng = np.random.default_rng(seed)
    lens = lens_of(seed)
    radius, turn = min(lens.limit, 4.0) * np.sqrt(rng.uniform(0, 0.998, 2000)), rng.uniform(0, 2 * np.pi, 2000)
    points = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.ones(2000)], axis=-1)
    rays = lens.unproject(lens.project(points))
    np.testing.assert_allclose(rays[:, :2] / rays[:, 2:], points[:, :2], atol=1e-5)


def test_limits_are_where_the_image_folds() -> None:
    barrel = Lens(LensModel.OPENCV_PINHOLE, PIXELS, (-0.3,))
    assert barrel.limit == pytest.approx(np.sqrt(1 / 0.9))
    rational = Lens(LensModel.OPENCV_PINHOLE, PIXELS, (0, 0, 0, 0, 0, -0.25))
    assert rational.limit == pytest.approx(2.0)  # where the denominator vanishes
    decentred = Lens(LensModel.OPENCV_PINHOLE, PIXELS, (0, 0, 0.05))
    # Along -y: b - 3 p1 b^2, which turns at 1 / (6 p1).
    assert decentred.limit == pytest.approx(1 / 0.3, rel=1e-6)
    fisheye = Lens(LensModel.OPENCV_FISHEYE, PIXELS, (-0.1,))
    assert fisheye.limit == pytest.approx(np.sqrt(1 / 0.3))
    assert Lens(LensModel.OPENCV_FISHEYE, PIXELS, (0.1,)).limit == np.pi
    # theta = m - 0.2 m^2 turns at m = 2.5, where it is 1.25; a narrower field of view ends it before.
    assert Lens(LensModel.FTHETA, PIXELS, (-0.2, 0, 0, 0, 3.0)).limit == pytest.approx(1.25)
    assert Lens(LensModel.FTHETA, PIXELS, (-0.2, 0, 0, 0, 1.0)).limit == 1.0


def test_f_theta_is_its_polynomial() -> None:
    lens = Lens(LensModel.FTHETA, (100.0, 100.0, 320.0, 240.0), (0.02, -0.01, 0.002, 0.0, np.pi))
    m = np.linspace(0.01, 2.0, 50)
    theta = m + 0.02 * m**2 - 0.01 * m**3 + 0.002 * m**4
    points = np.stack([np.sin(theta), np.zeros(50), np.cos(theta)], axis=-1)
    np.testing.assert_allclose(lens.project(3.0 * points), np.stack([320 + 100 * m, np.full(50, 240.0)], -1), rtol=1e-9)
    np.testing.assert_allclose(lens.unproject(np.stack([320 + 100 * m, np.full(50, 240.0)], -1)), points, atol=1e-12)


def test_coefficients_go_by_name() -> None:
    lens = Lens(LensModel.OPENCV_PINHOLE, PIXELS, (-0.3, 0.1, 0.01))
    assert lens.named() == {
        **dict.fromkeys(COEFFICIENTS[LensModel.OPENCV_PINHOLE], 0.0),
        "k1": -0.3,
        "k2": 0.1,
        "p1": 0.01,
    }


def test_opencv_itself_agrees() -> None:
    cv2 = pytest.importorskip("cv2")
    points = np.random.default_rng(0).normal(size=(300, 3)) * [0.3, 0.3, 0.1] + [0, 0, 1.5]
    matrix = np.array([[300.0, 0, 322.0], [0, 310.0, 238.0], [0, 0, 1]])
    for seed in range(5):
        lens, wide = lens_of(seed), fisheye_of(seed)
        zero = np.zeros(3)
        plane, _ = cv2.projectPoints(points, zero, zero, matrix, np.array(lens.coefficients))
        seen = np.isfinite(lens.project(points)).all(axis=1)
        np.testing.assert_allclose(lens.project(points)[seen], plane[seen, 0], rtol=1e-9)
        ball, _ = cv2.fisheye.projectPoints(points[:, None], zero, zero, matrix, np.array(wide.coefficients))
        np.testing.assert_allclose(wide.project(points), ball[:, 0], rtol=1e-9)
