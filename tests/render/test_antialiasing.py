"""Four samples a pixel: how much of a pixel an edge takes, in the image and not in the labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from replicator_dr.render.scene import LightType
from tests.render.photometry import inner, radiance
from tests.render.raycast import oracle
from tests.render.scenes import Eye, Lamp, Paint, Part, box, build, facets, look, move, plane, render, turn

SIZE = (64, 64)
BRIGHT = 1.0
GLOW = Paint(emission=(1000 * BRIGHT,) * 3)


def coverage(part: Part) -> np.ndarray:
    """Share of each pixel (H, W) that a glowing part takes, read off the image.

    Samples are averaged as c / (1 + c), so that a bright sample does not drown the others.
    """
    seen = radiance(render([part], size=SIZE, rgb=True).rgb[0, ..., 0])
    share = 4 * seen / (1 + seen) * (1 + BRIGHT) / BRIGHT
    np.testing.assert_allclose(share, np.round(share), atol=0.06)
    return np.round(share) / 4


def square(rng: np.random.Generator, side: float) -> Part:
    """A square of ``side`` pixels, anywhere near the image's middle and turned anyhow."""
    size = side / SIZE[0]
    shift = rng.uniform(-0.1, 0.1, 2)
    return Part(plane(size, size), turn([0, 0, 1], rng.uniform(0, 360)) @ move(*shift, -1), GLOW)


def test_coverage_comes_in_quarters() -> None:
    found = coverage(square(np.random.default_rng(0), 30.3))
    assert set(found.ravel()) == {0, 0.25, 0.5, 0.75, 1}


def test_edges_of_any_slope_take_their_area() -> None:
    rng = np.random.default_rng(1)
    ratio = []
    for _ in range(60):
        side = rng.uniform(18, 34)
        ratio.append(coverage(square(rng, side)).sum() / side**2)
    # A quarter's error at a random quarter of ~100 border pixels, of ~650 in all: about 0.3 %.
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.002)
    assert np.std(ratio) < 0.008


@pytest.mark.parametrize("axis", [0, 1])
def test_an_edge_that_moves_by_a_pixel_passes_all_shades(axis: int) -> None:
    shares = []
    for step in np.arange(32) / 32:
        shift = [0.0, 0.0]
        shift[axis] = (0.5 + step / SIZE[0]) * (-1 if axis else 1)
        found = coverage(Part(plane(1, 1), move(*shift, -1), GLOW))
        shares.append(found[32, 32])
    assert np.all(np.diff(shares) <= 0)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.07)
    assert len(set(shares)) >= 4


def test_labels_are_those_of_the_centres() -> None:
    part = square(np.random.default_rng(5), 31.7)
    with_image = render([part], size=SIZE, rgb=True)
    without = render([part], size=SIZE, rgb=False)
    for name in ("depth", "part"):
        np.testing.assert_array_equal(getattr(with_image, name), getattr(without, name))
    hits, certain, _ = oracle(*build([part]), *SIZE).image(*SIZE)
    np.testing.assert_array_equal(with_image.part[0].reshape(-1)[certain], hits.part[certain])
    found = coverage(part)
    soft = (found > 0.1) & (found < 0.9)
    assert soft.sum() > 30
    assert set(np.unique(with_image.part[0][soft])) == {-1, 0}


def test_inner_edges_of_one_flat_surface_do_not_show() -> None:
    rng = np.random.default_rng(3)
    points = np.column_stack([rng.uniform(-1, 1, (40, 2)), np.zeros(40)])
    points[:4, :2] = [[-2, -2], [2, -2], [2, 2], [-2, 2]]
    part = Part(facets(points, Delaunay(points[:, :2]).simplices), move(0, 0, -1), GLOW)
    assert np.all(coverage(part) == 1.0)


def test_an_edge_between_two_faces_of_one_part_is_smoothed_too() -> None:
    lamp = Lamp(LightType.DISTANT, (3000,) * 3, look([1, 0.05, 0], [0, 0, 0]))
    eye = Eye(look([2, 2.1, 0.1], [0, 0.1, 0]), focal=2.0)
    out = render([Part(box())], [lamp], eye, SIZE, rgb=True, normals=True)
    bright = radiance(out.rgb[0][out.normals[0, ..., 0] > 0.9][:, 0]).max()
    seen = radiance(out.rgb[0, ..., 0])[inner(out.part[0], 0)] / bright
    between = (seen > 0.15) & (seen < 0.85)
    assert between.sum() > 10
    assert np.sum(seen > 0.95) > 200
    assert np.sum(seen < 0.1) > 200


def test_a_line_thinner_than_a_pixel_keeps_its_share() -> None:
    line = Part(plane(0.4 / SIZE[0], 0.9), turn([0, 0, 1], 17) @ move(0.003, 0, -1), GLOW)
    assert coverage(line).sum() == pytest.approx(0.4 * 0.9 * SIZE[0], rel=0.1)
    assert render([line], size=SIZE).entities.visible[0, 0] < 0.6 * 0.9 * SIZE[0]
