"""What a check is: it looks at each image on a worker thread, and takes what it saw in the order of the images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import CheckResult, Figure, Finding, Findings, Severity, Status
from replicator_dr.run.audit.image import AuditedImage

Seen = TypeVar("Seen")


class Check(ABC, Generic[Seen]):
    """One question about a dataset.

    name: its name on the command line, in reports and in docs/audit.md. meaning: in a line, what holds when it passes.
    severity: whether its findings fail the audit. quick: whether it takes part after each run, where no image is
    decoded. limits: the numbers that it holds the dataset against.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    quick: ClassVar[bool] = False
    limits: ClassVar[dict[str, float]] = {}

    def __init__(self, dataset: AuditedDataset) -> None:
        self.dataset = dataset
        self.findings = Findings()
        self.note = ""
        self.skipped = False

    @abstractmethod
    def look(self, image: AuditedImage) -> Seen:
        """Look at one image: on any thread, in any order, without a change to the check."""

    @abstractmethod
    def take(self, image: AuditedImage, seen: Seen) -> None:
        """Take what was seen: on one thread, by product and frame. The image's pixels are gone by then."""

    def finish(self) -> None:
        """Say what needs all images to have been seen."""

    def figures(self) -> tuple[Figure, ...]:
        """What is worth a look."""
        return ()

    def result(self) -> CheckResult:
        """How it ended, after ``finish``."""
        found = self.findings.count
        bad = Status.FAILED if self.severity is Severity.ERROR else Status.NOTED
        status = bad if found else Status.SKIPPED if self.skipped else Status.PASSED
        shown = tuple(self.findings)
        return CheckResult(
            self.name, self.meaning, self.severity, status, found, shown, self.limits, self.note, self.figures()
        )

    def skip(self, why: str) -> None:
        """The dataset lacks what the check needs."""
        self.skipped, self.note = True, why


class ImageCheck(Check[list[Finding]]):
    """A check whose findings follow from one image alone."""

    def look(self, image: AuditedImage) -> list[Finding]:
        """The findings in one image."""
        return list(self.find(image))

    @abstractmethod
    def find(self, image: AuditedImage) -> Iterable[Finding]:
        """The findings in one image, one after the other."""

    def take(self, image: AuditedImage, seen: list[Finding]) -> None:
        """Keep them."""
        self.findings.add(seen)


class DatasetCheck(Check[None]):
    """A check that needs no image: ``finish`` does it all."""

    def look(self, image: AuditedImage) -> None:
        """Nothing to see."""

    def take(self, image: AuditedImage, seen: None) -> None:
        """Nothing to take."""

    @abstractmethod
    def finish(self) -> None:
        """Look at the dataset as a whole."""
