"""Numbers in JSON: few digits, plain types, no NaN."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replicator_dr.storage.json_numbers import dumps, plain, rounded


def test_single_precision_is_written_short() -> None:
    assert json.dumps(rounded(np.float32([0.1, 1 / 3, 1e-9, -1e-9]), 6)) == "[0.1, 0.333333, 0.0, 0.0]"


@given(arrays(np.float64, (3, 2), elements=st.floats(-1e6, 1e6)), st.integers(0, 9))
def test_rounding_moves_a_number_by_half_a_digit_at_most(values: np.ndarray, digits: int) -> None:
    back = np.array(json.loads(dumps(rounded(values, digits))))
    assert back.shape == values.shape
    assert np.all(np.abs(back - values) <= 0.5 * 10.0**-digits * (1 + 1e-9) + np.abs(values) * 1e-15)


def test_what_is_not_a_number_becomes_null() -> None:
    assert rounded([[1.0, np.inf], [np.nan, -np.inf]], 3) == [[1.0, None], [None, None]]
    assert plain({"a": float("nan"), "b": np.float32("inf")}) == {"a": None, "b": None}


def test_numpy_values_become_plain_python() -> None:
    value = plain({"n": np.int32(3), 4: (np.bool_(True), np.array([[1, 2]])), "text": np.str_("x")})
    assert json.loads(dumps(value)) == {"n": 3, "4": [True, [[1, 2]]], "text": "x"}
    assert type(value["n"]) is int
    assert type(value["4"][0]) is bool
