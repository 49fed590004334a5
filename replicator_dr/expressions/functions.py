"""The functions of expressions: what they take, and their values over arrays.

Angles are degrees, as in the whole language. Vectors are taken component by component.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

MANY = 16
"""Arguments of min and max, at most."""


@dataclass(frozen=True)
class Function:
    """usage: how it is written. least, most: arguments. values: of (R, n, k) float64 arrays that broadcast."""

    usage: str
    least: int
    most: int
    values: Callable[..., Float64]


def smallest(*arguments: Float64) -> Float64:
    """The least of the arguments."""
    result = arguments[0]
    for other in arguments[1:]:
        result = np.minimum(result, other)
    return result


def largest(*arguments: Float64) -> Float64:
    """The largest of the arguments."""
    result = arguments[0]
    for other in arguments[1:]:
        result = np.maximum(result, other)
    return result


def clip(x: Float64, low: Float64, high: Float64) -> Float64:
    """X within low .. high; high where low is above it."""
    within: Float64 = np.minimum(np.maximum(x, low), high)
    return within


def lerp(a: Float64, b: Float64, t: Float64) -> Float64:
    """A at t = 0, b at t = 1, on the line through both elsewhere."""
    return a + (b - a) * t


def smoothstep(low: Float64, high: Float64, x: Float64) -> Float64:
    """0 below low, 1 above high, 3 t^2 - 2 t^3 between them."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


FUNCTIONS: dict[str, Function] = {
    "min": Function("min(a, b, ...)", 2, MANY, smallest),
    "max": Function("max(a, b, ...)", 2, MANY, largest),
    "abs": Function("abs(x)", 1, 1, np.abs),
    "sqrt": Function("sqrt(x)", 1, 1, np.sqrt),
    "exp": Function("exp(x)", 1, 1, np.exp),
    "log": Function("log(x)", 1, 1, np.log),
    "sin": Function("sin(degrees)", 1, 1, lambda x: np.sin(np.deg2rad(x))),
    "cos": Function("cos(degrees)", 1, 1, lambda x: np.cos(np.deg2rad(x))),
    "tan": Function("tan(degrees)", 1, 1, lambda x: np.tan(np.deg2rad(x))),
    "floor": Function("floor(x)", 1, 1, np.floor),
    "ceil": Function("ceil(x)", 1, 1, np.ceil),
    "round": Function("round(x)", 1, 1, np.rint),
    "clip": Function("clip(x, low, high)", 3, 3, clip),
    "lerp": Function("lerp(a, b, t)", 3, 3, lerp),
    "smoothstep": Function("smoothstep(low, high, x)", 3, 3, smoothstep),
}
