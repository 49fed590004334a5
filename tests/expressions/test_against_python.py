"""Expressions mean what Python means by them, but for degrees and truth values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from replicator_dr.expressions import Numbers, evaluate, extent_of, parse

PYTHON: dict[str, Any] = {
    "__builtins__": {},
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sin": lambda x: math.sin(math.radians(x)),
    "cos": lambda x: math.cos(math.radians(x)),
    "tan": lambda x: math.tan(math.radians(x)),
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "clip": lambda x, low, high: min(max(x, low), high),
    "lerp": lambda a, b, t: a + (b - a) * t,
    "smoothstep": lambda low, high, x: (lambda t: t * t * (3 - 2 * t))(min(max((x - low) / (high - low), 0), 1)),
}
NUMBERS = st.sampled_from(["0", "1", "2.5", "1e-3", "17", "0.1"])
SINGLE = st.sampled_from(["abs", "sqrt", "exp", "log", "sin", "cos", "tan", "floor", "ceil", "round"])
LEAVES = st.one_of(NUMBERS, st.sampled_from(["a", "b"]))


def numeric(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    truth = st.one_of(
        st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda p: f"{p[0]} < {p[1]} <= {p[2]}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) in [{p[1]}, 1]"),
        st.tuples(inner, inner).map(lambda p: f"not ({p[0]} < 1 and {p[1]} > 0.1)"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} < 1 or {p[1]} > 2 and {p[0]} != 3"),
    )
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "**"]), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"+{text}"),
        st.tuples(SINGLE, inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        st.tuples(st.sampled_from(["clip", "lerp", "smoothstep"]), inner, inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]}, {p[3]})"
        ),
        st.tuples(inner, truth, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}][1]"),
        truth.map(lambda text: f"(1 if {text} else 0)"),
    )


TEXTS = st.recursive(LEAVES, numeric, max_leaves=8)
VALUES = st.one_of(st.floats(-5, 5), st.integers(-4, 4).map(float))


def python_value(text: str, a: float, b: float) -> float | None:
    """What Python makes of it; None where it has no finite real value."""
    try:
        found = eval(text, PYTHON, {"a": a, "b": b})  # the oracle
    except (ArithmeticError, ValueError, TypeError):
        return None
    return float(found) if isinstance(found, (int, float)) and math.isfinite(found) and abs(found) < 1e200 else None


def ours(text: str, a: Any, b: Any) -> Any:
    values = {"a": np.reshape(a, (-1, 1, 1)), "b": np.reshape(b, (-1, 1, 1))}
    found = evaluate(parse(text), values)
    return np.broadcast_to(found, (len(np.atleast_1d(a)), 1, 1))[:, 0, 0]


@settings(max_examples=400, deadline=None)
@given(TEXTS, VALUES, VALUES)
def test_the_value_is_pythons(text: str, a: float, b: float) -> None:
    assume(len(text) < 1000)
    expected = python_value(text, a, b)
    assume(expected is not None)
    # Conditions and floors jump where the two differ by a rounding: such an input tells nothing.
    near = [python_value(text, a * (1 + step), b * (1 - step)) for step in (1e-12, -1e-12)]
    assume(all(value is not None and math.isclose(value, expected, rel_tol=1e-6, abs_tol=1e-9) for value in near))
    assert math.isclose(float(ours(text, a, b)[0]), expected, rel_tol=1e-6, abs_tol=1e-9)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=9))
def test_a_row_does_not_depend_on_the_batch(text: str, rows: list[tuple[float, float]]) -> None:
    assume(len(text) < 1000)
    a, b = np.array(rows).T
    together = ours(text, a, b)
    alone = [ours(text, a[i : i + 1], b[i : i + 1])[0] for i in range(len(rows))]
    np.testing.assert_array_equal(together, alone)


@settings(max_examples=400, deadline=None)
@given(TEXTS, VALUES, VALUES, st.floats(0, 3), st.floats(0, 3), st.floats(0, 1), st.floats(0, 1))
def test_no_value_lies_outside_its_extent(
    text: str, low_a: float, low_b: float, wide_a: float, wide_b: float, s: float, t: float
) -> None:
    assume(len(text) < 1000)
    high_a, high_b = low_a + wide_a, low_b + wide_b
    extent = extent_of(parse(text), {"a": Numbers(((low_a, high_a),)), "b": Numbers(((low_b, high_b),))})
    value = float(ours(text, min(low_a + s * wide_a, high_a), min(low_b + t * wide_b, high_b))[0])
    assume(math.isfinite(value))
    assert isinstance(extent, Numbers)
    low, high = extent.ranges[0]
    spare = 1e-9 * max(1.0, abs(value))
    assert low - spare <= value <= high + spare
    assert not extent.whole or value == int(value)


def test_vectors_and_texts() -> None:
    values = {"color": np.array([[[0.1, 0.2, 0.3]]]), "room": np.array([[["kitchen"]], [["office"]]])}
    np.testing.assert_allclose(evaluate(parse("2 * color + [1, 0, 0]"), values), [[[1.2, 0.4, 0.6]]])
    np.testing.assert_allclose(evaluate(parse("color[0] + color[-1]"), values), [[[0.4]]])
    chosen = evaluate(parse('"warm" if room == "kitchen" else "cold"'), values)
    assert chosen[:, 0, 0].tolist() == ["warm", "cold"]
    assert evaluate(parse('room in ["kitchen", "hall"]'), values)[:, 0, 0].tolist() == [True, False]
    assert evaluate(parse('room not in ["kitchen"] and not color[0] > 0.5'), values)[:, 0, 0].tolist() == [False, True]


def test_angles_are_degrees() -> None:
    assert math.isclose(evaluate(parse("sin(30) + cos(60) + tan(45)"), {})[0, 0, 0], 2.0, rel_tol=1e-14)
