"""Designs of a spec: quantiles of their factors, at frame k the point k, on any number of shards."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.graph import Graph


def scene(designs: Mapping[str, Any], light: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A spec in which a light uses factors."""
    return {
        "seed": 5,
        "designs": designs,
        "create": {"box": {"cube": {}, "semantics": {"class": "box"}}, "sun": {"light": {"light_type": "distant"}}},
        "triggers": [
            {
                "on_frame": {},
                "randomize": [
                    {"light": {"lights": "sun", **light}},
                    {"materials": {"prims": "box", "metallic": {"uniform": [0, 1]}}},
                ],
            }
        ],
        **more,
    }


def drawn(graph: Graph, frames: range, name: str) -> np.ndarray:
    values = graph.sample(frames).draws[f"sun.light.{name}"]
    return values.reshape(len(frames), -1)


LAWS = [
    ({"uniform": [200, 3000]}, stats.uniform(200, 2800)),
    ({"log_uniform": [10, 1000]}, stats.loguniform(10, 1000)),
    ({"normal": [500, 20]}, stats.norm(500, 20)),
    ({"truncated_normal": [0, 800, 500, 300]}, stats.truncnorm(-5 / 3, 1, 500, 300)),
]


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol", "halton"])
@pytest.mark.parametrize(("factor", "law"), LAWS)
def test_a_factor_has_its_law_more_evenly_than_chance(kind: str, factor: dict[str, Any], law: Any) -> None:
    designs = {"sweep": {kind: {"samples": 256}, "factors": {"bright": factor, "warm": {"uniform": [3000, 8000]}}}}
    with build_graph(scene(designs, {"intensity": "$bright", "temperature": "$sweep.warm"})) as graph:
        values = drawn(graph, range(256), "intensity")[:, 0]
        assert stats.kstest(values, law.cdf).statistic <= 2 / 256
        strata = np.floor(law.cdf(values) * 256)
        if kind == "latin_hypercube":
            assert (np.sort(strata) == np.arange(256)).all()
        one = graph.sample([777]).draws["sun.light.intensity"]
        np.testing.assert_array_equal(one[0], graph.sample(range(770, 780)).draws["sun.light.intensity"][7])


def test_vectors_take_a_dimension_for_each_component() -> None:
    color = {"uniform": [[0, 0, 0], [1, 1, 1]]}
    designs = {"sweep": {"latin_hypercube": {"samples": 60}, "factors": {"color": color, "b": {"uniform": [0, 60]}}}}
    with build_graph(scene(designs, {"color": "$color", "exposure": "$b"})) as graph:
        values = np.hstack([drawn(graph, range(60), "color") * 60, drawn(graph, range(60), "exposure")])
    assert (np.sort(np.floor(values), axis=0) == np.arange(60)[:, None]).all()
    ranks = np.abs(stats.spearmanr(values).statistic - np.eye(4))
    assert ranks.max() < 0.45


def test_a_grid_meets_each_combination_once_in_order() -> None:
    factors = {"warm": [3000, 5000], "bright": {"linspace": [0, 900, 4]}, "side": {"choice": [0, 90, 180]}}
    designs = {"all": {"grid": {}, "factors": factors}}
    light = {"temperature": "$warm", "intensity": "$bright", "azimuth": "$side"}
    with build_graph(scene(designs, light)) as graph:
        found = np.hstack([drawn(graph, range(24), name) for name in ("temperature", "intensity", "azimuth")])
        again = drawn(graph, range(24, 48), "azimuth")
    expected = list(itertools.product((3000, 5000), (0, 300, 600, 900), (0, 90, 180)))
    np.testing.assert_allclose(found, expected)
    np.testing.assert_array_equal(again[:, 0], found[:, 2])


def test_a_shuffled_grid_meets_each_combination_once_a_cycle() -> None:
    designs = {"all": {"grid": {"shuffle": True}, "factors": {"warm": [3000, 5000, 7000], "bright": [1, 2, 3, 4]}}}
    with build_graph(scene(designs, {"temperature": "$warm", "intensity": "$bright"})) as graph:
        frames = range(36)
        found = np.hstack([drawn(graph, frames, "temperature"), drawn(graph, frames, "intensity")])
    cycles = [sorted(map(tuple, part.tolist())) for part in np.split(found, 3)]
    assert cycles == [sorted(itertools.product((3000.0, 5000.0, 7000.0), (1.0, 2.0, 3.0, 4.0)))] * 3
    assert (found[:12] != found[12:24]).any()


def test_weights_of_a_choice_are_met_to_the_point() -> None:
    factor = {"choice": {"choices": [1, 2, 3], "weights": [1, 2, 7]}}
    designs = {"sweep": {"latin_hypercube": {"samples": 100}, "factors": {"bright": factor}}}
    with build_graph(scene(designs, {"intensity": "$bright"})) as graph:
        values = drawn(graph, range(100), "intensity")[:, 0]
    assert [(values == number).sum() for number in (1, 2, 3)] == [10, 20, 70]


def test_what_is_random_beside_a_design_stays_as_it_was() -> None:
    designs = {"sweep": {"sobol": {}, "factors": {"bright": {"uniform": [0, 1000]}}}}
    with build_graph(scene(designs, {"intensity": "$bright"})) as graph:
        with_design = graph.sample(range(20)).draws["box.materials.metallic"]
    with build_graph(scene({}, {"intensity": {"uniform": [0, 1000]}})) as graph:
        without = graph.sample(range(20)).draws["box.materials.metallic"]
    np.testing.assert_array_equal(with_design, without)


def test_a_slow_trigger_shows_the_point_of_the_frame_in_which_it_fires() -> None:
    designs = {"all": {"grid": {}, "factors": {"bright": list(range(1, 9))}}}
    spec = scene(designs, {"intensity": "$bright"})
    spec["triggers"][0]["on_frame"] = {"interval": 3}
    with build_graph(spec) as graph:
        assert drawn(graph, range(8), "intensity")[:, 0].tolist() == [1, 1, 1, 4, 4, 4, 7, 7]
