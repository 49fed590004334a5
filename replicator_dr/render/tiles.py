"""Large triangles on CUDA: queued as they are found, then drawn tile by tile.

So no thread has more to do than its neighbours. On a CPU they are drawn at once.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.coverage import Images
from replicator_dr.render.structs import LargeTriangle, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

TILE = wp.constant(16)
"""Pixels of a side."""
THREADS = 256
"""A thread a pixel; Warp's usual block, so that a tile is a block."""


@wp.func_native((files("replicator_dr.render") / "native" / "raster_tiles.cpp").read_text())
def cover_tile(
    images: Images,
    image: int,
    view: ViewState,
    tile: int,
    thread: int,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=LargeTriangle),
):
    """One pixel of a tile; all threads of a block call it together."""


@wp.kernel(enable_backward=False)
def rasterise_tiles(
    first: int,
    views: wp.array(dtype=ViewState),
    images: Images,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=LargeTriangle),
):
    """The queued triangles of all images, a block of threads a tile."""
    image, tile, thread = wp.tid()
    view = views[first + image]
    cover_tile(images, image, view, tile, thread, queue_length, queue)
