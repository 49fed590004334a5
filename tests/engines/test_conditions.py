"""Conditions as arithmetic: bounds, each and any, and measures of a table of objects."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded.require.conditions import Condition, judge, truncation, visible_fraction
from replicator_dr.render.scene import EntityTable


def condition(**fields: Any) -> Condition:
    given = {"least": 0.3, "most": 0.8, "prims": ("/World/a",), "cameras": ("/World/c",), **fields}
    return Condition(name="require[0].x", where="", asked="", kind="pixels", **given)


def by_hand(values: Any, there: Any, least: float, most: float, any_prim: bool, any_view: bool) -> bool:
    """Each before any: quantifiers written out."""
    views, prims = range(values.shape[0]), [n for n in range(values.shape[1]) if there[n]]

    def ok(v: int, n: int) -> bool:
        return bool(least <= values[v, n] <= most)

    if any_prim and any_view:
        return any(ok(v, n) for v in views for n in prims)
    if any_prim:
        return all(any(ok(v, n) for n in prims) for v in views)
    if any_view:
        return all(any(ok(v, n) for v in views) for n in prims)
    return all(ok(v, n) for v in views for n in prims)


@pytest.mark.parametrize(("any_prim", "any_view"), list(itertools.product([False, True], repeat=2)))
def test_each_and_any_are_the_quantifiers(any_prim: bool, any_view: bool) -> None:
    rng = np.random.default_rng(1)
    values, there = rng.uniform(0, 1, (400, 2, 3)), rng.uniform(0, 1, (400, 3)) < 0.7
    judged = judge(condition(any_prim=any_prim, any_view=any_view), values, there)
    expected = [by_hand(v, t, 0.3, 0.8, any_prim, any_view) for v, t in zip(values, there)]
    assert 20 < sum(expected) < 380
    assert ((judged.off == 0) == expected).all()


def test_the_value_that_decides_is_told() -> None:
    values = np.array([[[0.1, 0.5, 0.95]]])
    each, best = condition(), condition(any_prim=True)
    there = np.ones((1, 3), np.bool_)
    assert judge(each, values, there).value.item() == 0.1
    assert judge(best, values, there).value.item() == 0.5
    assert judge(each, values, np.array([[False, True, True]])).value.item() == 0.95
    assert judge(each, values, np.array([[False, True, True]])).off.item() == pytest.approx(0.15)


def test_bounds_belong_to_what_is_wanted() -> None:
    values = np.array([[[0.3]], [[0.8]], [[np.nextafter(0.3, 0)]], [[np.nextafter(0.8, 1)]]])
    assert (judge(condition(), values, np.ones((4, 1), np.bool_)).off == 0).tolist() == [True, True, False, False]


def test_without_objects_each_is_met_and_any_is_not() -> None:
    nobody, values = np.zeros((1, 2), np.bool_), np.full((1, 1, 2), 0.5)
    assert judge(condition(), values, nobody).off.item() == 0
    missing = judge(condition(any_prim=True), values, nobody)
    assert np.isinf(missing.off.item())
    assert np.isnan(missing.value.item())


def table(**columns: Any) -> EntityTable:
    zeros = np.zeros((1, 4), np.int32)
    whole: dict[str, Any] = dict.fromkeys(EntityTable.__dataclass_fields__, zeros)
    return EntityTable(**{**whole, **columns})


def test_measures() -> None:
    inf = np.inf
    extent = np.array([[[10, 10, 20, 20], [-10, 0, 10, 48], [70, 0, 80, 9], [inf, inf, -inf, -inf]]], np.float32)
    found = table(
        extent=extent,
        visible=np.array([[100, 5, 0, 0]], np.int32),
        amodal=np.array([[100, 20, 0, 0]], np.int32),
    )
    size = np.array([[[64.0, 48.0]]])
    assert truncation(found, size)[0].tolist() == [0, 0.5, 1, 1]
    assert visible_fraction(found, size)[0].tolist() == [1, 0.25, 0, 0]


def test_a_path_stands_for_what_is_at_and_below_it() -> None:
    from replicator_dr.engines.embedded.scene.state import LabelTables

    paths = ("/World/a", "/World/a/b/c", "/World/ab", "/World/d")
    labels = LabelTables((), paths, np.zeros((4, 2, 3), np.float32), ())
    assert condition().entities(labels).tolist() == [0, 1]
    assert condition(prims=None).entities(labels).tolist() == [0, 1, 2, 3]
