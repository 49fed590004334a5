"""Cutting triangles at the edges of what can be seen and of what the screen grid can hold.

Only parts that reach beyond the near plane, the far plane or the guard band come here.
"""

from __future__ import annotations

from typing import Any

import warp as wp

from replicator_dr.render.structs import GUARD_BAND, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

GUARD = wp.constant(0.5 * GUARD_BAND)
"""Projections farther than this many pixels from the optical centre are cut off."""
CORNERS = wp.constant(9)
"""A triangle cut by six planes has no more."""

Corners: Any = wp.types.matrix(shape=(9, 3), dtype=wp.float32)


@wp.struct
class Polygon:
    """A convex polygon in camera space [m]; its first ``count`` corners are set."""

    corners: Corners
    count: wp.int32


@wp.func
def inside(view: ViewState, p: wp.vec3) -> bool:
    """True if a point needs no cutting."""
    return (
        p[2] >= view.near
        and p[2] <= view.far
        and wp.abs(view.focal[0] * p[0]) <= GUARD * p[2]
        and wp.abs(view.focal[1] * p[1]) <= GUARD * p[2]
    )


@wp.func
def cut(polygon: Polygon, plane: wp.vec4) -> Polygon:
    """What lies where plane . (x, y, z, 1) >= 0 (Sutherland and Hodgman 1974)."""
    kept = Corners()
    count = int(0)
    for i in range(polygon.count):
        a = polygon.corners[i]
        b = polygon.corners[(i + 1) % polygon.count]
        above_a = plane[0] * a[0] + plane[1] * a[1] + plane[2] * a[2] + plane[3]
        above_b = plane[0] * b[0] + plane[1] * b[1] + plane[2] * b[2] + plane[3]
        if above_a >= 0.0 and count < CORNERS:
            kept[count] = a
            count += 1
        # From the kept end to the other, so that both triangles at an edge get the same point.
        if (above_a >= 0.0) != (above_b >= 0.0) and count < CORNERS:
            if above_a >= 0.0:
                kept[count] = a + (b - a) * (above_a / (above_a - above_b))
            else:
                kept[count] = b + (a - b) * (above_b / (above_b - above_a))
            count += 1
    result = Polygon()
    result.corners = kept
    result.count = count
    return result


@wp.func
def cut_to_view(view: ViewState, a: wp.vec3, b: wp.vec3, c: wp.vec3) -> Polygon:
    """What of a triangle lies between the near and the far plane and in the guard band."""
    polygon = Polygon()
    polygon.corners[0] = a
    polygon.corners[1] = b
    polygon.corners[2] = c
    polygon.count = 3
    polygon = cut(polygon, wp.vec4(0.0, 0.0, 1.0, -view.near))
    polygon = cut(polygon, wp.vec4(0.0, 0.0, -1.0, view.far))
    polygon = cut(polygon, wp.vec4(-view.focal[0], 0.0, GUARD, 0.0))
    polygon = cut(polygon, wp.vec4(view.focal[0], 0.0, GUARD, 0.0))
    polygon = cut(polygon, wp.vec4(0.0, -view.focal[1], GUARD, 0.0))
    return cut(polygon, wp.vec4(0.0, view.focal[1], GUARD, 0.0))
