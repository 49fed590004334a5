"""Factors together: pairs of them in cells, and the discrepancy of all factors of a design."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.draws.targets import Continuous
from replicator_dr.run.coverage.factor import Factor

Float64 = NDArray[np.float64]

_CELLS = 5
_MOST_PAIRS = 36
_MOST_POINTS = 4096
_MOST_DIMENSIONS = 16
EVERYTHING = "all factors"


@dataclass(frozen=True)
class Pair:
    """Two factors over the frames. points: (F, 2) levels. cells: in which they are counted; empty: of these."""

    first: Factor
    second: Factor
    points: Float64
    cells: int
    empty: int
    correlation: float


@dataclass(frozen=True)
class Whole:
    """Factors as points of a cube.

    discrepancy: the centred L2 discrepancy, squared (F. J. Hickernell, Mathematics of Computation 67, 1998), of the
    continuous ones; expected: its mean for as many independent random points. combinations: (met, in all) of the
    levels, where all are choices.
    """

    name: str
    factors: tuple[str, ...]
    points: int
    discrepancy: float | None = None
    expected: float | None = None
    combinations: tuple[int, int] | None = None


def independent(factors: Sequence[Factor]) -> list[Factor]:
    """One for each source: what several fields make of one draw counts once. Those of designs come first."""
    once = {factor.source: factor for factor in reversed(factors)}
    return sorted((one for one in factors if once[one.source] is one), key=lambda one: (not one.design, one.design))


def pairs(factors: Sequence[Factor]) -> list[Pair]:
    """The first pairs, those within a design before others."""
    chosen = independent(factors)
    ordered = sorted(combinations(chosen, 2), key=lambda two: not (two[0].design and two[0].design == two[1].design))
    return [_pair(*two) for two in ordered[:_MOST_PAIRS]]


def _pair(first: Factor, second: Factor) -> Pair:
    points = np.stack([first.first, second.first], axis=1)
    points = points[~np.isnan(points).any(axis=1)]
    sizes = [_CELLS if isinstance(one.target, Continuous) else one.parts for one in (first, second)]
    places = np.minimum((points * sizes).astype(np.int64), np.array(sizes) - 1)
    met = len(np.unique(places @ [sizes[1], 1])) if len(places) else 0
    varies = len(points) > 1 and (points.std(axis=0) > 0).all()
    correlation = float(np.asarray(np.corrcoef(points.T))[0, 1]) if varies else 0.0
    return Pair(first, second, points, sizes[0] * sizes[1], sizes[0] * sizes[1] - met, correlation)


def wholes(factors: Sequence[Factor]) -> Iterator[Whole]:
    """Each design, and all independent factors where they are few enough."""
    chosen = independent(factors)
    for design in dict.fromkeys(one.design for one in chosen if one.design):
        yield _whole(f"design {design}", [one for one in chosen if one.design == design])
    numbers = [one for one in chosen if isinstance(one.target, Continuous)]
    if 2 <= len(numbers) <= _MOST_DIMENSIONS:
        yield _whole(EVERYTHING, numbers)


def _whole(name: str, factors: list[Factor]) -> Whole:
    numbers = [one for one in factors if isinstance(one.target, Continuous)]
    names = tuple(one.source for one in numbers or factors)
    points = np.stack([one.first for one in numbers or factors], axis=1)
    points = points[~np.isnan(points).any(axis=1)]
    if not numbers:
        sizes = [one.parts for one in factors]
        met = len(np.unique((points * sizes).astype(np.int64), axis=0))
        return Whole(name, names, len(points), combinations=(met, int(np.prod(sizes))))
    if len(points) < 2:
        return Whole(name, names, len(points))
    from scipy.stats import qmc

    seen = points[:_MOST_POINTS]
    found = float(qmc.discrepancy(seen, method="CD"))
    return Whole(name, names, len(seen), found, random_discrepancy(*seen.shape))


def random_discrepancy(points: int, dimensions: int) -> float:
    """The mean of the squared centred discrepancy of independent uniform points (Hickernell 1998, section 5)."""
    return float(((5 / 4) ** dimensions - (13 / 12) ** dimensions) / points)
