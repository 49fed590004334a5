"""files: every image file is there and is what its entry says."""

from __future__ import annotations

from collections.abc import Iterator

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage


class Files(ImageCheck):
    """Files that are missing, broken, of another size or of another kind."""

    name = "files"
    meaning = "Every file that annotations.json names is there, can be decoded, and has the recorded size and kind."
    quick = True

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Decode all files of the image; in a quick audit see whether they are there."""
        for name in image.record.files():
            if name.startswith("/") or ".." in name.split("/"):
                yield Finding(f"{name} leads out of the dataset", image.record.id, None, name)
            elif not image.decodes and not image.path(name).is_file():
                yield Finding(f"{name} is not there", image.record.id, None, name)
        if image.decodes:
            _ = image.rgb, image.depth, image.sensor_depth
            for name, problem in image.problems.items():
                yield Finding(f"{name} {problem}", image.record.id, None, name)
