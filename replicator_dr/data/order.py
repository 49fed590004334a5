"""The order in which samples are taken, and who takes which: shuffled by seed and epoch, shared among workers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Order:
    """An order of ``size`` samples in each epoch, the same wherever it is worked out.

    size: of the whole. shuffle: whether an epoch is a permutation, a pure function of ``seed`` and its number, or
    ascending. even: leave out the last samples of an epoch where they cannot be shared evenly, as training in step
    with others needs; without it every sample is taken and shares differ by one at the most.
    """

    size: int
    shuffle: bool = False
    seed: int = 0
    even: bool = False

    def epoch(self, epoch: int) -> NDArray[np.int64]:
        """(size,) int64: the samples in the epoch's order."""
        if not self.shuffle:
            return np.arange(self.size, dtype=np.int64)
        generator = np.random.Generator(np.random.Philox(np.random.SeedSequence([self.seed, epoch])))
        return generator.permutation(self.size).astype(np.int64)

    def share(self, epoch: int, number: int, of: int) -> NDArray[np.int64]:
        """The samples of worker ``number`` out of ``of``, every ``of``-th of the epoch: all shares are the whole."""
        if not 0 <= number < of:
            raise ValueError(f"worker {number} of {of} does not exist; count from 0")
        return self.epoch(epoch)[: self.length(of) if self.even else None][number::of]

    def length(self, of: int) -> int:
        """Samples of an epoch over all ``of`` workers."""
        return self.size // of * of if self.even else self.size
