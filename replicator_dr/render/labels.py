"""From visibility to labels: depth, the part at each pixel's centre, and what each entity covers."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.start import WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "optimization_level": 3, **WIDE_VECTORS})

_NATIVE = files("replicator_dr.render") / "native"
COUNT = (_NATIVE / "count_1_common.cpp").read_text()


@wp.struct
class EntityCounts:
    """(images, entities, ...) of scene.EntityTable; boxes hold minima: x, y, -x, -y."""

    visible: wp.array2d(dtype=wp.int32)
    amodal: wp.array2d(dtype=wp.int32)
    visible_box: wp.array3d(dtype=wp.int32)
    amodal_box: wp.array3d(dtype=wp.int32)
    depth_min: wp.array2d(dtype=wp.float32)
    depth_max: wp.array2d(dtype=wp.float32)


@wp.struct
class PixelArrays:
    """What is read from the visibility buffer: rows of the batch's arrays, and of the pass's."""

    depth: wp.array3d(dtype=wp.float32)
    part: wp.array3d(dtype=wp.int32)
    counts: EntityCounts
    counting: wp.int32
    """On CUDA: 1 if entities are counted where pixels are read, 0 if depth is not known there yet."""
    surface: wp.array3d(dtype=wp.int32)
    """(images, H, W): the triangle of a pixel, -1 = none, -2 where its samples show different ones."""
    keys: wp.array2d(dtype=wp.int64)
    """The visibility buffer (coverage.Images), which only those pixels need from here on; no others need be there."""
    mixed: wp.array2d(dtype=wp.int32)
    """(images, H * W * SAMPLES), on CUDA: the surfaces in those pixels as pixel << 4 | first sample << 2 | samples - 1.

    The keys of later samples of the same surface are 0.
    """
    mixed_length: wp.array(dtype=wp.int32)
    """How many they are."""
    amodal: wp.array4d(dtype=wp.int64)
    """(B, H, W, words): coverage.Images.bits, kept for those who ask; without elements where nobody does."""


@wp.func_native(COUNT + (_NATIVE / "count_2_seen.cpp").read_text())
def count_seen(
    frame: int,
    y: int,
    x_begin: int,
    x_end: int,
    part_entity: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    counts: EntityCounts,
):
    """Pixels of row ``y``, counted for the entities that are seen there."""


@wp.func_native(COUNT + (_NATIVE / "count_2_covered.cpp").read_text())
def count_covered(
    image: int,
    frame: int,
    y: int,
    row: int,
    x_begin: int,
    x_end: int,
    width: int,
    words: int,
    bits: wp.array2d(dtype=wp.int64),
    counts: EntityCounts,
):
    """The same for all that cover them, hidden or not. row: of ``bits``, which has ``width`` pixels a row."""


@wp.func_native((_NATIVE / "read_keys.cpp").read_text())
def read_row(
    image: int,
    frame: int,
    y: int,
    keys: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    surface: wp.array3d(dtype=wp.int32),
):
    """One row. image: of the pass's buffers; frame: of the batch's arrays."""


@wp.kernel(enable_backward=False)
def read_pixels(
    first: int,
    keys: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    surface: wp.array3d(dtype=wp.int32),
):
    """What a whole image's visibility buffer shows, a row a thread; see PixelArrays."""
    image, y = wp.tid()
    read_row(image, first + image, y, keys, triangle_part, depth, part_image, surface)


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
    width = depth.shape[2]
    end = wp.min(begin + run, width)
    count_seen(first + image, y, begin, end, part_entity, depth, part_image, counts)
    count_covered(image, first + image, y, y, begin, end, width, words, bits, counts)
