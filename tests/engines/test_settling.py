"""Twenty objects in a bin: nothing leaves it, nothing is in something else, by FCL from poses and sizes alone."""

from __future__ import annotations

import warnings
from pathlib import Path

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
    """Boxes lowered by two centimetres are in the bottom by as much; one taken out of the bin is outside."""
    with build_graph(spec(limit=5.0)) as graph:
        world = graph.sample([0]).entity_world[0].copy()
        assert outside(world) == 0
        boxes = [i for i, path in enumerate(graph.scene.labels.entity_paths) if "/boxes" in path]
        low = world[boxes, 3, 2] - 0.5 * np.abs(world[boxes, :3, 2]).sum(axis=-1)
        things = solids(graph, world)
        lowest = things[boxes[int(np.argmin(low))]]
        lowest.setTranslation(lowest.getTranslation() - [0, 0, 0.02])
        depths = overlaps([lowest, *things[-len(WALLS) :]], len(WALLS))
        world[0, 3, 0] = 0.3
    assert max(depths) == pytest.approx(0.02, abs=0.001)
    assert outside(world) == 1


# Frames of the scene in which parts crept on for ever with softer friction and one time step.
TREMBLING = [22, 43, 51, 111, 128, 188, 336, 463, 694, 802]


def test_parts_that_lean_on_each_other_come_to_rest() -> None:
    """Gears, elbows and knobs: nothing moves a millimetre in 0.2 s, in all of those frames or in all but one."""
    scene = Path(__file__).parents[2] / "scenes" / "domain_randomization.yaml"
    with build_graph(scene) as graph, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moving = graph.sample(TREMBLING).draws["targets+obstacles.settle.moving"]
    assert np.count_nonzero(moving) <= 1


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
