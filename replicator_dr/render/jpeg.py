"""JPEG artefacts: what a reader of the file would see, without making the file.

A baseline file (ITU-T T.81) with halved colour resolution (4:2:0) and the tables of annex K, scaled to the quality as
libjpeg does. Only the entropy coding is left out, which loses nothing. All is in integers, rounded as libjpeg and
libjpeg-turbo round by default, so that the pixels equal those of files that went through them, on CPU and CUDA.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.start import WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "optimization_level": 3, **WIDE_VECTORS})

NATIVE = files("replicator_dr.render") / "native"
LUMA, CHROMA = 0, 1

_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
    99, 99, 99, *[99] * 32,
)  # fmt: skip


def tables_of(qualities: NDArray[np.int64]) -> NDArray[np.int32]:
    """(N, 2, 64) steps of luminance and chrominance in rows of 8, from qualities 1..100."""
    quality = np.clip(qualities, 1, 100)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)[:, None, None]
    return np.clip((np.array([_LUMINANCE, _CHROMINANCE]) * scale + 50) // 100, 1, 255).astype(np.int32)


@wp.func_native((NATIVE / "jpeg_split.cpp").read_text())
def split_row(
    listed: int,
    image: int,
    i: int,
    first: int,
    last: int,
    rgb: wp.array4d(dtype=wp.uint8),
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
):
    """Columns first to last - 1 of row i of the half-sized planes, and the brightness of what they cover."""


@wp.kernel(enable_backward=False)
def split_colors(
    run: int,
    rows: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
):
    """Planes of whole blocks: brightness, and differences to blue and red at half the size."""
    n, i, block = wp.tid()
    first = block * run
    split_row(n, rows[n], i, first, wp.min(first + run, blue.shape[2]), rgb, luma, blue, red)


@wp.func_native((NATIVE / "jpeg_block.cpp").read_text())
def code_row(
    image: int,
    block_row: int,
    first: int,
    last: int,
    chroma: int,
    tables: wp.array(dtype=wp.int32),
    plane: wp.array3d(dtype=wp.uint8),
):
    """Blocks first to last - 1 of a row of them, in place."""


@wp.kernel(enable_backward=False)
def code_blocks(run: int, chroma: int, tables: wp.array(dtype=wp.int32), plane: wp.array3d(dtype=wp.uint8)):
    """plane: (N, H, W) uint8 of whole blocks. tables: (N * 2 * 64,)."""
    n, y, x = wp.tid()
    code_row(n, y, x * run, wp.min(x * run + run, plane.shape[2] // 8), chroma, tables, plane)


@wp.func_native((NATIVE / "jpeg_join.cpp").read_text())
def join_row(
    listed: int,
    image: int,
    y: int,
    first: int,
    last: int,
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """The pixels of row y over columns first to last - 1 of the half-sized planes."""


@wp.kernel(enable_backward=False)
def join_colors(
    run: int,
    rows: wp.array(dtype=wp.int32),
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """The planes as colours again; alpha stays."""
    n, y, block = wp.tid()
    first = block * run
    join_row(n, rows[n], y, first, wp.min(first + run, (rgb.shape[2] + 1) // 2), luma, blue, red, rgb)


def compress(rgb: wp.array, rows: NDArray[np.intp], qualities: NDArray[np.int64]) -> None:
    """Take images ``rows`` of (B, H, W, 4) uint8, sRGB, through JPEG, in place. qualities: (N,), 1..100."""
    device, (_, height, width, _) = rgb.device, rgb.shape
    listed = wp.array(rows.astype(np.int32), device=device)
    tables = wp.array(tables_of(qualities).reshape(-1), device=device)

    def plane(high: int, wide: int) -> wp.array:
        return wp.empty((len(rows), -(-high // 8) * 8, -(-wide // 8) * 8), dtype=wp.uint8, device=device)

    luma, (blue, red) = plane(height, width), (plane((height + 1) // 2, (width + 1) // 2) for _ in range(2))
    columns = (width + 1) // 2
    _launch(split_colors, blue.shape, [listed, rgb, luma, blue, red], device)
    for own, kind in ((luma, LUMA), (blue, CHROMA), (red, CHROMA)):
        _launch(code_blocks, (len(rows), own.shape[1] // 8, own.shape[2] // 8), [kind, tables, own], device)
    _launch(join_colors, (len(rows), height, columns), [listed, luma, blue, red, rgb], device)


def _launch(kernel: wp.Kernel, shape: tuple[int, int, int], arguments: list[Any], device: wp.Device) -> None:
    """A thread for each last place of ``shape``, on a CPU for a row of them."""
    images, height, width = shape
    run = width if device.is_cpu else 1
    wp.launch(kernel, (images, height, -(-width // run)), [run, *arguments], device=device)
