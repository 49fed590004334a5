"""From visibility to labels: depth, the part at each pixel's centre, and what each entity covers."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.start import WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "optimization_level": 3, **WIDE_VECTORS})

_NATIVE = files("replicator_dr.render") / "native"


@wp.struct
class EntityCounts:
    """(images, entities, ...) of scene.EntityTable; boxes hold minima: x, y, -x, -y."""

    visible: wp.array2d(dtype=wp.int32)
    amodal: wp.array2d(dtype=wp.int32)
    visible_box: wp.array3d(dtype=wp.int32)
    amodal_box: wp.array3d(dtype=wp.int32)
    depth_min: wp.array2d(dtype=wp.float32)
    depth_max: wp.array2d(dtype=wp.float32)


@wp.func_native((_NATIVE / "count_run.cpp").read_text())
def count_run(
    image: int,
    frame: int,
    y: int,
    row: int,
    x_begin: int,
    x_end: int,
    words: int,
    bits: wp.array2d(dtype=wp.int64),
    part_entity: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    counts: EntityCounts,
):
    """The same pixels, ``row`` of bits, counted for each entity."""


@wp.func_native((_NATIVE / "read_pixel.cpp").read_text())
def read_pixel(
    image: int,
    frame: int,
    y: int,
    x: int,
    keys: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    surface: wp.array3d(dtype=wp.int32),
):
    """One pixel. image: row of the pass's buffers; frame: row of the batch's arrays.

    surface: the triangle of a pixel, -1 = none, -2 where its samples show different ones.
    """


@wp.kernel(enable_backward=False)
def read_pixels(
    first: int,
    keys: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    surface: wp.array3d(dtype=wp.int32),
):
    """A pixel a thread. depth and part_image are rows ``first`` and on of the batch's arrays."""
    image, y, x = wp.tid()
    read_pixel(image, first + image, y, x, keys, triangle_part, depth, part_image, surface)


@wp.kernel(enable_backward=False)
def count_entities(
    first: int,
    run: int,
    words: int,
    bits: wp.array2d(dtype=wp.int64),
    part_entity: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    counts: EntityCounts,
):
    """The same for what entities cover. words: of ``bits`` a pixel."""
    image, y, segment = wp.tid()
    begin = segment * run
    end = wp.min(begin + run, depth.shape[2])
    count_run(image, first + image, y, y, begin, end, words, bits, part_entity, depth, part_image, counts)
