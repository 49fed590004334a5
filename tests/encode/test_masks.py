"""Native run-length masks against those of ``storage.rle``, which are compared with pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from replicator_dr.encode.masks import encode_masks
from replicator_dr.storage import rle
from tests.encode.id_images import any_ids_with_values, chessboard


def check(ids: np.ndarray, table: np.ndarray) -> None:
    native, reference = encode_masks(ids, table), rle.encode_masks(ids, table)
    for name in ("image", "value", "area", "box", "counts"):
        assert np.array_equal(getattr(native, name), getattr(reference, name)), name


@settings(max_examples=200, deadline=None)
@given(any_ids_with_values(height=40, width=40, objects=6))
def test_random_images(images: tuple[np.ndarray, np.ndarray]) -> None:
    check(*images)


@pytest.mark.parametrize("value", [-1, 0])
def test_whole_images(value: int) -> None:
    check(np.full((2, 31, 17), value, np.int32), np.array([5]))


def test_a_chessboard_needs_more_room_than_there_is_at_first() -> None:
    ids = chessboard(300, 400)
    check(ids, np.array([3, 4]))
    assert sum(map(len, encode_masks(ids, np.array([3, 4])).counts)) > 1 << 16


def test_counts_of_a_large_image_take_more_characters() -> None:
    ids = np.full((1, 2000, 3000), -1, np.int32)
    ids[0, 700:, 1500:1502] = 4
    check(ids, np.arange(5))


def test_unsigned_ids_and_a_table_without_objects() -> None:
    ids = np.random.default_rng(0).integers(0, 4, (2, 9, 11)).astype(np.uint32)
    check(ids, np.array([-1, 2, 1, 2]))
    check(ids, np.full(4, -1))
