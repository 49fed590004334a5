"""Parts of a dataset for training, validation and test: which one a frame belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from replicator_dr.errors import OutputError
from replicator_dr.storage.json_numbers import line


@dataclass(frozen=True)
class Splits:
    """Each frame, with all its images, belongs to one part, by a hash of its number.

    The same frame belongs to the same part on every shard, in every format and for every length of the dataset.
    shares: (name, share) pairs; shares are taken relative to their sum. group: a draw's name; frames that drew the same
    value belong to the same part, so that an asset or a texture never stands in two.
    """

    shares: tuple[tuple[str, float], ...] = ()
    group: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parts, in their order."""
        return tuple(name for name, _ in self.shares)

    def of(self, frame: int, draws: Mapping[str, Any]) -> str | None:
        """The part that a frame belongs to, None where there are none. OutputError where the group cannot be told."""
        if not self.shares:
            return None
        key = str(frame).encode() if self.group is None else line(self._value(draws))
        place = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") / 2**64
        # By name, not in the order in which they are written: that is no setting.
        shares = sorted(self.shares)
        ends = list(accumulate(share for _, share in shares))
        return next((name for (name, _), end in zip(shares, ends) if place < end / ends[-1]), shares[-1][0])

    def _value(self, draws: Mapping[str, Any]) -> Any:
        """The value of the group's draw."""
        if self.group is None or self.group not in draws:
            raise OutputError(
                f"split_by names the draw {self.group!r}, which this graph does not have; it has: "
                f"{', '.join(sorted(draws)) or 'none'}"
            )
        values = draws[self.group]
        if not isinstance(values, list) or not values:
            return values
        if any(value != values[0] for value in values):
            raise OutputError(
                f"split_by names the draw {self.group!r}, which gives {len(values)} values in one frame: the frame "
                "would belong to several groups; name a draw that gives one"
            )
        return values[0]
