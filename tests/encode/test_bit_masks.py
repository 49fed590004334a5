"""Native masks of overlapping objects against those of pycocotools, and of ``storage.rle``."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from replicator_dr.encode.bit_masks import encode_bit_masks
from replicator_dr.storage.rle import Masks, bit_runs, compress_runs


def packed(masks: np.ndarray) -> np.ndarray:
    """(B, H, W, words) of (B, H, W, objects) bool."""
    whole = np.zeros((*masks.shape[:3], -(-masks.shape[3] // 64) * 64), np.bool_)
    whole[..., : masks.shape[3]] = masks
    words = np.packbits(whole, axis=-1, bitorder="little").view("<i8")
    return words.astype(np.int64)


def check(masks: np.ndarray) -> Masks:
    found, expected = encode_bit_masks(packed(masks)), compress_runs(bit_runs(packed(masks)))
    for name in ("image", "value", "area", "box"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert found.counts == expected.counts
    pairs = zip(found.image.tolist(), found.value.tolist(), strict=True)
    for (image, value), counts in zip(pairs, found.counts, strict=True):
        assert (
            counts.encode() == coco_mask.encode(np.asfortranarray(masks[image, ..., value].astype(np.uint8)))["counts"]
        )
    assert len(found.counts) == masks.any(axis=(1, 2)).sum()
    return found


@settings(max_examples=150, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 25), st.integers(1, 30), st.sampled_from([1, 3, 64, 70, 130])),
    share=st.sampled_from([0.0, 0.1, 0.5, 0.97, 1.0]),
    coarse=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_masks(shape: tuple[int, int, int, int], share: float, coarse: bool, seed: int) -> None:
    masks = np.random.default_rng(seed).random(shape) < share
    check(masks.repeat(4, axis=1).repeat(3, axis=2) if coarse else masks)


def test_noise_needs_more_room_than_there_is_at_first() -> None:
    check(np.random.default_rng(1).random((2, 200, 300, 5)) < 0.5)


def test_discs_that_overlap() -> None:
    y, x = np.mgrid[:240, :320]
    discs = [np.hypot(x - 20 * k, y - 15 * k) < 40 for k in range(20)]
    assert check(np.stack(discs, axis=-1)[None]).area[5] == discs[5].sum()
