"""The order of a map-style dataset over distributed ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch.distributed
from torch.utils.data import Sampler

from replicator_dr.data.order import Order


class SharedSampler(Sampler[int]):
    """This rank's share of a dataset, shuffled anew for each epoch.

    Over all ranks each sample comes exactly once an epoch; shares differ by one at the most, or, with ``even``, are
    equal and the last samples of the epoch's order are left out. rank, of: by default those of torch.distributed. The
    loader's own workers share out a rank's samples by themselves.
    """

    def __init__(
        self,
        dataset: Sized,
        *,
        shuffle: bool = True,
        seed: int = 0,
        even: bool = False,
        rank: int | None = None,
        of: int | None = None,
    ) -> None:
        self.order = Order(len(dataset), shuffle, seed, even)
        found = ranks()
        self.rank = found[0] if rank is None else rank
        self.of = found[1] if of is None else of
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of that epoch; call it before each, else all are alike."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(self.order.share(self._epoch, self.rank, self.of).tolist())

    def __len__(self) -> int:
        return len(range(self.rank, self.order.length(self.of), self.of))


def ranks() -> tuple[int, int]:
    """(this process's rank, number of ranks); (0, 1) where nothing is distributed."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1
