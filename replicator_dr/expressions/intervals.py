"""Between which numbers a result lies: interval arithmetic, in (low, high) pairs of floats.

R. E. Moore, "Interval Analysis", 1966. Each result holds all that the operation gives of numbers within its operands;
where something has no value for some of them, only for the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

Interval: TypeAlias = tuple[float, float]

EVERYTHING: Interval = (-math.inf, math.inf)
_LARGEST = 1e300
"""Beyond this a bound counts as infinite."""


def hull(*intervals: Interval) -> Interval:
    """The interval around several."""
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def add(a: Interval, b: Interval) -> Interval:
    """A + b."""
    return a[0] + b[0], a[1] + b[1]


def negative(a: Interval) -> Interval:
    """Minus a."""
    return -a[1], -a[0]


def subtract(a: Interval, b: Interval) -> Interval:
    """A - b."""
    return add(a, negative(b))


def multiply(a: Interval, b: Interval) -> Interval:
    """A * b; 0 times infinity is 0, as a bound is approached, not reached."""
    products = [0.0 if 0.0 in (x, y) else x * y for x in a for y in b]
    return min(products), max(products)


def divide(a: Interval, b: Interval) -> Interval:
    """A / b; everything where b may be 0."""
    if b[0] <= 0.0 <= b[1]:
        return EVERYTHING
    return multiply(a, (1.0 / b[1], 1.0 / b[0]))


def remainder(a: Interval, b: Interval) -> Interval:
    """A % b, which has the sign of b."""
    if b[0] > 0.0:
        return a if a[0] >= 0.0 and a[1] < b[0] else (0.0, b[1])
    return (b[0], 0.0) if b[1] < 0.0 else EVERYTHING


def power(a: Interval, b: Interval) -> Interval:
    """A ** b."""
    if a[0] < 0.0 or (a[0] == 0.0 and b[0] < 0.0):
        whole = b[0] == b[1] and b[0] == int(b[0]) and 0 <= b[0] <= 64 if math.isfinite(b[0]) else False
        if not whole:
            return EVERYTHING
        ends = (_power(a[0], b[0]), _power(a[1], b[0]))
        return hull(ends, (0.0, 0.0)) if a[0] < 0.0 < a[1] else (min(ends), max(ends))
    corners = [_power(x, y) for x in a for y in b]
    return min(corners), max(corners)


def _power(x: float, y: float) -> float:
    try:
        return float(x**y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ZeroDivisionError:
        return math.inf


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    def interval(a: Interval) -> Interval:
        return function(a[0]), function(a[1])

    return interval


def _smallest(*parts: Interval) -> Interval:
    return min(low for low, _ in parts), min(high for _, high in parts)


def _largest(*parts: Interval) -> Interval:
    return max(low for low, _ in parts), max(high for _, high in parts)


def _absolute(a: Interval) -> Interval:
    ends = abs(a[0]), abs(a[1])
    return (0.0 if a[0] <= 0.0 <= a[1] else min(ends)), max(ends)


def _root(a: Interval) -> Interval:
    return math.sqrt(max(a[0], 0.0)), math.sqrt(max(a[1], 0.0))


def _exp(x: float) -> float:
    return math.exp(x) if x < 700.0 else math.inf


def _log(a: Interval) -> Interval:
    low, high = (math.log(x) if x > 0.0 else -math.inf for x in a)
    return low, high


def _sine(a: Interval) -> Interval:
    """The sine of degrees: its ends, and 1 or -1 where a crest or a trough lies between them."""
    if not a[1] - a[0] < 360.0 or abs(a[0]) > 1e9:
        return -1.0, 1.0
    ends = [math.sin(math.radians(x)) for x in a]
    low = -1.0 if math.floor((a[1] + 90.0) / 360.0) > math.floor((a[0] + 90.0) / 360.0) else min(ends)
    high = 1.0 if math.floor((a[1] - 90.0) / 360.0) > math.floor((a[0] - 90.0) / 360.0) else max(ends)
    return low, high


def _tangent(a: Interval) -> Interval:
    if abs(a[0]) > 1e9 or math.floor((a[1] + 90.0) / 180.0) > math.floor((a[0] + 90.0) / 180.0):
        return EVERYTHING
    low, high = (math.tan(math.radians(x)) for x in a)
    return (low, high) if low <= high else EVERYTHING


def _whole(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    return _rising(lambda x: float(function(x)) if math.isfinite(x) else x)


def _clip(x: Interval, low: Interval, high: Interval) -> Interval:
    return _smallest(_largest(x, low), high)


def _lerp(a: Interval, b: Interval, t: Interval) -> Interval:
    # (1 - t) a + t b, end by end of t, as a line has its extremes there.
    ends = [add(multiply((1.0 - s, 1.0 - s), a), multiply((s, s), b)) for s in t if math.isfinite(s)]
    return hull(*ends) if len(ends) == 2 else EVERYTHING


def _smoothstep(low: Interval, high: Interval, x: Interval) -> Interval:
    if low[0] != low[1] or high[0] != high[1] or not low[0] < high[0]:
        return 0.0, 1.0

    def at(value: float) -> float:
        t = min(max((value - low[0]) / (high[0] - low[0]), 0.0), 1.0)
        return t * t * (3.0 - 2.0 * t)

    return at(x[0]), at(x[1])


OPERATORS: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "%": remainder, "**": power,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "min": _smallest,
    "max": _largest,
    "abs": _absolute,
    "sqrt": _root,
    "exp": _rising(_exp),
    "log": _log,
    "sin": _sine,
    "cos": lambda a: _sine((a[0] + 90.0, a[1] + 90.0)),
    "tan": _tangent,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(round),
    "clip": _clip,
    "lerp": _lerp,
    "smoothstep": _smoothstep,
}


def sound(interval: Interval) -> Interval:
    """The interval without what is not a number, and infinite where it is beyond what counts."""
    low, high = interval
    low = -math.inf if math.isnan(low) or low < -_LARGEST else low
    high = math.inf if math.isnan(high) or high > _LARGEST else high
    return low, high
