"""What the near and the far plane cut off, and cameras inside of things."""

from __future__ import annotations

import numpy as np
import pytest

from tests.render.raycast import oracle
from tests.render.scenes import (
    Eye,
    Lamp,
    LightType,
    Part,
    box,
    build,
    facets,
    look,
    move,
    plane,
    random_turn,
    render,
    scale,
    sphere,
    turn,
)

SIZE = (64, 48)


def agree(parts: list[Part], eye: Eye, size: tuple[int, int] = SIZE, tolerance: float = 1e-5) -> np.ndarray:
    """Hold an image against the ray caster; returns its parts (H * W,)."""
    out = render(parts, eye=eye, size=size)
    hits, certain, same = oracle(*build(parts, eye=eye), *size).image(*size)
    part = out.part[0].reshape(-1)
    np.testing.assert_array_equal(part[certain], hits.part[certain])
    sure = certain & same & (part >= 0)
    np.testing.assert_allclose(out.depth[0].reshape(-1)[sure], hits.depth[sure], rtol=tolerance)
    return part


@pytest.mark.parametrize("seed", range(10))
def test_triangles_across_the_near_plane_are_cut_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [Part(facets(rng.uniform(-1, 1, (3, 3)) * [2, 2, 4], [[0, 1, 2]])) for _ in range(12)]
    # Some are seen all but edge on.
    part = agree(parts, Eye(clipping=(rng.uniform(0.01, 0.3), 100.0), focal=rng.uniform(0.5, 2.0)), tolerance=1e-4)
    assert len(np.unique(part)) > 1


def test_two_corners_and_one_corner_in_front() -> None:
    for corners in ([[-1, -0.3, -2], [1, -0.3, -2], [0, 0.3, 1]], [[-1, -0.3, 1], [1, -0.3, 1], [0, 0.3, -2]]):
        assert np.any(agree([Part(facets(corners, [[0, 1, 2]]))], Eye()) == 0)
        assert np.any(agree([Part(facets(corners, [[2, 1, 0]]))], Eye()) == 0)


def test_what_is_behind_the_camera_is_not_there() -> None:
    out = render(
        [Part(box(), move(0, 0, 2)), Part(plane(), move(0.2, 0, 0.005)), Part(plane(9, 9), move(0, 0, -0.009))]
    )
    assert np.all(out.part == -1)
    assert np.all(np.isinf(out.depth))
    assert np.all(out.entities.amodal == 0)
    assert np.all(out.entities.extent[..., :2] == np.inf)
    assert np.all(out.entities.extent[..., 2:] == -np.inf)


def test_the_near_plane_itself_is_seen() -> None:
    eye = Eye(clipping=(0.5, 10.0))
    assert np.all(render([Part(plane(9, 9), move(0, 0, -0.5))], eye=eye).part == 0)
    assert np.all(render([Part(plane(9, 9), move(0, 0, -0.499))], eye=eye).part == -1)


@pytest.mark.parametrize("mesh", [box(2, 2, 2), sphere(1.0, 12)], ids=["box", "sphere"])
def test_a_camera_inside_sees_the_inner_side(mesh: object) -> None:
    rng = np.random.default_rng(0)
    for _ in range(4):
        eye = Eye(random_turn(rng) @ move(*rng.uniform(-0.4, 0.4, 3)))
        out = render([Part(mesh)], [Lamp(LightType.DOME)], eye, normals=True, rgb=True)
        assert np.all(out.part == 0)
        assert np.all(np.isfinite(out.depth))
        toward = np.einsum("hwc,c->hw", out.normals[0, ..., :3], eye.world[2, :3])
        assert toward[24, 32] > 0  # in the middle the inner side faces the camera
        agree([Part(mesh)], eye)


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_thin_closed_thing_cut_open_by_the_near_plane_shows_its_inside(mirror: float) -> None:
    # A lid of 20 x 20 m, 4 cm thick: the camera stands 3 cm above it, the near plane is 5 cm away.
    lid = scale(20 * mirror, 20, 0.04)
    eye = Eye(move(0, 0, 0.05) @ np.eye(4), clipping=(0.06, 100.0))
    parts = [Part(box(), lid)]
    assert np.all(agree(parts, eye) == 0)
    ball = [Part(sphere(0.5, 12), scale(20 * mirror, 20, 0.04))]
    assert np.all(agree(ball, eye) == 0)


def test_nothing_is_seen_beyond_the_far_plane() -> None:
    eye = Eye(clipping=(0.1, 5.0))
    table = render([Part(plane(), move(0, 0, -4.999)), Part(plane(), move(0.5, 0, -5.001))], eye=eye).entities
    assert table.visible[0, 0] == table.amodal[0, 0] > 0
    assert table.visible[0, 1] == table.amodal[0, 1] == 0
    assert table.amodal_box[0, 1].tolist() == [0, 0, -1, -1]


def test_the_far_plane_cuts_where_it_should() -> None:
    # A floor 1 m below: what is farther than 5 m along the axis, rows with a slope below 1 / 5, is gone.
    level = look([0, 0, 1], [0, 1, 1])
    eye = Eye(level, clipping=(0.1, 5.0))
    parts = [Part(plane(100, 100)), Part(box(1, 9, 0.5), move(-0.6, 5, 0.5)), Part(sphere(1.0, 12), move(1, 5, 1))]
    part = agree(parts, eye, (80, 60))
    assert set(np.unique(part)) == {-1, 0, 1, 2}
    out = render(parts, eye=eye, size=(80, 60))
    down = (np.arange(60) + 0.5 - 30) / 80
    np.testing.assert_array_equal(out.part[0, :, 79] == 0, down > 0.2)
    assert out.depth[np.isfinite(out.depth)].max() <= 5.0
    assert np.all(out.entities.depth_max <= 5.0)
    far = render(parts, eye=Eye(level, clipping=(0.1, 500.0)), size=(80, 60))
    assert far.entities.amodal.sum() > out.entities.amodal.sum()


def test_the_far_plane_cuts_triangles_of_any_shape() -> None:
    rng = np.random.default_rng(7)
    for _ in range(8):
        parts = [Part(facets(rng.uniform(-1, 1, (3, 3)) * [2, 2, 3], [[0, 1, 2]])) for _ in range(10)]
        agree(parts, Eye(clipping=(0.2, 1.0), focal=0.7), tolerance=1e-4)


def test_the_background_shows_beyond_the_far_plane() -> None:
    parts = [Part(plane(9, 9), turn([1, 0, 0], -60) @ move(0, 0, -2))]
    lamps = [Lamp(LightType.DOME, color=(0, 300, 0))]
    out = render(parts, lamps, Eye(clipping=(0.1, 2.0)), rgb=True)
    beyond, near = out.part[0] < 0, out.part[0] == 0
    assert beyond.any()
    assert near.any()
    assert len(np.unique(out.rgb[0][beyond], axis=0)) <= 3
    assert out.rgb[0][0, 32].tolist() == out.rgb[0][beyond][0].tolist()


def test_a_plain_hundreds_of_metres_wide_keeps_its_edges() -> None:
    # Its far corners are in view, its near ones lie far beyond the screen grid's guard band.
    for height in (1.7, 50.0, 400.0):
        parts = [Part(plane(4000, 1000), move(0, 480, 0)), Part(plane(4000, 3900), move(0, 0, -0.5))]
        eye = Eye(look([0, 0, height], [0, 1000, height]), focal=0.2, clipping=(0.01, 1e6))
        assert {-1, 0} <= set(agree(parts, eye, (128, 64)))
