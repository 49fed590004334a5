"""What is noted among a frame's draws where frames must meet requirements, and sums of it over frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.labels.redraws import ATTEMPT, FAILED

Redraws = tuple[int, tuple[int, ...]]
"""Draws that were turned down, and how many of them each requirement turned down."""


def redraws(draws: Mapping[str, NDArray[Any]]) -> Redraws:
    """Over all frames of a batch; nothing where nothing is required."""
    if ATTEMPT not in draws or not len(draws[ATTEMPT]):
        return 0, ()
    return int(draws[ATTEMPT].sum()), tuple(np.sum(draws[FAILED], axis=0).tolist())


def added(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Sums by requirement; an empty tuple adds nothing."""
    return tuple(map(sum, zip(first, second, strict=True))) if first and second else first or second
