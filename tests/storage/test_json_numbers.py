"""Numbers in JSON: few digits, plain types, no NaN."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replicator_dr.storage.json_numbers import dumps, line, plain, rounded


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


@settings(max_examples=300)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
        | st.text() | st.sampled_from(["e5", ",1e-5]", "\\", '"', '\\"0.00001,', "0.00002"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)  # fmt: skip
def test_a_line_is_spelt_as_python_spells_it(value: object) -> None:
    assert line([value]) == dumps([value]).encode()


def test_a_line_takes_numpy_and_what_is_not_a_number() -> None:
    value = {"a": np.float64(1e-5), "b": float("nan"), "c": (1, -2e-7), "d": np.int64(3), "e": np.arange(2), "f": 1e16}
    assert line(value) == b'{"a":1e-05,"b":null,"c":[1,-2e-07],"d":3,"e":[0,1],"f":1e+16}'


@given(st.floats(1e-6, 1e-3), st.floats(1e14, 1e18))
def test_numbers_near_where_python_takes_exponents(small: float, large: float) -> None:
    assert line([small, -small, large, -large]) == dumps([small, -small, large, -large]).encode()
