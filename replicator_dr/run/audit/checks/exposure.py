"""black, blown_out: every image shows something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from replicator_dr.run.audit.check import ImageCheck
from replicator_dr.run.audit.findings import Finding
from replicator_dr.run.audit.image import AuditedImage

_DARK, _BRIGHT = 8, 250
_BLACK_SHARE, _BLOWN_SHARE = 0.995, 0.75
_PLAIN, _HEAD = 0.06, 512
"""Bytes a pixel, and of a file's frame, below which it may hold one colour alone: a quick audit opens it."""


class Black(ImageCheck):
    """Frames without light: a lamp that fails to load, a camera inside a wall."""

    name = "black"
    meaning = "No image is black."
    quick = True
    limits: ClassVar[dict[str, float]] = {"dark_level": _DARK, "largest_dark_share": _BLACK_SHARE}

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Count the pixels of which no channel is above the level."""
        pixels = suspected(image)
        if pixels is None:
            return
        red, green, blue = (pixels[..., channel] for channel in range(3))
        share = float(np.mean(np.maximum(np.maximum(red, green), blue) <= _DARK))
        if share >= _BLACK_SHARE:
            message = f"black: {share:.1%} of its pixels are at {_DARK} of 255 or below"
            yield image.finding(message, dark_share=share)


class BlownOut(ImageCheck):
    """Frames with too much light: a lamp in the camera, an exposure without a bound."""

    name = "blown_out"
    meaning = "No image is blown out to white."
    quick = True
    limits: ClassVar[dict[str, float]] = {"bright_level": _BRIGHT, "largest_bright_share": _BLOWN_SHARE}

    def find(self, image: AuditedImage) -> Iterator[Finding]:
        """Count the pixels of which every channel is at the level."""
        pixels = suspected(image)
        if pixels is None:
            return
        red, green, blue = (pixels[..., channel] for channel in range(3))
        share = float(np.mean(np.minimum(np.minimum(red, green), blue) >= _BRIGHT))
        if share >= _BLOWN_SHARE:
            message = f"blown out: {share:.1%} of its pixels are at {_BRIGHT} of 255 or above in every channel"
            yield image.finding(message, bright_share=share)


def suspected(image: AuditedImage) -> NDArray[np.uint8] | None:
    """The pixels; in a quick audit only of files so small that they can hold one colour alone."""
    if not image.decodes:
        try:
            size = image.path(image.record.file_name).stat().st_size
        except OSError:
            return None
        if size > _HEAD + _PLAIN * image.record.width * image.record.height:
            return None
    return image.rgb
