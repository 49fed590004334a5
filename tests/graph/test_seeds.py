from __future__ import annotations

import numpy as np
from scipy import stats

from replicator_dr.graph.seeds import SEEDS, fraction, seed_of


def test_seeds_are_stable_over_versions() -> None:
    # Written down once: if these change, every dataset changes.
    assert [seed_of(0, "a"), seed_of(1, "a"), seed_of(0, "b")] == [106183199, 78653366, 1232238596]


def test_seeds_differ_by_seed_and_by_each_name() -> None:
    places = [("a", "b"), ("a", "c"), ("ab",), ("a", "b", "c"), ("a",)]
    seeds = {seed_of(seed, *place) for seed in range(100) for place in places}
    assert len(seeds) == 500


def test_seeds_are_what_a_node_input_holds_and_never_none() -> None:
    seeds = [seed_of(seed, "x") for seed in range(2000)]
    assert min(seeds) >= 1
    assert max(seeds) <= SEEDS


def test_fractions_are_uniform() -> None:
    values = np.array([fraction(7, index) for index in range(4000)])
    assert stats.kstest(values, "uniform").pvalue > 1e-4
    assert values.min() >= 0
    assert values.max() < 1
