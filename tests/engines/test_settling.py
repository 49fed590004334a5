"""Twenty objects in a bin: nothing leaves it, nothing is in something else, by FCL from poses and sizes alone."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

pytest.importorskip("mujoco", reason="the extra physics is not installed")
pytest.importorskip("fcl", reason="python-fcl is not installed")

from replicator_dr import build_graph
from tests.benchmarks.settling import WALLS, outside, overlaps, solids, spec


def test_things_in_a_bin_do_not_overlap() -> None:
    with build_graph(spec(limit=5.0)) as graph:
        state = graph.sample(range(4))
        depths = np.concatenate([overlaps(solids(graph, world), len(WALLS)) for world in state.entity_world])
    assert len(depths) > 50
    assert np.median(depths) < 0.0005
    assert depths.max() < 0.002


def test_the_checker_sees_overlaps() -> None:
    """Two centimetres down, everything that lies on the bottom is in it by as much."""
    with build_graph(spec(limit=5.0)) as graph:
        world = graph.sample([0]).entity_world[0].copy()
        world[:, 3, 2] -= 0.02
        depths = np.array(overlaps(solids(graph, world), len(WALLS)))
    assert depths.max() == pytest.approx(0.02, abs=0.002)


@pytest.mark.slow
def test_nothing_leaves_the_bin_in_a_thousand_frames() -> None:
    with build_graph(spec(limit=3.0)) as graph, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left = sum(
            outside(world)
            for start in range(0, 1000, 50)
            for world in graph.sample(range(start, start + 50)).entity_world
        )
    assert left == 0
