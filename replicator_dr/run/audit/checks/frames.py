"""frames: nothing is missing between annotations.json, manifest.json and the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from replicator_dr.run.audit.check import DatasetCheck
from replicator_dr.run.audit.dataset import JOURNAL
from replicator_dr.run.audit.findings import Finding
from replicator_dr.storage.journal import index


class Frames(DatasetCheck):
    """Frames that the manifest promises, images of each render product, counts, and the journal's images."""

    name = "frames"
    meaning = "Every frame of the manifest's ranges has an image of each render product; counts and journal agree."
    quick = True

    def finish(self) -> None:
        """Compare the three files."""
        self.findings.add(self._ranges())
        self.findings.add(self._counts())
        self.findings.add(self._journal())
        ranges = self.dataset.manifest.frames
        self.note = "frames " + ", ".join(f"{first} to {last}" for first, last in ranges)

    def _ranges(self) -> Iterator[Finding]:
        products: defaultdict[str, set[int]] = defaultdict(set)
        for key in self.dataset.tables.images:
            products[key.product].add(key.frame)
        promised = {frame for first, last in self.dataset.manifest.frames for frame in range(first, last + 1)}
        for name, frames in products.items():
            for frame in sorted(promised - frames):
                message = f"frame {frame} of {name or 'the product'} is missing: manifest.json promises it"
                yield Finding(message, numbers={"frame": frame})
            for frame in sorted(frames - promised):
                message = f"frame {frame} of {name or 'the product'} lies outside the ranges of manifest.json"
                yield Finding(message, numbers={"frame": frame})
        if promised and not products:
            yield Finding(f"there are no images, and manifest.json promises {len(promised)} frames")

    def _counts(self) -> Iterator[Finding]:
        counts = self.dataset.manifest.counts
        found = {"images": len(self.dataset.document.images), "annotations": len(self.dataset.document.annotations)}
        for name, number in found.items():
            if name in counts and counts[name] != number:
                message = f"annotations.json holds {number} {name}, manifest.json says {counts[name]}"
                yield Finding(message, numbers={"found": number, "recorded": counts[name]})

    def _journal(self) -> Iterator[Finding]:
        journal = self.dataset.folder / JOURNAL
        if not journal.is_file():
            yield Finding(f"{JOURNAL} is missing: the dataset cannot be continued", file=JOURNAL)
            return
        committed = set(index(journal))
        listed = {key.id for key in self.dataset.tables.images}
        for image in sorted(committed - listed):
            yield Finding(f"image {image} is in the journal and not in annotations.json", image)
        for image in sorted(listed - committed):
            yield Finding(f"image {image} is in annotations.json and not in the journal", image)
