"""overlap: a pixel belongs to one object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage


class Overlap(ImageCheck):
    """Masks of visible pixels exclude each other."""

    name = "overlap"
    meaning = "No pixel is in the masks of two objects."
    quick = True

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Sort the runs of all masks: each begins where no other goes on."""
        masks = image.masks
        # Polygons fill the holes through which other objects are seen.
        if masks is None or not image.exact or len(masks.start) == 0:
            return
        order = np.argsort(masks.start, kind="stable")
        start, stop, owner = masks.start[order], masks.stop[order], masks.mask[order]
        reach = np.maximum.accumulate(stop)
        pairs: dict[tuple[int, int], int] = {}
        for run in (np.flatnonzero(start[1:] < reach[:-1]) + 1).tolist():
            other = int(np.argmax(stop[:run] == reach[run - 1]))
            pair = (int(owner[other]), int(owner[run]))
            pairs[pair] = pairs.get(pair, 0) + int(min(stop[run], reach[run - 1]) - start[run])
        for (first, second), pixels in pairs.items():
            one, two = image.annotations[first], image.annotations[second]
            message = f"{pixels} pixels are in the masks of annotations {one.id} and {two.id}"
            yield image.finding(message, two, pixels=pixels, other=one.id)
