"""Random numbers of depth sensors as a pure function of (seed, frame, camera, pixel, place).

Words come from the hash of path/sequence.py; a measurement does not depend on the batch or thread that makes it.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.path.sequence import TO_UNIT, joined, mixed

wp.set_module_options({"enable_backward": False})

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
