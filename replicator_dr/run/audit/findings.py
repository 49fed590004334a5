"""What checks report: findings with their evidence, and figures to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

SHOWN = 20
"""Findings of a check that are kept; the others are counted."""


class Severity(str, Enum):
    """What a finding of a check means for the dataset: it fails, or somebody may want to know."""

    ERROR = "error"
    INFO = "info"


class Status(str, Enum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOTED = "noted"
    """It found something that only informs."""
    SKIPPED = "skipped"
    """The dataset lacks what the check needs; its note says what."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. numbers: what was measured, and the limits it was held against, by name."""

    message: str
    image_id: int | None = None
    annotation_id: int | None = None
    file: str | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it: keys that say nothing are left out."""
        named = {"image_id": self.image_id, "annotation_id": self.annotation_id, "file": self.file}
        known = {key: value for key, value in named.items() if value is not None}
        return {"message": self.message, **known, **({"numbers": self.numbers} if self.numbers else {})}


class Findings:
    """The findings of a check: the first ``SHOWN`` of them, and how many there are."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[Finding] = []

    def add(self, found: Iterable[Finding]) -> None:
        """Take note of findings."""
        for finding in found:
            self.count += 1
            if len(self._first) < SHOWN:
                self._first.append(finding)

    def merge(self, other: Findings) -> None:
        """Take note of those of another."""
        self._first = [*self._first, *other][:SHOWN]
        self.count += other.count

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._first)


@dataclass(frozen=True)
class Bars:
    """Counts by name."""

    title: str
    counts: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {"kind": "bars", "title": self.title, "counts": self.counts}


@dataclass(frozen=True)
class Histogram:
    """Counts between edges. edges: n + 1 ascending numbers in ``unit``; counts: n."""

    title: str
    unit: str
    edges: list[float]
    counts: list[int]

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {
            "kind": "histogram", "title": self.title, "unit": self.unit, "edges": self.edges, "counts": self.counts,
        }  # fmt: skip


@dataclass(frozen=True)
class Heatmap:
    """Shares over the image: rows from top to bottom, each from left to right, the largest being 1."""

    title: str
    rows: list[list[float]]

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {"kind": "heatmap", "title": self.title, "rows": self.rows}


@dataclass(frozen=True)
class Table:
    """Rows of texts and numbers under a head."""

    title: str
    head: list[str]
    rows: list[list[str | int | float]]

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {"kind": "table", "title": self.title, "head": self.head, "rows": self.rows}


Figure = Bars | Histogram | Heatmap | Table


@dataclass(frozen=True)
class CheckResult:
    """How a check ended.

    meaning: the check in a line. found: how many findings there are; findings: the first of them. limits: the numbers
    it held the dataset against. note: in a few words what it looked at, or why it could not.
    """

    name: str
    meaning: str
    severity: Severity
    status: Status
    found: int
    findings: tuple[Finding, ...]
    limits: dict[str, float]
    note: str
    figures: tuple[Figure, ...]

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {
            "name": self.name,
            "meaning": self.meaning,
            "severity": self.severity.value,
            "status": self.status.value,
            "found": self.found,
            "findings": [finding.to_json() for finding in self.findings],
            "limits": self.limits,
            "note": self.note,
            "figures": [figure.to_json() for figure in self.figures],
        }
