"""Colour: metallic-roughness shading of what is visible, and the mean of each pixel's samples.

Each surface in a pixel is shaded once, at its first sample, and counts with its number of samples. The shading itself
is native code (native/shade_*.cpp), the same for CPU and CUDA: written as passes over small arrays it becomes vector
instructions on a CPU, which a kernel in Warp's Python, scalar by nature, can't.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3})

_NATIVE = files("replicator_dr.render") / "native"
_FRAGMENTS = ("1_common", "2_gather", "3_material", "4_dome", "5_shadow", "6_lamp", "7_run")


@wp.func_native("".join((_NATIVE / f"shade_{name}.cpp").read_text() for name in _FRAGMENTS))
def shade_run(
    image: int,
    frame: int,
    y: int,
    x_begin: int,
    x_end: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """Shade pixels x_begin to x_end - 1 of row y.

    image: row of the pass's buffers; frame: row of the batch's arrays; encode: color.encoding_table.
    """


@wp.kernel(enable_backward=False)
def shade_images(
    first: int,
    run: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    encode: wp.array(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """All images of a pass, ``run`` pixels of a row a thread."""
    image, y, segment = wp.tid()
    begin = segment * run
    end = wp.min(begin + run, rgb.shape[2])
    shade_run(image, first + image, y, begin, end, geometry, frames, surroundings, buffers, encode, rgb)
