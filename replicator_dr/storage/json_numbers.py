"""JSON with short numbers: floats rounded to a stated number of digits, NaN and infinity as null."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

JsonValue = Any  # what json.loads gives; a recursive alias says no more and slows mypy down


def rounded(values: ArrayLike, digits: int) -> Any:
    """Nested lists of plain floats, rounded to ``digits`` after the point; NaN and infinities become None.

    values: any shape. Vectorised: float32 arrays are widened first, so that 0.1 is written as 0.1.
    """
    # Adding zero turns -0.0, which rounding makes of small negative numbers, into 0.0.
    wide = np.round(np.asarray(values, np.float64), digits) + 0.0
    finite = np.isfinite(wide)
    if finite.all():
        return wide.tolist()
    objects = wide.astype(object)
    objects[~finite] = None
    return objects.tolist()


def plain(value: Any) -> JsonValue:
    """The same value with NumPy scalars and arrays, tuples and mappings turned into plain Python."""
    if isinstance(value, np.ndarray | np.generic):
        numbers = value.dtype.kind in "biuf"
        return value.tolist() if numbers and np.isfinite(value).all() else plain(value.tolist())
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    return value


def dumps(value: JsonValue) -> str:
    """One line of JSON without blanks; ValueError for NaN and infinity, which JSON does not know."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def copy_of(value: JsonValue) -> bytes:
    """The same as :func:`dumps` for what was read from JSON, which holds no NaN: several times faster, UTF-8."""
    return msgspec.json.encode(value)


def loads(line: bytes) -> JsonValue:
    """One JSON value; ValueError (msgspec.DecodeError) where the text is not JSON."""
    return msgspec.json.decode(line)
