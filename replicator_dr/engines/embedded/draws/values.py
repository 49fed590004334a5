"""How plain values are spread over prims and components."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def is_number(value: object) -> bool:
    """Numbers and booleans."""
    return isinstance(value, (Real, np.bool_))


def is_numeric(value: object) -> bool:
    """Numbers, booleans, and nested sequences of them (USD's vectors too)."""
    if is_number(value):
        return True
    if isinstance(value, (str, bytes, dict)) or value is None:
        return False
    try:
        array = np.asarray(value)
    except ValueError:
        return False
    return array.size > 0 and array.dtype.kind in "fiub"


def spread(value: object, count: int, width: int | None, what: str) -> Float64:
    """(count, k) float64: one value for all prims or one for each, repeated to ``width`` components where it is scalar.

    Raises ValueError when neither fits.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{what}: {value!r} is neither a number nor a tuple of numbers") from None
    if array.ndim == 0:
        return np.full((count, width or 1), float(array))
    if array.ndim == 1:
        if width is None or len(array) == width:
            return np.tile(array, (count, 1))
        if len(array) == count:
            return np.repeat(array[:, None], width, axis=1)
        if len(array) == 1:
            return np.full((count, width), float(array[0]))
    elif array.ndim == 2 and len(array) == count:
        return fit(array, width, what)
    wanted = f"{width} components" if width else "a value"
    raise ValueError(f"{what}: {value!r} is neither {wanted} nor one value for each of {count} prims")


def fit(samples: Float64, width: int | None, what: str) -> Float64:
    """Samples (..., j) -> (..., width): one component is repeated, so that a scalar scales evenly."""
    if width is None or samples.shape[-1] == width:
        return samples
    if samples.shape[-1] == 1:
        return np.repeat(samples, width, axis=-1)
    raise ValueError(f"{what}: gives {samples.shape[-1]} components where {width} are wanted")
