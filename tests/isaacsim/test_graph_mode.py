"""Graph mode: documented calls alone, with the distributions that the spec asks for, and clear refusals."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr import build_graph
from replicator_dr.engines.isaacsim.graph_style.drawn import ROWS, quantiles, subsets
from replicator_dr.engines.isaacsim.graph_style.recipes import Recipe
from replicator_dr.errors import EngineError, UnsupportedError
from tests.isaacsim.runs import SPEC, dataset
from tests.isaacsim.standin import RELEASES, Standin, isaac_sim


def spec(randomize: list[Any], **changes: Any) -> dict[str, Any]:
    """A scene with one list of randomizers."""
    made = copy.deepcopy(SPEC)
    made.update(triggers=[{"on_frame": {}, "randomize": randomize}], mode="graph", **changes)
    return made


@pytest.mark.parametrize("release", RELEASES)
def test_a_graph_runs_and_is_labelled(tmp_path: Path, release: str) -> None:
    with isaac_sim(release), build_graph({**copy.deepcopy(SPEC), "mode": "auto"}) as graph:
        assert graph.mode == "graph"
    with isaac_sim(release):
        found = dataset(SPEC, tmp_path, 4)
    assert [image["frame"] for image in found["images"]] == [0, 0, 1, 1, 2, 2, 3, 3]
    positions = {str(image["draws"]["boxes.pose.position"]) for image in found["images"]}
    assert len(positions) == 4
    assert {entry["category"] if "category" in entry else entry["category_id"] for entry in found["annotations"]}


def test_tiled_and_plain_products_give_the_same_labels(tmp_path: Path) -> None:
    read = {}
    for tiled in (True, False):
        products = [{"cameras": "rig", "resolution": [64, 48], "tiled": tiled}]
        with isaac_sim("5.1"):
            read[tiled] = dataset({**SPEC, "render_products": products}, tmp_path / str(tiled), 3)
    assert len(read[True]["annotations"]) == len(read[False]["annotations"]) > 0
    for one, other in zip(read[True]["annotations"], read[False]["annotations"]):
        for key in ("segmentation", "bbox", "area", "pose"):
            assert one[key] == other[key]


def samples(spec: dict[str, Any], name: str, steps: int = 64, release: str = "5.1") -> np.ndarray[Any, Any]:
    """(steps, n, k): what a distribution of the graph gave at each step."""
    with isaac_sim(release) as standin, build_graph(spec):
        state = standin.runtime_now().evaluate(np.arange(steps))
        return np.asarray(state.draws[name])


def test_truncated_normal_keeps_its_bounds_and_moments() -> None:
    drawn = samples(
        spec([{"pose": {"prims": "boxes", "position_z": {"truncated_normal": [0, 1, 0.4, 0.2]}}}]),
        "boxes.pose.position_z", 1000,
    ).astype(float)  # fmt: skip
    assert drawn.shape[:2] == (1000, 3)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    # Mean and deviation of that truncated normal, from its density; 5 standard errors of 3,000 draws.
    grid = np.linspace(0, 1, 100_001)
    weight = np.exp(-0.5 * ((grid - 0.4) / 0.2) ** 2)
    mean = float((grid * weight).sum() / weight.sum())
    deviation = float(np.sqrt(((grid - mean) ** 2 * weight).sum() / weight.sum()))
    assert abs(drawn.mean() - mean) < 5 * deviation / np.sqrt(drawn.size)
    assert abs(drawn.std() - deviation) < 0.02


def test_quantiles_are_the_inverse_of_the_distribution_function() -> None:
    table = np.array(quantiles(-1e9, 1e9, 2.0, 3.0))
    assert len(table) == ROWS
    assert (np.diff(table) > 0).all()
    assert abs(table.mean() - 2) < 1e-6
    assert abs(np.median(table) - 2) < 0.01
    assert quantiles(0, 1, 5, 0) == [1] * ROWS


def test_a_number_of_visible_copies() -> None:
    rows = np.array(subsets(5, 1, 3, seed=9))
    assert rows.shape == (ROWS, 5)
    counts = rows.sum(axis=1)
    assert set(counts.tolist()) == {1, 2, 3}
    # Each number, and each copy, equally often: chi-square with 2 and 4 degrees of freedom, 0.999 quantiles.
    expected = ROWS / 3
    assert sum((np.sum(counts == n) - expected) ** 2 / expected for n in (1, 2, 3)) < 13.8
    each = rows.sum(axis=0)
    assert ((each - each.mean()) ** 2 / each.mean()).sum() < 18.5


def test_copies_appear_as_the_table_says() -> None:
    made = spec([{"visibility": {"prims": "boxes", "count": [1, 2]}}])
    with isaac_sim("5.1") as standin, build_graph(made):
        state = standin.runtime_now().evaluate(np.arange(40))
        shown = state.arrays.part_visible
    counts = shown.sum(axis=1) - shown.all(axis=0).sum()
    assert set(counts.tolist()) <= {1, 2}
    assert len(set(counts.tolist())) == 2


def test_a_draw_of_the_frame_is_shared() -> None:
    made = spec(
        [
            {"pose": {"prims": "boxes", "position_z": {"draw": "level"}}},
            {"light": {"lights": "sun", "intensity": {"draw": "level", "scale": 100, "offset": 5}}},
        ],
        draws={"level": {"uniform": [1, 2]}},
    )
    heights = samples(made, "boxes.pose.position_z").astype(float)
    lights = samples(made, "sun.light.intensity").astype(float)
    assert np.ptp(heights, axis=1).max() == 0
    np.testing.assert_allclose(lights[:, 0], 100 * heights[:, 0] + 5)
    assert len(np.unique(heights[:, 0])) == len(heights)


def test_a_grid_is_a_sequence_of_its_combinations() -> None:
    made = spec(
        [
            {"pose": {"prims": "boxes", "position_z": "$level"}},
            {"light": {"lights": "sun", "intensity": {"draw": "bright", "scale": 100}}},
        ],
        designs={"all": {"grid": {}, "factors": {"level": [1, 2, 3], "bright": [4, 5]}}},
    )
    heights = samples(made, "boxes.pose.position_z").astype(float)[:, 0].ravel()
    lights = samples(made, "sun.light.intensity").astype(float)[:, 0].ravel()
    found = list(zip(heights[:12].tolist(), lights[:12].tolist()))
    assert found == [(level, 100.0 * bright) for level in (1, 2, 3) for bright in (4, 5)] * 2


def test_a_fixed_value_is_a_constant() -> None:
    made = spec([{"light": {"lights": "sun", "intensity": {"uniform": [1, 9]}}}], fixed={"sun.intensity": 5})
    with isaac_sim("5.1") as standin, build_graph(made) as graph:
        assert graph.mode == "graph"
        state = standin.runtime_now().evaluate(np.arange(4))
    assert "sun.light.intensity" not in state.draws
    drawn = spec(
        [{"pose": {"prims": "boxes", "position_z": {"draw": "level", "scale": 2}}}],
        draws={"level": {"uniform": [1, 2]}},
        fixed={"level": 7},
    )
    assert (samples(drawn, "boxes.pose.position_z").astype(float) == 14).all()


def test_a_draw_of_each_prim_is_shared() -> None:
    made = spec(
        [
            {"pose": {"prims": "boxes", "position_z": {"draw": "level"}}},
            {"pose": {"prims": "boxes", "position_x": {"draw": "level", "scale": 3, "offset": -1}}},
        ],
        draws={"level": {"uniform": [1, 2], "per": "prim"}},
    )
    with isaac_sim("5.1") as standin, build_graph(made):
        state = standin.runtime_now().evaluate(np.arange(8))
    z = np.asarray(state.draws["boxes.pose.position_z"], float)
    x = np.asarray(state.draws["boxes.pose.position_x"], float)
    assert np.ptp(z, axis=1).min() > 0
    np.testing.assert_allclose(x, 3 * z - 1)


def test_an_expression_that_is_a_line_is_a_shared_draw() -> None:
    entry = {"position_z": {"expr": "(level - 1) / 2 + 3"}, "position_x": "$level"}
    line = {**entry, "position_z": {"draw": "level", "scale": 0.5, "offset": 2.5}}
    draws = {"level": {"uniform": [1, 2]}}
    listings = []
    for written in (spec([{"pose": {"prims": "boxes", **fields}}], draws=draws) for fields in (entry, line)):
        with isaac_sim("5.1") as standin, build_graph(written) as graph:
            assert graph.mode == "graph"
            listings.append(standin.listing())
    assert listings[0] == listings[1]


@pytest.mark.parametrize(("field", "low", "high"), [("scale", 0.2, 0.8), ("size", 0.2, 0.8)])
def test_one_number_scales_evenly(field: str, low: float, high: float) -> None:
    """A cube is a metre wide, so that its size is its scale."""
    made = spec([{"pose": {"prims": "boxes", field: {"uniform": [low, high]}}}])
    with isaac_sim("5.1") as standin, build_graph(made):
        runtime = standin.runtime_now()
        state = runtime.evaluate(np.arange(50))
        rows = [i for i, path in enumerate(runtime.scene().labels.entity_paths) if "boxes" in path]
    lengths = np.linalg.norm(state.entity_world[:, rows, :3, :3], axis=-1)
    np.testing.assert_allclose(lengths, lengths[..., :1].repeat(3, axis=-1))
    assert low <= lengths.min() < low + 0.1
    assert high - 0.1 < lengths.max() <= high
    assert np.ptp(lengths[..., 0], axis=1).min() > 0


@pytest.mark.parametrize(
    ("randomize", "changes", "message"),
    [
        (
            [{"scatter_2d": {"prims": "boxes", "surface_prims": "floor"}}],
            {},
            "scatter_2d: Replicator puts an item's origin onto the surface .*; use stand: false, or mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "size": [0.1, 0.2, 0.3]}}],
            {},
            "size with three numbers: .*; use one number, or mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"draw": "level", "scale": -1}}}],
            {"draws": {"level": {"uniform": [1, 2], "per": "prim"}}},
            "uniform times -1 plus 0 has no form .* use mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": "$level"}}],
            {"designs": {"sweep": {"sobol": {}, "factors": {"level": {"uniform": [1, 2]}}}}},
            "this runtime has no distribution 'factor'; use mode: stepped, or draws instead of designs",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"keyframes": {"0": 1, "9": 2}}}}],
            {},
            "this runtime has no distribution 'keyframes'; use mode: stepped, or a sequence",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"uniform": [0, 1]}}}],
            {"edge_cases": [{"boxes.position_z": 5}]},
            "this runtime has no distribution 'pinned'; use mode: stepped, or no edge_cases",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"expr": "level * level"}}}],
            {"draws": {"level": {"uniform": [1, 2]}}},
            r"boxes\.pose\.position_z: the expression 'level \* level': .* use mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"when": "level > 1", "then": 1, "else": {"uniform": [0, 1]}}}}],
            {"draws": {"level": {"uniform": [1, 2]}}},
            "no distribution 'switch'; Replicator's graph cannot express it; use mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": "$level"}}],
            {
                "draws": {"level": {"uniform": [1, 2]}, "other": {"uniform": [1, 2]}},
                "correlations": [{"draws": ["level", "other"], "correlation": 0.5}],
            },
            "no distribution 'correlate'; Replicator's graph cannot express it; use mode: stepped",
        ),
        (
            [{"pose": {"prims": "boxes", "position_z": {"choice": {"choices": [1, 2], "weights": ["level", 1]}}}}],
            {"draws": {"level": {"uniform": [1, 2]}}},
            "no distribution 'weighted_choice'; Replicator's graph cannot express it; use mode: stepped",
        ),
        ([{"pose": {"prims": "boxes", "scale": 2}}], {"num_envs": 4}, "num_envs is 4; several environments need mode"),
    ],
)  # fmt: skip
def test_what_has_no_form_is_refused_by_name(
    standin: Standin, randomize: list[Any], changes: dict[str, Any], message: str
) -> None:
    made = spec(randomize, **changes)
    with pytest.raises(UnsupportedError, match=message):
        build_graph(made)
    # Nothing is left of the attempt, and auto takes the other way.
    assert not [prim for prim in standin.runtime_now().stage.Traverse() if "boxes" in str(prim.GetPath())]
    with build_graph({**made, "mode": "auto"}) as graph:
        assert graph.mode == "stepped"


def test_a_graph_draws_in_sequence(tmp_path: Path) -> None:
    with isaac_sim("5.1"), build_graph(SPEC, mode="graph") as graph:
        with pytest.raises(EngineError, match=r"graph mode cannot start at frame 3, .* use mode: stepped"):
            graph.run(2, 3, tmp_path)
        with pytest.raises(UnsupportedError, match=r"sample\(\): in graph mode the draws are made inside Isaac Sim"):
            graph.sample(0)


def test_scaled_recipes() -> None:
    normal = Recipe("normal", {"mean": 2.0, "std": 1.0}, 5)
    assert normal.scaled(3, 1).arguments == {"mean": 7.0, "std": 3.0}
    choice = Recipe("choice", {"choices": [(1, 2), (3, 4)], "weights": None}, 5)
    assert choice.scaled(2, 1).arguments["choices"] == [(3, 5), (7, 9)]
    nested = Recipe("combine", {"distributions": [normal, 4.0]})
    assert nested.scaled(2).arguments["distributions"][1] == 8
