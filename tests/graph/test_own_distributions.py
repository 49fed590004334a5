from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.draws.own_distributions import register, shared, subset, truncated_normal
from replicator_dr.engines.embedded.runtime import Runtime, activate

EXECUTIONS = np.arange(2000, dtype=np.int64)


@pytest.fixture(autouse=True)
def runtime() -> Iterator[Runtime]:
    with activate(Runtime()) as active:
        active.seed = 0
        yield active


def samples(item: object, count: int = 1) -> np.ndarray:
    node = item.node  # type: ignore[attr-defined]
    assert isinstance(node, Distribution)
    return node.sample(0, EXECUTIONS, count, None)


LAWS = [(0, 1, 0.5, 0.2), (0, 1, 0.5, 5), (2, 3, 0, 1), (-9, -4, 0, 1), (0, np.inf, -1, 1)]


@pytest.mark.parametrize(("lower", "upper", "mean", "std"), LAWS)
def test_truncated_normal_has_its_law(lower: float, upper: float, mean: float, std: float) -> None:
    values = samples(truncated_normal(lower, upper, mean, std, seed=4))[:, 0, 0]
    law = stats.truncnorm((lower - mean) / std, (upper - mean) / std, mean, std)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4
    assert values.min() >= lower
    assert values.max() <= upper


def test_subset_sizes_and_members_are_uniform() -> None:
    chosen = samples(subset(1, 3, seed=9), 5)[..., 0]
    sizes = np.bincount(chosen.sum(axis=1).astype(int), minlength=6)
    assert sizes[[0, 4, 5]].sum() == 0
    assert stats.chisquare(sizes[1:4]).pvalue > 1e-4
    pairs = chosen[chosen.sum(axis=1) == 2]
    which = np.bincount((pairs @ 2 ** np.arange(5)).astype(int), minlength=32)
    assert stats.chisquare(which[which > 0]).pvalue > 1e-4
    assert (which > 0).sum() == 10


def test_subset_refuses_impossible_bounds() -> None:
    with pytest.raises(ValueError, match=r"is not least \.\. most"):
        subset(3, 2)


def test_shared_samples_follow_the_frame() -> None:
    source = truncated_normal(0, 1, 0.5, 0.2, seed=3)
    every = samples(shared(source), 4)
    third = samples(shared(source, interval=3), 4)
    assert every.shape == (2000, 4, 1)
    assert (every == every[:, :1]).all()
    np.testing.assert_array_equal(third[:600], every[:1800:3])


def test_shared_samples_are_scaled() -> None:
    source = truncated_normal(0, 1, 0.5, 0.2, seed=3)
    values = samples(shared(source, per="prim", scale=(2.0, -1.0), offset=1.0), 3)
    plain = samples(source, 3)
    np.testing.assert_allclose(values, plain * [2.0, -1.0] + 1.0)


def test_they_stand_beside_replicators_own(runtime: Runtime) -> None:
    from replicator_dr.engines.embedded import api

    register(api)
    assert samples(api.distribution.truncated_normal(0, 1, 0.5, 0.1, seed=1)).shape == (2000, 1, 1)  # type: ignore[attr-defined]
