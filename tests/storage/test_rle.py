"""Run-length masks against pycocotools' own encoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from replicator_dr.storage.rle import encode_masks, find_runs


def check_against_pycocotools(ids: np.ndarray, table: np.ndarray | None = None, background: int = -1) -> None:
    masks = encode_masks(ids, table, background)
    values = ids if table is None else np.where(ids == background, background, table[np.maximum(ids, 0)])
    expected = [
        (image, value, coco_mask.encode(np.asfortranarray(frame == value, dtype=np.uint8)), int((frame == value).sum()))
        for image, frame in enumerate(values)
        for value in np.unique(frame).tolist()
        if value != background
    ]
    assert len(masks.counts) == len(expected)
    for row, (image, value, encoded, area) in enumerate(expected):
        assert (masks.image[row], masks.value[row], masks.area[row]) == (image, value, area)
        assert masks.counts[row] == encoded["counts"].decode()
        x, y, width, height = coco_mask.toBbox(encoded).tolist()
        assert masks.box[row].tolist() == [x, y, x + width - 1, y + height - 1]


@settings(max_examples=150, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 30), st.integers(1, 30)),
    objects=st.integers(1, 6),
    coarse=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_images_give_pycocotools_strings(
    shape: tuple[int, int, int], objects: int, coarse: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(-1, objects, shape).astype(np.int32)
    if coarse:
        ids = ids.repeat(5, axis=1).repeat(7, axis=2)
    check_against_pycocotools(ids)
    check_against_pycocotools(ids, table=rng.integers(-1, 3, objects).astype(np.int32))


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(np.ones((7, 5), bool), id="full"),
        pytest.param(np.zeros((7, 5), bool), id="empty"),
        pytest.param(np.pad(np.ones((1, 1), bool), ((3, 3), (2, 2))), id="single pixel"),
        pytest.param(np.pad(np.ones((1, 1), bool), ((0, 6), (0, 4))), id="first pixel"),
        pytest.param(np.pad(np.ones((1, 1), bool), ((6, 0), (4, 0))), id="last pixel"),
        pytest.param(np.pad(np.zeros((5, 3), bool), 1, constant_values=True), id="border"),
        pytest.param(np.pad(np.ones((4, 5), bool), ((3, 0), (0, 0))), id="runs that continue in the next column"),
        pytest.param(np.indices((7, 5)).sum(axis=0) % 2 == 0, id="chessboard"),
        pytest.param(np.ones((1, 1), bool), id="an image of one pixel"),
    ],
)
def test_borders_and_extremes(mask: np.ndarray) -> None:
    check_against_pycocotools(np.where(mask, 0, -1)[None].astype(np.int32))


def test_counts_of_a_large_image_take_more_characters() -> None:
    ids = np.full((1, 2000, 3000), -1, np.int32)
    ids[0, 700:, 1500:1502] = 4
    check_against_pycocotools(ids)


def test_zero_can_be_the_background_of_unsigned_ids() -> None:
    ids = np.random.default_rng(0).integers(0, 4, (2, 9, 11)).astype(np.uint32)
    check_against_pycocotools(ids, background=0)


def test_two_parts_of_one_object_make_one_mask_without_a_seam() -> None:
    parts = np.repeat(np.array([[[0, 1, 2]]], np.int32), 4, axis=1)
    masks = encode_masks(parts, table=np.array([7, 7, -1], np.int32))
    assert masks.value.tolist() == [7]
    assert masks.area.tolist() == [8]
    assert find_runs(parts, np.array([7, 7, -1], np.int32)).start.tolist() == [0]
