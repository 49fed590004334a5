"""The triangle at each pixel's centre."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.structs import TRIANGLE_BITS

wp.set_module_options({"enable_backward": False})


@wp.func
def seen_triangle(
    image: int, y: int, x: int, keys: wp.array2d(dtype=wp.int64), surface: wp.array3d(dtype=wp.int32)
) -> int:
    """The triangle at a pixel's centre, -1 = none; see labels.PixelArrays."""
    triangle = surface[image, y, x]
    if triangle < -1:
        triangle = int(keys[image, (y * surface.shape[2] + x) * 4] & TRIANGLE_BITS) - 1
    return triangle


@wp.kernel(enable_backward=False)
def read_triangles(
    first: int,
    run: int,
    keys: wp.array2d(dtype=wp.int64),
    surface: wp.array3d(dtype=wp.int32),
    triangles: wp.array3d(dtype=wp.int32),
):
    """``run`` pixels of a row a thread; rows ``first`` and on of the batch's images."""
    image, y, segment = wp.tid()
    begin = segment * run
    for x in range(begin, wp.min(begin + run, triangles.shape[2])):
        triangles[first + image, y, x] = seen_triangle(image, y, x, keys, surface)
