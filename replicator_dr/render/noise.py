"""Random numbers of sensors as a pure function of (seed, frame, camera, pixel, place), and what is drawn with them.

Words come from the hash of path/sequence.py; an image's noise does not depend on the batch or thread that makes it.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.path.sequence import TO_UNIT, joined, mixed

wp.set_module_options({"enable_backward": False})

LARGE = wp.constant(16.0)
"""Poisson numbers of a larger mean are drawn from the normal distribution, corrected for skewness and kurtosis."""
MOST = wp.constant(80)
"""A Poisson number of mean LARGE or less is not larger, with a probability of 1 - 1e-24."""
TWO_PI = wp.constant(6.283185307179586)


@wp.func
def pixel_stream(seed: wp.uint32, frame: wp.uint32, camera: wp.uint32, pixel: int) -> wp.uint32:
    """The stream of one pixel."""
    return joined(joined(joined(seed, frame), camera), wp.uint32(pixel))


@wp.func
def uniform(stream: wp.uint32, place: int) -> float:
    """0 < x < 1, from the upper 23 bits of the stream's word at ``place``."""
    word = mixed(joined(stream, wp.uint32(place)))
    return (float(word >> wp.uint32(9)) * 2.0 + 1.0) * TO_UNIT


@wp.func
def normals(stream: wp.uint32, place: int) -> wp.vec2:
    """Two independent numbers of the standard normal distribution, from places ``place`` and ``place + 1``.

    Box and Muller's transform.
    """
    radius = wp.sqrt(-2.0 * wp.log(uniform(stream, place)))
    angle = TWO_PI * uniform(stream, place + 1)
    return wp.vec2(radius * wp.cos(angle), radius * wp.sin(angle))


@wp.func
def poisson(mean: float, u: float, z: float) -> float:
    """A Poisson number. u: uniform, which small means are drawn with, by inversion; z: normal, for large ones.

    Large ones by Cornish and Fisher's expansion of the quantile to the fourth cumulant:
    mean + sqrt(mean) z + (z^2 - 1) / 6 + (z - z^3) / (72 sqrt(mean)).
    """
    if mean > LARGE:
        root = wp.sqrt(mean)
        wide = mean + root * z + (z * z - 1.0) / 6.0 + (z - z * z * z) / (72.0 * root)
        return wp.max(wp.floor(wide + 0.5), 0.0)
    count = float(0.0)
    probability = wp.exp(-wp.max(mean, 0.0))
    below = float(probability)
    while u > below and count < float(MOST):
        count += 1.0
        probability *= mean / count
        below += probability
    return count
