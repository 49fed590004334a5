"""Samplers against their distribution functions, by chi-square with the Sidak correction, and against each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr.engines.embedded.draws import sampling

Float64 = NDArray[np.float64]

COUNT, BINS, SEEDS = 20_000, 50, range(1, 9)


def vector(value: float) -> Float64:
    return np.array([value])


CASES: dict[str, tuple[Callable[[Float64], Float64], Callable[[Float64], Float64]]] = {
    "uniform": (lambda u: sampling.uniform(u, vector(-2), vector(5)), stats.uniform(-2, 7).cdf),
    "log_uniform": (lambda u: sampling.log_uniform(u, vector(0.01), vector(10)), stats.loguniform(0.01, 10).cdf),
    "normal": (lambda u: sampling.normal(u, vector(3), vector(0.5)), stats.norm(3, 0.5).cdf),
    "truncated, both sides": (
        lambda u: sampling.truncated_normal(u, vector(1), vector(2), vector(0), vector(2.5)),
        stats.truncnorm(-0.5, 0.75, 1, 2).cdf,
    ),
    "truncated, far upper tail": (
        lambda u: sampling.truncated_normal(u, vector(0), vector(1), vector(7), vector(9)),
        stats.truncnorm(7, 9).cdf,
    ),
    "truncated, far lower tail": (
        lambda u: sampling.truncated_normal(u, vector(0), vector(1), vector(-9), vector(-7)),
        stats.truncnorm(-9, -7).cdf,
    ),
}

TESTS = (len(CASES) + 3) * len(SEEDS)
# Sidak: all tests together fail by chance once in ten thousand runs (and the draws never change).
LEVEL = 1.0 - (1.0 - 1e-4) ** (1.0 / TESTS)


def assert_evenly_filled(counts: Float64, expected: Float64) -> None:
    assert stats.chisquare(counts, expected).pvalue > LEVEL


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CASES)
def test_follows_its_distribution_function(name: str, seed: int) -> None:
    draw, cdf = CASES[name]
    u = sampling.uniforms(sampling.stream_key("seed", seed), np.arange(COUNT // 4), 4, 1)
    shares = cdf(draw(u).ravel())
    counts, _ = np.histogram(shares, bins=BINS, range=(0, 1))
    assert counts.sum() == COUNT
    assert_evenly_filled(counts.astype(float), np.full(BINS, COUNT / BINS))


def test_a_wrong_distribution_is_noticed() -> None:
    u = sampling.uniforms(1, np.arange(COUNT), 1, 1)
    shares = stats.norm(3, 0.55).cdf(sampling.normal(u, vector(3), vector(0.5)).ravel())
    counts, _ = np.histogram(shares, bins=BINS, range=(0, 1))
    assert stats.chisquare(counts).pvalue < LEVEL


@pytest.mark.parametrize("seed", SEEDS)
def test_choice_by_weight(seed: int) -> None:
    weights = np.array([1.0, 0.0, 3.0, 2.0, 0.5])
    u = sampling.uniforms(sampling.stream_key("choice", seed), np.arange(COUNT), 1, 1)
    counts = np.bincount(sampling.choice(u, weights).ravel(), minlength=5)
    assert counts[1] == 0
    used = weights > 0
    assert_evenly_filled(counts[used].astype(float), COUNT * weights[used] / weights.sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_choice_without_replacement_is_successive_sampling(seed: int) -> None:
    weights = np.array([1.0, 2.0, 4.0])
    u = sampling.uniforms(sampling.stream_key("pairs", seed), np.arange(COUNT), 3, 1)[..., 0]
    pairs = sampling.choice_without_replacement(u, weights)[:, :2]
    assert (pairs[:, 0] != pairs[:, 1]).all()
    counts, expected = [], []
    for first in range(3):
        for second in range(3):
            if first != second:
                counts.append(float(((pairs == [first, second]).all(axis=1)).sum()))
                rest = weights.sum() - weights[first]
                expected.append(COUNT * weights[first] / weights.sum() * weights[second] / rest)
    assert_evenly_filled(np.array(counts), np.array(expected))


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_are_independent(seed: int) -> None:
    """Elements, components, executions and streams that lie next to each other fill the unit square evenly."""
    key = sampling.stream_key("pairs of neighbours", seed)
    u = sampling.uniforms(key, np.arange(1000), 10, 4)
    other = sampling.uniforms(sampling.stream_key("pairs of neighbours", seed + 1), np.arange(1000), 10, 4)
    pairs = [(u[:, ::2], u[:, 1::2]), (u[..., :2], u[..., 2:]), (u[::2], u[1::2]), (u[:500], other[:500])]
    counts = np.zeros((4, 5, 5))
    for row, (first, second) in enumerate(pairs):
        counts[row] = np.histogram2d(first.ravel(), second.ravel(), bins=5, range=((0, 1), (0, 1)))[0]
    assert_evenly_filled(counts.ravel(), np.repeat(counts.sum(axis=(1, 2)) / 25, 25))


def test_uniforms_lie_in_the_half_open_unit_interval_and_use_53_bits() -> None:
    u = sampling.uniforms(3, np.arange(5000), 3, 3)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert np.array_equal(u * 2.0**53, np.round(u * 2.0**53))
    assert (u * 2.0**53 % 2 == 1).mean() == pytest.approx(0.5, abs=0.02)


def test_a_draw_depends_on_nothing_but_its_own_place() -> None:
    whole = sampling.uniforms(9, np.arange(40), 5, 3)
    assert np.array_equal(sampling.uniforms(9, np.array([31, 7]), 5, 3), whole[[31, 7]])
    assert np.array_equal(sampling.uniforms(9, np.arange(40), 2, 3), whole[:, :2])
    assert np.array_equal(sampling.uniforms(9, np.arange(40), 5, 1), whole[..., :1])
    far = sampling.uniforms(9, np.array([2**40, 2**40 + 7]), 5, 3)
    assert not np.array_equal(far, whole[[0, 7]])


def test_inverse_normal_against_scipy() -> None:
    u = np.concatenate([np.geomspace(1e-16, 0.5, 400), 1.0 - np.geomspace(1e-15, 0.5, 400)])
    assert np.allclose(sampling.inverse_normal(u), stats.norm.ppf(u), rtol=1e-13, atol=1e-14)


def test_no_spread_gives_the_clipped_mean() -> None:
    u = np.linspace(0, 0.999, 7)[:, None]
    made = sampling.truncated_normal(u, vector(5.0), vector(0.0), vector(0.0), vector(2.0))
    assert (made == 2.0).all()


def test_values_stay_within_their_bounds() -> None:
    u = np.array([[0.0], [1.0 - 2.0**-53]])
    low, high = vector(0.1), vector(0.1 + 0.2)
    assert (sampling.uniform(u, low, high) <= high).all()
    assert (sampling.log_uniform(u, low, high) <= high).all()
    assert (sampling.log_uniform(u, low, high) >= low).all()


def test_keys_of_names() -> None:
    assert sampling.stream_key("seed", 1) != sampling.stream_key("seed", 2)
    assert sampling.stream_key("seed", 1) != sampling.stream_key("seed", "1")
    assert sampling.stream_key("a", "b") != sampling.stream_key("ab")
    # Datasets made before must be made again byte for byte.
    assert sampling.stream_key("seed", 1) == 4200541887396631521
