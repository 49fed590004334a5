"""Outlines against SciPy's hole filling and pycocotools' polygon rasteriser."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from scipy import ndimage

from replicator_dr.storage.polygon import outer_polygons


def rasterise(rings: list[list[int]], height: int, width: int) -> np.ndarray:
    encoded = coco_mask.frPyObjects([[float(number) for number in ring] for ring in rings], height, width)
    return coco_mask.decode(coco_mask.merge(encoded)).astype(bool)


def without_holes(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """The union of the 4-connected pieces, each with its holes filled, and how many pieces there are."""
    labels, number = ndimage.label(mask)
    corners_connect = np.ones((3, 3))
    pieces = [ndimage.binary_fill_holes(labels == piece, corners_connect) for piece in range(1, number + 1)]
    return np.logical_or.reduce(pieces), number


@settings(max_examples=150, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 25), st.integers(1, 25)),
    objects=st.integers(1, 4),
    coarse=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_outlines_fill_exactly_their_pixels(shape: tuple[int, int], objects: int, coarse: bool, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(-1, objects, (1, *shape))
    if coarse:
        ids = ids.repeat(5, axis=1).repeat(7, axis=2)
    polygons = outer_polygons(ids)
    assert sorted(value for _, value in polygons) == [value for value in np.unique(ids).tolist() if value != -1]
    for (_, value), rings in polygons.items():
        expected, pieces = without_holes(ids[0] == value)
        assert len(rings) == pieces
        assert all(len(ring) >= 8 and len(ring) % 2 == 0 for ring in rings)
        assert np.array_equal(rasterise(rings, *ids.shape[1:]), expected)


def test_a_box_is_its_four_outer_corners() -> None:
    ids = np.full((1, 20, 30), -1)
    ids[0, 5:15, 4:16] = 3
    rings = outer_polygons(ids)[0, 3]
    assert rings == [[4, 5, 16, 5, 16, 15, 4, 15]]
    assert rasterise(rings, 20, 30).sum() == 120


def test_a_ring_loses_its_hole() -> None:
    ids = np.zeros((1, 9, 9), np.int64)
    ids[0, 3:6, 3:6] = -1
    assert outer_polygons(ids)[0, 0] == [[0, 0, 9, 0, 9, 9, 0, 9]]


def test_an_image_without_objects_has_no_outlines() -> None:
    assert outer_polygons(np.full((2, 4, 4), -1)) == {}


@settings(max_examples=60, deadline=None)
@given(shape=st.tuples(st.integers(1, 20), st.integers(1, 20)), seed=st.integers(0, 2**32 - 1))
def test_rings_around_holes_run_the_other_way(shape: tuple[int, int], seed: int) -> None:
    mask = np.random.default_rng(seed).random(shape) < 0.6
    rings = outer_polygons(np.where(mask, 0, -1)[None], holes=True).get((0, 0), [])
    painted = np.zeros(shape, np.int64)
    holes = 0
    for ring in rings:
        x, y = np.array(ring).reshape(-1, 2).T
        clockwise = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0
        painted += np.where(clockwise, 1, -1) * rasterise([ring], *shape)
        holes += not clockwise
    assert np.array_equal(painted, mask)
    # Background pieces that touch each other's corners belong together; one of them is outside.
    _, pieces = ndimage.label(np.pad(~mask, 1, constant_values=True), np.ones((3, 3)))
    assert holes == pieces - 1
