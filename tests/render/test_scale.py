"""Large and odd: millions of triangles, thousands of instances, images of one row and of sixteen million pixels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, View
from tests.render.photometry import assert_radiance, inner
from tests.render.raycast import SUBPIXEL, oracle
from tests.render.scenes import (
    Eye,
    Lamp,
    Paint,
    Part,
    box,
    build,
    move,
    plane,
    random_turn,
    render,
    scale,
    sphere,
    turn,
)

DOME = Lamp(LightType.DOME, (400,) * 3)
Pixels = NDArray[np.int64]


def clutter(count: int = 12) -> list[Part]:
    """Boxes all over the view of a camera that looks along -Z, before a wall."""
    rng = np.random.default_rng(count)
    parts = [
        Part(box(), scale(0.3, 0.2, 0.4) @ random_turn(rng) @ move(*rng.uniform(-1, 1, 2), -2)) for _ in range(count)
    ]
    return [*parts, Part(plane(200, 200), turn([0, 0, 1], 20) @ move(3, 1, -4))]


def check_pixels(parts: list[Part], eye: Eye, size: tuple[int, int], columns: Pixels, rows: Pixels) -> None:
    """Hold some pixels of an image against the ray caster, and the table against the image."""
    out = render(parts, [DOME], eye, size, rgb=True, normals=True)
    width, height = size
    assert out.depth.shape == out.part.shape == (1, height, width)
    assert out.rgb.shape == out.normals.shape == (1, height, width, 4)
    caster = oracle(*build(parts, eye=eye), *size)
    x, y = columns + 0.5, rows + 0.5
    hits = caster.hit(x, y)
    sure = np.ones(len(x), bool)
    for angle in np.arange(8) * np.pi / 4:
        sure &= caster.hit(x + SUBPIXEL * np.cos(angle), y + SUBPIXEL * np.sin(angle)).triangle == hits.triangle
    assert sure.mean() > 0.8
    np.testing.assert_array_equal(out.part[0][rows, columns][sure], hits.part[sure])
    seen = sure & (hits.part >= 0)
    np.testing.assert_allclose(out.depth[0][rows, columns][seen], hits.depth[seen], rtol=1e-5)
    np.testing.assert_allclose(out.normals[0][rows, columns][seen, :3], hits.normal[seen], atol=1e-3)
    counted = np.bincount(out.part[out.part >= 0], minlength=len(parts))
    np.testing.assert_array_equal(out.entities.visible[0], counted)
    assert out.rgb[..., :3].min() > 0


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 4096), (4096, 1), (17, 3), (3, 17), (2, 2), (5, 1), (4095, 2), (33, 31), (640, 481)]
)
def test_images_of_odd_sizes(size: tuple[int, int]) -> None:
    eye = Eye(focal=0.8 * max(1.0, size[1] / size[0]))
    rng = np.random.default_rng(size[0])
    count = min(size[0] * size[1], 3000)
    chosen = rng.choice(size[0] * size[1], count, replace=False)
    parts = clutter()
    # A single row or column shows what lies along it.
    check_pixels(parts, eye, size, chosen % size[0], chosen // size[0])


@pytest.mark.slow
def test_an_image_of_sixteen_million_pixels() -> None:
    size = (4096, 4096)
    rng = np.random.default_rng(0)
    check_pixels(clutter(40), Eye(), size, rng.integers(0, 4096, 20_000), rng.integers(0, 4096, 20_000))


@pytest.mark.parametrize("count", [2000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_thousands_of_instances_are_told_apart(count: int) -> None:
    """Tiles in a grid, seen from above so that each covers a square of whole pixels, with a pixel between them."""
    across = 200
    rng = np.random.default_rng(1)
    rows = count // across
    mesh, order = box(), rng.permutation(count)
    # One metre is 40 pixels at the tiles' tops: each is 2 x 2 pixels.
    eye = Eye(move(0, 0, 10), focal=400 / 640, clipping=(0.1, 100.0))
    parts = [None] * count
    for place, name in enumerate(order):
        at = move((3 * (place % across) - 299) / 40, (3 * (place // across) - 3 * rows // 2) / 40, -0.0005)
        parts[name] = Part(
            mesh, scale(2 / 40, 2 / 40, 0.001) @ at, Paint((name % 7 / 7 + 0.1, name % 11 / 11 + 0.1, 0.5))
        )
    size = (640, 3 * rows + 10 + (3 * rows) % 2)
    scene, frames = build(parts, [DOME], eye)
    assert len(scene.meshes) == 1
    out = Renderer(scene, "cpu").render(frames, View(0, *size))
    assert np.all(out.entities.amodal == 4)
    np.testing.assert_array_equal(out.entities.visible[0], np.bincount(out.part[out.part >= 0], minlength=count))
    wide = out.entities.visible_box[0]
    assert np.all(wide[:, 2:] - wide[:, :2] == 1)
    centre = size[0] / 2, size[1] / 2
    for place in range(0, count, 37):
        x = int(centre[0] + 3 * (place % across) - 299)
        y = int(centre[1] - (3 * (place // across) - 3 * rows // 2))
        assert np.all(out.part[0, y - 1 : y + 1, x - 1 : x + 1] == order[place])


@pytest.mark.slow
def test_ten_million_triangles() -> None:
    """Ten balls of a million triangles each: depth and outline are those of the sphere, and nothing is missing."""
    mesh = sphere(0.5, 500)
    assert 9.9e5 < len(mesh.triangles) < 1.01e6
    rng = np.random.default_rng(2)
    places = np.array([[x, y, -4.0] for x in (-1.6, -0.8, 0.0, 0.8, 1.6) for y in (-0.6, 0.6)])
    places[:, 2] += rng.uniform(-0.3, 0.3, 10)
    parts = [Part(mesh, random_turn(rng) @ move(*at), Paint((0.5,) * 3)) for at in places]
    size = (320, 240)
    out = render(parts, [DOME], Eye(), size, rgb=True)
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    ray = np.stack([(x - 160) / 320, -(y - 120) / 320, -np.ones_like(x)], -1)
    along, square = ray @ places.T, np.sum(ray * ray, -1)[..., None]
    root = along**2 - square * (np.sum(places**2, -1) - 0.25)
    depth = np.where(root > 0, (along - np.sqrt(np.maximum(root, 0))) / square, np.inf)
    nearest, which = depth.min(axis=-1), depth.argmin(axis=-1)
    hit = np.isfinite(nearest)
    rim = np.abs(root).min(axis=-1) < 2e-3
    np.testing.assert_array_equal(out.part[0][~rim], np.where(hit, which, -1)[~rim])
    np.testing.assert_allclose(out.depth[0][hit & ~rim], nearest[hit & ~rim], rtol=1e-4)
    assert_radiance(out.rgb[0][inner(out.part[0], -1)], 0.4)
    covered = (root > 0).sum(axis=(0, 1))
    np.testing.assert_allclose(out.entities.amodal[0], covered, rtol=0.01)
