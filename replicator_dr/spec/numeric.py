"""Numbers and vectors of numbers as arguments of distributions: one form for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, Union

Numeric: TypeAlias = Union[float, "tuple[float, ...]"]
Problem = tuple[str, str, str]
"""Argument, message, hint."""


def components(value: Numeric) -> tuple[float, ...]:
    """A number or a vector as a tuple."""
    return value if isinstance(value, tuple) else (value,)


def spread_out(*values: Numeric) -> list[tuple[float, ...]]:
    """The values component by component; single numbers are repeated to the longest length."""
    longest = max(len(components(value)) for value in values)
    return list(zip(*(components(v) * (longest if len(components(v)) == 1 else 1) for v in values)))


def number(value: float) -> str:
    """A number as a message shows it."""
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.10g}"


def pack(numbers: list[float], like: Numeric) -> Numeric:
    """Numbers in the form of another value: a number where that is one."""
    return tuple(numbers) if len(numbers) > 1 or isinstance(like, tuple) else numbers[0]


def ordered(lower: Numeric, upper: Numeric) -> Iterator[Problem]:
    """What is wrong with two bounds."""
    if len(components(lower)) != len(components(upper)):
        message = f"lower has {len(components(lower))} components, upper has {len(components(upper))}"
        yield "upper", message, "give both the same length"
        return
    for low, high in zip(components(lower), components(upper)):
        if low > high:
            yield "lower", f"lower ({number(low)}) is above upper ({number(high)})", "swap them"
            return


def spread(std: Numeric) -> Iterator[Problem]:
    """What is wrong with a standard deviation."""
    if min(components(std)) < 0:
        yield "std", f"std is {number(min(components(std)))}", "a standard deviation is 0 or more"
