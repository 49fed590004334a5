"""Random permutations of 0 .. n - 1 that are evaluated one place at a time: nothing is shuffled, nothing is stored.

The swap-or-not shuffle: V. T. Hoang, B. Morris, P. Rogaway, "An Enciphering Scheme Based on a Card Shuffle", CRYPTO
2012. A round has a partner k - x (mod n) for each place x, and a bit for each pair that says whether they swap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 0xFFFFFFFFFFFFFFFF
_TOP = np.uint64(63)


def mixed(value: UInt64) -> UInt64:
    """A bijection of 64-bit words that scatters them (the finaliser of splitmix64: G. Steele et al., OOPSLA 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def keys_of(key: int, *numbers: Int64) -> UInt64:
    """A 64-bit key for each entry of arrays of whole numbers, which broadcast against each other."""
    found = np.asarray(key & _WORD, dtype=np.uint64)
    for values in numbers:
        found = mixed(found + (values.astype(np.uint64) + np.uint64(1)) * np.uint64(_GOLDEN))
    return found


def permuted(place: Int64, n: int, keys: UInt64) -> Int64:
    """Where each place of 0 .. n - 1 goes, under the permutation that belongs to its key; the two broadcast."""
    rounds = np.arange(_rounds(n), dtype=np.uint64).reshape(-1, *([1] * keys.ndim))
    words = mixed(keys + rounds * np.uint64(_GOLDEN))
    partners = ((words >> np.uint64(1)) % np.uint64(n)).astype(np.int64)
    x = np.broadcast_to(place, np.broadcast_shapes(place.shape, keys.shape)).astype(np.int64)
    for word, partner_of_0 in zip(words, partners):
        partner = partner_of_0 - x
        partner += (partner < 0) * n
        pair = np.maximum(x, partner).astype(np.uint64)
        swaps = (mixed(word ^ (pair + np.uint64(1)) * np.uint64(_GOLDEN)) >> _TOP).astype(bool)
        x = np.where(swaps, partner, x)
    return x


def _rounds(n: int) -> int:
    """Enough that permutations of few places come evenly and many places scatter."""
    return 16 + 4 * (n - 1).bit_length() if n > 1 else 0
