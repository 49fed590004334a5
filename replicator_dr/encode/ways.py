"""Masks as one closed way each, holes included, in native code; see ``storage.joined_rings`` for what they are."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.polygons import traced

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("join_rings"))
def join_image(
    image: int,
    corners: wp.array2d(dtype=wp.int32),
    rings: wp.array3d(dtype=wp.int32),
    needed: wp.array2d(dtype=wp.int32),
    scratch: wp.array(dtype=wp.int64),
    way: wp.array2d(dtype=wp.int32),
    ends: wp.array2d(dtype=wp.int32),
):
    """One image. scratch: shared by the images, which come one after the other."""


@wp.kernel(enable_backward=False)
def join_images(
    corners: wp.array2d(dtype=wp.int32),
    rings: wp.array3d(dtype=wp.int32),
    needed: wp.array2d(dtype=wp.int32),
    scratch: wp.array(dtype=wp.int64),
    way: wp.array2d(dtype=wp.int32),
    ends: wp.array2d(dtype=wp.int32),
):
    """An image a thread."""
    join_image(wp.tid(), corners, rings, needed, scratch, way, ends)


def joined_ways(ids: NDArray[np.integer], table: NDArray[np.integer]) -> dict[tuple[int, int], NDArray[np.int32]]:
    """{(image of the batch, object): (n, 2) corners}: ``storage.joined_rings.joined`` of all rings of each object.

    ids: (B, H, W) integers of 32 bits. table: (T,) or (B, T) objects, -1 = none.
    """
    own = traced(ids, table, holes=True)
    batch, points, rings = len(ids), own.corners.shape[1] // 2, own.rings.shape[1]
    # A way has each corner, and two more for each bridge: fewer than three times as many.
    way = workspace("ways", (batch, 6 * points), np.int32)
    ends = np.zeros((batch, max(len(own.values), 1)), np.int32)
    words = rings + (12 * rings + 9 * points + 1) // 2
    scratch = workspace("joining", (words,), np.int64)
    launch(join_images, batch, [own.corners, own.rings, own.needed, scratch, way, ends])
    found: dict[tuple[int, int], NDArray[np.int32]] = {}
    for image, last in enumerate(ends.tolist()):
        corners = way[image, : 2 * last[-1]].reshape(-1, 2).copy()
        for value, begin, end in zip(own.values.tolist(), [0, *last], last, strict=False):
            if end > begin:
                found[image, value] = corners[begin:end]
    return found
