"""Colour images as files, in the format that an option names."""

from __future__ import annotations

import io
from typing import Literal

from replicator_dr.dataset.labelled import LabelledBatch
from replicator_dr.labels.content import Content
from replicator_dr.labels.images import RGB

ImageFormat = Literal["png", "jpg"]


def pictures(batch: LabelledBatch, form: ImageFormat, level: int, quality: int) -> list[Content]:
    """The files of a batch's images. level: of PNG's compression. quality: of JPEG, 1 to 100, without subsampling."""
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

    return batch.once(("jpeg", quality), make, RGB)
