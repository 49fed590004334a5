"""Outlines of objects as COCO polygons in native code; see ``storage.polygon`` for what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.object_rows import object_rows

wp.set_module_options({"enable_backward": False, "optimization_level": 3})

_CORNERS, _RINGS = 1 << 14, 1 << 10
"""Corners and rings of one image that there is room for at first."""


@wp.func_native(native_code("trace_image"))
def trace_image(
    image: int,
    ids: wp.array3d(dtype=wp.int32),
    rows: wp.array2d(dtype=wp.int32),
    marks: wp.array(dtype=wp.uint8),
    corners: wp.array2d(dtype=wp.int32),
    rings: wp.array3d(dtype=wp.int32),
    needed: wp.array2d(dtype=wp.int32),
    holes: int,
):
    """One image. rows: as in masks.mask_image. marks: shared by the images, which come one after the other."""


@wp.kernel(enable_backward=False)
def trace_images(
    ids: wp.array3d(dtype=wp.int32),
    rows: wp.array2d(dtype=wp.int32),
    marks: wp.array(dtype=wp.uint8),
    corners: wp.array2d(dtype=wp.int32),
    rings: wp.array3d(dtype=wp.int32),
    needed: wp.array2d(dtype=wp.int32),
    holes: int,
):
    """An image a thread."""
    trace_image(wp.tid(), ids, rows, marks, corners, rings, needed, holes)


@dataclass(frozen=True)
class Traced:
    """Rings of a batch of images, in the calling thread's workspace: good until the thread traces others.

    values: (M,) the objects. corners: (B, 2 n) int32, x and y, ring after ring. rings: (B, r, 2) int32: which of the
    values, and where the ring ends among its image's corners. needed: (B, 2) int32, how many corners and rings there
    are.
    """

    values: NDArray[np.int64]
    corners: NDArray[np.int32]
    rings: NDArray[np.int32]
    needed: NDArray[np.int32]


def traced(ids: NDArray[np.integer], table: NDArray[np.integer], holes: bool) -> Traced:
    """The rings as they are found, in no order; arguments as of :func:`outer_polygons`."""
    batch, height, width = ids.shape
    values, rows = object_rows(batch, table, background=-1)
    image_ids = np.ascontiguousarray(ids).view(np.int32)
    marks = workspace("marks", (height * width,), np.uint8)
    needed = np.empty((batch, 2), np.int32)
    room, most = _CORNERS, _RINGS
    while True:
        corners = workspace("corners", (batch, 2 * room), np.int32)
        rings = workspace("rings", (batch, most, 2), np.int32)
        launch(trace_images, batch, [image_ids, rows, marks, corners, rings, needed, int(holes)])
        if batch == 0 or (needed.max(axis=0) <= (room, most)).all():
            return Traced(values, corners, rings, needed)
        room, most = np.maximum(needed.max(axis=0), (room, most)).tolist()


def outer_polygons(
    ids: NDArray[np.integer], table: NDArray[np.integer], holes: bool = False
) -> dict[tuple[int, int], list[list[int]]]:
    """The same as ``storage.polygon.outer_polygons``. ids: (B, H, W) integers of 32 bits; table: (T,) or (B, T).

    With holes, rings come in another order, and those around holes begin elsewhere.
    """
    own = traced(ids, table, holes)
    found: dict[tuple[int, int], list[list[int]]] = {}
    for image, (points, count) in enumerate(own.needed.tolist()):
        numbers = own.corners[image, : 2 * points].tolist()
        begin = 0
        for row, end in own.rings[image, :count].tolist():
            found.setdefault((image, int(own.values[row])), []).append(numbers[begin : 2 * end])
            begin = 2 * end
    return found
