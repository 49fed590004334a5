"""JSON with short numbers: floats rounded to a stated number of digits, NaN and infinity as null."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

# Where msgspec spells numbers in another way than Python: below 0.0001, and with exponents. A number ends before a
# comma or bracket; checksums, which are full of such letters, end in a quotation mark.
_TINY = b"0.0000"
_TINY_NUMBER = re.compile(rb"0\.0000[0-9]+")
_EXPONENT = re.compile(rb"e(-?[0-9]{1,3})([],}])")

_PLAIN = (str, int, bool, type(None))
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
    if type(value) in _PLAIN:
        return value
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


def line(value: JsonValue) -> bytes:
    """The UTF-8 bytes of :func:`dumps` for :func:`plain` values, with null for NaN; several times faster."""
    text = msgspec.json.encode(value, enc_hook=plain)
    if _EXPONENT.search(text):
        text = _EXPONENT.sub(_outside_strings(text, _exponent), text)
    if _TINY in text:
        text = _TINY_NUMBER.sub(_outside_strings(text, _tiny), text)
    return text


def _tiny(found: re.Match[bytes]) -> bytes:
    """0.00001 as 1e-05; the end of a larger number as it is."""
    larger = found.string[found.start() - 1] in b".0123456789"
    return found[0] if larger else repr(float(found[0])).encode()


def _exponent(found: re.Match[bytes]) -> bytes:
    """e-7 as e-07, and e16 as e+16."""
    return b"e%+03d" % int(found[1]) + found[2]


def _outside_strings(text: bytes, spelling: Callable[[re.Match[bytes]], bytes]) -> Callable[[re.Match[bytes]], bytes]:
    # With escaped characters out of the way, the strings begin and end at quotation marks.
    bare = text.replace(rb"\\", b"__").replace(rb"\"", b"__")

    def replaced(found: re.Match[bytes]) -> bytes:
        within = bare.count(b'"', 0, found.start()) % 2
        return found[0] if within else spelling(found)

    return replaced


def short(value: JsonValue) -> bytes:
    """As :func:`line`, but small and large numbers are spelled as msgspec does: 1e-5, as :func:`copy_of` has them."""
    return msgspec.json.encode(value, enc_hook=plain)


def copy_of(value: JsonValue) -> bytes:
    """The same as :func:`dumps` for what was read from JSON, which holds no NaN: several times faster, UTF-8."""
    return msgspec.json.encode(value)


def loads(line: bytes) -> JsonValue:
    """One JSON value; ValueError (msgspec.DecodeError) where the text is not JSON."""
    return msgspec.json.decode(line)
