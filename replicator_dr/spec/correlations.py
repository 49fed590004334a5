"""Shared draws that go together by a Gaussian copula: ``correlations: [{draws: [a, b], correlation: 0.8}]``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails
from typing_extensions import Self

from replicator_dr.spec.distributions import Choice, LogUniform, Normal, TruncatedNormal, Uniform, components
from replicator_dr.spec.model import Model, fault, faults
from replicator_dr.spec.settle import SharedDraw
from replicator_dr.spec.suggest import did_you_mean

_LEAST = 1e-9
"""The smallest eigenvalue of a matrix that counts as positive definite."""


class Correlation(Model):
    """Shared draws whose values go together, each keeping its own distribution.

    A choice counts in the order in which its values are written.
    """

    draws: tuple[str, ...] = Field(min_length=2)
    """Names of draws of single numbers, or of choices; each is correlated once at most."""
    correlation: float | None = Field(default=None, gt=-1, lt=1, allow_inf_nan=False)
    """Between any two of them, above -1 and below 1."""
    matrix: tuple[tuple[float, ...], ...] | None = None
    """A row for each draw, in their order: 1 on the diagonal, the same on both sides of it."""
    measure: Literal["rank", "normal"] = "rank"
    """What the numbers mean: ``rank``, Spearman's, which the values themselves then have; ``normal``, Pearson's of the
    normal variables behind them."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        found = list(self._matrix_faults())
        if len(set(self.draws)) < len(self.draws):
            twice = next(name for name in self.draws if self.draws.count(name) > 1)
            found.append(fault(f"'{twice}' is named twice", "name each draw once", ("draws",)))
        if not found:
            least = float(np.linalg.eigvalsh(np.array(self.normal())).min())
            if least < _LEAST:
                message = "these correlations contradict each other: no draws can have all of them"
                hint = (
                    f"the matrix must be positive definite, its smallest eigenvalue is {least:.3g}; bring them nearer 0"
                )
                found.append(fault(message, hint, ("matrix" if self.matrix else "correlation",)))
        if found:
            raise faults(found)
        return self

    def _matrix_faults(self) -> Iterator[InitErrorDetails]:
        if (self.correlation is None) == (self.matrix is None):
            yield fault("give correlation or matrix, one of them", "correlation is one number for all pairs")
            return
        if self.matrix is None:
            return
        size = len(self.draws)
        if len(self.matrix) != size or any(len(row) != size for row in self.matrix):
            yield fault(f"expected {size} rows of {size} numbers", "a row and a column for each draw", ("matrix",))
            return
        for i in range(size):
            for j in range(size):
                place, value = ("matrix", i, j), self.matrix[i][j]
                if i == j and value != 1.0:
                    yield fault(f"the diagonal holds {value:g}", "each draw goes with itself: write 1", place)
                elif i != j and not -1.0 < value < 1.0:
                    yield fault(f"{value:g} is out of range", "must be above -1 and below 1", place)
                elif i > j and value != self.matrix[j][i]:
                    message = f"{value:g} here, but {self.matrix[j][i]:g} on the other side of the diagonal"
                    yield fault(message, "write the same on both", place)

    def normal(self) -> list[list[float]]:
        """Pearson's correlations of the normal variables, (m, m).

        From Spearman's by 2 sin(pi r / 6): W. H. Kruskal, "Ordinal measures of association", JASA 53 (1958).
        """
        size = len(self.draws)
        single = self.correlation or 0.0
        rows = self.matrix or tuple(tuple(1.0 if i == j else single for j in range(size)) for i in range(size))
        if self.measure == "normal":
            return [list(row) for row in rows]
        return [
            [1.0 if i == j else 2.0 * math.sin(math.pi * rows[i][j] / 6.0) for j in range(size)] for i in range(size)
        ]


def correlation_faults(
    correlations: tuple[Correlation, ...], draws: Mapping[str, SharedDraw]
) -> Iterator[InitErrorDetails]:
    """What is wrong with correlations among the draws of a spec."""
    taken: set[str] = set()
    for index, entry in enumerate(correlations):
        known = [name for name in entry.draws if name in draws]
        for position, name in enumerate(entry.draws):
            place = ("correlations", index, "draws", position)
            if name not in draws:
                hint = did_you_mean(name, draws).text or f"draws: {', '.join(draws)}"
                yield fault(f"there is no draw '{name}'", hint, place)
                continue
            if name in taken:
                yield fault(f"'{name}' is correlated twice", "put all that go together into one matrix", place)
            elif (problem := _unfit(draws[name].distribution)) is not None:
                yield fault(f"'{name}' {problem[0]}", problem[1], place)
            elif draws[name].per != draws[known[0]].per:
                each = f"'{name}' is drawn for each {draws[name].per}, '{known[0]}' for each {draws[known[0]].per}"
                yield fault(each, "give them the same per", place)
        taken.update(entry.draws)


def _unfit(value: Any) -> tuple[str, str] | None:
    if isinstance(value, Choice):
        if not value.with_replacements:
            return "chooses without replacements", "leave out with_replacements"
        return None
    if not isinstance(value, (Uniform, LogUniform, Normal, TruncatedNormal)):
        return f"comes from {value.kind}, which has no single law", "correlate what it is made of"
    if any(len(components(getattr(value, name))) > 1 for name in value.numeric):
        return "is a vector", "draw its components one by one"
    return None
