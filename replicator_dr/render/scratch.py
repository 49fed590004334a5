"""What a pass over some images writes on its way; kept between passes of one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import warp as wp

from replicator_dr.render.bands import BLOCK, BandTable, new_band_table
from replicator_dr.render.scene import View
from replicator_dr.render.shadow import CELL, MapPart, MapTriangle
from replicator_dr.render.structs import SAMPLES, LargeTriangle, TriangleQueue

SHADOW_SIDE = 512
"""Texels of a side of a depth map."""
QUEUE_LEAST = 1024
"""Pieces of cut triangles, and large triangles of a map, that can wait on CUDA: others are drawn by one thread each."""
BUDGET = 6 << 30
"""Bytes that a pass may take on CUDA."""
WIDEST_PASS = 256
"""Images that a pass draws on CUDA, if the budget allows."""


@dataclass(frozen=True)
class Scratch:
    """A row of each array is an image of the pass.

    camera, normals, grid: vertices in camera space, their normals in the world, their places on the screen grid. keys,
    bits, inverse, triangle: coverage.Images, on a CPU of a band, except keys. surface, mixed, mixed_length:
    labels.PixelArrays. band_table: bands.BandTable. maps, coarse_maps, wide_maps, placed, seen: shadow. map_bounds:
    map_fit. open, smooth_open: occlusion, the smoothed one in ``open``. queue, map_queue: large triangles.
    """

    camera: wp.array
    normals: wp.array
    grid: wp.array
    keys: wp.array
    surface: wp.array
    bits: wp.array
    inverse: wp.array
    triangle: wp.array
    band_table: BandTable
    maps: wp.array
    coarse_maps: wp.array
    wide_maps: wp.array
    placed: wp.array
    seen: wp.array
    map_bounds: wp.array
    map_queue_length: wp.array
    map_queue: wp.array
    open: wp.array
    smooth_open: wp.array
    queue: TriangleQueue
    mixed: wp.array
    mixed_length: wp.array


def images_in_pass(view: View, shadows: int, words: int, vertices: int, faces: int, device: wp.Device) -> int:
    """How many images to draw at a time: one on a CPU, on CUDA as many as the budget allows."""
    if device.is_cpu:
        return 1
    pixels, shadows = view.width * view.height, max(shadows, 1)
    maps = shadows * (SHADOW_SIDE**2 * 5 + 36 * max(QUEUE_LEAST, faces // 8))
    each = pixels * (12 * SAMPLES + 8 * words + 6) + 44 * vertices + 72 * (faces + QUEUE_LEAST) + maps
    return max(1, min(WIDEST_PASS, BUDGET // each))


def new_scratch(
    images: int,
    view: View,
    shadows: int,
    words: int,
    vertices: int,
    faces: int,
    parts: int,
    device: wp.Device,
    whole: bool = False,
) -> Scratch:
    """Buffers for ``images`` images of a view's size with ``shadows`` depth maps each.

    words: of entity bits a pixel. whole: no bands, on a CPU either.
    """
    pixels, shadows = view.width * view.height, max(shadows, 1)
    queue, map_queue = (1, 1) if device.is_cpu else (faces + QUEUE_LEAST, max(QUEUE_LEAST, faces // 8))
    table = new_band_table(images, view.width, view.height, faces, device)
    band = table.rows * view.width if device.is_cpu and not whole else 0
    cells = SHADOW_SIDE // int(CELL)
    half = (images, (view.height + 1) // 2, (view.width + 1) // 2)

    def new(shape: tuple[int, ...], dtype: Any) -> wp.array:
        return wp.empty(shape, dtype=dtype, device=device)

    waiting = TriangleQueue()
    waiting.length = new((images,), wp.int32)
    waiting.boxes = new((images, queue), wp.vec2i)
    waiting.triangles = new((images, queue), LargeTriangle)
    return Scratch(
        camera=new((images, vertices), wp.vec3),
        normals=new((images, vertices), wp.vec3),
        grid=new((images, vertices), wp.vec2i),
        # A block of pixels at the end of the last row reaches beyond it.
        keys=new((images, (pixels + BLOCK) * SAMPLES), wp.int64),
        surface=new((images, view.height, view.width), wp.int32),
        bits=new((images, (band or pixels) * words), wp.int64),
        inverse=new((images, (band + BLOCK) * SAMPLES), wp.float32),
        triangle=new((images, (band + BLOCK) * SAMPLES), wp.int32),
        band_table=table,
        maps=new((images, shadows, SHADOW_SIDE, SHADOW_SIDE), wp.float32),
        coarse_maps=new((images, shadows, cells, cells), wp.float32),
        wide_maps=new((images, shadows, cells, cells), wp.float32),
        placed=new((images, shadows, parts), MapPart),
        seen=new((images, vertices if device.is_cpu else 1), wp.vec3),
        map_bounds=new((images, shadows, 4), wp.float32),
        map_queue_length=new((images, shadows), wp.int32),
        map_queue=new((images, shadows, map_queue), MapTriangle),
        open=new(half, wp.float32),
        smooth_open=new(half, wp.float32),
        queue=waiting,
        mixed=new((images, 1 if device.is_cpu else pixels * SAMPLES), wp.int32),
        mixed_length=new((images,), wp.int32),
    )
