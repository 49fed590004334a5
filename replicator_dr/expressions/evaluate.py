"""Trees over whole batches: (R, n, k) arrays in, (R, n, k) arrays out, element by element.

No element depends on another one, so a value is the same in a batch of any width. What has no value (a division by 0,
the root of a negative number) is not finite; whoever asked decides whether that is an error, because the side of a
condition that is not taken may well have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.expressions.functions import FUNCTIONS
from replicator_dr.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Component,
    Conditional,
    Logic,
    Membership,
    Name,
    Negative,
    Not,
    Number,
    Text,
    Tree,
    Vector,
)

Array = NDArray[Any]
"""(R, n, k), or what broadcasts to it: float64, bool, or texts with k = 1."""

_ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.remainder, "**": np.power,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Array, Array], Array]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def evaluate(tree: Tree, values: Mapping[str, Array]) -> Array:
    """The value of a tree whose names and types are known to fit. values: of each draw that it uses."""
    with np.errstate(all="ignore"):
        return _value(tree, values)


def _value(tree: Tree, values: Mapping[str, Array]) -> Array:
    if isinstance(tree, (Number, Text)):
        return np.full((1, 1, 1), tree.value)
    if isinstance(tree, Name):
        return values[tree.name]
    if isinstance(tree, Negative):
        return -_number(tree.operand, values)
    if isinstance(tree, Arithmetic):
        return _ARITHMETIC[tree.operator](*_alike(_number(tree.left, values), _number(tree.right, values)))
    if isinstance(tree, Comparison):
        operands = [_value(part, values) for part in tree.operands]
        links = zip(tree.operators, operands, operands[1:])
        return _all([_COMPARISONS[operator](left, right) for operator, left, right in links])
    if isinstance(tree, Membership):
        operand = _value(tree.operand, values)
        return ~_all([operand != _value(option, values) for option in tree.options])
    if isinstance(tree, Not):
        return ~_truth(tree.operand, values)
    if isinstance(tree, Logic):
        truths = [_truth(part, values) for part in tree.operands]
        return _all(truths) if tree.operator == "and" else ~_all([~truth for truth in truths])
    if isinstance(tree, Conditional):
        return np.where(_truth(tree.condition, values), _value(tree.then, values), _value(tree.otherwise, values))
    if isinstance(tree, Call):
        return FUNCTIONS[tree.function].values(*_alike(*(_number(part, values) for part in tree.arguments)))
    if isinstance(tree, Component):
        vector = _value(tree.vector, values)
        index = tree.index % vector.shape[-1]
        return vector[..., index : index + 1]
    assert isinstance(tree, Vector)
    parts = [_number(part, values) for part in tree.components]
    shape = np.broadcast_shapes(*(part.shape for part in parts))
    return np.concatenate([np.broadcast_to(part, shape) for part in parts], axis=-1)


def _number(tree: Tree, values: Mapping[str, Array]) -> NDArray[np.float64]:
    return np.asarray(_value(tree, values), dtype=np.float64)


def _truth(tree: Tree, values: Mapping[str, Array]) -> NDArray[np.bool_]:
    return np.asarray(_value(tree, values), dtype=np.bool_)


def _all(truths: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    result = truths[0]
    for truth in truths[1:]:
        result = result & truth
    return result


def _alike(*arrays: Array) -> list[Array]:
    """The arrays in one shape and side by side in memory, so that one and the same loop makes every element."""
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return [np.ascontiguousarray(np.broadcast_to(array, shape)) for array in arrays]
