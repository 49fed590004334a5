"""Depth images as 16-bit grey PNG files: rounded, range-checked and filtered in one native pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.encode.launch import launch, workspace
from replicator_dr.encode.native_code import native_code
from replicator_dr.storage.png import png_file

# No fast mathematics: infinity and nan have to be told apart from depths.
wp.set_module_options({"enable_backward": False, "optimization_level": 3})


@wp.func_native(native_code("depth_lines"))
def depth_line(
    image: int,
    y: int,
    steps: float,
    depth: wp.array3d(dtype=wp.float32),
    lines: wp.array3d(dtype=wp.uint8),
    counts: wp.array2d(dtype=wp.int32),
):
    """One row. steps: per metre."""


@wp.kernel(enable_backward=False)
def depth_lines(
    steps: float,
    depth: wp.array3d(dtype=wp.float32),
    lines: wp.array3d(dtype=wp.uint8),
    counts: wp.array2d(dtype=wp.int32),
):
    """An image a thread: rows of one image add to the same counts."""
    image = wp.tid()
    for y in range(depth.shape[1]):
        depth_line(image, y, steps, depth, lines, counts)


@dataclass(frozen=True)
class DepthFiles:
    """PNG files of a batch of depth images. missed, beyond: (B,) int32, as in ``StoredDepth``."""

    content: list[bytes]
    missed: NDArray[np.int32]
    beyond: NDArray[np.int32]


def encode_depth(depth: NDArray[np.float32], depth_scale: float = 1.0, level: int = 1) -> DepthFiles:
    """Depth (B, H, W) float32 [m] in steps of ``depth_scale`` millimetres, 0 = no measurement."""
    from isal import isal_zlib

    batch, height, width = depth.shape
    lines = workspace("depth lines", (batch, height, 1 + 2 * width), np.uint8)
    counts = np.zeros((batch, 2), np.int32)
    launch(depth_lines, batch, [float(np.float32(1000.0 / depth_scale)), np.ascontiguousarray(depth), lines, counts])
    content = [png_file(isal_zlib.compress(image, level), width, height, 16, 0) for image in lines]
    return DepthFiles(content, counts[:, 0], counts[:, 1])
