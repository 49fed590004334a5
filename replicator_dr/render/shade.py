"""Colour: metallic-roughness shading of what is visible, and the mean of each pixel's samples.

Each surface in a pixel is shaded once, at its first sample, and counts with its number of samples. The shading itself
is native code (native/shade_*.cpp), the same for CPU and CUDA: written as passes over small arrays it becomes vector
instructions on a CPU, which a kernel in Warp's Python, scalar by nature, can't.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

_NATIVE = files("replicator_dr.render") / "native"
_FRAGMENTS = ("1_common", "2_gather", "3_sky", "4_material", "5_dome", "6_shadow", "7_lamp", "8_rows")


@wp.func_native("".join((_NATIVE / f"shade_{name}.cpp").read_text() for name in _FRAGMENTS))
def shade_rows(
    image: int,
    frame: int,
    mixed: int,
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
    """Shade pixels x_begin to x_end - 1 of rows y_begin to y_end - 1.

    image: row of the pass's buffers; frame: row of the batch's arrays; encode: color.encoding_table. mixed: on CUDA,
    whether to shade pixels with several surfaces, or else only the others.
    """


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def shade_images(
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
    """All images of a pass: ``rows`` (> 0) rows a thread, or with rows = 0, on CUDA, a pixel a thread.

    There pixels with several surfaces are left to ``mixed_threads`` threads more, so that the others need not wait.
    """
    image, n = wp.tid()
    height = rgb.shape[1]
    width = rgb.shape[2]
    mixed = int(0)
    last = n + 1
    step = int(1)
    if rows == 0 and n >= width * height:
        mixed = 1
        n -= width * height
        last = buffers.mixed_length[image]
        step = mixed_threads
    while n < last:
        y = n * rows
        y_end = wp.min(y + rows, height)
        x = int(0)
        x_end = width
        if rows == 0:
            pixel = n
            if mixed != 0:
                pixel = buffers.mixed[image, n]
            y = pixel / width
            y_end = y + 1
            x = pixel - y * width
            x_end = x + 1
        shade_rows(
            image, first + image, mixed, y, y_end, x, x_end, geometry, frames, surroundings, buffers, encode, rgb
        )  # fmt: skip
        n += step
