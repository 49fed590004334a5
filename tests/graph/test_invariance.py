"""What stays when a spec changes: the draws of everything that was not touched."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.graph import build_graph

Draws = dict[str, NDArray[Any]]
FRAMES = [0, 1, 5, 40]

SIZE = {"size": {"normal": [1, 0.1]}}
SPEC: dict[str, Any] = {
    "seed": 5,
    "create": {
        "floor": {"plane": {"scale": 4}},
        "boxes": {"cube": {"count": 3, "rotation": {"uniform": [[0, 0, 0], [0, 0, 90]]}}},
        "balls": {"sphere": {"count": 2}},
        "parts": {"group": ["boxes", "balls"]},
        "sun": {"light": {"intensity": 1000}},
        "eye": {"camera": {"position": [3, 0, 2], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"pose": {"prims": "parts", "position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}, **SIZE}},
                {"materials": {"prims": "boxes", "roughness": {"uniform": [0, 1]}}},
                {"light": {"lights": "sun", "intensity": {"log_uniform": [10, 1000]}}},
            ],
        },
        {
            "on_frame": {"interval": 3},
            "randomize": [{"color": {"prims": "balls", "colors": {"uniform": [[0, 0, 0], [1, 1, 1]]}}}],
        },
    ],
    "render_products": [{"cameras": "eye", "resolution": [32, 24]}],
}


def draws(spec: dict[str, Any], **options: Any) -> Draws:
    with build_graph(spec, **options) as graph:
        return graph.sample(FRAMES).draws


def same(first: NDArray[Any], second: NDArray[Any]) -> bool:
    return first.shape == second.shape and bool((first == second).all())


@pytest.fixture(scope="module")
def before() -> Draws:
    return draws(SPEC)


def changed(change: Callable[[dict[str, Any]], None]) -> Draws:
    spec = copy.deepcopy(SPEC)
    change(spec)
    return draws(spec)


def add_item_to_group(spec: dict[str, Any]) -> None:
    spec["create"] = {"cones": {"cone": {"count": 4}}, **spec["create"]}
    spec["create"]["parts"]["group"].insert(0, "cones")


def add_entry_first(spec: dict[str, Any]) -> None:
    blink = {"visibility": {"prims": "floor", "probability": 0.5}}
    spec["triggers"][0]["randomize"].insert(0, {"rotation": {"prims": "parts"}})
    spec["triggers"].insert(0, {"on_frame": {"interval": 2}, "randomize": [blink]})


def add_light_and_camera(spec: dict[str, Any]) -> None:
    warmth = {"light": {"lights": ["lamp", "sun"], "temperature": {"uniform": [3000, 8000]}}}
    spec["create"] = {"lamp": {"light": {"light_type": "sphere"}}, "second": {"camera": {}}, **spec["create"]}
    spec["triggers"][0]["randomize"].insert(0, warmth)


def reorder(spec: dict[str, Any]) -> None:
    spec["create"] = dict(reversed(spec["create"].items()))
    spec["triggers"][0]["randomize"].reverse()


@pytest.mark.parametrize("change", [add_item_to_group, add_entry_first, add_light_and_camera, reorder])
def test_other_draws_stay_when_something_is_added(change: Callable[[dict[str, Any]], None], before: Draws) -> None:
    after = changed(change)
    assert set(before) <= set(after)
    assert [name for name in before if not same(before[name], after[name])] == []


@pytest.mark.parametrize("name", ["balls", "sun", "materials", "color", "pose"])
def test_other_draws_stay_when_something_is_left_out(name: str, before: Draws) -> None:
    after = draws(SPEC, without=(name,))
    assert after
    assert set(after) < set(before)
    assert [draw for draw in after if not same(before[draw], after[draw])] == []


def test_more_copies_keep_the_draws_of_the_first(before: Draws) -> None:
    after = draws(SPEC, overrides=("create.boxes.cube.count=7",))
    for name in ("boxes.pose.position", "boxes.pose.size", "boxes.materials.roughness", "boxes.create.rotation"):
        assert after[name].shape[1] == 7
        assert (after[name][:, :3] == before[name]).all()


def test_another_seed_changes_every_draw(before: Draws) -> None:
    after = draws(SPEC, overrides=("seed=6",))
    assert set(after) == set(before)
    assert [name for name in before if same(before[name], after[name])] == []


def test_seed_zero_is_a_seed_like_any_other(before: Draws) -> None:
    first, second = draws(SPEC, overrides=("seed=0",)), draws(SPEC, overrides=("seed=0",))
    assert all(same(first[name], second[name]) for name in first)
    assert not any(same(first[name], before[name]) for name in first)


def test_no_two_draws_are_alike(before: Draws) -> None:
    first = [float(values.reshape(-1)[0]) for values in before.values()]
    assert len(first) == 8
    assert len(set(first)) == len(first)


def test_equal_entries_draw_differently_and_a_name_pins_one() -> None:
    spec = copy.deepcopy(SPEC)
    entry = {"pose": {"prims": "balls", "size": {"uniform": [1, 2]}}}
    spec["triggers"] = [{"on_frame": {}, "randomize": [entry, {**entry, "name": "again"}, entry]}]
    all_three = draws(spec)
    assert {"balls.pose.size", "balls.again.size", "balls.pose#2.size"} <= set(all_three)
    del spec["triggers"][0]["randomize"][0]
    two = draws(spec)
    assert same(two["balls.again.size"], all_three["balls.again.size"])
    assert same(two["balls.pose.size"], all_three["balls.pose.size"])


def test_draws_of_create_are_made_once(before: Draws) -> None:
    rotation = before["boxes.create.rotation"]
    assert (rotation == rotation[0]).all()
    assert len(np.unique(rotation[0, :, 2])) == 3
