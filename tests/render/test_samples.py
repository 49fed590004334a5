"""Every visibility sample of a surface belongs to exactly one of its triangles: huge, tiny, thin, turned round or cut.

Each triangle glows alone before black; how many of a pixel's four samples it has is read off the colour. Over all
triangles of a tessellation the counts add up to what the whole surface has: no sample twice and none missed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Mesh, View
from tests.render.photometry import radiance
from tests.render.scenes import Eye, Matrix, Paint, Part, batch, build, facets, look, move, turn

VIEW = View(0, 48, 40)
Counts = NDArray[np.int64]
GLOW = Paint((0, 0, 0), emission=(1000,) * 3)


def counts(meshes: list[Mesh], world: Matrix, eye: Eye) -> Counts:
    """(meshes, H, W): samples that each has, alone."""
    parts = [Part(mesh, world, GLOW) for mesh in meshes]
    scene, frames = build(parts, eye=eye)
    each = [replace(frames, part_visible=np.arange(len(parts))[None] == i) for i in range(len(parts))]
    out = Renderer(scene, "cpu").render(batch(*each), VIEW)
    seen = radiance(out.rgb[..., 0])
    # Samples are averaged as c / (1 + c): radiance 1 in k of 4 gives k / 8 of that.
    share = 8 * seen / (1 + seen)
    np.testing.assert_allclose(share, np.round(share), atol=0.12)
    return np.round(share).astype(np.int64)


def check(points: NDArray[np.float64], triangles: Counts, world: Matrix, eye: Eye, whole: Mesh) -> Counts:
    """The pieces add up to the whole; returns the sum."""
    total = counts([facets(points, [t]) for t in triangles], world, eye).sum(axis=0)
    np.testing.assert_array_equal(total, counts([whole], world, eye)[0])
    return total


def square(half: float) -> Mesh:
    return facets([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]], [[0, 1, 2], [0, 2, 3]])


def split(rng: np.random.Generator, half: float, clusters: list[float], each: int) -> tuple[NDArray, Counts]:
    """Points (V, 3) and triangles of a square, with clusters of points as wide as is said."""
    corners = half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    spread = [rng.uniform(-0.3, 0.3, 2) + rng.normal(scale=width, size=(each, 2)) for width in clusters]
    flat = np.concatenate([corners, *[s.clip(-0.99 * half, 0.99 * half) for s in spread]])
    triangles = Delaunay(flat).simplices
    turned = rng.random(len(triangles)) < 0.5
    triangles[turned] = triangles[turned, ::-1]
    return np.column_stack([flat, np.zeros(len(flat))]), triangles


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("half", [0.3, 3.0, 3000.0])
def test_large_and_tiny_triangles_share_all_samples(seed: int, half: float) -> None:
    rng = np.random.default_rng(seed)
    points, triangles = split(rng, half, [0.5, 0.05, 1e-3], 14)
    world = turn([0, 0, 1], rng.uniform(0, 360)) @ turn([1, rng.normal(), 0], rng.uniform(0, 50)) @ move(0, 0, -1)
    total = check(points, triangles, world, Eye(clipping=(0.01, 1e6)), square(half))
    assert total.max() == 4
    assert (total == 4).any()


@pytest.mark.parametrize("seed", range(4))
def test_a_fan_of_slivers_shares_all_samples(seed: int) -> None:
    """Spokes from one point far inside a pixel's grid cell to the rim: triangles as thin as a hundredth of a pixel."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 60)) if seed % 2 else np.linspace(0, 2 * np.pi, 300, endpoint=False)
    rim = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(angle))])
    points = np.concatenate([[[*rng.uniform(-0.01, 0.01, 2), 0]], rim])
    around = np.arange(len(angle)) + 1
    triangles = np.column_stack([np.zeros(len(angle), int), around, np.roll(around, -1)])
    total = counts([facets(points, [t]) for t in triangles], move(0, 0, -1.5), Eye()).sum(axis=0)
    inside = np.hypot(*(np.mgrid[:40, :48] + 0.5 - np.array([20, 24])[:, None, None])[::-1]) < 20
    assert np.all(total[inside] == 4)
    assert total.max() == 4


def test_triangles_without_area_have_no_samples() -> None:
    rng = np.random.default_rng(0)
    points, triangles = split(rng, 1.0, [0.4], 12)
    degenerate = [[t[0], t[1], t[1]] for t in triangles] + [[t[0], t[0], t[0]] for t in triangles]
    assert counts([facets(points, [t]) for t in degenerate], move(0, 0, -1), Eye()).sum() == 0
    middle = 0.5 * (points[triangles[:, 0]] + points[triangles[:, 1]])
    lines = [facets([points[a], points[b], m], [[0, 1, 2]]) for (a, b, _), m in zip(triangles, middle, strict=True)]
    both = check(points, triangles, move(0, 0, -1), Eye(), square(1.0))
    # A line that is not exactly one on the screen grid may take a sample, but only between its neighbours.
    assert counts(lines, move(0, 0, -1), Eye()).sum() <= 2
    assert both.max() == 4


@pytest.mark.parametrize("seed", range(4))
def test_a_floor_cut_by_the_near_plane_shares_all_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, triangles = split(rng, 4.0, [1.5, 0.2], 20)
    eye = Eye(look([*rng.uniform(-0.5, 0.5, 2), 0.2], [*rng.uniform(-1, 1, 2), 0.0]), clipping=(0.08, 100.0))
    total = counts([facets(points, [t]) for t in triangles], np.eye(4), eye).sum(axis=0)
    whole = counts([square(4.0)], np.eye(4), eye)[0]
    # Along the cut itself pieces round their new corners apart: there a sample may differ, inside none.
    inside = np.array(
        [[np.all(whole[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2] == 4) for x in range(48)] for y in range(40)]
    )
    assert inside.sum() > 300
    assert np.all(total[inside] == 4)
    assert np.abs(total - whole).sum() <= 4


def test_a_missing_and_a_doubled_triangle_are_noticed() -> None:
    rng = np.random.default_rng(1)
    points, triangles = split(rng, 1.0, [0.4], 12)
    for wrong in (triangles[1:], np.concatenate([triangles, triangles[:1]])):
        with pytest.raises(AssertionError):
            check(points, wrong, move(0, 0, -1), Eye(), square(1.0))
