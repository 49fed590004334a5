"""From visibility to labels: depth, the part at each pixel's centre, and what each entity covers."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.struct
class EntityCounts:
    """(images, entities, ...) of scene.EntityTable; boxes hold minima: x, y, -x, -y."""

    visible: wp.array2d(dtype=wp.int32)
    amodal: wp.array2d(dtype=wp.int32)
    visible_box: wp.array3d(dtype=wp.int32)
    amodal_box: wp.array3d(dtype=wp.int32)
    depth_min: wp.array2d(dtype=wp.float32)
    depth_max: wp.array2d(dtype=wp.float32)


@wp.func_native((files("replicator_dr.render") / "native" / "read_labels_run.cpp").read_text())
def read_labels_run(
    image: int,
    frame: int,
    y: int,
    x_begin: int,
    x_end: int,
    words: int,
    keys: wp.array2d(dtype=wp.int64),
    bits: wp.array2d(dtype=wp.int64),
    triangle_part: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    counts: EntityCounts,
    depth: wp.array3d(dtype=wp.float32),
    part_image: wp.array3d(dtype=wp.int32),
    surface: wp.array3d(dtype=wp.int32),
):
    """Pixels x_begin to x_end - 1 of row y. image: row of the pass's buffers; frame: row of the batch's arrays.

    surface: the triangle of a pixel, -1 = none, -2 where its samples show different ones.
    """


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
    surface: wp.array3d(dtype=wp.int32),
):
    """``run`` pixels of a row a thread. depth and part_image are rows ``first`` and on of the batch's arrays."""
    image, y, segment = wp.tid()
    begin = segment * run
    end = wp.min(begin + run, depth.shape[2])
    read_labels_run(
        image, first + image, y, begin, end, words, keys, bits, triangle_part, part_entity, counts, depth, part_image,
        surface,
    )  # fmt: skip
