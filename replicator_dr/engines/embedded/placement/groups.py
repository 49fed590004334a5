"""Things that one call places: an item's prims share a stream, so that other items leave its draws alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.distributions import Distribution

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing

Float64 = NDArray[np.float64]

VALUES = ("spin", "shift", "gap")
"""What a group may draw for its prims."""


@dataclass(frozen=True, eq=False)
class Group:
    """One item. paths: gives its prims; source: their stream.

    Values or distributions, an entry for each prim, None for none: spin [degrees], shift (2 numbers) [m], gap [m].
    """

    paths: Callable[[], list[str]]
    source: Distribution
    spin: Any = None
    shift: Any = None
    gap: Any = None


def members(groups: Sequence[Group]) -> list[tuple[Group, int]]:
    """The group of each thing, and the thing's number in it."""
    return [(group, number) for group in groups for number in range(len(group.paths()))]


def drawn(firing: Firing, groups: Sequence[Group], name: str, width: int) -> Float64:
    """(R, n, width): one of the groups' values for all things, 0 where there is none."""
    values = [(getattr(group, name), len(group.paths())) for group in groups]
    numbers = [firing.numbers(0.0 if value is None else value, count, width) for value, count in values]
    return np.concatenate(numbers, axis=1)
