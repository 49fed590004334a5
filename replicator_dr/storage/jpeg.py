"""JPEG files by Pillow, in a way that lets other threads run meanwhile."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_jpeg(pixels: NDArray[np.uint8], quality: int, **options: Any) -> bytes:
    """A file of (H, W) grey, (H, W, 3), or (H, W, 4) whose alpha is left out; quality: 1 to 100.

    options: as of Pillow's format JPEG; without ``subsampling`` colours have half the resolution (4:2:0).
    """
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 4:
        # Used where they are: Pillow's own pixels have four bytes too, of which files leave the last one out.
        height, width, _ = pixels.shape
        image = Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    else:
        image = Image.fromarray(pixels)
    # Pillow gives the interpreter's lock away only while it encodes into a file that the system knows.
    with _file() as file:
        image.save(file, "JPEG", quality=quality, **options)
        file.seek(0)
        return file.read()


def _file() -> io.FileIO | io.BytesIO:
    """Memory to write to; as a file where the system has such files."""
    return io.FileIO(os.memfd_create("jpeg"), "w+") if hasattr(os, "memfd_create") else io.BytesIO()
