"""CRC-32C (Castagnoli) with NumPy: the checksum of TFRecord files.

Reflected polynomial 0x82F63B78, as RFC 3720, appendix B.4 has it. The CRC without its inversions is linear over GF(2):
blocks of a message are summed all at once, and neighbours joined by the operator that appends so many zero bytes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Uint32 = NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
_BLOCK = 64
"""Bytes that are summed one after another, two at a time."""


def crc32c(data: bytes) -> int:
    """The checksum of a message of any length."""
    # Zeros in front do not change the sum of what follows; the initial value stands in the first four bytes.
    head = data[:4].ljust(4, b"\0")
    first = (int.from_bytes(head, "little") ^ _ALL).to_bytes(4, "little")
    if len(data) < 4:
        return _bytewise(data)
    blocks = 1 << max(0, -(-len(data) // _BLOCK) - 1).bit_length()
    padded = np.zeros(blocks * _BLOCK, np.uint8)
    padded[len(padded) - len(data) :] = np.frombuffer(data, np.uint8)
    start = len(padded) - len(data)
    padded[start : start + 4] = np.frombuffer(first, np.uint8)
    # Blocks of padding alone have the sum zero.
    used = -(-len(data) // _BLOCK)
    sums = np.zeros(blocks, np.uint32)
    sums[blocks - used :] = _sums(padded.reshape(blocks, _BLOCK)[blocks - used :])
    size = _BLOCK
    while len(sums) > 1:
        sums = _apply(_zeros_operator(size), sums[0::2]) ^ sums[1::2]
        size *= 2
    return int(sums[0]) ^ _ALL


def masked(found: int) -> int:
    """A sum as TFRecord files have it: turned right by 15 bits, plus 0xA282EAD8 (core/lib/hash/crc32c.h)."""
    return (((found >> 15) | (found << 17)) + 0xA282EAD8) & _ALL


def _sums(blocks: NDArray[np.uint8]) -> Uint32:
    """(N,) sums of (N, 64) bytes, begun with zero."""
    table = _word_table()
    state = np.zeros(len(blocks), np.uint32)
    for word in np.ascontiguousarray(blocks.view("<u2").T):
        state = table[(state ^ word) & np.uint32(0xFFFF)] ^ (state >> np.uint32(16))
    return state


@cache
def byte_table() -> Uint32:
    """(256,) what a byte at the end of a message adds."""
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = (values >> np.uint32(1)) ^ np.where(values & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    return values


@cache
def _word_table() -> Uint32:
    """(65536,) what a word of two bytes at the end of a message adds, its first byte in the lower half."""
    words, table = np.arange(1 << 16, dtype=np.uint32), byte_table()
    first = table[words & np.uint32(255)] ^ (words >> np.uint32(8))
    return table[first & np.uint32(255)] ^ (first >> np.uint32(8))


@cache
def _zeros_operator(size: int) -> Uint32:
    """(4, 256): what each byte of a sum becomes when ``size`` zero bytes follow; a power of two."""
    if size > 1:
        half = _zeros_operator(size // 2)
        return _apply(half, half)
    states = np.arange(256, dtype=np.uint32)[None, :] << (8 * np.arange(4, dtype=np.uint32))[:, None]
    return (states >> np.uint32(8)) ^ byte_table()[states & np.uint32(255)]


def _apply(operator: Uint32, sums: Uint32) -> Uint32:
    result = operator[0][sums & np.uint32(255)]
    for byte in range(1, 4):
        result ^= operator[byte][(sums >> np.uint32(8 * byte)) & np.uint32(255)]
    return result


def _bytewise(data: bytes) -> int:
    state = _ALL
    for byte in data:
        state = (state >> 8) ^ int(byte_table()[(state ^ byte) & 255])
    return state ^ _ALL
