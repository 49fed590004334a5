"""Ambient occlusion from the depth image: how much of the sky nearby surfaces hide, at half resolution.

Scalable ambient obscurance in its simplest form (McGuire, Osman, Bukowski, Hennessy 2011): a few taps in a disc whose
radius is a share of the distance.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.shadow import golden_turn
from replicator_dr.render.structs import ViewState
from replicator_dr.render.surface import ray_at

wp.set_module_options({"enable_backward": False, "fast_math": True})

TAPS = wp.constant(6)
RADIUS = wp.constant(0.09)
"""Reach, as a share of the distance."""
STRENGTH = wp.constant(1.6)
BIAS = wp.constant(0.002)


@wp.func
def place(depth: wp.array3d(dtype=wp.float32), view: ViewState, frame: int, x: int, y: int) -> wp.vec3:
    """Camera-space point of a pixel; z = 0 where nothing is."""
    z = depth[frame, y, x]
    if z > 1.0e8:
        return wp.vec3(0.0, 0.0, 0.0)
    return ray_at(view, float(x) + 0.5, float(y) + 0.5) * z


@wp.func
def flatter(back: wp.vec3, middle: wp.vec3, ahead: wp.vec3) -> wp.vec3:
    """The smaller of the two steps to the neighbours, which does not cross an edge."""
    a = middle - back
    b = ahead - middle
    return wp.where(wp.abs(a[2]) < wp.abs(b[2]), a, b)


@wp.kernel(enable_backward=False)
def occlude(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    depth: wp.array3d(dtype=wp.float32),
    result: wp.array3d(dtype=wp.float32),
):
    """result: 1 = open sky, one value for 2 x 2 pixels; ``run`` values of a row a thread."""
    image, row, segment = wp.tid()
    frame = first + image
    view = views[frame]
    height = depth.shape[1]
    width = depth.shape[2]
    y = wp.min(2 * row, height - 1)
    for column in range(segment * run, wp.min(segment * run + run, result.shape[2])):
        x = wp.min(2 * column, width - 1)
        p = place(depth, view, frame, x, y)
        open = float(1.0)
        if p[2] > 0.0:
            right = flatter(
                place(depth, view, frame, wp.max(x - 1, 0), y), p, place(depth, view, frame, wp.min(x + 1, width - 1), y)
            )
            down = flatter(
                place(depth, view, frame, x, wp.max(y - 1, 0)), p, place(depth, view, frame, x, wp.min(y + 1, height - 1))
            )
            n = wp.normalize(wp.cross(down, right))
            reach = RADIUS * p[2]
            pixels = RADIUS * view.focal[0]
            v = 0.06711056 * float(column) + 0.00583715 * float(row)
            v = 52.9829189 * (v - wp.floor(v))
            turn = (v - wp.floor(v)) * 6.2831853
            ray = wp.vec2(wp.cos(turn), wp.sin(turn))
            hidden = float(0.0)
            for i in range(TAPS):
                r = pixels * (float(i) + 0.5) / float(TAPS)
                tx = wp.clamp(x + int(ray[0] * r), 0, width - 1)
                ty = wp.clamp(y + int(ray[1] * r), 0, height - 1)
                ray = golden_turn(ray)
                d = place(depth, view, frame, tx, ty) - p
                square = wp.dot(d, d)
                fade = wp.max(1.0 - square / (reach * reach), 0.0)
                rise = wp.dot(d, n) - BIAS * p[2]
                if rise > 0.0:
                    hidden += fade * rise / wp.sqrt(square + 1.0e-8)
            open = wp.max(1.0 - STRENGTH * hidden / float(TAPS), 0.05)
        result[image, row, column] = open
