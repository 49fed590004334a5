"""Large triangles on CUDA: queued as they are found, then drawn tile by tile, and what all pixels show then.

So no thread has more to do than its neighbours. On a CPU they are drawn at once.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import GeometryArrays
from replicator_dr.render.coverage import Images
from replicator_dr.render.labels import PixelArrays
from replicator_dr.render.start import CROWDED
from replicator_dr.render.structs import TriangleQueue, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

TILE = wp.constant(16)
"""Pixels of a side."""
THREADS = 256
"""A thread a pixel; Warp's usual block, so that a tile is a block."""


@wp.func_native((files("replicator_dr.render") / "native" / "finish_tile.cpp").read_text())
def finish_tile(
    images: Images,
    image: int,
    frame: int,
    view: ViewState,
    tile: int,
    thread: int,
    queue: TriangleQueue,
    geometry: GeometryArrays,
    pixels: PixelArrays,
):
    """One pixel of a tile; all threads of a block call it together."""


@wp.kernel(enable_backward=False, launch_bounds=CROWDED)
def finish_tiles(
    first: int,
    views: wp.array(dtype=ViewState),
    geometry: GeometryArrays,
    images: Images,
    queue: TriangleQueue,
    pixels: PixelArrays,
):
    """The queued triangles of all images, and depth, part and triangle of their pixels: a block of threads a tile."""
    image, tile, thread = wp.tid()
    view = views[first + image]
    finish_tile(images, image, first + image, view, tile, thread, queue, geometry, pixels)
