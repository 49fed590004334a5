"""Depth maps seen from the lights: what stands nearest to each of them. How they darken a point is in native code."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.clipping import Polygon, cut
from replicator_dr.render.structs import PartState, ShadowState

wp.set_module_options({"enable_backward": False, "fast_math": True})

NEAREST = wp.constant(1e-3)
"""Casters closer to a light than this [m] are left out."""
CUT = wp.constant(1e-2)
"""Casters that reach behind a light are cut off so far [m] in front of it."""
EMPTY = wp.constant(1.0e30)
CELL = wp.constant(8)
REACH = wp.constant(2)
"""Cells beside a texel's own that the search for blockers can meet: its radius is at most CELL * REACH texels."""


@wp.kernel(enable_backward=False)
def clear_maps(first: int, shadows: wp.array2d(dtype=ShadowState), maps: wp.array4d(dtype=wp.float32)):
    """Empty the maps that are in use, a row a thread."""
    image, s, y = wp.tid()
    shadow = shadows[first + image, s]
    if shadow.active != 0 and y < shadow.side:
        for x in range(shadow.side):
            maps[image, s, y, x] = EMPTY


@wp.func
def edge(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Twice the area of the triangle a, b, (x, y)."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@wp.func
def in_view(shadow: ShadowState, state: PartState, centre: wp.vec3d, radius: wp.float64) -> bool:
    """False if a part's bounding sphere lies wholly outside a map with a position (parallel maps hold all casters)."""
    if shadow.perspective == 0:
        return True
    m = state.to_world
    c = m * wp.vec3(float(centre[0]), float(centre[1]), float(centre[2])) + state.world_offset
    a = m * wp.vec3(1.0, 0.0, 0.0)
    b = m * wp.vec3(0.0, 1.0, 0.0)
    d = m * wp.vec3(0.0, 0.0, 1.0)
    reach = float(radius) * wp.sqrt(wp.max(wp.dot(a, a), wp.max(wp.dot(b, b), wp.dot(d, d))))
    q = shadow.matrix * c + shadow.offset
    right = shadow.matrix[0]
    down = shadow.matrix[1]
    ahead = shadow.matrix[2]
    side = float(shadow.side)
    return (
        q[2] > -reach
        and q[0] > -reach * wp.length(right)
        and q[1] > -reach * wp.length(down)
        and side * q[2] - q[0] > -reach * wp.length(ahead * side - right)
        and side * q[2] - q[1] > -reach * wp.length(ahead * side - down)
    )


@wp.func
def shrunk(p: wp.vec3) -> wp.vec3:
    """Perspective division. Depth is linear on a map as z for a distant light, as -1/z for one with a position."""
    return wp.vec3(p[0] / p[2], p[1] / p[2], -1.0 / p[2])


@wp.func
def draw_triangle(
    maps: wp.array4d(dtype=wp.float32), image: int, s: int, side: int, facing: int, a: wp.vec3, b: wp.vec3, c: wp.vec3
):
    """Nearest depth of the texels of a triangle; x and y of its corners in texels, z the depth."""
    area = edge(a[0], a[1], b[0], b[1], c[0], c[1])
    # A closed part's shadow is that of the faces that look toward the light.
    if area != 0.0 and (facing == 0 or (area < 0.0) == (facing > 0)):
        inverse = 1.0 / area
        low = wp.min(a, wp.min(b, c))
        high = wp.max(a, wp.max(b, c))
        limit = float(side)
        x0 = int(wp.ceil(wp.clamp(low[0], 0.0, limit) - 0.5))
        x1 = int(wp.floor(wp.clamp(high[0], -1.0, limit - 0.01) - 0.5))
        y0 = int(wp.ceil(wp.clamp(low[1], 0.0, limit) - 0.5))
        y1 = int(wp.floor(wp.clamp(high[1], -1.0, limit - 0.01) - 0.5))
        right_u = (b[1] - c[1]) * inverse
        right_v = (c[1] - a[1]) * inverse
        right_z = right_u * (a[2] - c[2]) + right_v * (b[2] - c[2])
        fx = float(x0) + 0.5
        for y in range(y0, y1 + 1):
            fy = float(y) + 0.5
            u = edge(b[0], b[1], c[0], c[1], fx, fy) * inverse
            v = edge(c[0], c[1], a[0], a[1], fx, fy) * inverse
            z = c[2] + u * (a[2] - c[2]) + v * (b[2] - c[2])
            for x in range(x0, x1 + 1):
                if u >= 0.0 and v >= 0.0 and u + v <= 1.0:
                    wp.atomic_min(maps, image, s, y, x, z)
                u += right_u
                v += right_v
                z += right_z


@wp.func
def draw_cut(
    maps: wp.array4d(dtype=wp.float32), image: int, s: int, side: int, facing: int, a: wp.vec3, b: wp.vec3, c: wp.vec3
):
    """What of a triangle that reaches behind the light lies before it; corners before the perspective division."""
    polygon = Polygon()
    polygon.corners[0] = a
    polygon.corners[1] = b
    polygon.corners[2] = c
    polygon.count = 3
    polygon = cut(polygon, wp.vec4(0.0, 0.0, 1.0, -CUT))
    for k in range(2, polygon.count):
        draw_triangle(
            maps, image, s, side, facing,
            shrunk(polygon.corners[0]), shrunk(polygon.corners[k - 1]), shrunk(polygon.corners[k]),
        )  # fmt: skip


@wp.kernel(enable_backward=False)
def draw_maps(
    first: int,
    run: int,
    parts: wp.array2d(dtype=PartState),
    casts: wp.array3d(dtype=wp.uint8),
    shadows: wp.array2d(dtype=ShadowState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    centre: wp.array(dtype=wp.vec3d),
    radius: wp.array(dtype=wp.float64),
    maps: wp.array4d(dtype=wp.float32),
):
    """Nearest depth of each texel, ``run`` triangles of the casting parts a thread."""
    image, s, group = wp.tid()
    shadow = shadows[first + image, s]
    if shadow.active == 0:
        return
    count = triangle_part.shape[0]
    triangle = group * run
    end = wp.min(triangle + run, count)
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        state = parts[first + image, part]
        if casts[first + image, s, part] != wp.uint8(0) and in_view(shadow, state, centre[part], radius[part]):
            m = shadow.matrix * state.to_world
            o = shadow.matrix * state.world_offset + shadow.offset
            to_face = part_mesh_triangle[part] - part_triangle[part]
            for t in range(triangle, last):
                corners = triangles[t + to_face]
                a = m * points[corners[0]] + o
                b = m * points[corners[1]] + o
                c = m * points[corners[2]] + o
                if shadow.perspective == 0:
                    draw_triangle(maps, image, s, shadow.side, state.facing, a, b, c)
                elif a[2] > NEAREST and b[2] > NEAREST and c[2] > NEAREST:
                    draw_triangle(maps, image, s, shadow.side, state.facing, shrunk(a), shrunk(b), shrunk(c))
                elif a[2] > NEAREST or b[2] > NEAREST or c[2] > NEAREST:
                    draw_cut(maps, image, s, shadow.side, state.facing, a, b, c)
        triangle = last


@wp.kernel(enable_backward=False)
def coarsen_maps(
    first: int,
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
    coarse: wp.array4d(dtype=wp.float32),
):
    """The nearest depth of each cell of CELL x CELL texels, a row of cells a thread."""
    image, s, row = wp.tid()
    cells = shadows[first + image, s].side / CELL
    if shadows[first + image, s].active == 0 or row >= cells:
        return
    for column in range(cells):
        low = float(EMPTY)
        for y in range(row * CELL, row * CELL + CELL):
            for x in range(column * CELL, column * CELL + CELL):
                low = wp.min(low, maps[image, s, y, x])
        coarse[image, s, row, column] = low


@wp.kernel(enable_backward=False)
def widen_cells(
    first: int,
    shadows: wp.array2d(dtype=ShadowState),
    coarse: wp.array4d(dtype=wp.float32),
    wide: wp.array4d(dtype=wp.float32),
):
    """The nearest depth within REACH cells of each cell: where nothing can stand in the light, one look tells."""
    image, s, row = wp.tid()
    cells = shadows[first + image, s].side / CELL
    if shadows[first + image, s].active == 0 or row >= cells:
        return
    for column in range(cells):
        low = float(EMPTY)
        for y in range(wp.max(row - REACH, 0), wp.min(row + REACH + 1, cells)):
            for x in range(wp.max(column - REACH, 0), wp.min(column + REACH + 1, cells)):
                low = wp.min(low, coarse[image, s, y, x])
        wide[image, s, row, column] = low
