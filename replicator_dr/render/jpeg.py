"""JPEG artefacts: what a reader of the file would see, without making the file.

A baseline file (ITU-T T.81) with halved colour resolution (4:2:0) and the tables of annex K, scaled to the quality as
libjpeg does. Only the entropy coding is left out, which loses nothing. All is in integers, rounded as libjpeg and
libjpeg-turbo round by default, so that the pixels equal those of files that went through them, on CPU and CUDA.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.start import WIDE_VECTORS

wp.set_module_options({"enable_backward": False, "optimization_level": 3, **WIDE_VECTORS})

HALF = wp.constant(32768)
"""Colours are converted with 16 bits after the point (JFIF 1.02)."""
MIDDLE = wp.constant(128 * 65536)
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


@wp.kernel(enable_backward=False)
def split_colors(
    rows: wp.array(dtype=wp.int32),
    rgb: wp.array4d(dtype=wp.uint8),
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
):
    """Planes of whole blocks: brightness, and differences to blue and red at half the size.

    The borders are continued as libjpeg continues them: columns before they are halved, rows after that.
    """
    n, i, j = wp.tid()
    b = rows[n]
    height = rgb.shape[1]
    width = rgb.shape[2]
    row = wp.min(i, (height + 1) // 2 - 1)
    to_blue = wp.int32(0)
    to_red = wp.int32(0)
    for k in range(4):
        y = wp.min(2 * row + (k >> 1), height - 1)
        x = wp.min(2 * j + (k & 1), width - 1)
        r = wp.int32(rgb[b, y, x, 0])
        g = wp.int32(rgb[b, y, x, 1])
        s = wp.int32(rgb[b, y, x, 2])
        to_blue += (32768 * s - 11059 * r - 21709 * g + MIDDLE + HALF - 1) >> 16
        to_red += (32768 * r - 27439 * g - 5329 * s + MIDDLE + HALF - 1) >> 16
        own_y = 2 * i + (k >> 1)
        own_x = 2 * j + (k & 1)
        if own_y < luma.shape[1] and own_x < luma.shape[2]:
            if row < i:
                y = height - 1
                r = wp.int32(rgb[b, y, x, 0])
                g = wp.int32(rgb[b, y, x, 1])
                s = wp.int32(rgb[b, y, x, 2])
            luma[n, own_y, own_x] = wp.uint8((19595 * r + 38470 * g + 7471 * s + HALF) >> 16)
    # Rounded down and up in turn, so that the mean is kept.
    bias = 1 + (j & 1)
    blue[n, i, j] = wp.uint8((to_blue + bias) >> 2)
    red[n, i, j] = wp.uint8((to_red + bias) >> 2)


@wp.func_native((files("replicator_dr.render") / "native" / "jpeg_block.cpp").read_text())
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


@wp.func
def enlarged(plane: wp.array3d(dtype=wp.uint8), n: int, y: int, x: int, height: int, width: int) -> int:
    """A half-sized plane, of which height x width is in the image, at a pixel: 3/4 of the nearest, 1/4 of the next."""
    i = y >> 1
    j = x >> 1
    if width <= 2:
        return wp.int32(plane[n, i, j])
    other_i = wp.clamp(i + 2 * (y & 1) - 1, 0, height - 1)
    other_j = wp.clamp(j + 2 * (x & 1) - 1, 0, width - 1)
    here = 3 * wp.int32(plane[n, i, j]) + wp.int32(plane[n, other_i, j])
    beside = 3 * wp.int32(plane[n, i, other_j]) + wp.int32(plane[n, other_i, other_j])
    return (3 * here + beside + 8 - (x & 1)) >> 4


@wp.kernel(enable_backward=False)
def join_colors(
    rows: wp.array(dtype=wp.int32),
    luma: wp.array3d(dtype=wp.uint8),
    blue: wp.array3d(dtype=wp.uint8),
    red: wp.array3d(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """The planes as colours again; alpha stays."""
    n, y, x = wp.tid()
    b = rows[n]
    height = (rgb.shape[1] + 1) // 2
    width = (rgb.shape[2] + 1) // 2
    grey = wp.int32(luma[n, y, x])
    to_blue = enlarged(blue, n, y, x, height, width) - 128
    to_red = enlarged(red, n, y, x, height, width) - 128
    rgb[b, y, x, 0] = wp.uint8(wp.clamp(grey + ((91881 * to_red + HALF) >> 16), 0, 255))
    rgb[b, y, x, 1] = wp.uint8(wp.clamp(grey + ((HALF - 22554 * to_blue - 46802 * to_red) >> 16), 0, 255))
    rgb[b, y, x, 2] = wp.uint8(wp.clamp(grey + ((116130 * to_blue + HALF) >> 16), 0, 255))


def compress(rgb: wp.array, rows: NDArray[np.intp], qualities: NDArray[np.int64]) -> None:
    """Take images ``rows`` of (B, H, W, 4) uint8, sRGB, through JPEG, in place. qualities: (N,), 1..100."""
    device, (_, height, width, _) = rgb.device, rgb.shape
    listed = wp.array(rows.astype(np.int32), device=device)
    tables = wp.array(tables_of(qualities).reshape(-1), device=device)

    def plane(high: int, wide: int) -> wp.array:
        return wp.empty((len(rows), -(-high // 8) * 8, -(-wide // 8) * 8), dtype=wp.uint8, device=device)

    luma, (blue, red) = plane(height, width), (plane((height + 1) // 2, (width + 1) // 2) for _ in range(2))
    wp.launch(split_colors, blue.shape, [listed, rgb, luma, blue, red], device=device)
    for own, kind in ((luma, LUMA), (blue, CHROMA), (red, CHROMA)):
        high, wide = own.shape[1] // 8, own.shape[2] // 8
        run = wide if device.is_cpu else 1
        wp.launch(code_blocks, (len(rows), high, -(-wide // run)), [run, kind, tables, own], device=device)
    wp.launch(join_colors, (len(rows), height, width), [listed, luma, blue, red, rgb], device=device)
