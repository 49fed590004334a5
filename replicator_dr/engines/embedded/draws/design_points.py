"""Points of designs in the unit cube: point k is a pure function of the design, its key and k.

A design of n points repeats after the last one, with a permutation or scrambling of its own in each cycle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws.permutation import keys_of, permuted
from replicator_dr.engines.embedded.draws.sampling import stream_key, uniforms

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]
UInt32 = NDArray[np.uint32]

_BITS = 32
"""Bits of a coordinate, and of the number of a point."""


@dataclass(frozen=True)
class Cube:
    """Points in the unit cube.

    kind: grid, latin_hypercube, sobol or halton. dimensions: of the cube. samples: points in a cycle, 0 without end.
    levels: of each dimension, for a grid. random: whether each cycle is permuted or scrambled by itself.
    """

    kind: str
    dimensions: int
    samples: int
    levels: tuple[int, ...] = ()
    random: bool = True

    def points(self, key: int, frames: Int64, columns: Int64) -> Float64:
        """(R, c): the coordinates ``columns`` (c,) of the points of frames (R,), within [0, 1)."""
        cycle, place = np.divmod(frames, self.samples) if self.samples else (np.zeros_like(frames), frames)
        return _KINDS[self.kind](self, key, cycle, place, columns)


def _grid(cube: Cube, key: int, cycle: Int64, place: Int64, columns: Int64) -> Float64:
    """All combinations of the levels, the last dimension's changing fastest; the middle of each level's share."""
    if cube.random:
        place = permuted(place, cube.samples, keys_of(key, cycle))
    strides = np.array([math.prod(cube.levels[index + 1 :]) for index in range(cube.dimensions)])[columns]
    sizes = np.array(cube.levels)[columns]
    return np.asarray((place[:, None] // strides % sizes + 0.5) / sizes)


def _latin_hypercube(cube: Cube, key: int, cycle: Int64, place: Int64, columns: Int64) -> Float64:
    """In each dimension one point in each of n equal strata (McKay, Beckman, Conover, Technometrics 21, 1979)."""
    strata = permuted(place[:, None], cube.samples, keys_of(key, cycle[:, None], columns))
    if not cube.random:
        return (strata + 0.5) / cube.samples
    frames = cycle * cube.samples + place
    within = uniforms(stream_key("within", key), frames, cube.dimensions, 1)[:, columns, 0]
    return np.minimum((strata + within) / cube.samples, np.nextafter(1.0, 0.0))


def _sobol(cube: Cube, key: int, cycle: Int64, place: Int64, columns: Int64) -> Float64:
    """Sobol's sequence in Gray code order (Antonov, Saleev 1979), with the direction numbers that SciPy has."""
    highest = int(place.max(initial=0))
    directions = _directions(cube.dimensions, max(highest.bit_length(), 10))[columns]
    gray = place ^ (place >> 1)
    x = np.zeros((len(place), len(columns)), dtype=np.uint32)
    for bit in range(highest.bit_length()):
        x ^= np.where(gray[:, None] >> bit & 1, directions[:, bit], np.uint32(0))
    if not cube.random:
        return np.asarray(x * 2.0**-_BITS, dtype=np.float64)
    seeds = keys_of(key, cycle[:, None], columns).astype(np.uint32)
    return np.asarray((_owen(x, seeds) + 0.5) * 2.0**-_BITS, dtype=np.float64)


@lru_cache(maxsize=16)
def _directions(dimensions: int, bits: int) -> UInt32:
    """(dimensions, bits) uint32: what a set bit of the Gray code adds; read off SciPy's points 2^0, 2^1, ..."""
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=False, bits=_BITS)
    found = np.zeros((dimensions, bits), dtype=np.uint32)
    last = np.zeros(dimensions, dtype=np.uint32)
    at = 0
    for bit in range(bits):
        engine.fast_forward((1 << bit) - at)
        at = (1 << bit) + 1
        # The Gray code of 2^b has the bits b and b - 1.
        last = (engine.random(1)[0] * 2.0**_BITS).astype(np.uint32) ^ last
        found[:, bit] = last
    return found


def _owen(x: UInt32, seeds: UInt32) -> UInt32:
    """Nested uniform scrambling by a hash (B. Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4), 2020)."""
    x = _reversed(x) + seeds
    for factor in (0x6C50B47C, 0xB82F1E52, 0xC7AFE638, 0x8D22F6E6):
        x = x ^ x * np.uint32(factor)
    return _reversed(x)


def _reversed(x: UInt32) -> UInt32:
    """The bits in opposite order."""
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        x = (x >> np.uint32(shift)) & np.uint32(mask) | (x & np.uint32(mask)) << np.uint32(shift)
    return x >> np.uint32(16) | x << np.uint32(16)


def _halton(cube: Cube, key: int, cycle: Int64, place: Int64, columns: Int64) -> Float64:
    """Halton's sequence, its digits permuted each by itself (A. B. Owen, arXiv:1706.02808, 2017)."""
    found = np.empty((len(place), len(columns)))
    primes = _primes(cube.dimensions)
    for index, column in enumerate(columns.tolist()):
        base = primes[column]
        count = math.ceil(_BITS / math.log2(base))
        digit_number = np.arange(count, dtype=np.int64)
        powers = np.array([base**power for power in range(count)], dtype=np.int64)
        digits = place[:, None] // powers % base
        if cube.random:
            digits = permuted(digits, base, keys_of(key, cycle[:, None], np.array([column]), digit_number))
        weights = float(base) ** -(digit_number + 1.0)
        # Summed from the smallest on, and in an order that does not depend on the batch.
        found[:, index] = np.cumsum((digits * weights)[:, ::-1], axis=1)[:, -1] + 0.5 * weights[-1] * cube.random
    return np.minimum(found, np.nextafter(1.0, 0.0))


@lru_cache(maxsize=16)
def _primes(count: int) -> tuple[int, ...]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return tuple(found)


_KINDS: dict[str, Callable[[Cube, int, Int64, Int64, Int64], Float64]] = {
    "grid": _grid,
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
    "halton": _halton,
}
