"""Random numbers as a pure function of (seed, frame, pixel, sample, dimension), evenly spread over a pixel's samples.

Shuffled and scrambled Sobol points, two dimensions at a time (B. Burley, "Practical Hash-based Owen Scrambling",
JCGT 9(4), 2020). Any frame, pixel or sample can be made alone. Dimensions are independent of each other; within one,
the samples of a pixel are stratified whatever their number.
"""

from __future__ import annotations

import warp as wp

wp.set_module_options({"enable_backward": False})

INDEX_BITS = wp.constant(16)
"""Samples a pixel before the points repeat: 65536."""
TO_UNIT = wp.constant(1.0 / 16777216.0)
"""The upper 24 bits of a word to 0 <= x < 1."""
MIX_1 = wp.constant(wp.uint32(0x7FEB352D))
MIX_2 = wp.constant(wp.uint32(0x846CA68B))
GOLDEN = wp.constant(wp.uint32(0x9E3779B9))
TOP_BIT = wp.constant(wp.uint32(0x80000000))


@wp.func
def mixed(x: wp.uint32) -> wp.uint32:
    """A word whose bits all depend on all bits of x (Wellons' lowbias32)."""
    x = (x ^ (x >> wp.uint32(16))) * MIX_1
    x = (x ^ (x >> wp.uint32(15))) * MIX_2
    return x ^ (x >> wp.uint32(16))


@wp.func
def joined(a: wp.uint32, b: wp.uint32) -> wp.uint32:
    """One word for a pair of words."""
    return mixed(a ^ (mixed(b) + GOLDEN + (a << wp.uint32(6)) + (a >> wp.uint32(2))))


@wp.func
def reversed_bits(x: wp.uint32) -> wp.uint32:
    """Bit 0 becomes bit 31 and so on."""
    x = ((x >> wp.uint32(1)) & wp.uint32(0x55555555)) | ((x & wp.uint32(0x55555555)) << wp.uint32(1))
    x = ((x >> wp.uint32(2)) & wp.uint32(0x33333333)) | ((x & wp.uint32(0x33333333)) << wp.uint32(2))
    x = ((x >> wp.uint32(4)) & wp.uint32(0x0F0F0F0F)) | ((x & wp.uint32(0x0F0F0F0F)) << wp.uint32(4))
    x = ((x >> wp.uint32(8)) & wp.uint32(0x00FF00FF)) | ((x & wp.uint32(0x00FF00FF)) << wp.uint32(8))
    return (x >> wp.uint32(16)) | (x << wp.uint32(16))


@wp.func
def permuted(x: wp.uint32, seed: wp.uint32) -> wp.uint32:
    """Laine and Karras' permutation: each bit is flipped by a hash of the seed and the lower bits."""
    x = x ^ (x * wp.uint32(0x3D20ADEA))
    x = x + seed
    x = x * ((seed >> wp.uint32(16)) | wp.uint32(1))
    x = x ^ (x * wp.uint32(0x05526C56))
    return x ^ (x * wp.uint32(0x53A22864))


@wp.func
def second_sobol(index: wp.uint32) -> wp.uint32:
    """The second dimension of Sobol's sequence; the first is the index with its bits reversed."""
    point = wp.uint32(0)
    column = wp.uint32(TOP_BIT)
    for _ in range(INDEX_BITS):
        if (index & wp.uint32(1)) != wp.uint32(0):
            point = point ^ column
        index = index >> wp.uint32(1)
        column = column ^ (column >> wp.uint32(1))
    return point


@wp.func
def pixel_seed(seed: wp.uint32, frame: wp.uint32, pixel: int) -> wp.uint32:
    """The seed of all samples of one pixel."""
    return joined(joined(seed, frame), wp.uint32(pixel))


@wp.func
def draw(seed: wp.uint32, sample: int, dimension: int) -> wp.vec2:
    """Two numbers, 0 <= x < 1. seed: pixel_seed; dimension: which pair of the sample's numbers."""
    own = joined(seed, wp.uint32(dimension))
    bits = wp.uint32((1 << INDEX_BITS) - 1)
    # The permutation works from the lowest bit up; on reversed words that is from the highest down (Owen scrambling).
    index = reversed_bits(permuted(reversed_bits(wp.uint32(sample)), own)) & bits
    # The first Sobol dimension is the reversed index, so its scrambling needs no reversal before.
    x = reversed_bits(permuted(index, joined(own, wp.uint32(1))))
    y = reversed_bits(permuted(reversed_bits(second_sobol(index)), joined(own, wp.uint32(2))))
    return wp.vec2(float(x >> wp.uint32(8)) * TO_UNIT, float(y >> wp.uint32(8)) * TO_UNIT)
