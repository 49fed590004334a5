"""Text -> tree, through Python's own grammar: whatever is not on the list here is refused, nothing is ever run."""

from __future__ import annotations

import ast
import math
import warnings

from replicator_dr.expressions.errors import ExpressionError
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

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 40
"""Nodes on the way from the root to a leaf."""

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_WORDS: dict[type[ast.AST], str] = {
    ast.Attribute: "attributes (a.b)",
    ast.Lambda: "lambda",
    ast.NamedExpr: "assignments (:=)",
    ast.ListComp: "comprehensions",
    ast.GeneratorExp: "comprehensions",
    ast.SetComp: "comprehensions",
    ast.DictComp: "comprehensions",
    ast.Dict: "mappings",
    ast.Set: "sets",
    ast.Tuple: "tuples",
    ast.JoinedStr: "f-strings",
    ast.Slice: "slices",
    ast.Starred: "stars",
}


def parse(text: str) -> Tree:
    """The tree of an expression. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters", hint=f"give at most {LONGEST}; name parts")
    lead = len(text) - len(text.lstrip())
    body = " ".join(text.strip().splitlines()) if "\n" in text else text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = ast.parse(body, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(_reason(error.msg), lead + (error.offset or len(body) + 1) - 1) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"not an expression: {error}", lead) from None
    reader = _Reader(body, lead)
    end = reader.character(root.end_col_offset or 0)
    if body[end:].strip(" )"):
        raise ExpressionError("not an expression: comments are not part of it", lead + end)
    return reader.tree(root, 0)


def _reason(message: str | None) -> str:
    return f"not an expression: {(message or 'invalid syntax').partition(' (<')[0].partition('. Perhaps')[0]}"


class _Reader:
    """Turns Python's nodes into ours."""

    def __init__(self, body: str, lead: int) -> None:
        self.encoded = body.encode()
        self.lead = lead

    def character(self, column: int) -> int:
        """The character at an offset in bytes, which is what Python counts."""
        return len(self.encoded[:column].decode(errors="ignore"))

    def at(self, node: ast.expr) -> int:
        return self.lead + self.character(node.col_offset)

    def tree(self, node: ast.expr, depth: int) -> Tree:
        at = self.at(node)
        if depth > DEEPEST:
            raise ExpressionError("the expression is nested too deeply", at, "give parts of it names under draws:")

        def inner(part: ast.expr) -> Tree:
            return self.tree(part, depth + 1)

        if isinstance(node, ast.Constant):
            return _constant(node.value, at)
        if isinstance(node, ast.Name):
            return Name(node.id, at=at)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, inner(node.operand), at)
        if isinstance(node, ast.BinOp):
            if type(node.op) not in _ARITHMETIC:
                raise ExpressionError("this operator is not part of expressions", at, "operators: + - * / % **")
            return Arithmetic(_ARITHMETIC[type(node.op)], inner(node.left), inner(node.right), at=at)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth, at)
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            return Logic(word, tuple(inner(value) for value in node.values), at=at)
        if isinstance(node, ast.IfExp):
            return Conditional(inner(node.test), inner(node.body), inner(node.orelse), at=at)
        if isinstance(node, ast.Call):
            return self._call(node, depth, at)
        if isinstance(node, ast.Subscript):
            return Component(inner(node.value), _index(node.slice, at), at=at)
        if isinstance(node, ast.List):
            if not node.elts:
                raise ExpressionError("a vector without components", at, "write [a, b, c]")
            return Vector(tuple(inner(part) for part in node.elts), at=at)
        word = _WORDS.get(type(node), "this")
        raise ExpressionError(f"{word} {'are' if word.endswith(('s', ')')) else 'is'} not part of expressions", at)

    def _unary(self, node: ast.UnaryOp, operand: Tree, at: int) -> Tree:
        if isinstance(node.op, ast.Not):
            return Not(operand, at=at)
        if isinstance(node.op, ast.USub):
            if isinstance(operand, Number) and not isinstance(operand.value, bool):
                return Number(-operand.value, at=at)
            return Negative(operand, at=at)
        if isinstance(node.op, ast.UAdd):
            return operand
        raise ExpressionError("this operator is not part of expressions", at, "use not")

    def _comparison(self, node: ast.Compare, depth: int, at: int) -> Tree:
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return self._membership(node, depth, at)
        for operator in node.ops:
            if type(operator) not in _COMPARISONS:
                word = "is" if isinstance(operator, (ast.Is, ast.IsNot)) else "in"
                hint = "use == or !=" if word == "is" else "put parentheses around it"
                raise ExpressionError(f"'{word}' cannot stand here", at, hint)
        operators = tuple(_COMPARISONS[type(operator)] for operator in node.ops)
        return Comparison(
            operators, tuple(self.tree(part, depth + 1) for part in (node.left, *node.comparators)), at=at
        )

    def _membership(self, node: ast.Compare, depth: int, at: int) -> Tree:
        right = node.comparators[0]
        if not isinstance(right, (ast.List, ast.Tuple)) or not right.elts:
            hint = 'as in room in ["kitchen", "office"]'
            raise ExpressionError("'in' needs a list behind it", self.at(right), hint)
        options = tuple(self.tree(part, depth + 1) for part in right.elts)
        found: Tree = Membership(self.tree(node.left, depth + 1), options, at=at)
        return Not(found, at=at) if isinstance(node.ops[0], ast.NotIn) else found

    def _call(self, node: ast.Call, depth: int, at: int) -> Tree:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name is None:
            raise ExpressionError("only the functions of expressions can be called", at, _functions())
        if name not in FUNCTIONS:
            raise ExpressionError(f"there is no function '{name}'", at, _functions(), name, tuple(FUNCTIONS))
        if node.keywords:
            raise ExpressionError(f"{name} takes no arguments by name", at, f"write {FUNCTIONS[name].usage}")
        least, most = FUNCTIONS[name].least, FUNCTIONS[name].most
        if not least <= len(node.args) <= most:
            message = f"{name} with {len(node.args)} argument{'' if len(node.args) == 1 else 's'}"
            raise ExpressionError(message, at, f"write {FUNCTIONS[name].usage}")
        return Call(name, tuple(self.tree(part, depth + 1) for part in node.args), at=at)


def _functions() -> str:
    return f"functions: {', '.join(FUNCTIONS)}"


def _constant(value: object, at: int) -> Tree:
    if isinstance(value, bool):
        return Number(value, at=at)
    if isinstance(value, str):
        return Text(value, at=at)
    if isinstance(value, (int, float)):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return Number(number, at=at)
        raise ExpressionError("the number is too large", at)
    raise ExpressionError("this is not a number or a text", at)


def _index(node: ast.expr, at: int) -> int:
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if negative and isinstance(node, ast.UnaryOp) else node
    if not isinstance(inner, ast.Constant) or type(inner.value) is not int:
        raise ExpressionError("a component is chosen by a whole number", at, "as in color[0]")
    return -inner.value if negative else inner.value
