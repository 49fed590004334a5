"""What is no expression is refused, with the place; nothing is ever run."""

from __future__ import annotations

import pytest

from replicator_dr.expressions import ExpressionError, Numbers, Texts, affine, evaluate, extent_of, names_in, parse

REFUSED = [
    ("a.real", 0, "attributes (a.b) are not part of expressions"),
    ("1 + a.__class__", 4, "attributes (a.b) are not part of expressions"),
    ("().__class__.__bases__[0]", 0, "attributes (a.b) are not part of expressions"),
    ("__import__('os').system('true')", 0, "only the functions of expressions can be called"),
    ("open('/etc/passwd')", 0, "there is no function 'open'"),
    ("eval('1')", 0, "there is no function 'eval'"),
    ("(lambda: 1)()", 0, "only the functions of expressions can be called"),
    ("[x for x in a]", 0, "comprehensions are not part of expressions"),
    ("{'a': 1}", 0, "mappings are not part of expressions"),
    ("(a := 3)", 1, "assignments (:=) are not part of expressions"),
    ("f'{a}'", 0, "f-strings are not part of expressions"),
    ("a if b", 0, "not an expression: expected 'else' after 'if' expression"),
    ("2 +", 3, "not an expression: invalid syntax"),
    ("1) + (2", 1, "not an expression: unmatched ')'"),
    ("a # b", 1, "not an expression: comments are not part of it"),
    ("a & b", 0, "this operator is not part of expressions"),
    ("a // b", 0, "this operator is not part of expressions"),
    ("~a", 0, "this operator is not part of expressions"),
    ("a is b", 0, "'is' cannot stand here"),
    ("1 < a in [1]", 0, "'in' cannot stand here"),
    ("a in b", 5, "'in' needs a list behind it"),
    ("a[b]", 0, "a component is chosen by a whole number"),
    ("a[1:2]", 0, "a component is chosen by a whole number"),
    ("[]", 0, "a vector without components"),
    ("sqrt(a, b)", 0, "sqrt with 2 arguments"),
    ("min(a)", 0, "min with 1 argument"),
    ("clip(a, low=1, high=2)", 0, "clip takes no arguments by name"),
    ("min(*a)", 0, "min with 1 argument"),
    ("1e999", 0, "the number is too large"),
    ("9" * 400, 0, "the number is too large"),
    ("3j", 0, "this is not a number or a text"),
    ("None", 0, "this is not a number or a text"),
    ("a" * 1001, 0, "the expression has 1001 characters"),
    ("-" * 60 + "a", 41, "the expression is nested too deeply"),
]


@pytest.mark.parametrize(("text", "at", "message"), REFUSED, ids=lambda value: str(value)[:30])
def test_it_is_refused_with_the_place(text: str, at: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.at == at
    # How Python words its own errors depends on its version.
    assert caught.value.message.split(": ")[0] == message.split(": ")[0]
    assert caught.value.message == message or message.startswith("not an expression")


def test_huge_powers_cost_nothing() -> None:
    """Numbers are floating point: a tower of powers is infinite at once, not a number of a billion digits."""
    tree = parse("9 ** 9 ** 9 ** 9 ** 9")
    assert evaluate(tree, {})[0, 0, 0] == float("inf")
    extent = extent_of(tree, {})
    assert isinstance(extent, Numbers)
    assert extent.ranges[0][1] == float("inf")


def test_nesting_does_not_multiply() -> None:
    """Chains and memberships hold their parts once: the tree is as large as the text."""
    text = "a"
    for _ in range(19):
        text = f"(0<({text} in[1,2])<2)"
    assert evaluate(parse(text), {"a": evaluate(parse("1"), {})})[0, 0, 0]


def test_it_may_go_over_several_lines() -> None:
    assert names_in(parse("\n  a +\n  b * a\n")) == ("a", "b")


def test_places_count_characters() -> None:
    with pytest.raises(ExpressionError) as caught:
        extent_of(parse('"späť" == room or wrmth > 1'), {"room": Texts(("späť",)), "warmth": None})
    assert (caught.value.at, caught.value.unknown) == (18, "wrmth")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2000 * a + 500", ("a", 2000.0, 500.0)),
        ("500 - a / 4", ("a", -0.25, 500.0)),
        ("-(a - 3) * 2", ("a", -2.0, 6.0)),
        ("a", ("a", 1.0, 0.0)),
        ("a * a", None),
        ("a + b", None),
        ("abs(a)", None),
        ("2 / a", None),
        ("7", None),
    ],
)
def test_lines_are_recognised(text: str, expected: tuple[str, float, float] | None) -> None:
    assert affine(parse(text)) == expected


ROOM = {"room": Texts(("kitchen", "office")), "n": Numbers(((0.0, 1.0),)), "color": Numbers(((0.0, 1.0),) * 3)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('room == "ofice"', "this is never 'ofice'"),
        ("room == 3", "a text is compared with a number"),
        ('room < "office"', "'<' does not order texts"),
        ("room + 1", "a text where a number is wanted"),
        ("1 if room else 2", "a text is neither true nor false"),
        ("1 if n > 0.5 else room", "a number in one case and a text in the other"),
        ("color[3]", "there is no component 3 of 3 numbers"),
        ("color + [1, 2]", "2 numbers and 3 numbers do not go together"),
        ("color > 1", "vectors are not compared"),
        ("[color, 1]", "3 numbers where one is wanted"),
    ],
)
def test_types_are_checked(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        extent_of(parse(text), ROOM)
    assert caught.value.message == message
