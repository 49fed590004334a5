"""Film where materials have patterns: film.py's first kernel with what shade_patterned.py adds."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.shade import block_of, shading, span_of
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})


@wp.func_native(shading("put_film", patterned=True))
def expose_patterned_rows(
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
    rgb: wp.array4d(dtype=wp.float32),
):
    """As film.expose_rows."""


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def expose_patterned_images(
    first: int,
    rows: int,
    mixed_threads: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    film: wp.array4d(dtype=wp.float32),
):
    """As film.expose_images."""
    image, n = wp.tid()
    height = film.shape[1]
    width = film.shape[2]
    several, n, last = span_of(image, n, rows, width, height, buffers)
    while n < last:
        listed, y, y_end, x, x_end = block_of(image, n, rows, several, width, height, buffers)
        expose_patterned_rows(
            image, first + image, listed, y, y_end, x, x_end, geometry, frames, surroundings, buffers, film
        )
        n += mixed_threads
