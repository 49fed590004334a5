"""COCO's run-length masks of objects that may overlap, in native code; see ``storage.rle`` for the format."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.masks import joined_masks
from replicator_dr.encode.native_code import native_code
from replicator_dr.storage.rle import Masks

wp.set_module_options({"enable_backward": False, "optimization_level": 3})

_WORD = 64
_CHARACTERS, _RUNS = 1 << 16, 1 << 14
"""For the masks of one image, at first."""


@wp.func_native(native_code("bit_runs", "run_counts"))
def bit_mask_image(
    image: int,
    most_runs: int,
    masks: wp.array4d(dtype=wp.int64),
    scratch: wp.array(dtype=wp.int32),
    area: wp.array2d(dtype=wp.int32),
    box: wp.array3d(dtype=wp.int32),
    text_end: wp.array2d(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
    needed_runs: wp.array(dtype=wp.int32),
    text: wp.array2d(dtype=wp.uint8),
):
    """One image. scratch: shared by the images, which come one after the other."""


@wp.kernel(enable_backward=False)
def bit_mask_images(
    most_runs: int,
    masks: wp.array4d(dtype=wp.int64),
    scratch: wp.array(dtype=wp.int32),
    area: wp.array2d(dtype=wp.int32),
    box: wp.array3d(dtype=wp.int32),
    text_end: wp.array2d(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
    needed_runs: wp.array(dtype=wp.int32),
    text: wp.array2d(dtype=wp.uint8),
):
    """An image a thread."""
    bit_mask_image(wp.tid(), most_runs, masks, scratch, area, box, text_end, needed, needed_runs, text)


def encode_bit_masks(bits: NDArray[np.int64]) -> Masks:
    """The same as ``storage.rle.compress_runs`` of ``bit_runs``: value v is bit v % 64 of word v // 64.

    bits: (B, H, W, words).
    """
    batch, height, width, words = bits.shape
    objects = words * _WORD
    area = np.empty((batch, objects), np.int32)
    box = np.empty((batch, objects, 4), np.int32)
    ends = np.empty((batch, objects), np.int32)
    needed, runs = np.empty(batch, np.int32), np.empty(batch, np.int32)
    masks = np.ascontiguousarray(bits)
    room, most = _CHARACTERS, _RUNS
    while True:
        scratch = workspace("bit runs", (3 * height * width + width + 1 + 5 * objects + 3 * most,), np.int32)
        text = workspace("characters", (batch, room), np.uint8)
        launch(bit_mask_images, batch, [most, masks, scratch, area, box, ends, needed, runs, text])
        if runs.max(initial=0) <= most and needed.max(initial=0) <= room:
            return joined_masks(np.arange(objects), area, box, ends, needed, text)
        room, most = max(room, int(needed.max())), max(most, int(runs.max()))
