"""What objects would show if nothing were in front of them, for the formats that ask for more than boxes and areas."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from replicator_dr.labels.images import AMODAL, SILHOUETTE, ProductImages
from replicator_dr.labels.records import LabelRecords
from replicator_dr.labels.table_rows import rows_of


def amodal_counts(images: ProductImages, records: LabelRecords) -> list[str]:
    """N masks inside the image as COCO's run lengths, from the annotator ``amodal_segmentation``."""
    found = {
        (image, path): counts
        for image, info in enumerate(images.tables(AMODAL))
        for path, counts in zip(info["primPaths"], info["counts"], strict=True)
    }
    return [found[pair] for pair in records.pairs]


def silhouettes(images: ProductImages, records: LabelRecords) -> NDArray[Any]:
    """(N,) rows of the annotator ``silhouette``: ``pixels`` and an inclusive box, beyond the image's borders too."""
    return rows_of(images.annotation(SILHOUETTE).data, images.tables(SILHOUETTE), records.pairs)
