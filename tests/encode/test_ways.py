"""Native ways against those of ``storage.joined_rings``, which are compared with other rasterisers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from replicator_dr.encode.ways import joined_ways
from replicator_dr.storage.joined_rings import joined
from replicator_dr.storage.polygon import outer_polygons
from tests.encode.id_images import any_ids_with_values, chessboard, rings_within_rings


def check(ids: np.ndarray, table: np.ndarray) -> None:
    found = {pair: way.reshape(-1).tolist() for pair, way in joined_ways(ids, table).items()}
    rings = outer_polygons(ids, table, holes=True)
    assert found == {pair: joined(own) for pair, own in rings.items()}


@settings(max_examples=200, deadline=None)
@given(any_ids_with_values(height=25, width=40, objects=5))
def test_random_images(images: tuple[np.ndarray, np.ndarray]) -> None:
    check(*images)


def test_rings_within_rings_and_around_islands() -> None:
    check(rings_within_rings(), np.arange(2))


def test_many_pieces_that_are_far_apart() -> None:
    rng = np.random.default_rng(3)
    check((rng.random((2, 120, 400)) < 0.004).astype(np.int32) - 1, np.array([7]))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = chessboard(150, 150)
    way = joined_ways(ids, np.array([4, -1]))[0, 4]
    assert len(way) == 4 * 150 * 150 // 2 + 2 * (150 * 150 // 2 - 1)


def test_whole_and_empty_images() -> None:
    found = joined_ways(np.zeros((1, 3, 5), np.int32), np.array([7]))
    assert found[0, 7].tolist() == [[0, 0], [5, 0], [5, 3], [0, 3]]
    assert joined_ways(np.zeros((1, 3, 5), np.int32), np.array([-1])) == {}
