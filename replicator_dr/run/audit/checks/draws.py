"""draws: what was drawn is what the spec's distributions give."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np

from replicator_dr.errors import ReplicatorDrError
from replicator_dr.labels.facts import is_fact
from replicator_dr.labels.redraws import ATTEMPT, FAILED
from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.draws.column import Column, Outcome
from replicator_dr.run.audit.draws.declared import declared_draws
from replicator_dr.run.audit.findings import Figure, Finding, Table
from replicator_dr.run.audit.image import AuditedImage
from replicator_dr.spec.load import recorded_spec

_FALSE_ALARMS = 1e-4
"""Share of faultless datasets that are reported, over all tests of a dataset together (Bonferroni's correction)."""
_SHOWN_ROWS = 200


class Draws(Check[dict[str, Any]]):
    """Values out of range, values that stand still, and values that do not follow their distribution."""

    name = "draws"
    meaning = "Recorded draws lie in the range of the spec's distributions, vary, and follow them."
    quick = True
    limits: ClassVar[dict[str, float]] = {"false_alarms": _FALSE_ALARMS}

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._columns: dict[str, Column] = {}
        self._unknown: set[str] = set()
        self._facts: Counter[str] = Counter()
        self._product: str | None = None
        self._outcomes: list[Outcome] = []
        try:
            self._declared = declared_draws(recorded_spec(dataset.manifest.spec or {}))
        except ReplicatorDrError as error:
            self._declared = {}
            self.skip(f"the spec in manifest.json cannot be read: {str(error).splitlines()[0]}")

    def look(self, image: AuditedImage) -> dict[str, Any]:
        """The draws of the image."""
        return image.record.draws

    def take(self, image: AuditedImage, seen: dict[str, Any]) -> None:
        """Sort them by name; the images of one frame share their draws, so that one product has them all."""
        if self._product is None:
            self._product = image.record.product
        if self.skipped or image.record.product != self._product:
            return
        for name, values in seen.items():
            if is_fact(name):
                self._facts[name] += bool(np.any(values))
                continue
            if name in (ATTEMPT, FAILED):
                continue
            column = self._columns.get(name)
            if column is None:
                if name not in self._declared:
                    self._unknown.add(name)
                    continue
                column = self._columns[name] = Column(name, self._declared[name])
            column.add(image.record.frame, image.record.id, values)

    def finish(self) -> None:
        """Hold all that is left against the spec, and correct for the number of tests."""
        if self.skipped:
            return
        tested = [column for column in self._columns.values() if column.comparable]
        for column in tested:
            column.flush()
        # Values that stand still are reported as that, and not as a bad fit besides.
        free = [column for column in tested if not column.declared.chosen]
        still = {column.name: column.constant for column in free if column.constant < 1.0}
        self._outcomes = [
            one for column in free if column.declared.interval and column.name not in still for one in column.outcomes()
        ]
        limit = _FALSE_ALARMS / max(len(self._outcomes) + len(still), 1)
        for column in tested:
            self.findings.merge(column.out_of_range)
        for name, p in still.items():
            if p < limit:
                draws = self._columns[name].draws
                message = f"{name} is the same in all {draws} draws; its distribution varies"
                self.findings.add([Finding(message, numbers={"draws": draws, "p": p, "limit": limit})])
        for one in self._outcomes:
            if one.p < limit:
                message = f"{one.name} does not follow its distribution: {one.why} (p < {one.p:.1e})"
                self.findings.add([Finding(message, numbers={"values": one.number, "p": one.p, "limit": limit})])
        left = [*self._unknown, *(name for name, column in self._columns.items() if not column.comparable)]
        if not self._columns and not left:
            self.skip("the images record no draws")
            return
        self.note = f"{len(self._outcomes)} distributions tested" + (
            f"; left out: {', '.join(sorted(left))}" if left else ""
        )
        if chosen := len(tested) - len(free):
            self.note += f"; of {chosen} draws only the range, as frames that do not meet `require` are drawn anew"
        self.note += "".join(f"; {name} above 0 in {frames} frames" for name, frames in self._facts.items() if frames)

    def figures(self) -> tuple[Figure, ...]:
        """The table of tests, the most unlikely first."""
        rows = sorted(self._outcomes, key=lambda one: one.p)[:_SHOWN_ROWS]
        cells: list[list[str | int | float]] = [[one.name, one.kind, one.number, f"{one.p:.3g}"] for one in rows]
        return (
            (Table("Draws against the spec", ["draw", "distribution", "values", "p at most"], cells),) if rows else ()
        )
