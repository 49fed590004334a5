"""Philox4x32-10: a counter-based generator, so that any number of a stream is made alone and in any order.

Algorithm and known answers: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011, and its Random123 distribution (file kat_vectors).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UInt64 = NDArray[np.uint64]

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)
_ROUNDS = 10


def philox4x32(counter: tuple[UInt64, UInt64, UInt64, UInt64], key: int) -> tuple[UInt64, UInt64, UInt64, UInt64]:
    """Four 32-bit words for each counter.

    counter: four arrays of any one shape (or shapes that broadcast), uint64 below 2^32, the counter's words 0 to 3.
    key: 64 bits, word 0 in the low half. Returns four uint64 arrays below 2^32.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key & 0xFFFFFFFF, (key >> 32) & 0xFFFFFFFF
    for _ in range(_ROUNDS):
        product_0 = c0 * _MULTIPLIER_0
        product_1 = c2 * _MULTIPLIER_1
        c0, c1, c2, c3 = (
            (product_1 >> _HIGH) ^ c1 ^ np.uint64(k0),
            product_1 & _LOW,
            (product_0 >> _HIGH) ^ c3 ^ np.uint64(k1),
            product_0 & _LOW,
        )
        k0, k1 = (k0 + _WEYL_0) & 0xFFFFFFFF, (k1 + _WEYL_1) & 0xFFFFFFFF
    return c0, c1, c2, c3
