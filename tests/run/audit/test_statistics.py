"""The tests of draws: they bound what SciPy computes, find what is off, and raise few false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from replicator_dr.run.audit.draws.declared import Declared
from replicator_dr.run.audit.draws.statistics import ChoiceTest, UniformTest, divergence
from replicator_dr.run.audit.draws.targets import Continuous, Discrete, targets_of
from replicator_dr.spec.distributions import Choice, Combine, LogUniform, Normal, Sequence, TruncatedNormal, Uniform


@pytest.mark.parametrize("number", [3, 64, 1000])
@pytest.mark.parametrize("power", [1.0, 1.1, 2.0])
def test_the_bound_of_kolmogorov_and_smirnov(number: int, power: float) -> None:
    values = np.random.default_rng(number).random(number) ** power
    test = UniformTest()
    for part in np.array_split(values, 3):
        test.add(part)
    exact = stats.kstest(values, "uniform")
    assert test.number == number
    assert test.distance == pytest.approx(exact.statistic, abs=1 / 1024)
    # At most the statistic, so at least the exact probability, up to what one grid step changes.
    assert test.p >= 0.999 * exact.pvalue
    if power == 2.0 and number == 1000:
        assert test.p < 1e-20


@pytest.mark.parametrize(("count", "share"), [(0, 0.25), (70, 0.25), (25, 0.25), (1, 0.001), (100, 0.9)])
def test_the_bound_of_chernoff(count: int, share: float) -> None:
    test = ChoiceTest([share, 1 - share])
    test.add([0] * count + [1] * (100 - count))
    tail = stats.binom.cdf(count, 100, share) if count < 100 * share else stats.binom.sf(count - 1, 100, share)
    choice, p = test.worst()
    apart = divergence(test.counts[choice] / 100, (share, 1 - share)[choice])
    assert p >= tail
    assert p == pytest.approx(min(1.0, 4 * math.exp(-100 * apart)))


def test_false_alarms_are_as_rare_as_said() -> None:
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(400):
        numbers, choices = UniformTest(), ChoiceTest([0.5, 0.3, 0.2])
        numbers.add(random.random(64))
        choices.add(random.choice(3, 64, p=[0.5, 0.3, 0.2]).tolist())
        alarms += (numbers.p < 0.05) + (choices.worst()[1] < 0.05)
    assert alarms <= 2 * 400 * 0.05


def test_a_choice_without_a_share_is_impossible() -> None:
    assert divergence(0.1, 0.0) == math.inf
    assert divergence(0.0, 0.0) == 0.0


@pytest.mark.parametrize(
    ("distribution", "oracle"),
    [
        (Uniform(2.0, 5.0), stats.uniform(2, 3)),
        (LogUniform(0.1, 10.0), stats.loguniform(0.1, 10)),
        (Normal(3.0, 0.5), stats.norm(3, 0.5)),
        (TruncatedNormal(0.2, 0.4, 0.35, 0.05), stats.truncnorm(-3, 1, 0.35, 0.05)),
    ],
)
def test_distribution_functions(distribution: Uniform, oracle: stats.rv_continuous) -> None:
    ((_, target),) = targets_of(Declared(distribution))
    assert isinstance(target, Continuous)
    values = oracle.ppf(np.linspace(0.001, 0.999, 50))
    assert np.allclose(target.function(values), oracle.cdf(values), atol=1e-9)
    assert target.inside(values).all()
    assert not target.inside(np.array([target.low - 0.1, target.high + 0.1])).any()


def test_scale_and_offset() -> None:
    ((_, target),) = targets_of(Declared(Uniform(0.5, 2.0), scale=-1000.0, offset=4000.0))
    assert isinstance(target, Continuous)
    assert (target.low, target.high) == (2000.0, 3500.0)
    ((_, shifted),) = targets_of(Declared(LogUniform(1.0, 10.0), offset=1.0))
    assert isinstance(shifted, Continuous)
    assert shifted.kind == "range"


def test_components_and_choices() -> None:
    both = Combine((Uniform(0.0, 1.0), 0.3, Normal(0.0, 1.0)))
    assert [component for component, _ in targets_of(Declared(both))] == [0, 2]
    ((_, weighted),) = targets_of(Declared(Choice((1.0, 2.0, 1.0), weights=(1.0, 2.0, 1.0))))
    assert weighted == Discrete(((1.0,), (2.0,)), (0.5, 0.5))
    ((_, ordered),) = targets_of(Declared(Sequence((True, False))))
    assert ordered == Discrete(((1.0,), (0.0,)), None)


def test_which_draw_a_frame_shows() -> None:
    every = Declared(Uniform(0.0, 1.0), interval=3, most=2)
    assert [every.execution(frame) for frame in (0, 2, 3, 5, 6, 100)] == [0, 0, 1, 1, 1, 1]
