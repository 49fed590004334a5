"""The rays of a lens: one for each visibility sample of an image, and cones around those of square blocks.

The levels of cones halve the search for what a triangle covers: a node holds the cones of its 4 x 4 children, which on
the lowest level are blocks of 4 x 4 pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.lens import LensState, ray_at
from replicator_dr.render.structs import SAMPLE_X, SAMPLE_Y, SAMPLES, put_records

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

SIDE = 4
"""Children of a node along x and along y, and pixels of a block."""
NODE = wp.constant(80)
"""Numbers of a node: x, y, z of its children's axes, the sines of their half angles, and the chords, 16 of each."""
WIDE = wp.constant(2.0)
"""The sine of cones of 90 degrees and more, which nothing lies wholly beside."""
EMPTY = wp.constant(-2.0)
"""The sine of cones without rays, which everything lies beside."""
MARGIN = wp.constant(4.0e-6)
"""Added to sines, more than the rounding of rays and edges."""
PAD = 64
"""Numbers behind the last ray, so that a block at the end may be read whole."""
_X = wp.constant(wp.vec4(*(x / 256.0 for x in SAMPLE_X)))
_Y = wp.constant(wp.vec4(*(y / 256.0 for y in SAMPLE_Y)))
_SPREAD = wp.constant(
    float((SAMPLE_X[1] - SAMPLE_X[3]) * (SAMPLE_Y[2] - SAMPLE_Y[3])
    - (SAMPLE_X[2] - SAMPLE_X[3]) * (SAMPLE_Y[1] - SAMPLE_Y[3])) / 256.0**2
)  # fmt: skip
"""Pixels that the parallelogram of samples 1 and 2 around sample 3 covers."""


@wp.struct
class RayMap:
    """The rays of the images of a pass; nothing for plain pinholes, whose rays follow from the focal length.

    on: 1 where there are rays. row: (images,) the row of an image in what follows. x, y, z: (rows, H * W * SAMPLES +
    PAD) unit vectors in the camera's frame, zeros where the lens shows nothing. pitch: (rows, H * W) log2 of the angle
    that a pixel spans [rad]: the root of its solid angle. cones: (rows, nodes * NODE); levels: offset, columns and rows
    of nodes of each level, the lowest first. whole: (rows,) axis and half angle [rad] of the cone around all.
    """

    on: wp.int32
    row: wp.array(dtype=wp.int32)
    x: wp.array2d(dtype=wp.float32)
    y: wp.array2d(dtype=wp.float32)
    z: wp.array2d(dtype=wp.float32)
    pitch: wp.array2d(dtype=wp.float32)
    cones: wp.array2d(dtype=wp.float32)
    levels: wp.array(dtype=wp.vec3i)
    whole: wp.array(dtype=wp.vec4)


