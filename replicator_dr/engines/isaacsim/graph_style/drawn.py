"""Samples drawn before the graph runs, for what Replicator's nodes cannot draw themselves."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.isaacsim.graph_style.recipes import Recipe
from replicator_dr.errors import UnsupportedError

ROWS = 1024
"""Samples in a table; after as many executions they begin again."""


def quantiles(lower: float, upper: float, mean: float, std: float) -> list[float]:
    """The values at (i + 0.5) / ROWS of a truncated normal's distribution function, i = 0 .. ROWS - 1."""
    if std <= 0:
        return [min(max(mean, lower), upper)] * ROWS
    normal = NormalDist(mean, std)
    low, high = normal.cdf(lower), normal.cdf(upper)
    levels = (low + (high - low) * (row + 0.5) / ROWS for row in range(ROWS))
    return [min(max(normal.inv_cdf(min(max(level, 1e-12), 1 - 1e-12)), lower), upper) for level in levels]


def samples(recipe: Recipe) -> list[Any]:
    """ROWS samples of a recipe: numbers, tuples of numbers, or what it chooses among."""
    generator = np.random.default_rng(recipe.seed)
    a = recipe.arguments
    if recipe.kind == "combine":
        parts = [samples(part) if isinstance(part, Recipe) else [part] * ROWS for part in a["distributions"]]
        return [tuple(_flat(row)) for row in zip(*parts, strict=True)]
    if recipe.kind == "sequence":
        return [a["items"][row % len(a["items"])] for row in range(ROWS)]
    if recipe.kind == "choice":
        weights = None if a.get("weights") is None else np.array(a["weights"]) / np.sum(a["weights"])
        return [a["choices"][index] for index in generator.choice(len(a["choices"]), size=ROWS, p=weights).tolist()]
    if recipe.kind == "truncated_normal":
        columns = [
            generator.permutation(quantiles(*parameters))
            for parameters in zip(*(np.atleast_1d(a[name]) for name in ("lower", "upper", "mean", "std")), strict=True)
        ]
        return _values(np.stack(columns, axis=-1), a["lower"])
    if recipe.kind == "uniform":
        drawn = generator.uniform(a["lower"], a["upper"], (ROWS, np.size(a["lower"])))
        return _values(drawn, a["lower"])
    if recipe.kind == "log_uniform":
        low, high = np.log(a["lower"]), np.log(a["upper"])
        return _values(np.exp(generator.uniform(low, high, (ROWS, np.size(low)))), a["lower"])
    if recipe.kind == "normal":
        return _values(generator.normal(a["mean"], a["std"], (ROWS, np.size(a["mean"]))), a["mean"])
    raise UnsupportedError(f"{recipe.kind} cannot be shared in Replicator's graph; use mode: stepped")


def subsets(
    count: int, least: int, most: int, seed: int, weights: Sequence[float] | None = None
) -> list[tuple[bool, ...]]:
    """ROWS rows of ``count`` truth values, of which least .. most are true, evenly drawn, or by weight."""
    generator = np.random.default_rng(seed)
    share = None if weights is None else np.array(weights, np.float64) / np.sum(weights)
    possible = count if share is None else int(np.count_nonzero(share))
    rows = []
    for wanted in generator.integers(least, most, size=ROWS, endpoint=True).tolist():
        if share is None:
            order = generator.permutation(count)
        else:
            order = generator.choice(count, size=possible, replace=False, p=share)
        chosen = set(order[:wanted].tolist())
        rows.append(tuple(index in chosen for index in range(count)))
    return rows


def _values(drawn: NDArray[np.float64], like: Any) -> list[Any]:
    """Rows as numbers, or as tuples where ``like`` is one."""
    if isinstance(like, (list, tuple)):
        return [tuple(row) for row in drawn.tolist()]
    return [row[0] for row in drawn.tolist()]


def _flat(row: Any) -> list[float]:
    return [number for part in row for number in (part if isinstance(part, tuple) else (part,))]
