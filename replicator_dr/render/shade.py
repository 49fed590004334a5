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
_FRAGMENTS = ("1_common", "2_gather", "{put}", "3_sky", "4_material", "5_dome", "6_shadow", "7_lamp", "8_rows")


def shading(put: str) -> str:
    """The native code; ``put`` names the fragment that says what becomes of radiance."""
    return "".join((_NATIVE / f"shade_{name.format(put=put)}.cpp").read_text() for name in _FRAGMENTS)


@wp.func_native(shading("put_bytes"))
def shade_rows(
    image: int,
    frame: int,
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

    image: row of the pass's buffers; frame: row of the batch's arrays; encode: color.encoding_table.
    """


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def shade_images(
    first: int,
    rows: int,
    columns: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """All images of a pass, a block of ``rows`` x ``columns`` pixels a thread (on CUDA one pixel)."""
    image, block_y, block_x = wp.tid()
    y = block_y * rows
    x = block_x * columns
    y_end = wp.min(y + rows, rgb.shape[1])
    x_end = wp.min(x + columns, rgb.shape[2])
    shade_rows(image, first + image, y, y_end, x, x_end, geometry, frames, surroundings, buffers, encode, rgb)