def levels_of(width: int, height: int) -> NDArray[np.int32]:
    """(L, 3) int32: offset, columns and rows of nodes of each level, the lowest first and one node on the last."""
    found, offset, span = [], 0, SIDE * SIDE
    while True:
        columns, rows = -(-width // span), -(-height // span)
        found.append((offset, columns, rows))
        if columns == rows == 1:
            return np.array(found, np.int32)
        offset += columns * rows
        span *= SIDE


def make_rays(lenses: NDArray[Any], width: int, height: int, device: wp.Device) -> RayMap:
    """The rays of each of some lenses (LensState records); the images' rows are still to be filled in."""
    rows, levels = len(lenses), levels_of(width, height)
    nodes = int(levels[-1, 0]) + 1
    result = RayMap()
    result.on = 1

    def new(shape: tuple[int, ...], dtype: Any = wp.float32) -> wp.array:
        return wp.empty(shape, dtype=dtype, device=device)

    size = (rows, height * width * SAMPLES + PAD)
    result.x, result.y, result.z = new(size), new(size), new(size)
    result.pitch = new((rows, height * width))
    result.cones = new((rows, nodes * int(NODE)))
    result.whole = new((rows,), wp.vec4)
    result.levels = wp.array(levels, dtype=wp.vec3i, device=device)
    states = put_records(lenses, LensState, device)
    run = width if device.is_cpu else 8
    wp.launch(cast_rays, (rows, height, -(-width // run)), [run, width, states, result], device=device)
    wp.launch(clear_pad, (rows, PAD), [height * width * SAMPLES, result], device=device)
    lowest = (rows, *levels[0, :0:-1].tolist(), SIDE * SIDE)
    wp.launch(enclose_pixels, lowest, [width, height, result], device=device)
    for level in range(1, len(levels)):
        dim = (rows, *levels[level, :0:-1].tolist(), SIDE * SIDE)
        wp.launch(enclose_nodes, dim, [level, result], device=device)
    wp.launch(enclose_all, (rows,), [result], device=device)
    return result


@wp.kernel(enable_backward=False)
def cast_rays(run: int, width: int, lenses: wp.array(dtype=LensState), rays: RayMap):
    """``run`` pixels of a row a thread; where each ray is looked for follows from those of the pixels before."""
    row, y, segment = wp.tid()
    lens = lenses[row]
    zero = wp.float64(0.0)
    none = wp.vec3d(zero, zero, zero)
    last = none
    step = none
    step_1 = none
    step_2 = none
    step_3 = none
    for x in range(segment * run, wp.min(segment * run + run, width)):
        first = (y * width + x) * 4
        r0 = sample_ray(lens, x, y, 0, last + step)
        r1 = sample_ray(lens, x, y, 1, r0 + step_1)
        r2 = sample_ray(lens, x, y, 2, r0 + step_2)
        r3 = sample_ray(lens, x, y, 3, r0 + step_3)
        step = none
        if wp.length(last) * wp.length(r0) > zero:
            step = r0 - last
        last = r0
        step_1 = none
        step_2 = none
        step_3 = none
        if wp.length(r0) * wp.length(r1) * wp.length(r2) * wp.length(r3) > zero:
            step_1 = r1 - r0
            step_2 = r2 - r0
            step_3 = r3 - r0
        store(rays, row, first, r0)
        store(rays, row, first + 1, r1)
        store(rays, row, first + 2, r2)
        store(rays, row, first + 3, r3)
        area = wp.length(wp.cross(r1 - r3, r2 - r3)) / wp.float64(_SPREAD)
        if wp.length(r1) * wp.length(r2) * wp.length(r3) < wp.float64(0.5) or area <= zero:
            area = wp.float64(1.0) / (lens.focal[0] * lens.focal[1])
        rays.pitch[row, y * width + x] = float(wp.float64(0.5) * wp.log2(area))


@wp.func
def sample_ray(lens: LensState, x: int, y: int, i: int, guess: wp.vec3d) -> wp.vec3d:
    """The ray of one visibility sample of a pixel."""
    half = wp.float64(0.5)
    return ray_at(lens, wp.float64(x) + half + wp.float64(_X[i]), wp.float64(y) + half + wp.float64(_Y[i]), guess)


@wp.func
def store(rays: RayMap, row: int, at: int, r: wp.vec3d):
    """Round one ray."""
    rays.x[row, at] = float(r[0])
    rays.y[row, at] = float(r[1])
    rays.z[row, at] = float(r[2])


@wp.kernel(enable_backward=False)
def clear_pad(first: int, rays: RayMap):
    """What lies behind the last ray."""
    row, i = wp.tid()
    rays.x[row, first + i] = 0.0
    rays.y[row, first + i] = 0.0
    rays.z[row, first + i] = 0.0


@wp.func
def ray_of(rays: RayMap, row: int, at: int) -> wp.vec3:
    """One ray; at: (y * W + x) * SAMPLES + sample."""
    return wp.vec3(rays.x[row, at], rays.y[row, at], rays.z[row, at])


@wp.func
def set_cone(rays: RayMap, row: int, node: int, child: int, axis: wp.vec3, sine: float, chord: float):
    """One child of a node. chord: from the end of the axis to those of the farthest rays."""
    at = node * NODE + child
    rays.cones[row, at] = axis[0]
    rays.cones[row, at + 16] = axis[1]
    rays.cones[row, at + 32] = axis[2]
    rays.cones[row, at + 48] = sine
    rays.cones[row, at + 64] = chord + MARGIN


@wp.func
def sine_over(chord: float) -> float:
    """Sine of the angle between unit vectors whose ends are ``chord`` apart; WIDE from 90 degrees on."""
    if chord >= 1.4142:
        return WIDE
    return chord * wp.sqrt(wp.max(1.0 - 0.25 * chord * chord, 0.0)) + MARGIN


@wp.kernel(enable_backward=False)
def enclose_pixels(width: int, height: int, rays: RayMap):
    """The lowest level: a cone around the rays of 4 x 4 pixels."""
    row, y, x, child = wp.tid()
    level = rays.levels[0]
    node = level[0] + y * level[1] + x
    left = (x * 4 + child % 4) * 4
    top = (y * 4 + child // 4) * 4
    right = wp.min(left + 4, width)
    bottom = wp.min(top + 4, height)
    total = wp.vec3(0.0, 0.0, 0.0)
    count = int(0)
    for v in range(top, bottom):
        for at in range((v * width + left) * 4, (v * width + right) * 4):
            r = ray_of(rays, row, at)
            total += r
            if wp.dot(r, r) > 0.5:
                count += 1
    if count == 0:
        set_cone(rays, row, node, child, total, EMPTY, 0.0)
        return
    axis = wp.vec3(0.0, 0.0, 1.0)
    if wp.length(total) > 1.0e-3:
        axis = wp.normalize(total)
    chord = float(0.0)
    for v in range(top, bottom):
        for at in range((v * width + left) * 4, (v * width + right) * 4):
            r = ray_of(rays, row, at)
            if wp.dot(r, r) > 0.5:
                chord = wp.max(chord, wp.length(r - axis))
    set_cone(rays, row, node, child, axis, sine_over(chord), chord)


@wp.func
def enclosed(rays: RayMap, row: int, node: int) -> wp.vec4:
    """The cone around the children of a node: axis and half angle [rad], below 0 where there are no rays."""
    first = node * NODE
    total = wp.vec3(0.0, 0.0, 0.0)
    for i in range(16):
        if rays.cones[row, first + i + 48] > -1.0:
            total += wp.vec3(
                rays.cones[row, first + i], rays.cones[row, first + i + 16], rays.cones[row, first + i + 32]
            )
    axis = wp.vec3(0.0, 0.0, 1.0)
    if wp.length(total) > 1.0e-3:
        axis = wp.normalize(total)
    half = float(-1.0)
    for i in range(16):
        sine = rays.cones[row, first + i + 48]
        if sine > -1.0:
            other = wp.vec3(
                rays.cones[row, first + i], rays.cones[row, first + i + 16], rays.cones[row, first + i + 32]
            )
            if sine > 1.0:
                half = 4.0
            else:
                half = wp.max(half, 2.0 * wp.asin(wp.min(0.5 * wp.length(other - axis), 1.0)) + wp.asin(sine))
    return wp.vec4(axis[0], axis[1], axis[2], half)


@wp.kernel(enable_backward=False)
def enclose_nodes(number: int, rays: RayMap):
    """A level above: a cone around the children of each node of the level below."""
    row, y, x, child = wp.tid()
    level = rays.levels[number]
    below = rays.levels[number - 1]
    node = level[0] + y * level[1] + x
    left = x * 4 + child % 4
    top = y * 4 + child // 4
    if left >= below[1] or top >= below[2]:
        set_cone(rays, row, node, child, wp.vec3(0.0, 0.0, 1.0), EMPTY, 0.0)
        return
    cone = enclosed(rays, row, below[0] + top * below[1] + left)
    sine = float(EMPTY)
    if cone[3] >= 0.0:
        sine = WIDE
        if cone[3] < 1.57:
            sine = wp.sin(cone[3]) + MARGIN
    chord = 2.0 * wp.sin(0.5 * wp.clamp(cone[3], 0.0, 3.1416))
    set_cone(rays, row, node, child, wp.vec3(cone[0], cone[1], cone[2]), sine, chord)


@wp.kernel(enable_backward=False)
def enclose_all(rays: RayMap):
    """The cone around all rays."""
    row = wp.tid()
    top = rays.levels[rays.levels.shape[0] - 1]
    rays.whole[row] = enclosed(rays, row, top[0])
