"""Orders: permutations by seed and epoch, shares that are the whole together."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.data.order import Order


@pytest.mark.parametrize("size", [0, 1, 7, 100])
@pytest.mark.parametrize("of", [1, 2, 3, 8])
@pytest.mark.parametrize("shuffle", [False, True])
def test_shares_hold_each_sample_once(size: int, of: int, shuffle: bool) -> None:
    order = Order(size, shuffle, seed=3)
    shares = [order.share(5, number, of) for number in range(of)]
    assert sorted(np.concatenate(shares).tolist()) == list(range(size))
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1
    even = [Order(size, shuffle, seed=3, even=True).share(5, number, of) for number in range(of)]
    assert {len(share) for share in even} == {size // of}
    for whole, part in zip(shares, even):
        np.testing.assert_array_equal(whole[: len(part)], part)


def test_an_epoch_is_a_function_of_seed_and_number() -> None:
    order = Order(50, True, seed=1)
    assert order.epoch(2).tolist() == Order(50, True, seed=1).epoch(2).tolist()
    assert order.epoch(2).tolist() != order.epoch(3).tolist()
    assert order.epoch(2).tolist() != Order(50, True, seed=2).epoch(2).tolist()
    assert Order(50).epoch(4).tolist() == list(range(50))


def test_every_place_is_as_likely() -> None:
    """Chi-square over where the first sample goes, 9 degrees of freedom; 27.9 is its 0.1 % point."""
    places = [Order(10, True).epoch(epoch).tolist().index(0) for epoch in range(2000)]
    counts = np.bincount(places, minlength=10)
    assert ((counts - 200) ** 2 / 200).sum() < 27.9


def test_workers_are_counted_from_zero() -> None:
    with pytest.raises(ValueError, match="worker 2 of 2 does not exist"):
        Order(3).share(0, 2, 2)
