"""Neighbouring triangles leave no gaps and share no pixels, whatever their size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import View
from tests.render.raycast import oracle
from tests.render.scenes import Eye, Part, build, facets, look, move, random_turn, render, turn

SIZE = (96, 80)


def tessellation(seed: int, tiny: int, large: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (V, 2) and triangles of a square from -2 to 2, with clusters of tiny triangles among large ones."""
    rng = np.random.default_rng(seed)
    spread = [rng.uniform(-2, 2, (large, 2)), rng.normal(scale=0.01, size=(tiny // 2, 2))]
    spread.append(rng.uniform(-0.4, 0.4, 2) + rng.normal(scale=0.05, size=(tiny // 2, 2)))
    points = np.concatenate([[[-2, -2], [2, -2], [2, 2], [-2, 2]], *spread])
    return points, Delaunay(points).simplices


@pytest.mark.parametrize("seed", range(8))
def test_a_surface_that_fills_the_view_has_no_holes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, triangles = tessellation(seed, 400, 60)
    bumpy = np.column_stack([points, rng.uniform(-0.02, 0.02, len(points))])
    tilt = turn(rng.normal(size=3), rng.uniform(0, 15))
    out = render([Part(facets(bumpy, triangles), tilt @ move(0, 0, -1.2))], size=SIZE)
    assert np.all(out.part == 0)
    assert out.entities.amodal[0, 0] == SIZE[0] * SIZE[1]


@pytest.mark.parametrize("seed", range(8))
def test_every_pixel_of_a_flat_tessellation_belongs_to_one_triangle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, triangles = tessellation(seed, 40, 60)
    flat = np.column_stack([points, np.zeros(len(points))])
    tilt = random_turn(rng) if seed < 4 else np.eye(4)
    back = np.linalg.inv(tilt) if seed < 4 else np.eye(4)
    world = tilt @ move(0, 0, -1)
    parts = [Part(facets(flat @ back[:3, :3], [t]), world) for t in triangles]
    assert len(parts) > 128
    out = render(parts, size=SIZE)
    table = out.entities
    assert np.all(out.part >= 0)
    assert table.amodal.sum() == SIZE[0] * SIZE[1]
    np.testing.assert_array_equal(table.amodal, table.visible)
    np.testing.assert_array_equal(table.amodal[0], np.bincount(out.part[0].reshape(-1), minlength=len(parts)))


def test_a_missing_triangle_is_a_hole() -> None:
    points, triangles = tessellation(0, 40, 60)
    flat = np.column_stack([points, np.zeros(len(points))])
    area = np.abs(np.linalg.det(np.diff(points[triangles], axis=1)))
    inside = np.abs(points[triangles].mean(axis=1)).max(axis=1) < 0.3
    out = render(
        [Part(facets(flat, np.delete(triangles, (area * inside).argmax(), axis=0)), move(0, 0, -1))], size=SIZE
    )
    assert 0 < np.sum(out.part < 0) < 1000


def test_neighbours_cut_by_the_near_plane_have_no_gap_either() -> None:
    # A floor of many triangles, from behind the camera to the horizon, fills all of the image below the horizon.
    rng = np.random.default_rng(5)
    points, triangles = tessellation(5, 100, 200)
    floor = np.column_stack([points * 2, np.zeros(len(points))])
    for _ in range(4):
        origin = np.append(rng.uniform(-0.5, 0.5, 2), 0.15)
        target = np.append(rng.uniform(-1.0, 1.0, 2), -0.1)
        eye = Eye(look(origin, target), clipping=(rng.uniform(0.02, 0.1), 100.0), focal=2.0)
        whole = [Part(facets([[-4, -4, 0], [4, -4, 0], [4, 4, 0], [-4, 4, 0]], [[0, 1, 2], [0, 2, 3]]))]
        hits, certain, _ = oracle(*build(whole, eye=eye), *SIZE).image(*SIZE)
        scene, frames = build([Part(facets(floor, [t])) for t in triangles], eye=eye)
        out = Renderer(scene, "cpu").render(frames, View(0, *SIZE), rgb=False)
        seen = out.part[0].reshape(-1) >= 0
        np.testing.assert_array_equal(seen[certain], hits.part[certain] >= 0)
        assert out.entities.amodal.sum() == seen.sum() > 100
