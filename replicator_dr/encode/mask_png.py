"""Masks as 8-bit grey PNG files in native code, straight from run lengths: small things in large images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import warp as wp

from replicator_dr.encode.launch import workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.streams import joined_counts, streams
from replicator_dr.storage.png import png_files

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("deflate", "flat", "each_run", "mask_pngs"))
def deflate_masks(
    width: int,
    height: int,
    text: wp.array(dtype=wp.uint8),
    text_end: wp.array(dtype=wp.int32),
    scratch: wp.array(dtype=wp.uint32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All masks. scratch: room for their edges and tokens, one mask after the other.

    needed: more than ``out`` holds where there was not room for all; what was written then is of no use.
    """


@wp.kernel(enable_backward=False)
def mask_streams(
    width: int,
    height: int,
    text: wp.array(dtype=wp.uint8),
    text_end: wp.array(dtype=wp.int32),
    scratch: wp.array(dtype=wp.uint32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All in one thread."""
    deflate_masks(width, height, text, text_end, scratch, out, stream_end, needed)


def encode_mask_files(counts: Sequence[str], width: int, height: int) -> list[bytes]:
    """PNG files of ``width`` x ``height``: 255 where an object is, 0 elsewhere. counts: COCO's compressed run lengths.

    The same masks give the same bytes everywhere.
    """
    if not counts:
        return []
    scratch = workspace("mask edges", (4 * height * (2 + width) + 4,), np.uint32)
    found = streams(mask_streams, [width, height, *joined_counts(counts), scratch], len(counts))
    return png_files(found, width, height, 8, 0)
