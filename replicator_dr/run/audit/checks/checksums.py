"""checksums: every file has the bytes that were written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.dataset import AuditedDataset
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage
from replicator_dr.storage.atomic import checksum


class Checksums(ImageCheck):
    """Files that changed after they were written: a bad disk, a broken copy, an editor."""

    name = "checksums"
    meaning = "The SHA-256 of every file is the one that manifest.json recorded when it was written."

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        if not dataset.manifest.sha256:
            self.skip("manifest.json holds no checksums")

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Compare each file that is there."""
        if self.skipped:
            return
        for name, content in image.contents.items():
            finding = self._compared(name, hashlib.sha256(content).hexdigest(), image.record.id)
            if finding is not None:
                yield finding

    def _compared(self, name: str, digest: str, image_id: int | None) -> Finding | None:
        recorded = self.dataset.manifest.sha256.get(name)
        if recorded == digest:
            return None
        numbers = {"sha256": digest, "recorded": recorded}
        said = (
            "is not in manifest.json"
            if recorded is None
            else f"has the checksum {digest[:12]}.., not {recorded[:12]}.."
        )
        return Finding(f"{name} {said}", image_id, None, name, numbers)

    def finish(self) -> None:
        """annotations.json and those of the splits have checksums, too."""
        if self.skipped:
            return
        for name in self.dataset.table_names:
            finding = self._compared(name, checksum(self.dataset.folder / name), None)
            self.findings.add([finding] if finding else [])
        self.note = f"{len(self.dataset.manifest.sha256)} files"
