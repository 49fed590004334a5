"""Shading without what plain frames do not need, on CUDA: fewer registers, so that more threads are at work.

The same code as in shade.py, without lenses, lights that have a place, and pictures beside that of the colour. Which of
the two shades a batch is the renderer's to say.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.shade import block_of, shading, span_of
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})


@wp.func_native(shading("put_bytes", plain=True))
def shade_plain_rows(
    image: int,
    frame: int,
    listed: int,
    y_begin: int,
    y_end: int,
    x_begin: int,
    x_end: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """As shade.shade_rows."""


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def shade_plain_images(
    first: int,
    rows: int,
    mixed_threads: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """As shade.shade_images, a pixel a thread."""
    image, n = wp.tid()
    height = rgb.shape[1]
    width = rgb.shape[2]
    several, n, last = span_of(image, n, rows, width, height, buffers)
    while n < last:
        listed, y, y_end, x, x_end = block_of(image, n, rows, several, width, height, buffers)
        shade_plain_rows(
            image, first + image, listed, y, y_end, x, x_end, geometry, frames, surroundings, buffers, encode, rgb
        )  # fmt: skip
        n += mixed_threads
