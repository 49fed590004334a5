"""Native ways against those of ``storage.joined_rings``, which are compared with other rasterisers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from replicator_dr.encode.ways import joined_ways
from replicator_dr.storage.joined_rings import joined
from replicator_dr.storage.polygon import outer_polygons


def check(ids: np.ndarray, table: np.ndarray) -> None:
    found = {pair: way.reshape(-1).tolist() for pair, way in joined_ways(ids, table).items()}
    rings = outer_polygons(ids, table, holes=True)
    assert found == {pair: joined(own) for pair, own in rings.items()}


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


def test_many_pieces_that_are_far_apart() -> None:
    rng = np.random.default_rng(3)
    check((rng.random((2, 120, 400)) < 0.004).astype(np.int32) - 1, np.array([7]))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = np.indices((150, 150)).sum(axis=0)[None].astype(np.int32) % 2
    way = joined_ways(ids, np.array([4, -1]))[0, 4]
    assert len(way) == 4 * 150 * 150 // 2 + 2 * (150 * 150 // 2 - 1)


def test_whole_and_empty_images() -> None:
    found = joined_ways(np.zeros((1, 3, 5), np.int32), np.array([7]))
    assert found[0, 7].tolist() == [[0, 0], [5, 0], [5, 3], [0, 3]]
    assert joined_ways(np.zeros((1, 3, 5), np.int32), np.array([-1])) == {}
