"""Depth against arithmetic and against the float64 ray caster."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import RenderedView
from tests.render.raycast import oracle
from tests.render.scenes import Eye, Part, box, build, look, move, plane, random_turn, render, scale, sphere, turn

SIZE = (64, 48)


def rays(out: RenderedView) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (H, W) of the rays through the pixel centres, right and down."""
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[: out.view.height, : out.view.width] + 0.5
    return (x - cx) / fx, (y - cy) / fy


def compare(parts: list[Part], eye: Eye, tolerance: float = 1e-5, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Render, hold depth and parts against the ray caster where it is certain; returns the parts (H * W,)."""
    out = render(parts, eye=eye, size=size)
    hits, certain, same = oracle(*build(parts, eye=eye), *size).image(*size)
    part, depth = out.part[0].reshape(-1), out.depth[0].reshape(-1)
    assert certain.mean() > 0.9
    np.testing.assert_array_equal(part[certain], hits.part[certain])
    seen = certain & same & (hits.part >= 0)
    assert np.all(np.isinf(depth[part < 0]))
    np.testing.assert_allclose(depth[seen], hits.depth[seen], rtol=tolerance)
    return part


@pytest.mark.parametrize("distance", [0.0101, 0.1, 1.0, 10.0, 100.0])
def test_a_wall_square_to_the_axis_is_equally_deep_everywhere(distance: float) -> None:
    out = render([Part(plane(300, 300), move(0, 0, -distance))])
    np.testing.assert_allclose(out.depth, distance, rtol=1e-5)


@pytest.mark.parametrize("near", [0.001, 0.1, 1.0])
@pytest.mark.parametrize("distance", [2.0, 30.0, 100.0])
def test_depth_is_as_exact_behind_any_near_plane(near: float, distance: float) -> None:
    eye = Eye(clipping=(near, 1e6))
    out = render([Part(plane(300, 300), turn([0, 1, 0], 30) @ move(0, 0, -distance))], eye=eye)
    across, _ = rays(out)
    # The wall's normal is (sin 30, 0, cos 30): -x sin 30 ... in camera axes z (cos 30 - sin 30 across) = d cos 30.
    expected = distance * np.cos(np.radians(30)) / (np.cos(np.radians(30)) - np.sin(np.radians(30)) * across)
    np.testing.assert_allclose(out.depth[0], expected, rtol=1e-5)


@pytest.mark.parametrize("height", [0.3, 1.0, 20.0])
def test_a_floor_up_to_the_horizon(height: float) -> None:
    eye = Eye(move(0, 0, height) @ np.eye(4), clipping=(0.01, 1e4))
    level = np.eye(4)
    level[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # looks along +Y
    level[3, :3] = 0, 0, height
    out = render([Part(plane(1000, 1000))], eye=Eye(level, clipping=eye.clipping))
    _, down = rays(out)
    with np.errstate(divide="ignore"):
        expected = np.where(down > 0, height / down, np.inf)
    known = (expected > 0.02) & (expected < 400)
    np.testing.assert_allclose(out.depth[0][known], expected[known], rtol=1e-5)
    assert np.all(np.isinf(out.depth[0][down < 0]))


def test_a_sphere_is_as_deep_as_the_equation_says() -> None:
    radius, distance = 0.5, 2.0
    out = render([Part(sphere(radius, 90), turn([1, 0, 0], 20) @ move(0, 0, -distance))], size=(96, 96))
    across, down = rays(out)
    # |t (across, down, 1) - (0, 0, d)|^2 = r^2
    square = across**2 + down**2 + 1.0
    under = distance**2 - square * (distance**2 - radius**2)
    seen = np.isfinite(out.depth[0])
    sagitta = radius * (1 - np.cos(np.pi / 180))
    sure = under > 0.05
    assert np.all(seen[sure])
    assert not np.any(seen[under < 0])
    expected = (distance - np.sqrt(np.maximum(under, 0))) / square
    error = out.depth[0][sure] - expected[sure]
    # Facets lie inside the ball, by no more than the sagitta of their edges, seen at up to this slant.
    assert np.all(error > -2e-6)
    assert np.all(error < 1.5 * sagitta * distance / np.sqrt(under[sure]))
    assert out.entities.visible[0, 0] == seen.sum() == pytest.approx((under > 0).sum(), rel=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_boxes_anywhere_agree_with_the_ray_caster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [
        Part(box(), scale(*rng.uniform(0.05, 1.0, 3)) @ random_turn(rng) @ move(*rng.uniform(-1, 1, 3)))
        for _ in range(12)
    ]
    parts.append(Part(plane(8, 8), move(0, 0, -1)))
    eye = Eye(look(rng.normal(size=3) * 2 + [0, 0, 3], rng.uniform(-0.3, 0.3, 3)), focal=rng.uniform(0.6, 1.5))
    assert len(np.unique(compare(parts, eye))) > 5


def test_a_far_away_table_seen_at_a_grazing_angle() -> None:
    parts = [Part(plane(60, 60)), Part(box(2, 2, 6), move(3, 0, 3)), Part(box(1, 8, 1), move(-6, 10, 0.5))]
    compare(parts, Eye(look([100, 3, 2], [0, 0, 1]), focal=2.5), 2e-5)


def test_things_up_to_the_near_plane() -> None:
    rng = np.random.default_rng(3)
    parts = [
        Part(box(), scale(0.02, 0.02, 0.02) @ random_turn(rng) @ move(*rng.uniform(-0.02, 0.02, 2), -0.03))
        for _ in range(6)
    ]
    compare(parts, Eye(clipping=(0.02, 10.0)))


def test_far_from_the_worlds_origin_nothing_is_lost() -> None:
    here = move(50_000.0, -80_000.0, 300.0)
    parts = [Part(box(), random_turn(np.random.default_rng(1)) @ here)]
    compare(parts, Eye(move(0.1, 0.2, 3.0) @ here))


def test_lens_shift_moves_the_image() -> None:
    part = [Part(box(), move(0, 0, -3))]
    compare(part, Eye(offset=(0.2, -0.1)))
    plain, shifted = (render(part, eye=Eye(offset=offset)).part[0] for offset in ((0, 0), (0.125, 0)))
    np.testing.assert_array_equal(shifted[:, 8:], plain[:, :-8])


def test_opencv_intrinsics_scale_with_the_image() -> None:
    eye = Eye(opencv=(120.0, 100.0, 30.0, 50.0), nominal=(128.0, 96.0))
    out = render([Part(plane(1, 1), move(0.2, 0.1, -2))], eye=eye, size=(64, 48))
    np.testing.assert_allclose(out.intrinsics[0], [60, 50, 15, 25])
    # x from -0.3 to 0.7, y down from -0.6 to 0.4, at 2 m: columns 6 to 36, rows 10 to 35.
    assert out.entities.visible_box[0, 0].tolist() == [6, 10, 35, 34]
    np.testing.assert_allclose(out.entities.extent[0, 0], [6, 10, 36, 35], atol=1 / 256)
