"""Native run-length masks against those of ``storage.rle``, which are compared with pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replicator_dr.encode.masks import encode_masks
from replicator_dr.storage import rle


def check(ids: np.ndarray, table: np.ndarray) -> None:
    native, reference = encode_masks(ids, table), rle.encode_masks(ids, table)
    for name in ("image", "value", "area", "box", "counts"):
        assert np.array_equal(getattr(native, name), getattr(reference, name)), name


@settings(max_examples=200, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 40)),
    objects=st.integers(1, 6),
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


@pytest.mark.parametrize("value", [-1, 0])
def test_whole_images(value: int) -> None:
    check(np.full((2, 31, 17), value, np.int32), np.array([5]))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = np.indices((300, 400)).sum(axis=0)[None] % 2
    check(ids.astype(np.int32), np.array([3, 4]))
    assert sum(map(len, encode_masks(ids.astype(np.int32), np.array([3, 4])).counts)) > 1 << 16


def test_counts_of_a_large_image_take_more_characters() -> None:
    ids = np.full((1, 2000, 3000), -1, np.int32)
    ids[0, 700:, 1500:1502] = 4
    check(ids, np.arange(5))


def test_unsigned_ids_and_a_table_without_objects() -> None:
    ids = np.random.default_rng(0).integers(0, 4, (2, 9, 11)).astype(np.uint32)
    check(ids, np.array([-1, 2, 1, 2]))
    check(ids, np.full(4, -1))
