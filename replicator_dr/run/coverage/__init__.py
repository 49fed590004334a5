"""How well what is drawn fills what may be drawn: each factor by itself, factors in pairs, and designs as a whole."""

from __future__ import annotations

from replicator_dr.run.coverage.report import CoverageReport, coverage
from replicator_dr.run.coverage.sources import draws_of_dataset, draws_of_spec

__all__ = ["CoverageReport", "coverage", "draws_of_dataset", "draws_of_spec"]
