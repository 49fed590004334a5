"""Radiance HDR pictures (.hdr, RGBE). Pillow has no reader for them.

Format: G. Ward, "Real pixels", Graphics Gems II, 1991; run-length scanlines as in Radiance's color.c.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.errors import AssetError

_MIN_RLE, _MAX_RLE = 8, 0x7FFF


def read_hdr(data: bytes, name: str) -> NDArray[np.float32]:
    """(H, W, 3) float32 of linear radiance, first row on top. Raises AssetError for other files."""
    if not data.startswith(b"#?"):
        raise AssetError(f"{name}: is not a Radiance picture (it does not begin with '#?'); export it again as .hdr")
    head, separator, rest = data.partition(b"\n\n")
    line, _, body = rest.partition(b"\n")
    words = line.split()
    if not separator or len(words) != 4 or words[0] != b"-Y" or words[2] != b"+X":
        raise AssetError(
            f"{name}: its size line is {line[:40]!r}; only pictures stored as '-Y height +X width' are read"
        )
    if b"FORMAT=32-bit_rle_xyze" in head:
        raise AssetError(f"{name}: holds XYZE colours; convert it to RGBE")
    height, width = int(words[1]), int(words[3])
    try:
        rgbe = _scanlines(body, height, width)
    except (IndexError, ValueError):
        raise AssetError(f"{name}: ends early or is damaged; it should hold {width} x {height} pixels") from None
    scale = np.ldexp(np.float32(1.0), rgbe[..., 3].astype(np.int32) - (128 + 8))
    pixels = (rgbe[..., :3].astype(np.float32) + 0.5) * scale[..., None]
    return np.where(rgbe[..., 3:] == 0, np.float32(0), pixels).astype(np.float32)


def write_hdr(radiance: NDArray[np.float32]) -> bytes:
    """A picture (H, W, 3) float32, 0 or more, as RGBE without run lengths: 8 bits of the largest channel."""
    height, width = radiance.shape[:2]
    brightest = radiance.max(axis=-1)
    _, exponent = np.frexp(brightest)
    mantissas = np.floor(np.ldexp(radiance, (8 - exponent)[..., None]))
    rgbe = np.empty((height, width, 4), dtype=np.uint8)
    rgbe[..., :3] = np.minimum(mantissas, 255)
    rgbe[..., 3] = exponent + 128
    rgbe[brightest < 1e-32] = 0
    head = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode()
    return head + rgbe.tobytes()


def _scanlines(body: bytes, height: int, width: int) -> NDArray[np.uint8]:
    """(H, W, 4) uint8."""
    flat = height * width * 4
    if not _MIN_RLE <= width <= _MAX_RLE or body[:2] != b"\x02\x02":
        return np.frombuffer(body[:flat], dtype=np.uint8).reshape(height, width, 4)
    planes = np.empty((height, 4, width), dtype=np.uint8)
    source = np.frombuffer(body, dtype=np.uint8)
    position = 0
    for row in range(height):
        if body[position : position + 2] != b"\x02\x02" or (body[position + 2] << 8 | body[position + 3]) != width:
            raise ValueError("a scanline without its mark")
        position = _runs(body, source, position + 4, planes[row].reshape(-1), width)
    return np.ascontiguousarray(planes.transpose(0, 2, 1))


def _runs(body: bytes, source: NDArray[np.uint8], position: int, line: NDArray[np.uint8], width: int) -> int:
    """Decode the four runs of a scanline into ``line``; gives the position after them. Runs never cross a plane."""
    filled, end = 0, 4 * width
    while filled < end:
        count = body[position]
        if count > 128:
            count -= 128
            line[filled : filled + count] = body[position + 1]
            position += 2
        else:
            chunk = source[position + 1 : position + 1 + count]
            line[filled : filled + len(chunk)] = chunk
            if len(chunk) != count or count == 0:
                raise ValueError("an empty or a cut run")
            position += 1 + count
        filled += count
    if filled != end:
        raise ValueError("a run that is too long")
    return position
