"""The audit: one pass over the images on several threads, every check taking what it saw in their order."""

from __future__ import annotations

import importlib.util
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from replicator_dr.errors import AssetError
from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.checks import ALL, Entries
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import CheckResult, Finding, Status
from replicator_dr.run.audit.image import AuditedImage, UnreadableImageError

QUICK_IMAGES = 500
"""Images that a quick audit looks at; ids and counts are checked for all."""
_AHEAD = 4
"""Images in work for each thread: enough to keep them busy, few enough to keep memory flat."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AuditReport:
    """How an audit ended. images: looked at; of: images of the dataset. seconds: of the clock."""

    folder: Path
    name: str
    quick: bool
    images: int
    of: int
    seconds: float
    results: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(result for result in self.results if result.status is Status.FAILED)

    def to_json(self) -> dict[str, Any]:
        """As the JSON report has it."""
        return {
            "format": "replicator_dr.audit/1",
            "dataset": str(self.folder),
            "name": self.name,
            "quick": self.quick,
            "passed": self.passed,
            "images": self.images,
            "of": self.of,
            "seconds": round(self.seconds, 3),
            "checks": [result.to_json() for result in self.results],
        }


def audit(
    folder: Path, *, quick: bool = False, workers: int | None = None, progress: Progress | None = None
) -> AuditReport:
    """Check a dataset. AssetError where the folder holds none.

    quick: what can be told without decoding images, for at most ``QUICK_IMAGES`` of them. workers: threads, one per
    core by default. progress: called with (images done, images in all).
    """
    if importlib.util.find_spec("PIL") is None:
        raise AssetError("an audit decodes images with Pillow: pip install 'replicator_dr[embedded]'")
    began = time.perf_counter()
    dataset = AuditedDataset(folder)
    entries = Entries(dataset)
    checks = [entries, *(kind(dataset) for kind in ALL if kind is not Entries and (kind.quick or not quick))]
    rows = dataset.order.tolist()
    chosen = pairs_of(rows, QUICK_IMAGES) if quick else rows
    looked = 0
    for seen in _seen(dataset, checks, chosen, workers or os.cpu_count() or 1, quick):
        looked += 1
        if isinstance(seen, Finding):
            entries.findings.add([seen])
        else:
            image, views = seen
            for check, view in zip(checks, views):
                check.take(image, view)
        if progress is not None:
            progress(looked, len(chosen))
    for check in checks:
        check.finish()
    results = tuple(check.result() for check in checks)
    return AuditReport(folder, dataset.name, quick, looked, len(rows), time.perf_counter() - began, results)


def pairs_of(rows: Sequence[int], most: int) -> list[int]:
    """At most ``most`` of the rows, neighbours in pairs, evenly from first to last; all where there are no more."""
    if len(rows) <= most:
        return list(rows)
    first = np.linspace(0, len(rows) - 2, most // 2).astype(np.int64)
    return [rows[place] for place in np.unique(np.concatenate([first, first + 1])).tolist()]


def _seen(
    dataset: AuditedDataset, checks: Sequence[Check[Any]], rows: Iterable[int], workers: int, quick: bool
) -> Iterator[tuple[AuditedImage, list[Any]] | Finding]:
    """What the checks see in each image, in the order of the rows; a finding for an entry that is not an image's."""

    def look(row: int) -> tuple[AuditedImage, list[Any]] | Finding:
        try:
            image = AuditedImage(dataset, row, decodes=not quick)
        except UnreadableImageError as error:
            return Finding(str(error), dataset.tables.images[row].id)
        views = [check.look(image) for check in checks]
        image.release()
        return image, views

    waiting: deque[Future[tuple[AuditedImage, list[Any]] | Finding]] = deque()
    pool = ThreadPoolExecutor(workers, "audit")
    try:
        for row in rows:
            waiting.append(pool.submit(look, row))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
