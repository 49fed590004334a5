"""Depth as 16-bit numbers: rounded, range-checked, never wrapped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replicator_dr.labels.depth import store_depth


@pytest.mark.parametrize(
    ("metres", "stored"),
    [
        (0.0, 0),
        (1.0, 1000),
        (1.2344, 1234),
        (1.2346, 1235),
        (0.0004, 0),
        (65.535, 65535),
        (65.536, 0),
        (70.0, 0),
        (1e30, 0),
        (np.inf, 0),
        (np.nan, 0),
        (-1.0, 0),
    ],
)
def test_metres_become_millimetres_and_nothing_wraps(metres: float, stored: int) -> None:
    result = store_depth(np.full((1, 1), metres, np.float32))
    assert result.pixels.dtype == np.uint16
    assert result.pixels.tolist() == [[stored]]


def test_what_is_not_stored_is_counted() -> None:
    depth = np.float32([[1, np.inf, np.nan], [70, 65.536, 2]])
    result = store_depth(depth)
    assert (result.missed, result.beyond) == (2, 2)
    assert result.pixels.tolist() == [[1000, 0, 0], [0, 0, 2000]]


def test_a_finer_step_reaches_less_far() -> None:
    result = store_depth(np.float32([[1.23456, 6.5535, 6.56]]), depth_scale=0.1)
    assert result.pixels.tolist() == [[12346, 65535, 0]]
    assert result.beyond == 1


@given(arrays(np.float32, (4, 5), elements=st.floats(0, 65.5, width=32)))
def test_no_depth_in_range_is_off_by_more_than_half_a_step(depth: np.ndarray) -> None:
    stored = store_depth(depth).pixels.astype(np.float64)
    assert np.all(np.abs(stored - depth.astype(np.float64) * 1000) <= 0.5 + 0.004)
