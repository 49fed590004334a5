"""Native mask files, read by Pillow, against masks that pycocotools decodes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_mask

from replicator_dr.encode.mask_png import encode_mask_files
from replicator_dr.labels.encoders import NumpyEncoders
from replicator_dr.storage.mask_png import encode_mask
from replicator_dr.storage.rle import encode_masks


def counts_of(mask: np.ndarray) -> str:
    counts: bytes = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    return counts.decode()


def check(masks: list[np.ndarray]) -> None:
    height, width = masks[0].shape
    counts = [counts_of(mask) for mask in masks]
    files = encode_mask_files(counts, width, height)
    for file, mask, plain in zip(files, masks, NumpyEncoders().mask_files(counts, width, height, 1), strict=True):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(plain))), np.where(mask, 255, 0))
        image = Image.open(io.BytesIO(file))
        assert (image.mode, image.size) == ("L", (width, height))
        assert np.array_equal(np.asarray(image), np.where(mask, 255, 0))


@settings(max_examples=200, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    dense=st.sampled_from([0.0, 0.01, 0.5, 0.99, 1.0]),
    coarse=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_masks(height: int, width: int, dense: float, coarse: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks = rng.random((3, height, width)) < dense
    check(list(masks.repeat(6, axis=1).repeat(5, axis=2) if coarse else masks))


def test_shapes_in_large_images() -> None:
    y, x = np.mgrid[:480, :640]
    check([np.hypot(x - cx, y - cy) < r for cx, cy, r in ((300, 200, 90), (0, 0, 30), (639, 479, 400), (5, 470, 0.5))])


def test_noise_needs_more_room_than_there_is_at_first() -> None:
    noise = np.random.default_rng(1).random((6, 480, 640)) < 0.5
    check(list(noise))


@pytest.mark.parametrize("size", [(1, 40000), (40000, 1), (3, 70000)])
def test_lines_beyond_the_window(size: tuple[int, int]) -> None:
    check([np.random.default_rng(2).random(size) < 0.001])


def test_files_are_small_and_always_the_same() -> None:
    y, x = np.mgrid[:480, :640]
    ids = np.where(np.hypot(x - 300, y - 200) < 60, 0, -1).astype(np.int32)
    counts = encode_masks(ids[None], np.array([0])).counts
    file = encode_mask_files(counts, 640, 480)[0]
    assert file == encode_mask_files(["0", *counts], 640, 480)[1]
    assert len(file) < len(encode_mask(ids == 0, 3))


def test_no_masks_are_no_files() -> None:
    assert encode_mask_files([], 8, 8) == []
