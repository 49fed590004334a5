"""From visibility to labels: depth, the part at each pixel's centre, and what each entity covers.

A row is walked in runs of equal content, so that counting costs by the run, not by the pixel.
"""

from __future__ import annotations

import warp as wp

wp.set_module_options({"enable_backward": False})

FAR_AWAY = wp.constant(wp.inf)


@wp.struct
class EntityCounts:
    """(images, entities, ...) of scene.EntityTable; boxes hold minima: x, y, -x, -y."""

    visible: wp.array2d(dtype=wp.int32)
    amodal: wp.array2d(dtype=wp.int32)
    visible_box: wp.array3d(dtype=wp.int32)
    amodal_box: wp.array3d(dtype=wp.int32)
    depth_min: wp.array2d(dtype=wp.float32)
    depth_max: wp.array2d(dtype=wp.float32)


@wp.func
def widen(box: wp.array3d(dtype=wp.int32), image: int, entity: int, x0: int, x1: int, y: int):
    """Take a run of pixels into a box."""
    wp.atomic_min(box, image, entity, 0, x0)
    wp.atomic_min(box, image, entity, 1, y)
    wp.atomic_min(box, image, entity, 2, -x1)
    wp.atomic_min(box, image, entity, 3, -y)


@wp.func
def end_run(
    counts: EntityCounts,
    part_entity: wp.array(dtype=wp.int32),
    image: int,
    part: int,
    x0: int,
    x1: int,
    y: int,
    low: float,
    high: float,
):
    """Book a run of pixels in which one part is seen."""
    if part >= 0:
        entity = part_entity[part]
        if entity >= 0:
            wp.atomic_add(counts.visible, image, entity, x1 - x0 + 1)
            widen(counts.visible_box, image, entity, x0, x1, y)
            wp.atomic_min(counts.depth_min, image, entity, low)
            wp.atomic_max(counts.depth_max, image, entity, high)


@wp.func
def end_bits(counts: EntityCounts, image: int, word: int, bits: wp.int64, x0: int, x1: int, y: int):
    """Book a run of pixels whose centres the same entities cover, hidden ones included."""
    left = bits
    base = word * 64
    while left != wp.int64(0):
        lowest = left & (-left)
        entity = base + index_of(lowest)
        left = left ^ lowest
        wp.atomic_add(counts.amodal, image, entity, x1 - x0 + 1)
        widen(counts.amodal_box, image, entity, x0, x1, y)


@wp.func
def index_of(bit: wp.int64) -> int:
    """Position of the only bit that is set."""
    at = int(0)
    b = bit
    if (b & wp.int64(0xFFFFFFFF)) == wp.int64(0):
        at += 32
        b = (b >> wp.int64(32)) & wp.int64(0xFFFFFFFF)
    if (b & wp.int64(0xFFFF)) == wp.int64(0):
        at += 16
        b = b >> wp.int64(16)
    if (b & wp.int64(0xFF)) == wp.int64(0):
        at += 8
        b = b >> wp.int64(8)
    if (b & wp.int64(0xF)) == wp.int64(0):
        at += 4
        b = b >> wp.int64(4)
    if (b & wp.int64(0x3)) == wp.int64(0):
        at += 2
        b = b >> wp.int64(2)
    if (b & wp.int64(0x1)) == wp.int64(0):
        at += 1
    return at


@wp.kernel(enable_backward=False)
def read_labels(
    first: int,
    run: int,
    words: int,
    keys: wp.array2d(dtype=wp.int64),
    bits: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    counts: EntityCounts,
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
):
    """``run`` pixels of a row a thread. depth and part_image are rows ``first`` and on of the batch's arrays."""
    image, y, segment = wp.tid()
    width = depth.shape[2]
    x_begin = segment * run
    x_end = wp.min(x_begin + run, width)
    seen = int(-1)
    start = x_begin
    low = float(FAR_AWAY)
    high = float(-FAR_AWAY)
    last_triangle = int(-1)
    last_part = int(-1)
    for x in range(x_begin, x_end):
        key = keys[image, (y * width + x) * 4]
        part = int(-1)
        z = float(FAR_AWAY)
        if key != wp.int64(0):
            triangle = int(key & wp.int64(0xFFFFFFFF)) - 1
            if triangle != last_triangle:
                last_triangle = triangle
                last_part = triangle_part[triangle]
            part = last_part
            z = 1.0 / wp.cast(int(key >> wp.int64(32)), wp.float32)
        depth[first + image, y, x] = z
        part_image[first + image, y, x] = part
        if part != seen:
            end_run(counts, part_entity, first + image, seen, start, x - 1, y, low, high)
            seen = part
            start = x
            low = z
            high = z
        low = wp.min(low, z)
        high = wp.max(high, z)
    end_run(counts, part_entity, first + image, seen, start, x_end - 1, y, low, high)
    for word in range(words):
        held = wp.int64(0)
        start = x_begin
        for x in range(x_begin, x_end):
            now = bits[image, (y * width + x) * words + word]
            if now != held:
                end_bits(counts, first + image, word, held, start, x - 1, y)
                held = now
                start = x
        end_bits(counts, first + image, word, held, start, x_end - 1, y)
