"""Native outlines against those of ``storage.polygon``, which are compared with SciPy and pycocotools."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from replicator_dr.encode.polygons import outer_polygons
from replicator_dr.storage import polygon


def check(ids: np.ndarray, table: np.ndarray) -> None:
    assert outer_polygons(ids, table) == polygon.outer_polygons(ids, table)


@settings(max_examples=200, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 25), st.integers(1, 40)),
    objects=st.integers(1, 5),
    coarse=st.booleans(),
    each=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_images(shape: tuple[int, int, int], objects: int, coarse: bool, each: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(-1, objects, shape).astype(np.int32)
    if coarse:
        ids = ids.repeat(5, axis=1).repeat(7, axis=2)
    check(ids, rng.integers(-1, 3, (shape[0], objects) if each else objects))


def test_rings_within_rings_and_around_islands() -> None:
    y, x = np.mgrid[:90, :120]
    ids = (np.hypot(x - 55, y - 44).astype(np.int32) // 7) % 3 - 1
    check(ids[None].astype(np.int32), np.arange(2))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = np.indices((150, 150)).sum(axis=0)[None].astype(np.int32) % 2
    check(ids, np.array([4, -1]))
    assert len(outer_polygons(ids, np.array([4, -1]))[0, 4]) == 150 * 150 // 2


def test_whole_and_empty_images() -> None:
    assert outer_polygons(np.zeros((1, 3, 5), np.int32), np.array([7])) == {(0, 7): [[0, 0, 5, 0, 5, 3, 0, 3]]}
    assert outer_polygons(np.zeros((1, 3, 5), np.int32), np.array([-1])) == {}


def test_rings_around_holes_are_those_of_numpy() -> None:
    rng = np.random.default_rng(5)
    for height, width in ((7, 9), (40, 53), (64, 64)):
        ids = rng.integers(-1, 2, (3, height, width)).astype(np.int32)
        table = np.array([5, 3])
        found = outer_polygons(ids, table, holes=True)
        expected = polygon.outer_polygons(ids, table, holes=True)
        assert found.keys() == expected.keys()
        for pair, rings in found.items():
            assert sorted(map(_turned, rings)) == sorted(map(_turned, expected[pair]))


def _turned(ring: list[int]) -> list[tuple[int, int]]:
    """A ring's corners, y and x, from the lowest of them on."""
    corners = list(zip(ring[1::2], ring[::2], strict=True))
    first = corners.index(min(corners))
    return corners[first:] + corners[:first]
