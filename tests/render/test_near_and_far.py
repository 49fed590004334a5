"""Depth within 1e-5 of a float64 ray caster, from a centimetre to ten kilometres, in one image and in scaled copies."""

from __future__ import annotations

import numpy as np
import pytest

from tests.render.raycast import oracle
from tests.render.scenes import (
    Eye,
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
    turn,
)

SIZE = (96, 72)
TOLERANCE = 1e-5


def errors(parts: list[Part], eye: Eye, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors (N,) and true depths (N,) [m] at all pixels that surely show the same triangle."""
    out = render(parts, eye=eye, size=size)
    hits, certain, same = oracle(*build(parts, eye=eye), *size).image(*size)
    sure = certain & same
    np.testing.assert_array_equal(out.part[0].reshape(-1)[sure], hits.part[sure])
    seen = sure & (hits.part >= 0)
    assert seen.mean() > 0.3
    return np.abs(out.depth[0].reshape(-1)[seen] / hits.depth[seen] - 1.0), hits.depth[seen]


@pytest.mark.parametrize("size", [0.01, 0.1, 1.0, 100.0, 2500.0, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_a_scene_of_any_size(size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [
        Part(
            box(),
            scale(*(size * rng.uniform(0.05, 0.4, 3))) @ random_turn(rng) @ move(*(size * rng.uniform(-0.6, 0.6, 3))),
        )
        for _ in range(12)
    ]
    parts.append(Part(plane(9, 9), scale(size, size, size) @ turn([1, 0, 0], 10) @ move(0, 0, -0.8 * size)))
    eye = Eye(
        look(size * (rng.normal(scale=0.3, size=3) + np.array([0, 0, 1.2])), [0, 0, 0]),
        clipping=(0.1 * size, 20 * size),
    )
    off, _ = errors(parts, eye)
    assert off.max() < TOLERANCE


def test_from_a_centimetre_to_ten_kilometres_in_one_image() -> None:
    """A floor that begins under the camera and ends at the horizon, with things on it at every power of ten."""
    height = 0.006
    level = np.eye(4)
    level[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
    level[3, :3] = 0, 0, height
    sides = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    floor = facets([[2e4 * x, 2e4 * y, 0] for x, y in sides], [[0, 1, 2], [0, 2, 3]])
    parts = [Part(floor)]
    powers = np.arange(-2, 4.1, 0.5)
    for bearing, power in zip(np.linspace(-0.48, 0.48, len(powers)), powers, strict=True):
        # Each beside the next, so that none hides another.
        away = 10.0**power * 1.05
        at = move(bearing * away, away, 0.1 * away)
        parts.append(Part(box(), scale(0.05 * away, 0.05 * away, 0.25 * away) @ turn([0, 0, 1], 20) @ at))
    eye = Eye(level, clipping=(0.002, 1e5), focal=0.9)
    off, depth = errors(parts, eye, (240, 180))
    assert depth.min() < 0.015
    assert depth.max() > 8e3
    for low in 10.0 ** np.arange(-2, 4):
        here = (depth >= low) & (depth < 10 * low)
        assert here.sum() > 40
        assert off[here].max() < TOLERANCE


@pytest.mark.parametrize("slant", [80.0, 89.0, 89.9])
@pytest.mark.parametrize("away", [0.01, 1.0, 1e4])
def test_surfaces_that_are_all_but_edge_on(away: float, slant: float) -> None:
    # Corners are rounded to float32 in camera space, which the slant magnifies.
    parts = [Part(plane(4, 4), scale(away, away, away) @ turn([0, 1, 0], slant) @ move(0.13 * away, 0, -away * 1.5))]
    out = render(parts, eye=Eye(clipping=(0.001 * away, 100 * away)), size=(320, 240))
    hits, certain, same = oracle(*build(parts, eye=Eye(clipping=(0.001 * away, 100 * away))), 320, 240).image(320, 240)
    seen = certain & same & (hits.part >= 0)
    assert seen.sum() > 20
    off = np.abs(out.depth[0].reshape(-1)[seen] / hits.depth[seen] - 1.0)
    assert off.max() < TOLERANCE / np.cos(np.radians(slant))
