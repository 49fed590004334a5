"""Native outlines against those of ``storage.polygon``, which are compared with SciPy and pycocotools."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from replicator_dr.encode.polygons import outer_polygons
from replicator_dr.storage import polygon
from tests.encode.id_images import any_ids_with_values, chessboard, rings_within_rings


def check(ids: np.ndarray, table: np.ndarray) -> None:
    assert outer_polygons(ids, table) == polygon.outer_polygons(ids, table)


@settings(max_examples=200, deadline=None)
@given(any_ids_with_values(height=25, width=40, objects=5))
def test_random_images(images: tuple[np.ndarray, np.ndarray]) -> None:
    check(*images)


def test_rings_within_rings_and_around_islands() -> None:
    check(rings_within_rings(), np.arange(2))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = chessboard(150, 150)
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
