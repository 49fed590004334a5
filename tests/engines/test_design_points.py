"""Points of designs: against SciPy's sequences, by counting strata, and from any frame alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from replicator_dr.engines.embedded.draws.design_points import Cube
from replicator_dr.engines.embedded.draws.permutation import keys_of, permuted

KINDS = [
    Cube("grid", 3, 24, (2, 3, 4), random=False),
    Cube("grid", 3, 24, (2, 3, 4), random=True),
    Cube("latin_hypercube", 3, 24),
    Cube("sobol", 3, 0),
    Cube("halton", 3, 0),
    Cube("sobol", 3, 16),
    Cube("halton", 3, 10),
]
ALL = np.arange(3)


@pytest.mark.parametrize("cube", KINDS, ids=str)
def test_a_point_is_a_function_of_its_number_alone(cube: Cube) -> None:
    frames = np.arange(150)
    every = cube.points(7, frames, ALL)
    mixed_up = np.random.default_rng(1).permutation(frames)
    np.testing.assert_array_equal(cube.points(7, mixed_up, ALL), every[mixed_up])
    np.testing.assert_array_equal(cube.points(7, frames[77:78], ALL[1:2]), every[77:78, 1:2])
    assert every.min() >= 0
    assert every.max() < 1
    assert cube.points(7, frames[:0], ALL).shape == (0, 3)


@pytest.mark.parametrize("shards", [1, 3, 8])
@pytest.mark.parametrize("scramble", [False, True])
def test_each_stratum_of_a_latin_hypercube_holds_exactly_one_point(shards: int, scramble: bool) -> None:
    n = 200
    cube = Cube("latin_hypercube", 5, n, random=scramble)
    for cycle in range(3):
        frames = np.arange(cycle * n, (cycle + 1) * n)
        parts = [cube.points(3, part, np.arange(5)) for part in np.array_split(frames, shards)]
        strata = np.floor(np.concatenate(parts) * n)
        assert (np.sort(strata, axis=0) == np.arange(n)[:, None]).all()


def test_cycles_combine_in_other_ways() -> None:
    for cube in (Cube("latin_hypercube", 2, 50), Cube("grid", 2, 50, (5, 10)), Cube("sobol", 2, 64)):
        n = cube.samples
        first, second = (cube.points(3, np.arange(c * n, (c + 1) * n), np.arange(2)) for c in (0, 1))
        assert (first != second).any()


def test_a_grid_meets_each_combination_once_the_last_dimension_fastest() -> None:
    levels = (2, 3, 4)
    expected = list(itertools.product(*map(range, levels)))
    plain = Cube("grid", 3, 24, levels, random=False).points(1, np.arange(48), ALL) * levels
    assert np.floor(plain).astype(int).tolist() == [list(row) for row in expected * 2]
    shuffled = (Cube("grid", 3, 24, levels).points(1, np.arange(24), ALL) * levels).astype(int).tolist()
    assert shuffled != [list(row) for row in expected]
    assert sorted(map(tuple, shuffled)) == expected


@pytest.mark.parametrize("dimensions", [1, 3, 9])
@pytest.mark.filterwarnings("ignore:The balance properties")
def test_sequences_are_those_of_scipy(dimensions: int) -> None:
    frames, columns = np.arange(1000), np.arange(dimensions)
    sobol = qmc.Sobol(dimensions, scramble=False).random(1000)
    np.testing.assert_array_equal(Cube("sobol", dimensions, 0, random=False).points(1, frames, columns), sobol)
    halton = qmc.Halton(dimensions, scramble=False).random(1000)
    points = Cube("halton", dimensions, 0, random=False).points(1, frames, columns)
    np.testing.assert_allclose(points, halton, rtol=0, atol=1e-15)


def test_far_points_need_no_points_before_them() -> None:
    engine = qmc.Sobol(2, scramble=False)
    engine.fast_forward(1_000_001)
    far = Cube("sobol", 2, 0, random=False).points(1, np.array([1_000_001]), np.arange(2))
    np.testing.assert_array_equal(far, engine.random(1))


@pytest.mark.parametrize(("kind", "factor"), [("latin_hypercube", 3.0), ("sobol", 20.0), ("halton", 10.0)])
def test_discrepancy_is_below_that_of_random_points(kind: str, factor: float) -> None:
    cube = Cube(kind, 3, 256)
    found = np.mean([qmc.discrepancy(cube.points(key, np.arange(256), ALL)) for key in range(10)])
    random = np.random.default_rng(5)
    plain = np.mean([qmc.discrepancy(random.random((256, 3))) for _ in range(10)])
    assert found * factor < plain


@pytest.mark.parametrize(("kind", "base"), [("sobol", 2), ("halton", 2)])
def test_scrambling_keeps_the_strata(kind: str, base: int) -> None:
    points = Cube(kind, 1, 0).points(11, np.arange(256), np.arange(1))
    assert (np.sort(np.floor(points[:, 0] * 256)) == np.arange(256)).all()
    assert (points != Cube(kind, 1, 0).points(12, np.arange(256), np.arange(1))).any()


def test_scrambled_sobol_points_are_a_net_in_two_dimensions() -> None:
    points = Cube("sobol", 2, 0).points(4, np.arange(256), np.arange(2))
    for rows in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        cells = np.floor(points * [rows, 256 // rows]).astype(int) @ [256 // rows, 1]
        assert (np.bincount(cells, minlength=256) == 1).all()


@pytest.mark.parametrize("n", [2, 3, 5])
def test_permutations_of_few_places_come_evenly(n: int) -> None:
    found = permuted(np.arange(n)[None], n, keys_of(5, np.arange(30_000))[:, None])
    assert (np.sort(found, axis=1) == np.arange(n)).all()
    counts = np.unique(found @ n ** np.arange(n), return_counts=True)[1]
    assert len(counts) == [1, 1, 2, 6, 24, 120][n]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_permutations_of_many_places_scatter_neighbours() -> None:
    n = 200
    found = permuted(np.array([[0, 1, n - 1]]), n, keys_of(8, np.arange(20_000))[:, None])
    for column in found.T:
        assert stats.chisquare(np.bincount(column, minlength=n)).pvalue > 1e-3
    steps = (found[:, 1] - found[:, 0]) % n
    assert stats.chisquare(np.bincount(steps, minlength=n)[1:]).pvalue > 1e-3
