"""Film: the linear radiance of each pixel, for images that are developed afterwards.

The same shading as in shade.py with another end: nothing is compressed or encoded, as light adds up before anything
answers to it. An ordinary image averages compressed samples instead; the two differ where one pixel shows surfaces of
very different brightness.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.shade import shading
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})


@wp.func_native(shading("put_film"))
def expose_rows(
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
    rgb: wp.array4d(dtype=wp.float32),
):
    """Pixels x_begin to x_end - 1 of rows y_begin to y_end - 1, as shade.shade_rows shades them."""


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def expose_images(
    first: int,
    rows: int,
    columns: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    film: wp.array4d(dtype=wp.float32),
):
    """All images of a pass, a block of ``rows`` x ``columns`` pixels a thread (on CUDA one pixel).

    film: (B, H, W, 4) float32, whose first three channels become the mean linear radiance, 1 = white.
    """
    image, block_y, block_x = wp.tid()
    y = block_y * rows
    x = block_x * columns
    y_end = wp.min(y + rows, film.shape[1])
    x_end = wp.min(x + columns, film.shape[2])
    expose_rows(image, first + image, y, y_end, x, x_end, geometry, frames, surroundings, buffers, film)


@wp.kernel(enable_backward=False)
def add_films(film: wp.array(dtype=wp.float32), share: float, total: wp.array(dtype=wp.float32)):
    """Add ``share`` times a film, flat, to another."""
    i = wp.tid()
    total[i] = total[i] + share * film[i]
