"""``without``, ``only`` and ``run``: what is left out or held still changes no other draw."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph, load_spec
from replicator_dr.errors import SpecError
from replicator_dr.spec.registry import RANDOMIZERS

SPEC: dict[str, Any] = {
    "seed": 4,
    "create": {
        "floor": {"plane": {"scale": 4}},
        "boxes": {"cube": {"count": 3, "scale": 0.2}, "semantics": {"class": "box"}},
        "sun": {"light": {"light_type": "distant"}},
        "camera": {"camera": {"sensor": {"exposure": 0.1}, "position": [3, 0, 1], "look_at": [0, 0, 0]}},
    },
    "triggers": [
        {
            "on_frame": {},
            "randomize": [
                {"light": {"lights": "sun", "intensity": {"uniform": [1, 9]}}},
                {"pose": {"prims": "boxes", "rotation_z": {"uniform": [0, 360]}}},
                {"light": {"lights": "sun", "intensity": {"uniform": [1, 9]}}},
                {"pose": {"prims": "boxes", "rotation_z": {"uniform": [0, 360]}}, "name": "again"},
                {"pose": {"prims": "boxes", "rotation_z": {"uniform": [0, 360]}}},
                {"materials": {"prims": "boxes", "roughness": {"uniform": [0, 1]}}},
                {"scatter_2d": {"prims": "boxes", "surface_prims": "floor"}},
                {"camera": {"cameras": "camera", "focal_length": {"uniform": [20, 30]}}},
            ],
        },
        {
            "on_frame": {"interval": 2},
            "name": "slow",
            "randomize": [{"light": {"lights": "sun", "temperature": {"uniform": [3000, 8000]}}}],
        },
    ],
    "render_products": [{"cameras": "camera", "resolution": [32, 24]}],
}
FRAMES = range(6)


def sampled(**options: Any) -> Any:
    spec = load_spec(copy.deepcopy(SPEC), **options)
    with build_graph(spec) as graph:
        return graph.sample(FRAMES)


WHOLE = sampled()


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("lights", {"sun.light.intensity", "sun.light#2.intensity", "sun.light.temperature"}),
        ("light", {"sun.light.intensity", "sun.light#2.intensity", "sun.light.temperature"}),
        ("slow", {"sun.light.temperature"}),
        ("again", {"boxes.again.rotation_z"}),
        ("materials", {"boxes.materials.roughness"}),
        ("cameras", {"camera.camera.focal_length"}),
        ("placement", {"boxes.pose.rotation_z", "boxes.again.rotation_z", "boxes.pose#2.rotation_z"}),
    ],
)
def test_without_a_family_kind_or_name_other_draws_stay(name: str, gone: set[str]) -> None:
    left = sampled(without=[name]).draws
    assert WHOLE.draws.keys() - left.keys() == gone
    for key, values in left.items():
        np.testing.assert_array_equal(values, WHOLE.draws[key], err_msg=key)


def test_a_skipped_entry_still_counts() -> None:
    spec = copy.deepcopy(SPEC)
    spec["triggers"][0]["randomize"][0]["run"] = "never"
    with build_graph(spec) as graph:
        left = graph.sample(FRAMES).draws
    assert "sun.light.intensity" not in left
    np.testing.assert_array_equal(left["sun.light#2.intensity"], WHOLE.draws["sun.light#2.intensity"])


@pytest.mark.parametrize("name", ["lights", "slow", "placement", "camera"])
def test_only_a_family_varies_and_the_rest_stays_as_in_frame_0(name: str) -> None:
    found = sampled(only=[name])
    moving = {
        "lights": {"sun.light.intensity", "sun.light#2.intensity", "sun.light.temperature"},
        "slow": {"sun.light.temperature"},
        "placement": {"boxes.pose.rotation_z", "boxes.again.rotation_z", "boxes.pose#2.rotation_z"},
        "camera": {"camera.camera.focal_length"},
    }[name]
    assert found.draws.keys() == WHOLE.draws.keys()
    for key, values in found.draws.items():
        whole = WHOLE.draws[key]
        expected = whole if key in moving else np.repeat(whole[:1], len(whole), axis=0)
        np.testing.assert_array_equal(values, expected, err_msg=key)
    if name == "placement":
        np.testing.assert_array_equal(found.entity_world, WHOLE.entity_world)
    else:
        assert (found.entity_world == WHOLE.entity_world[:1]).all()
    with build_graph(load_spec(copy.deepcopy(SPEC), only=[name])) as graph:
        np.testing.assert_array_equal(graph.sample([5]).entity_world[0], found.entity_world[5])


def test_without_sensors() -> None:
    spec = copy.deepcopy(SPEC)
    sensor = {"sensor": {"cameras": "camera", "exposure": {"uniform": [0.1, 1]}}}
    spec["triggers"][0]["randomize"].append(sensor)
    loaded = load_spec(spec, without=["sensors"])
    assert loaded.create["camera"].sensor is None  # type: ignore[attr-defined]
    assert loaded.triggers[0].randomize[-1].run == "never"
    assert load_spec(spec).create["camera"].sensor is not None  # type: ignore[attr-defined]


def test_edge_cases_of_what_does_not_run_have_no_effect() -> None:
    edges = [{"sun.temperature": 5000}, {"boxes.roughness": 0.5}]
    spec = {**copy.deepcopy(SPEC), "edge_cases": {0: edges[0], 1: edges[1]}}
    left = build_graph(load_spec(spec, without=["lights"]))
    with left as graph:
        found = graph.sample(FRAMES).draws
    assert "sun.light.temperature" not in found
    assert (found["boxes.materials.roughness"][1] == 0.5).all()


def test_edge_cases_of_a_removed_item_go_with_it() -> None:
    spec = {**copy.deepcopy(SPEC), "edge_cases": [{"sun.temperature": 5000}], "fixed": {"sun.temperature": 4000}}
    loaded = load_spec(spec, without=["sun"])
    assert loaded.edge_cases == loaded.fixed == ()
    assert load_spec(loaded.resolved()).digest() == loaded.digest()


def test_what_waits_for_an_event_does_not_run_once() -> None:
    spec = copy.deepcopy(SPEC)
    spec["triggers"][1].pop("on_frame")
    spec["triggers"][1]["on_custom_event"] = {"event_name": "go"}
    with build_graph(load_spec(spec, only=["placement"])) as graph:
        assert "sun.light.temperature" not in graph.sample(FRAMES).draws


def test_every_randomizer_has_a_family() -> None:
    families = {kind: model.family for kind, model in RANDOMIZERS.all().items()}  # type: ignore[attr-defined]
    assert all(families.values()), families


def test_unknown_names() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(SPEC, without=["ligths"], only=["lightz"])
    assert str(caught.value).splitlines() == [
        "--only lightz: nothing is called 'lightz'; did you mean 'light'?",
        "--without ligths: nothing is called 'ligths'; did you mean 'lights'?",
    ]
