from __future__ import annotations

from typing import Any

import pytest

from replicator_dr.errors import SpecError
from replicator_dr.spec import Spec, load_spec
from replicator_dr.spec.distributions import Uniform

SPEC: dict[str, Any] = {
    "create": {
        "floor": {"plane": {"scale": 6}},
        "boxes": {"cube": {"count": 3}},
        "balls": {"sphere": {}},
        "parts": {"group": ["boxes", "balls"]},
        "sun": {"light": {"intensity": 3000}},
        "left": {"camera": {}},
        "right": {"camera": {}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"scatter_2d": {"prims": ["boxes", "balls"], "surface_prims": "floor"}},
                {"pose": {"prims": "boxes", "size": 0.1}, "name": "sizes"},
                {"pose": {"prims": "balls", "size": 0.2}},
                {"light": {"lights": "sun", "intensity": 3}},
            ],
        }
    ],
    "render_products": [
        {"cameras": ["left", "right"], "resolution": [64, 48]},
        {"cameras": "left", "resolution": [32, 32]},
    ],
    "writers": [{"coco_depth": {"output_dir": "_out/x"}}],
}


def load(*overrides: str, without: tuple[str, ...] = ()) -> Spec:
    return load_spec(SPEC, overrides, without)


def kinds(spec: Spec) -> list[str]:
    return [entry.name or entry.kind for entry in spec.triggers[0].randomize if entry.run != "never"]


def test_set_a_number() -> None:
    assert load("create.sun.light.intensity=5e2").create["sun"].intensity == 500.0  # type: ignore[attr-defined]


def test_set_through_lists() -> None:
    spec = load("triggers[0].randomize[1].pose.size={uniform: [0.1, 0.2]}")
    assert spec.triggers[0].randomize[1].randomizer.size == Uniform(0.1, 0.2)  # type: ignore[attr-defined]


def test_set_makes_what_is_missing_below_an_item() -> None:
    assert load("create.boxes.semantics.class=box").create["boxes"].semantics == {"class": ("box",)}


def test_set_a_new_item() -> None:
    assert "lamp" in load("create.lamp={light: {light_type: sphere}}").create


def test_set_in_order() -> None:
    assert load("seed=1", "seed=2").seed == 2


def test_set_replaces_as_a_whole() -> None:
    assert load("create.boxes.cube={scale: 2}").create["boxes"].count == 1  # type: ignore[attr-defined]


def test_all_faults_of_the_command_line_together() -> None:
    with pytest.raises(SpecError) as caught:
        load("create.sum.light.intensity=1", "triggers[4].name=a", without=("bocks",))
    assert [fault.file for fault in caught.value.faults] == [
        "--set create.sum.light.intensity",
        "--set triggers[4].name",
        "--without bocks",
    ]


def test_without_an_item_forgets_it_in_lists() -> None:
    spec = load(without=("balls",))
    assert "balls" not in spec.create
    assert spec.create["parts"].items == ("boxes",)  # type: ignore[attr-defined]
    assert spec.triggers[0].randomize[0].randomizer.prims == ("boxes",)  # type: ignore[attr-defined]


def test_without_an_item_drops_what_varied_only_it() -> None:
    assert kinds(load(without=("sun",))) == ["scatter_2d", "sizes", "pose"]
    assert kinds(load(without=("balls",))) == ["scatter_2d", "sizes", "light"]


def test_without_a_camera_drops_its_products() -> None:
    spec = load(without=("left",))
    assert [product.cameras for product in spec.render_products] == [("right",)]


def test_without_a_randomizer_by_name_or_kind() -> None:
    assert kinds(load(without=("sizes",))) == ["scatter_2d", "pose", "light"]
    assert kinds(load(without=("pose",))) == ["scatter_2d", "light"]


def test_without_a_writer() -> None:
    assert load(without=("coco_depth",)).writers == ()


def test_without_does_not_take_what_others_need() -> None:
    with pytest.raises(SpecError, match=r"surface_prims: there is no 'floor'; --without floor removed it"):
        load(without=("floor",))


def test_the_given_dict_is_not_changed() -> None:
    load("seed=9", without=("sun",))
    assert "sun" in SPEC["create"]
    assert "seed" not in SPEC
