"""Film: the linear radiance of each pixel, for images that are developed afterwards.

The same shading as in shade.py with another end: nothing is compressed or encoded, as light adds up before anything
answers to it. An ordinary image averages compressed samples instead; the two differ where one pixel shows surfaces of
very different brightness.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.arrays import FrameRecords, GeometryArrays, PassBuffers, SurroundingArrays
from replicator_dr.render.shade import block_of, shading, span_of
from replicator_dr.render.start import CROWDED, WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})


@wp.func_native(shading("put_film"))
def expose_rows(
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
    """Pixels x_begin to x_end - 1 of rows y_begin to y_end - 1, as shade.shade_rows shades them."""


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def expose_images(
    first: int,
    rows: int,
    mixed_threads: int,
    geometry: GeometryArrays,
    frames: FrameRecords,
    surroundings: SurroundingArrays,
    buffers: PassBuffers,
    film: wp.array4d(dtype=wp.float32),
):
    """All images of a pass, in threads as shade.shade_images has them.

    film: (B, H, W, 4) float32, whose first three channels become the mean linear radiance, 1 = white.
    """
    image, n = wp.tid()
    height = film.shape[1]
    width = film.shape[2]
    several, n, last = span_of(image, n, rows, width, height, buffers)
    while n < last:
        listed, y, y_end, x, x_end = block_of(image, n, rows, several, width, height, buffers)
        expose_rows(image, first + image, listed, y, y_end, x, x_end, geometry, frames, surroundings, buffers, film)
        n += mixed_threads


@wp.func
def waiting_light(key: wp.int64, shift: int) -> float:
    """One channel of what a surface in a pixel shows (shade_put_film.cpp)."""
    value = float((key >> wp.int64(shift)) & wp.int64(0x1FFFFF)) / 2097151.0
    return value / wp.max(1.0 - value, 1.0e-7)


@wp.kernel(enable_backward=False)
def blend_films(first: int, threads: int, buffers: PassBuffers, film: wp.array4d(dtype=wp.float32)):
    """The means of all pixels with several surfaces, on CUDA, once these are shaded; ``threads`` an image."""
    image, n = wp.tid()
    last = buffers.mixed_length[image]
    width = film.shape[2]
    while n < last:
        listed = buffers.mixed[image, n]
        if (listed & 12) == 0:  # each pixel once; its surfaces follow each other
            pixel = listed >> 4
            total = wp.vec3(0.0, 0.0, 0.0)
            k = n
            while k < last and buffers.mixed[image, k] >> 4 == pixel:
                listed = buffers.mixed[image, k]
                key = buffers.keys[image, pixel * 4 + ((listed >> 2) & 3)]
                light = wp.vec3(waiting_light(key, 0), waiting_light(key, 21), waiting_light(key, 42))
                total += light * (0.25 * float((listed & 3) + 1))
                k += 1
            y = pixel // width
            for c in range(3):
                film[first + image, y, pixel - y * width, c] = total[c]
        n += threads


@wp.kernel(enable_backward=False)
def add_films(
    film: wp.array(dtype=wp.float32),
    row_length: int,
    shares: wp.array(dtype=wp.float32),
    total: wp.array(dtype=wp.float32),
):
    """Add films, flat, to others, each row of ``row_length`` numbers times its share."""
    i = wp.tid()
    total[i] = total[i] + shares[i // row_length] * film[i]
