"""Label images as PNG files in native code: a number for each pixel, of which few neighbours differ."""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.encode.streams import streams
from replicator_dr.storage.png import png_files

wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("deflate", "flat", "label_lines"))
def deflate_labels(
    size: int,
    ids: wp.array3d(dtype=wp.int32),
    values: wp.array3d(dtype=wp.uint32),
    scratch: wp.array(dtype=wp.int32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All images. size: bytes of a pixel. values: (kinds, images, ids + 1), the number of each id from -1 on.

    stream_end: image after image, kind after kind. needed: as in mask_png.deflate_masks.
    """


@wp.kernel(enable_backward=False)
def label_streams(
    size: int,
    ids: wp.array3d(dtype=wp.int32),
    values: wp.array3d(dtype=wp.uint32),
    scratch: wp.array(dtype=wp.int32),
    out: wp.array(dtype=wp.uint8),
    stream_end: wp.array(dtype=wp.int32),
    needed: wp.array(dtype=wp.int32),
):
    """All in one thread."""
    deflate_labels(size, ids, values, scratch, out, stream_end, needed)


def encode_labels(
    ids: NDArray[np.integer], values: NDArray[np.integer], palette: NDArray[np.uint8] | None = None
) -> list[list[bytes]]:
    """K times B PNG files of what ids stand for. The same labels give the same bytes everywhere.

    ids: (B, H, W) integers of 32 bits, from -1 on. values: (K, B, T) the number of each id; the last one is that of -1.
    palette: (n, 3) uint8 RGB, in which numbers are places; without one their bytes are R, G and B, the lowest first.
    """
    batch, height, width = ids.shape
    size = 3 if palette is None else 1
    numbers = np.ascontiguousarray(np.roll(values, 1, axis=-1), np.uint32)
    scratch = workspace("label runs", (height * (1 + width * (2 + size) + 1),), np.int32)
    inputs = [size, np.ascontiguousarray(ids).view(np.int32), numbers, scratch]
    found = streams(label_streams, inputs, batch * len(values))
    colors = b"" if palette is None else palette.astype(np.uint8).tobytes()
    files = png_files(found, width, height, 8, 2 if palette is None else 3, colors)
    return [files[kind :: len(values)] for kind in range(len(values))]
