"""Colour and depth images of formats that let their readers choose how these are encoded."""

from __future__ import annotations

import io
from typing import Literal

from replicator_dr.dataset.labelled import LabelledBatch
from replicator_dr.labels.content import Content
from replicator_dr.labels.images import RGB

ColorForm = Literal["png", "jpg"]


def colors(batch: LabelledBatch, form: ColorForm, quality: int, level: int) -> list[Content]:
    """Files of the colours of a batch: lossless PNG of a level of compression, or JPEG of a quality, 4:4:4."""
    if form == "png":
        return batch.rgb(level)

    def make() -> list[Content]:
        from PIL import Image

        files = []
        for rgba in batch.images.rgb:
            file = io.BytesIO()
            Image.fromarray(rgba[..., :3]).save(file, "JPEG", quality=quality, subsampling=0)
            files.append(Content(file.getvalue()))
        return files

    return batch.once(("jpg", quality), make, RGB)
