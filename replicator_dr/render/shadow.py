"""Depth maps seen from the lights, and how much of a light reaches a point."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.structs import LightState, PartState, ShadowState

wp.set_module_options({"enable_backward": False, "fast_math": True})

NEAREST = wp.constant(1e-3)
"""Casters closer to a light than this [m] are left out."""
EMPTY = wp.constant(1.0e30)
CELL = wp.constant(8)
REACH = wp.constant(2)
"""Cells beside a texel's own that the search for blockers can meet: its radius is at most CELL * REACH texels."""
BLOCKERS = wp.constant(5)
TAPS = wp.constant(10)


@wp.kernel(enable_backward=False)
def clear_maps(first: int, shadows: wp.array2d(dtype=ShadowState), maps: wp.array4d(dtype=wp.float32)):
    """Empty the maps that are in use, a row a thread."""
    image, s, y = wp.tid()
    if shadows[first + image, s].active != 0:
        for x in range(maps.shape[3]):
            maps[image, s, y, x] = EMPTY


@wp.func
def edge(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Twice the area of the triangle a, b, (x, y)."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@wp.kernel(enable_backward=False)
def draw_maps(
    first: int,
    run: int,
    parts: wp.array2d(dtype=PartState),
    casts: wp.array2d(dtype=wp.uint8),
    shadows: wp.array2d(dtype=ShadowState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    maps: wp.array4d(dtype=wp.float32),
):
    """Nearest depth of each texel, ``run`` triangles of the casting parts a thread."""
    image, s, group = wp.tid()
    shadow = shadows[first + image, s]
    if shadow.active == 0:
        return
    side = maps.shape[3]
    count = triangle_part.shape[0]
    triangle = group * run
    end = wp.min(triangle + run, count)
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        if casts[first + image, part] != wp.uint8(0):
            state = parts[first + image, part]
            m = shadow.matrix * state.to_world
            o = shadow.matrix * state.world_offset + shadow.offset
            to_face = part_mesh_triangle[part] - part_triangle[part]
            for t in range(triangle, last):
                corners = triangles[t + to_face]
                a = m * points[corners[0]] + o
                b = m * points[corners[1]] + o
                c = m * points[corners[2]] + o
                # Depth in a map is linear on it: z for a distant light, -1/z for one with a position.
                za = a[2]
                zb = b[2]
                zc = c[2]
                if shadow.perspective != 0:
                    if za > NEAREST and zb > NEAREST and zc > NEAREST:
                        za = -1.0 / za
                        zb = -1.0 / zb
                        zc = -1.0 / zc
                        a = wp.vec3(-a[0] * za, -a[1] * za, za)
                        b = wp.vec3(-b[0] * zb, -b[1] * zb, zb)
                        c = wp.vec3(-c[0] * zc, -c[1] * zc, zc)
                    else:
                        # A triangle that reaches behind the light is left out of this face.
                        a = wp.vec3(-1.0, -1.0, 0.0)
                        b = a
                        c = a
                area = edge(a[0], a[1], b[0], b[1], c[0], c[1])
                # A closed part's shadow is that of the faces that look toward the light.
                if area != 0.0 and (state.facing == 0 or (area < 0.0) == (state.facing > 0)):
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
                    right_z = right_u * (za - zc) + right_v * (zb - zc)
                    fx = float(x0) + 0.5
                    for y in range(y0, y1 + 1):
                        fy = float(y) + 0.5
                        u = edge(b[0], b[1], c[0], c[1], fx, fy) * inverse
                        v = edge(c[0], c[1], a[0], a[1], fx, fy) * inverse
                        z = zc + u * (za - zc) + v * (zb - zc)
                        for x in range(x0, x1 + 1):
                            if u >= 0.0 and v >= 0.0 and u + v <= 1.0:
                                wp.atomic_min(maps, image, s, y, x, z)
                            u += right_u
                            v += right_v
                            z += right_z
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
    if shadows[first + image, s].active == 0:
        return
    for column in range(coarse.shape[3]):
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
    if shadows[first + image, s].active == 0:
        return
    cells = coarse.shape[3]
    for column in range(cells):
        low = float(EMPTY)
        for y in range(wp.max(row - REACH, 0), wp.min(row + REACH + 1, cells)):
            for x in range(wp.max(column - REACH, 0), wp.min(column + REACH + 1, cells)):
                low = wp.min(low, coarse[image, s, y, x])
        wide[image, s, row, column] = low


@wp.func
def golden_turn(v: wp.vec2) -> wp.vec2:
    """v turned by the golden angle, which spreads taps evenly over a disc (Vogel 1979)."""
    return wp.vec2(v[0] * -0.73736888 - v[1] * 0.67549029, v[0] * 0.67549029 - v[1] * 0.73736888)


@wp.func
def lit_share(
    maps: wp.array4d(dtype=wp.float32),
    wide: wp.array4d(dtype=wp.float32),
    shadows: wp.array2d(dtype=ShadowState),
    image: int,
    frame: int,
    light: LightState,
    point: wp.vec3,
    normal: wp.vec3,
    facing: float,
    noise: float,
) -> float:
    """Share of a light, 0 to 1, that reaches a surface point. facing: cosine between normal and light.

    Percentage-closer soft shadows (Fernando 2005): a few taps find what stands in the way and how far off, and the
    width of the half-shadow follows from it. The taps are turned by ``noise`` (0 to 1) from pixel to pixel.
    """
    s = light.shadow
    if s < 0:
        return 1.0
    shadow = shadows[frame, s]
    if shadow.active == 0:
        return 1.0
    if shadow.perspective == 2:
        away = point - light.position
        size = wp.vec3(wp.abs(away[0]), wp.abs(away[1]), wp.abs(away[2]))
        face = int(0)
        if size[0] >= size[1] and size[0] >= size[2]:
            face = wp.where(away[0] > 0.0, 0, 1)
        elif size[1] >= size[2]:
            face = wp.where(away[1] > 0.0, 2, 3)
        else:
            face = wp.where(away[2] > 0.0, 4, 5)
        s += face
        shadow = shadows[frame, s]
    # Leave the surface by a texel or so, more where the light grazes it.
    texel = shadow.texel
    if shadow.perspective != 0:
        texel *= wp.length(point - light.position)
    slope = wp.sqrt(wp.max(1.0 - facing * facing, 0.0))
    q = shadow.matrix * (point + normal * (texel * (0.6 + 1.6 * slope))) + shadow.offset
    z = q[2]
    x = q[0]
    y = q[1]
    depth = z - 0.5 * texel
    widen = light.softness / texel
    if shadow.perspective != 0:
        if z <= NEAREST:
            return 1.0
        x = x / z
        y = y / z
        depth = -1.0 / wp.max(z - 0.5 * texel, 1.0e-4)
    limit = float(maps.shape[3]) - 1.0
    if x < 1.0 or y < 1.0 or x >= limit or y >= limit:
        return 1.0
    if wide[image, s, int(y) / CELL, int(x) / CELL] >= depth:
        return 1.0
    search = wp.clamp(widen * 0.15, 1.5, 12.0)
    if shadow.perspective == 0:
        search = wp.clamp(widen * 0.25, 1.5, 16.0)
    found = float(0.0)
    gap = float(0.0)
    ray = wp.vec2(1.0, 0.0)
    for i in range(BLOCKERS):
        r = search * wp.sqrt(float(i) / 4.0)
        tx = int(wp.clamp(x + ray[0] * r, 0.0, limit))
        ty = int(wp.clamp(y + ray[1] * r, 0.0, limit))
        ray = golden_turn(ray)
        m = maps[image, s, ty, tx]
        if m < depth:
            found += 1.0
            gap += m
    if found == 0.0:
        return 1.0
    mean = gap / found
    radius = float(1.0)
    if shadow.perspective == 0:
        radius = (depth - mean) * widen
    else:
        blocker = -1.0 / mean
        radius = widen * wp.max(z - blocker, 0.0) / blocker
    radius = wp.clamp(radius, 0.9, 24.0)
    turn = noise * 6.2831853
    ray = wp.vec2(wp.cos(turn), wp.sin(turn))
    lit = float(0.0)
    for i in range(TAPS):
        r = radius * wp.sqrt((float(i) + 0.5) / float(TAPS))
        tx = int(wp.clamp(x + ray[0] * r, 0.0, limit))
        ty = int(wp.clamp(y + ray[1] * r, 0.0, limit))
        ray = golden_turn(ray)
        if maps[image, s, ty, tx] >= depth:
            lit += 1.0
    return lit / float(TAPS)
