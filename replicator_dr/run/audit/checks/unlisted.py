"""unlisted: no image lies in the dataset that nobody names."""

from __future__ import annotations

from replicator_dr.run.audit.check import Check
from replicator_dr.run.audit.dataset import IMAGE_FOLDERS, AuditedDataset
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage


class Unlisted(Check[tuple[str, ...]]):
    """Images that trainers which list folders would use without labels, and checksums without an image."""

    name = "unlisted"
    meaning = "Every file in rgb/, depth/ and sensor_depth/ belongs to an image, and so does every checksum."

    def __init__(self, dataset: AuditedDataset) -> None:
        super().__init__(dataset)
        self._named: set[str] = set()

    def look(self, image: AuditedImage) -> tuple[str, ...]:
        """The files that the image names."""
        return image.record.files()

    def take(self, image: AuditedImage, seen: tuple[str, ...]) -> None:
        """Remember them."""
        self._named.update(seen)

    def finish(self) -> None:
        """Look through the folders and the manifest."""
        folder = self.dataset.folder
        files = (path for name in IMAGE_FOLDERS for path in sorted((folder / name).rglob("*")) if path.is_file())
        for path in files:
            name = path.relative_to(folder).as_posix()
            if name not in self._named:
                self.findings.add([Finding(f"{name} belongs to no image", file=name)])
        for name in self.dataset.manifest.sha256:
            if name not in self._named and name not in self.dataset.table_names:
                self.findings.add([Finding(f"manifest.json lists {name}, which belongs to no image", file=name)])
