"""What an expression is made of. Each node knows at which character of the text it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Node:
    """What all nodes share."""

    at: int = field(default=0, kw_only=True, compare=False, repr=False)


@dataclass(frozen=True)
class Number(Node):
    """A number or a truth value."""

    value: float | bool


@dataclass(frozen=True)
class Text(Node):
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Name(Node):
    """A draw."""

    name: str


@dataclass(frozen=True)
class Negative(Node):
    """Minus its operand."""

    operand: Tree


@dataclass(frozen=True)
class Arithmetic(Node):
    """Two operands and one of ``+ - * / % **``."""

    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Comparison(Node):
    """``a < b <= c``: true where each operand and the next one are so. operators: ``< <= > >= == !=``."""

    operators: tuple[str, ...]
    operands: tuple[Tree, ...]


@dataclass(frozen=True)
class Membership(Node):
    """``room in ["kitchen", "office"]``: true where the operand equals one of the options."""

    operand: Tree
    options: tuple[Tree, ...]


@dataclass(frozen=True)
class Logic(Node):
    """All of the operands (``and``), or any of them (``or``)."""

    operator: str
    operands: tuple[Tree, ...]


@dataclass(frozen=True)
class Not(Node):
    """True where its operand is not."""

    operand: Tree


@dataclass(frozen=True)
class Conditional(Node):
    """``then if condition else otherwise``."""

    condition: Tree
    then: Tree
    otherwise: Tree


@dataclass(frozen=True)
class Call(Node):
    """One of the functions of :mod:`replicator_dr.expressions.functions`."""

    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True)
class Component(Node):
    """``color[0]``: a component of a vector, counted from 0."""

    vector: Tree
    index: int


@dataclass(frozen=True)
class Vector(Node):
    """``[a, b, c]``."""

    components: tuple[Tree, ...]


Tree: TypeAlias = (
    Number
    | Text
    | Name
    | Negative
    | Arithmetic
    | Comparison
    | Membership
    | Logic
    | Not
    | Conditional
    | Call
    | Component
    | Vector
)


def below(tree: Tree) -> tuple[Tree, ...]:
    """The nodes that a node is made of."""
    if isinstance(tree, (Negative, Not)):
        return (tree.operand,)
    if isinstance(tree, Arithmetic):
        return (tree.left, tree.right)
    if isinstance(tree, (Comparison, Logic)):
        return tree.operands
    if isinstance(tree, Membership):
        return (tree.operand, *tree.options)
    if isinstance(tree, Conditional):
        return (tree.condition, tree.then, tree.otherwise)
    if isinstance(tree, Call):
        return tree.arguments
    if isinstance(tree, Component):
        return (tree.vector,)
    return tree.components if isinstance(tree, Vector) else ()


def walk(tree: Tree) -> Iterator[Tree]:
    """A node and all below it."""
    yield tree
    for part in below(tree):
        yield from walk(part)


def names_in(tree: Tree) -> tuple[str, ...]:
    """The draws that a tree uses, each once, in the order in which they first stand in it."""
    return tuple(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Name)))


def affine(tree: Tree) -> tuple[str, float, float] | None:
    """(draw, scale, offset) of a tree that is scale * draw + offset, None for any other."""
    found = _affine(tree)
    return None if found is None or found[0] is None else (found[0], found[1], found[2])


def _affine(tree: Tree) -> tuple[str | None, float, float] | None:
    """As :func:`affine`, for constants too: these have no name and the scale 0."""
    if isinstance(tree, Number):
        return None, 0.0, float(tree.value)
    if isinstance(tree, Name):
        return tree.name, 1.0, 0.0
    if isinstance(tree, Negative):
        inner = _affine(tree.operand)
        return inner and (inner[0], -inner[1], -inner[2])
    if not isinstance(tree, Arithmetic):
        return None
    left, right = _affine(tree.left), _affine(tree.right)
    if left is None or right is None or (left[0] and right[0]):
        return None
    name = left[0] or right[0]
    if tree.operator in "+-":
        sign = 1.0 if tree.operator == "+" else -1.0
        return name, left[1] + sign * right[1], left[2] + sign * right[2]
    if tree.operator == "*":
        # One of the two is a constant, whose scale is 0.
        return name, left[1] * right[2] + right[1] * left[2], left[2] * right[2]
    if tree.operator == "/" and right[0] is None and right[2] != 0.0:
        return name, left[1] / right[2], left[2] / right[2]
    return None
