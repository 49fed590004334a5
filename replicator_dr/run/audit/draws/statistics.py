"""Running tests of drawn values, in memory that does not grow with their number.

Both tests bound the probability that values like these, or worse, come from the distribution. The bounds hold for any
number of values, so a small dataset raises no more false alarms than a large one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BINS = 1024


class UniformTest:
    """Kolmogorov and Smirnov's test that numbers are uniform in 0..1, on a grid.

    p = 2 exp(-2 n D^2): Dvoretzky, Kiefer and Wolfowitz's inequality with Massart's constant (Annals of Probability
    18, 1990); D is taken at the grid's edges alone, which makes it smaller and the test milder.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)

    def add(self, shares: NDArray[np.float64]) -> None:
        """Take numbers, (n,) in 0..1."""
        self._counts += np.bincount(np.minimum((shares * _BINS).astype(np.int64), _BINS - 1), minlength=_BINS)

    @property
    def number(self) -> int:
        """How many it has taken."""
        return int(self._counts.sum())

    @property
    def distance(self) -> float:
        """D, the largest difference between the share of values and its expectation."""
        edges = np.arange(1, _BINS + 1) / _BINS
        return float(np.abs(np.cumsum(self._counts) / max(self.number, 1) - edges).max()) if self.number else 0.0

    @property
    def p(self) -> float:
        """The bound."""
        return min(1.0, 2.0 * math.exp(-2.0 * self.number * self.distance**2))


class ChoiceTest:
    """Counts of choices against their shares.

    For each choice, Chernoff's bound of a binomial tail, exp(-n KL(count / n || share)) (Annals of Mathematical
    Statistics 23, 1952), times two tails and the number of choices. Unlike the chi-square approximation it holds where
    a choice is expected less than five times, and it names the choice.
    """

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = tuple(shares)
        self.counts: Counter[int] = Counter()

    def add(self, choices: Sequence[int]) -> None:
        """Take choices by their numbers."""
        self.counts.update(choices)

    @property
    def number(self) -> int:
        """How many it has taken."""
        return sum(self.counts.values())

    def worst(self) -> tuple[int, float]:
        """The choice that is farthest from its share, and the bound."""
        if self.number == 0 or not self._shares:
            return 0, 1.0
        bounds = [
            math.exp(-self.number * divergence(self.counts[choice] / self.number, share))
            for choice, share in enumerate(self._shares)
        ]
        worst = int(np.argmin(bounds))
        return worst, min(1.0, 2.0 * len(bounds) * bounds[worst])


def divergence(found: float, expected: float) -> float:
    """Kullback and Leibler's divergence of two coins."""
    total = 0.0
    for p, q in ((found, expected), (1.0 - found, 1.0 - expected)):
        if p > 0.0:
            total += math.inf if q <= 0.0 else p * math.log(p / q)
    return total
