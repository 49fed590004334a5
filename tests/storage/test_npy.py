"""NPY bytes against NumPy's own reader."""

from __future__ import annotations

import io

import numpy as np
import pytest

from replicator_dr.storage.npy import encode_npy


@pytest.mark.parametrize("array", [np.float32([[1.5, np.inf]]), np.zeros((0,), [("a", "<u4"), ("b", "<f4", (4, 4))])])
def test_arrays_come_back_as_they_were(array: np.ndarray) -> None:
    back = np.load(io.BytesIO(encode_npy(array)), allow_pickle=False)
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)


def test_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        encode_npy(np.array([{}], object))
