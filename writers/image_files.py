"""Colour images of formats that let their readers choose how these are encoded."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from replicator_dr.dataset.labelled import LabelledBatch
from replicator_dr.dataset.plugin import DatasetPlugin
from replicator_dr.labels.content import Content

ColorForm = Literal["png", "jpg"]


class ColorOptions(DatasetPlugin):
    """How colours are stored."""

    image_format: ColorForm = "png"
    """How colours are stored: lossless, or as JPEG, which is smaller."""
    jpeg_quality: int = Field(default=95, ge=1, le=100)
    """Quality of JPEG images; their chroma has full resolution."""
    jpeg_encoder: Literal["cpu", "nvjpeg"] = "cpu"
    """What encodes JPEG: ``cpu``, the same bytes everywhere; ``nvjpeg``, NVIDIA's library on the GPU that renders,
    which the images then need not leave. It must be installed: package nvidia-nvjpeg-cu12, or the CUDA toolkit."""

    @property
    def device_jpeg(self) -> int | None:
        """The quality of JPEG images that the renderer's device is to make."""
        return self.jpeg_quality if (self.image_format, self.jpeg_encoder) == ("jpg", "nvjpeg") else None


def colors(batch: LabelledBatch, options: ColorOptions) -> list[Content]:
    """Files of the colours of a batch."""
    if options.image_format == "png":
        return batch.rgb(options.compression)
    return batch.jpeg(options.jpeg_quality, options.device_jpeg is not None)
