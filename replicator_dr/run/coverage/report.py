"""The report: factors, pairs and designs, and what is worth a second look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from replicator_dr.run.coverage.factor import Factor, factors_of
from replicator_dr.run.coverage.joint import Pair, Whole, pairs, wholes
from replicator_dr.run.coverage.sources import Drawn

BINS = 10


@dataclass(frozen=True)
class CoverageReport:
    """How well some frames fill what may be drawn. left_out: draws whose law is not known."""

    title: str
    name: str
    frames: int
    factors: tuple[Factor, ...]
    pairs: tuple[Pair, ...]
    wholes: tuple[Whole, ...]
    left_out: tuple[str, ...]

    @property
    def empty(self) -> int:
        """Parts of single factors without a value."""
        return sum(factor.empty for factor in self.factors)

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {
            "format": "replicator_dr.coverage/1",
            "source": self.title,
            "name": self.name,
            "frames": self.frames,
            "factors": [
                {
                    "name": one.name,
                    "design": one.design or None,
                    "law": one.law,
                    "values": len(one.levels),
                    "parts": one.parts,
                    "empty": one.empty,
                    "counts": one.counts.tolist(),
                    "distance": one.distance,
                }
                for one in self.factors
            ],
            "pairs": [
                {
                    "factors": [one.first.name, one.second.name],
                    "cells": one.cells,
                    "empty": one.empty,
                    "correlation": one.correlation,
                }
                for one in self.pairs
            ],
            "together": [
                {
                    "name": one.name,
                    "factors": list(one.factors),
                    "points": one.points,
                    "discrepancy": one.discrepancy,
                    "expected_of_random": one.expected,
                    "combinations": one.combinations,
                }
                for one in self.wholes
            ],
            "left_out": list(self.left_out),
        }


def coverage(drawn: Drawn, bins: int = BINS) -> CoverageReport:
    """Work the report out. bins: parts of equal probability that numbers are looked at in."""
    factors, left = factors_of(drawn, bins)
    return CoverageReport(
        drawn.title,
        drawn.spec.name,
        len(drawn.frames),
        tuple(factors),
        tuple(pairs(factors)),
        tuple(wholes(factors)),
        tuple(left),
    )
