"""Distributions, shared draws and references as fields take them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from replicator_dr.errors import SpecError
from replicator_dr.spec import load_spec
from replicator_dr.spec.distributions import (
    Choice,
    Combine,
    DrawUse,
    LogUniform,
    Normal,
    Sequence,
    TruncatedNormal,
    Uniform,
)


def material(field: str, value: Any, **spec: Any) -> Any:
    loaded = load_spec({"create": {"m": {"material": {field: value}}}, **spec})
    return getattr(loaded.create["m"], field)


def cube(field: str, value: Any) -> Any:
    return getattr(load_spec({"create": {"c": {"cube": {field: value}}}}).create["c"], field)


def test_both_forms_of_arguments() -> None:
    assert material("roughness", {"uniform": [0.1, 0.9]}) == Uniform(0.1, 0.9)
    assert material("roughness", {"uniform": {"lower": 0.1, "upper": 0.9}}) == Uniform(0.1, 0.9)
    assert material("roughness", {"truncated_normal": [0, 1, 0.5, 2]}) == TruncatedNormal(0.0, 1.0, 0.5, 2.0)
    assert cube("scale", {"log_uniform": [0.1, 10]}) == LogUniform(0.1, 10.0)


def test_choice_and_sequence() -> None:
    value = cube("scale", {"choice": {"choices": [1, 2], "weights": [3, 1], "with_replacements": False}})
    assert value == Choice((1.0, 2.0), (3.0, 1.0), False)
    assert cube("scale", {"sequence": [1, 2]}) == Sequence((1.0, 2.0))
    assert cube("position", {"choice": [[0, 0, 0], [1, 1, 1]]}) == Choice(((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))
    assert cube("visible", {"choice": [True, False]}) == Choice((True, False))


def test_combine_holds_constants_and_distributions() -> None:
    value = cube("position", {"combine": [{"uniform": [-1, 1]}, 0, {"normal": [0, 1]}]})
    assert value == Combine((Uniform(-1.0, 1.0), 0.0, Normal(0.0, 1.0)))


def test_a_normal_in_a_bounded_field_is_cut_to_the_bounds() -> None:
    assert material("roughness", {"normal": [0.5, 0.2]}) == TruncatedNormal(0.0, 1.0, 0.5, 0.2)
    assert material("emissive_intensity", {"normal": [100, 50]}) == TruncatedNormal(0.0, math.inf, 100.0, 50.0)


def test_a_normal_that_cannot_reach_the_bounds_stays_one() -> None:
    assert material("roughness", {"normal": [0.5, 0.01]}) == Normal(0.5, 0.01)
    assert cube("position", {"normal": [[0, 0, 0], [9, 9, 9]]}) == Normal((0.0, 0.0, 0.0), (9.0, 9.0, 9.0))


def test_uses_of_draws() -> None:
    draws = {"wear": {"uniform": [0, 1]}}
    assert material("roughness", "$wear", draws=draws) == DrawUse("wear")
    assert material("roughness", {"draw": "wear", "scale": -1, "offset": 1}, draws=draws) == DrawUse("wear", -1.0, 1.0)
    tinted = material("diffuse", {"draw": "wear", "scale": [0.1, 0.2, 0.3], "offset": 0.5}, draws=draws)
    assert tinted == DrawUse("wear", (0.1, 0.2, 0.3), 0.5)


def test_a_draw_is_checked_where_it_is_used() -> None:
    draws = {"size": {"uniform": [1, 2]}, "place": {"uniform": [[0, 0], [1, 1]]}, "word": {"choice": ["a", "b"]}}
    for name, message in (("size", "reaches 2"), ("place", "expected a number"), ("word", "expected a number")):
        with pytest.raises(SpecError, match=f"draw '{name}' does not fit: .*{message}"):
            material("metallic", f"${name}", draws=draws)


def test_draws_know_for_whom_they_are() -> None:
    spec = load_spec({"draws": {"a": {"uniform": [0, 1]}, "b": {"normal": [0, 1], "per": "prim"}}})
    assert (spec.draws["a"].per, spec.draws["b"].per) == ("frame", "prim")


def test_applied_draws_have_the_reach_of_their_values() -> None:
    use = DrawUse("a", -2.0, 1.0)
    assert use.applied(Uniform(0.0, 1.0)) == Uniform(-1.0, 1.0)
    assert use.applied(Normal(1.0, 0.5)) == Normal(-1.0, 1.0)
    assert use.applied(TruncatedNormal(0.0, 1.0, 0.5, 0.1)) == TruncatedNormal(-1.0, 1.0, 0.0, 0.2)
    assert use.applied(Choice((1.0, 2.0))) == Choice((-1.0, -3.0))
    assert DrawUse("a", (1.0, 2.0), 0.0).applied(Uniform(0.0, 1.0)) == Uniform((0.0, 0.0), (1.0, 2.0))


def test_groups_nest_and_hold_each_item_once() -> None:
    spec = load_spec(
        {
            "create": {
                "all": {"group": ["some", "c", "a"]},
                "a": {"cube": {}},
                "b": {"sphere": {}},
                "some": {"group": ["b", "a"]},
                "c": {"cone": {}},
                "none": {"group": []},
            }
        }
    )
    assert spec.leaves("all") == ["a", "b", "c"]
    assert spec.leaves("none") == []


def test_common_fields_stand_below_the_kind_or_beside_it() -> None:
    fields: dict[str, Any] = {"count": 2, "semantics": {"class": "x"}, "material": "m"}
    below = load_spec({"create": {"a": {"cube": fields}, "m": {"material": {}}}})
    beside = load_spec({"create": {"a": {"cube": {}, **fields}, "m": {"material": {}}}})
    assert below.create == beside.create


def test_specs_are_frozen() -> None:
    spec = load_spec({"name": "a"})
    with pytest.raises(ValueError, match="frozen"):
        spec.seed = 3  # type: ignore[misc]


def test_the_digest_follows_the_content() -> None:
    first, same, other = ({"name": "a", "seed": 1}, {"seed": 1, "name": "a"}, {"name": "a", "seed": 2})
    assert load_spec(first).digest() == load_spec(same).digest()
    assert load_spec(first).digest() != load_spec(other).digest()
    assert load_spec(first).resolved() == first


def test_faults_are_sorted_by_position() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec({"sed": 1, "create": {"a": {"cube": {"sise": 1}}}, "triggers": [{"on_frames": {}}]})
    assert [fault.line for fault in caught.value.faults] == sorted(fault.line for fault in caught.value.faults)
    assert len(caught.value.faults) == 3
