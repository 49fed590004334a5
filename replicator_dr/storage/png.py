"""PNG files, encoded with ISA-L's deflate.

Format: W3C Portable Network Graphics (Third Edition), sections 5 (chunks), 7.2 (scan lines), 9 (filtering) and 10
(compression). ISA-L is about ten times as fast as zlib at a tenth more bytes, and releases the interpreter lock, so
that threads encode side by side. The same pixels give the same bytes wherever the same ISA-L runs on the same kind of
processor; on others the pixels are equal, the compressed bytes may not be.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from typing_extensions import Buffer

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Measured at 640x480 on rendered images (tests/benchmarks/png.py): levels 2 and 3 save under one percent for a tenth to
# a third more time. Colours are smallest, by up to a seventh, when each byte is stored less that of the pixel before
# it; 16-bit depth, by a seventh, less the byte above.
DEFAULT_LEVEL = 1

_SUB, _UP = 1, 2
# Rows filtered at a time, so that a block and its differences stay in the processor's second-level cache.
_BLOCK_ROWS = 32

_COLOR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}


def encode_png(pixels: NDArray[np.uint8] | NDArray[np.uint16], level: int = DEFAULT_LEVEL) -> bytes:
    """A PNG file's bytes.

    pixels: (H, W) uint8 or uint16 grey; (H, W, 3) uint8 RGB; (H, W, 4) uint8 RGBA. level: 0 (fastest) to 3, ISA-L's.
    ValueError for other shapes, types and levels, and for an image without pixels.
    """
    _check(pixels, level)
    # A grey sample of 16 bits is two bytes, the higher first.
    in_bytes = np.ascontiguousarray(pixels, ">u2" if pixels.dtype == np.uint16 else np.uint8).view(np.uint8)
    samples = in_bytes.reshape(*pixels.shape[:2], -1)
    color_type = 0 if pixels.ndim == 2 else _COLOR_TYPE[pixels.shape[2]]
    lines = _scan_lines(samples, _SUB if color_type else _UP)
    return _assemble(lines, pixels.shape, 8 * pixels.dtype.itemsize, color_type, level)


def encode_png_rgb(rgba: NDArray[np.uint8], level: int = DEFAULT_LEVEL) -> bytes:
    """The same for the colours of an (H, W, 4) uint8 image, leaving its alpha out; faster than cutting it off first."""
    _check(rgba, level)
    if rgba.ndim != 3:
        raise ValueError(f"pixels of shape {rgba.shape} hold no colours; give (H, W, 3) or (H, W, 4)")
    return _assemble(_scan_lines(rgba, _SUB, keep=3), rgba.shape, 8, _COLOR_TYPE[3], level)


def encode_png_indexed(indices: NDArray[np.uint8], palette: NDArray[np.uint8], level: int = DEFAULT_LEVEL) -> bytes:
    """A PNG file of (H, W) uint8 places in a palette, (n, 3) uint8 RGB, n at most 256."""
    from isal import isal_zlib

    _check(indices, level)
    if indices.dtype != np.uint8 or palette.shape[1:] != (3,) or not int(indices.max()) < len(palette) <= 256:
        raise ValueError(
            f"a palette of shape {palette.shape} does not hold the colours of these {indices.dtype} indices"
        )
    lines = np.pad(indices, ((0, 0), (1, 0)))  # no filter: neighbouring numbers say nothing of each other
    data = isal_zlib.compress(lines, level)
    return png_file(data, indices.shape[1], indices.shape[0], 8, 3, palette.astype(np.uint8).tobytes())


def _check(pixels: NDArray[np.uint8] | NDArray[np.uint16], level: int) -> None:
    good = (pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)) or (
        pixels.ndim == 3 and pixels.shape[2] in _COLOR_TYPE and pixels.dtype == np.uint8
    )
    if not good or pixels.size == 0:
        raise ValueError(
            f"no PNG can be made of shape {pixels.shape}, {pixels.dtype}; give (H, W) uint8 or uint16, "
            "or (H, W, 3) or (H, W, 4) uint8"
        )
    if not 0 <= level <= 3:
        raise ValueError(f"compression level {level} is not in 0..3")


def _scan_lines(samples: NDArray[np.uint8], row_filter: int, keep: int | None = None) -> NDArray[np.uint8]:
    """Filtered scan lines, (H, 1 + W * keep) uint8, from (H, W, n) uint8, of which the first ``keep`` are kept."""
    height, width, channels = samples.shape
    keep = channels if keep is None else keep
    lines = np.empty((height, 1 + width * keep), np.uint8)
    lines[:, 0] = row_filter
    body = as_strided(lines[:, 1:], (height, width, keep), (lines.strides[0], keep, 1))
    for top in range(0, height, _BLOCK_ROWS):
        difference = samples[top : top + _BLOCK_ROWS].copy()
        if row_filter == _SUB:
            difference[:, 1:] -= samples[top : top + _BLOCK_ROWS, :-1]
        else:
            above = max(top - 1, 0)
            difference[above + 1 - top :] -= samples[above : top + len(difference) - 1]
        out = body[top : top + _BLOCK_ROWS]
        if keep == channels:
            out[...] = difference
        else:  # a channel at a time: NumPy copies rows of three bytes one by one
            for channel in range(keep):
                out[..., channel] = difference[..., channel]
    return lines


def _assemble(lines: NDArray[np.uint8], shape: tuple[int, ...], depth: int, color_type: int, level: int) -> bytes:
    from isal import isal_zlib

    return png_file(isal_zlib.compress(lines, level), shape[1], shape[0], depth, color_type)


def png_file(data: Buffer, width: int, height: int, depth: int, color_type: int, palette: bytes = b"") -> bytes:
    """A PNG file around the zlib stream of its scan lines. depth: bits of a sample; color_type: PNG's number of it.

    palette: RGB bytes, for colour type 3.
    """
    return png_files([data], width, height, depth, color_type, palette)[0]


def png_files(
    streams: Sequence[Buffer], width: int, height: int, depth: int, color_type: int, palette: bytes = b""
) -> list[bytes]:
    """The same for images that differ in their pixels only."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    head = b"".join((SIGNATURE, *_chunk(b"IHDR", header), *(_chunk(b"PLTE", palette) if palette else ())))
    end = b"".join(_chunk(b"IEND", b""))
    return [b"".join((head, *_chunk(b"IDAT", data), end)) for data in streams]


def _chunk(kind: bytes, body: Buffer) -> tuple[Buffer, ...]:
    from isal import isal_zlib

    checksum = isal_zlib.crc32(body, isal_zlib.crc32(kind))
    return struct.pack(">I", memoryview(body).nbytes), kind, body, struct.pack(">I", checksum)
