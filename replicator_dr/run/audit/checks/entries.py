"""entries: annotations.json holds what a reader expects."""

from __future__ import annotations

from collections.abc import Iterable

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage


class Entries(ImageCheck):
    """Every image and annotation has the keys and types of its kind."""

    name = "entries"
    meaning = "Every entry of annotations.json has the keys and types that docs/dataset.md names."
    quick = True

    def find(self, image: AuditedImage) -> Iterable[Finding]:
        """The annotations of the image that cannot be read."""
        return image.unreadable

    def finish(self) -> None:
        """Those that lack even an id are known from the start."""
        self.findings.add(self.dataset.tables.unreadable)
        self.note = f"{len(self.dataset.tables.images)} images, {len(self.dataset.tables.annotations)} annotations"
