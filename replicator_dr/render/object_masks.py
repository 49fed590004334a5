"""Masks of chosen objects, on the device that drew them."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray


@wp.kernel(enable_backward=False)
def paint_masks(
    part: wp.array2d(dtype=wp.int32), mask_of_part: wp.array(dtype=wp.int32), masks: wp.array3d(dtype=wp.uint8)
):
    """1 in the mask of what a pixel shows, where it has one."""
    row, column = wp.tid()
    seen = part[row, column]
    if seen >= 0:
        mask = mask_of_part[seen]
        if mask >= 0:
            masks[mask, row, column] = wp.uint8(1)


def object_masks(part: wp.array, mask_of_part: NDArray[np.int32], count: int) -> wp.array:
    """(N, H, W) uint8, 1 where the object is seen.

    part: (H, W) int32 on the device, -1 = background. mask_of_part: (P,) int32, which of the N = ``count`` masks each
    part belongs to, -1 for none.
    """
    masks = wp.zeros((count, *part.shape), dtype=wp.uint8, device=part.device)
    if count:
        chosen = wp.array(mask_of_part, dtype=wp.int32, device=part.device)
        wp.launch(paint_masks, part.shape, [part, chosen, masks], device=part.device)
    return masks
