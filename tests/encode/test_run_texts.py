"""Native texts of run lengths against the runs of the pixels themselves."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from replicator_dr.encode.run_texts import encode_run_texts
from replicator_dr.labels.encoders import NumpyEncoders


def check(masks: list[np.ndarray]) -> None:
    encoded = [coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode() for mask in masks]
    texts = encode_run_texts(encoded)
    assert texts == NumpyEncoders().run_texts(encoded)
    for text, mask in zip(texts, masks, strict=True):
        down = mask.T.reshape(-1)
        changes = np.flatnonzero(np.diff(down, prepend=False))
        assert json.loads(text) == np.diff([0, *changes, down.size]).tolist()


@settings(max_examples=200, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    share=st.sampled_from([0.0, 0.02, 0.5, 0.98, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_masks(height: int, width: int, share: float, seed: int) -> None:
    check(list(np.random.default_rng(seed).random((4, height, width)) < share))


def test_long_runs_and_more_text_than_there_is_room_for_at_first() -> None:
    large = np.zeros((2000, 3000), np.bool_)
    large[:, 1500:] = True
    check([large, np.random.default_rng(1).random((2000, 3000)) < 0.5, ~large])


def test_no_masks() -> None:
    assert encode_run_texts([]) == []
