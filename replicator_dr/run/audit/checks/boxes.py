"""boxes: bbox and area are those of the mask."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage


class Boxes(ImageCheck):
    """The three ways in which an annotation says where its object is agree to the pixel."""

    name = "boxes"
    meaning = "Each mask fits its image and is not empty; bbox is its bounds and area its number of pixels."
    quick = True

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Compare all annotations of the image."""
        masks = image.masks
        if masks is None:
            yield image.finding(f"its masks cannot be read: {image.mask_problem}")
            return
        if not image.annotations:
            return
        low, high = masks.bounds[:, :2], masks.bounds[:, 2:]
        bounds = np.concatenate([low, high - low + 1], axis=1).astype(np.float64)
        for row, annotation in enumerate(image.annotations):
            if masks.area[row] == 0:
                yield image.finding("its mask is empty", annotation)
                continue
            box, own = list(annotation.bbox), bounds[row].tolist()
            if box != own:
                yield image.finding(f"bbox {box}, the mask's bounds are {own}", annotation, bbox=box, bounds=own)
            pixels = int(masks.area[row])
            # A polygon cannot say what is missing inside it.
            wrong = annotation.area != pixels if isinstance(annotation.segmentation, dict) else annotation.area > pixels
            if wrong:
                message = f"area {annotation.area}, the mask has {pixels} pixels"
                yield image.finding(message, annotation, area=annotation.area, pixels=pixels)
