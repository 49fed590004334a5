"""Colours as PNG files, with alpha or without, filtered and deflated in one native pass."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.storage.png import png_file

wp.set_module_options({"enable_backward": False, "optimization_level": 3})

_BAND = 200_000
"""Bytes that share a Huffman code: they stay in the second-level cache, and the code's tables cost nothing much."""


@wp.func_native(native_code("deflate", "deflate_rgb"))
def deflate_rgb(
    image: int,
    channels: int,
    rows: int,
    rgba: wp.array4d(dtype=wp.uint8),
    scratch: wp.array(dtype=wp.uint8),
    out: wp.array2d(dtype=wp.uint8),
    sizes: wp.array(dtype=wp.int32),
):
    """One image. rows: of a band. scratch: a band, shared by the images, which come one after the other."""


@wp.kernel(enable_backward=False)
def deflate_images(
    channels: int,
    rows: int,
    rgba: wp.array4d(dtype=wp.uint8),
    scratch: wp.array(dtype=wp.uint8),
    out: wp.array2d(dtype=wp.uint8),
    sizes: wp.array(dtype=wp.int32),
):
    """An image a thread."""
    deflate_rgb(wp.tid(), channels, rows, rgba, scratch, out, sizes)


def encode_rgb(rgba: NDArray[np.uint8], channels: int = 3) -> list[bytes]:
    """PNG files of the colours of (B, H, W, 4) uint8 images. The same pixels give the same bytes everywhere.

    channels: 3 leaves alpha out, 4 keeps it.
    """
    batch, height, width, _ = rgba.shape
    line = 1 + channels * width
    rows = max(1, min(height, _BAND // line))
    # A code has at most 14 bits, a band's tables 180 bytes.
    out = workspace("streams", (batch, 2 * height * line + 256 * (height // rows + 2)), np.uint8)
    scratch = workspace("band", (rows * line,), np.uint8)
    sizes = np.zeros(batch, np.int32)
    launch(deflate_images, batch, [channels, rows, np.ascontiguousarray(rgba), scratch, out, sizes])
    form = 2 if channels == 3 else 6
    return [png_file(row[:size], width, height, 8, form) for row, size in zip(out, sizes.tolist(), strict=True)]
