"""COCO's run-length masks in native code; see ``storage.rle`` for the format."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.object_rows import object_rows
from replicator_dr.storage.rle import Masks

wp.set_module_options({"enable_backward": False, "optimization_level": 3})

_ROOM = 1 << 16
"""Characters for the masks of one image, at first."""


@wp.func_native(native_code("mask_image", "run_counts"))
def mask_image(
    image: int,
    ids: wp.array3d(dtype=wp.int32),
    rows: wp.array2d(dtype=wp.int32),
    scratch: wp.array(dtype=wp.int32),
    area: wp.array2d(dtype=wp.int32),
    box: wp.array3d(dtype=wp.int32),
    text_end: wp.array2d(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
    text: wp.array2d(dtype=wp.uint8),
):
    """One image. rows: (images, ids + 1), the object of each id from -1 on, -1 where there is none.

    scratch: shared by the images, which come one after the other.
    """


@wp.kernel(enable_backward=False)
def mask_images(
    ids: wp.array3d(dtype=wp.int32),
    rows: wp.array2d(dtype=wp.int32),
    scratch: wp.array(dtype=wp.int32),
    area: wp.array2d(dtype=wp.int32),
    box: wp.array3d(dtype=wp.int32),
    text_end: wp.array2d(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
    text: wp.array2d(dtype=wp.uint8),
):
    """An image a thread."""
    mask_image(wp.tid(), ids, rows, scratch, area, box, text_end, needed, text)


def encode_masks(ids: NDArray[np.integer], table: NDArray[np.integer], background: int = -1) -> Masks:
    """The same as ``storage.rle.encode_masks``, with a table for all images or one for each.

    ids: (B, H, W) integers of 32 bits, from -1 on. table: (T,) or (B, T).
    """
    batch, height, width = ids.shape
    values, rows = object_rows(batch, table, background)
    objects = max(len(values), 1)
    area = np.empty((batch, objects), np.int32)
    box = np.empty((batch, objects, 4), np.int32)
    ends = np.empty((batch, objects), np.int32)
    needed = np.empty(batch, np.int32)
    scratch = workspace("runs", (4 * height * width + width + 1 + 4 * objects,), np.int32)
    image_ids = np.ascontiguousarray(ids).view(np.int32)
    room = _ROOM
    while True:
        text = workspace("characters", (batch, room), np.uint8)
        launch(mask_images, batch, [image_ids, rows, scratch, area, box, ends, needed, text])
        if needed.max(initial=0) <= room:
            break
        room = int(needed.max())
    return joined_masks(values, area, box, ends, needed, text)


def joined_masks(
    values: NDArray[np.int64],
    area: NDArray[np.int32],
    box: NDArray[np.int32],
    ends: NDArray[np.int32],
    needed: NDArray[np.int32],
    text: NDArray[np.uint8],
) -> Masks:
    """What the kernels have found in B images of M objects, as masks of those that have a pixel.

    values: (M,) the objects. area, ends: (B, M) pixels, and where the characters of each end in text, (B, room). box:
    (B, M, 4). needed: (B,) characters of each image.
    """
    counts: list[str] = []
    for characters_of, length, end, pixels in zip(text, needed.tolist(), ends, area, strict=True):
        characters = characters_of[:length].tobytes().decode("ascii")
        seen = end[pixels > 0].tolist()
        counts += [characters[begin:end] for begin, end in zip([0, *seen], seen, strict=False)]
    image, row = np.nonzero(area)
    return Masks(image, values[row], area[image, row].astype(np.int64), box[image, row].astype(np.int64), tuple(counts))
