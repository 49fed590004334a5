"""Per-frame records of lights and their depth maps, made on the device.

Exposure: a white diffuse surface under a white dome of intensity 1000, or facing a distant light of intensity
1000 * pi, comes out as 1.0 before the tone curve, for both runtimes' usual light levels.
"""

from __future__ import annotations

from typing import Any

import warp as wp

from replicator_dr.render.shadow import CELL
from replicator_dr.render.structs import LightState, ShadowState

wp.set_module_options({"enable_backward": False})

SHADOWLESS = wp.constant(2)
EXPOSURE = 1e-3
"""Multiplies all light: 1000 nit becomes 1.0."""
FACES = wp.constant(6)
"""Depth maps of a light with a position: one toward the casters, or the six faces of a cube around it."""
DISTANT, RECT, DISK, CYLINDER, DOME = (wp.constant(k) for k in (0, 2, 3, 4, 5))
"""Numbers of scene.LightType."""
LEAST_COSINE = wp.constant(wp.float64(0.42261826))
"""Beyond this half angle, 65 degrees, one perspective map gives way to a cube."""
CUBE_SHARE = wp.constant(2)
"""A face of a cube uses the side of a depth map divided by this."""
BORDER = wp.constant(wp.float64(5.0))
"""Texels around what a map of a lamp has to hold, for places that are lifted off their surface across its side."""
LEAST_BORDER = wp.constant(wp.float64(2.0))
"""The same of a distant light's map: its outermost texels are not looked up."""
NARROWEST, WIDEST, LAMP_WIDEST = wp.constant(1.6), wp.constant(16.0), wp.constant(32.0)
"""Half-shadows in texels: of all lights, as in native/shade_7_shadow.cpp; at most, of distant lights and of lamps."""
SPREAD, LAMP_SPREAD = wp.constant(0.5), wp.constant(0.4)
"""How far off what throws the widest half-shadow is, as there: [m] of a distant light, a share of a lamp's distance."""
NEARER = wp.constant(0.5)
"""Receivers down to this share of the distance of the blockers' middle have half-shadows of full width."""
SQUARE = wp.constant(0.88622693)
"""Half the side of the square of a disk's area, over the disk's radius."""
BRIGHTEST = wp.constant(1.0e12)

Face: Any = wp.mat33d


@wp.struct
class LightTables:
    """What scene.LightArrays holds, and what is known of the panoramas (environment.EnvironmentMaps)."""

    kinds: wp.array(dtype=wp.int32)
    color: wp.array2d(dtype=wp.vec3)
    world: wp.array2d(dtype=wp.mat44)
    size: wp.array2d(dtype=wp.vec2)
    visible: wp.array2d(dtype=wp.uint8)
    environment: wp.array2d(dtype=wp.int32)
    domes: wp.array(dtype=wp.int32)
    """Rows of the domes; their key lights stand behind the scene's own lights, in this order."""
    first_map: wp.array(dtype=wp.int32)
    """First depth map of each light, key lights included; -1 = none."""
    key_direction: wp.array(dtype=wp.vec3)
    key_irradiance: wp.array(dtype=wp.vec3)
    key_softness: wp.array(dtype=wp.float32)


@wp.struct
class CasterTables:
    """Bounds (part's frame) and poses of the parts."""

    transform: wp.array(dtype=wp.int32)
    low: wp.array2d(dtype=wp.vec3d)
    high: wp.array2d(dtype=wp.vec3d)
    """A row a frame, or one for all of them."""
    flat: wp.array(dtype=wp.uint8)
    """1 where all points lie in one plane, SHADOWLESS where the part throws no shadow."""
    world: wp.array2d(dtype=wp.mat44d)
    drawn: wp.array2d(dtype=wp.uint8)


@wp.func
def tamed(c: wp.vec3) -> wp.vec3:
    """Colour between 0 and BRIGHTEST."""
    return wp.vec3(wp.clamp(c[0], 0.0, BRIGHTEST), wp.clamp(c[1], 0.0, BRIGHTEST), wp.clamp(c[2], 0.0, BRIGHTEST))


@wp.func
def row_or(m: wp.mat44, row: int, axis: wp.vec3) -> wp.vec3:
    """The direction of a row of a row-vector matrix, ``axis`` where it has none."""
    v = wp.vec3(m[row, 0], m[row, 1], m[row, 2])
    length = wp.length(v)
    if length > 1.0e-12:
        return v / length
    return axis


@wp.kernel(enable_backward=False)
def set_up_lights(tables: LightTables, lights: wp.array2d(dtype=LightState)):
    """One record for each light of each frame."""
    b, n = wp.tid()
    own = tables.kinds.shape[0]
    light = LightState()
    light.shadow = tables.first_map[n]
    row = n
    if n >= own:
        row = tables.domes[n - own]
    m = tables.world[b, row]
    x = row_or(m, 0, wp.vec3(1.0, 0.0, 0.0))
    y = row_or(m, 1, wp.vec3(0.0, 1.0, 0.0))
    z = row_or(m, 2, wp.vec3(0.0, 0.0, 1.0))
    color = tamed(tables.color[b, row]) * EXPOSURE
    if tables.visible[b, row] == wp.uint8(0):
        color = wp.vec3(0.0, 0.0, 0.0)
    panorama = tables.environment[b, row]
    if n >= own:
        # The strongest patch of the dome's panorama.
        light.kind = DISTANT
        light.environment = -1
        if panorama >= 0:
            d = tables.key_direction[panorama]
            light.direction = -(x * d[0] + y * d[1] + z * d[2])
            light.color = wp.cw_mul(tables.key_irradiance[panorama], color)
            light.softness = tables.key_softness[panorama]
        lights[b, n] = light
        return
    kind = tables.kinds[n]
    size = tables.size[b, n]
    light.kind = kind
    light.color = color
    light.specular = 1.0
    light.environment = panorama
    light.position = wp.vec3(m[3, 0], m[3, 1], m[3, 2])
    light.direction = -z
    light.from_world = wp.matrix_from_rows(x, y, z)
    if kind == DISTANT:
        light.softness = wp.tan(wp.radians(0.5 * size[0]))
    elif kind != DOME:
        u = wp.vec3(m[0, 0], m[0, 1], m[0, 2])
        v = wp.vec3(m[1, 0], m[1, 1], m[1, 2])
        light.axis_u = 0.5 * size[0] * u
        light.axis_v = 0.5 * size[1] * v
        light.radius = size[0] * wp.length(u)
        light.softness = size[0]
        if kind == RECT:
            light.softness = 0.5 * wp.max(size[0], size[1])
        elif kind == DISK:
            light.radius = size[0] * wp.sqrt(wp.length(u) * wp.length(v))
            light.axis_u = SQUARE * size[0] * u
            light.axis_v = SQUARE * size[0] * v
        elif kind == CYLINDER:
            light.axis_u = 0.5 * size[1] * u
            light.radius = size[0] * wp.length(v)
            light.softness = wp.sqrt(light.radius * wp.length(light.axis_u))
    lights[b, n] = light


@wp.func
def point_of(m: wp.mat44d, p: wp.vec3d) -> wp.vec3d:
    """A point under a row-vector matrix."""
    return wp.vec3d(
        p[0] * m[0, 0] + p[1] * m[1, 0] + p[2] * m[2, 0] + m[3, 0],
        p[0] * m[0, 1] + p[1] * m[1, 1] + p[2] * m[2, 1] + m[3, 1],
        p[0] * m[0, 2] + p[1] * m[1, 2] + p[2] * m[2, 2] + m[3, 2],
    )


@wp.func
def low_of(parts: CasterTables, b: int, p: int) -> wp.vec3d:
    """The low corner of a part's box in frame b."""
    return parts.low[wp.min(b, parts.low.shape[0] - 1), p]


@wp.func
def high_of(parts: CasterTables, b: int, p: int) -> wp.vec3d:
    """The high corner."""
    return parts.high[wp.min(b, parts.high.shape[0] - 1), p]


@wp.func
def corner_of(parts: CasterTables, b: int, p: int, k: int) -> wp.vec3d:
    """Corner k (0 to 7) of a part's box, in the world."""
    low = low_of(parts, b, p)
    high = high_of(parts, b, p)
    local = wp.vec3d(
        wp.where((k & 1) != 0, high[0], low[0]),
        wp.where((k & 2) != 0, high[1], low[1]),
        wp.where((k & 4) != 0, high[2], low[2]),
    )
    return point_of(parts.world[b, parts.transform[p]], local)


@wp.func
def centre_of(parts: CasterTables, b: int, p: int) -> wp.vec3d:
    """The middle of a part's box, in the world."""
    return point_of(parts.world[b, parts.transform[p]], wp.float64(0.5) * (low_of(parts, b, p) + high_of(parts, b, p)))


@wp.func
def across(m: wp.mat44d, low: wp.vec3d, high: wp.vec3d) -> wp.vec3d:
    """The normal of a flat part in the world."""
    size = high - low
    x = wp.vec3d(m[0, 0], m[0, 1], m[0, 2])
    y = wp.vec3d(m[1, 0], m[1, 1], m[1, 2])
    z = wp.vec3d(m[2, 0], m[2, 1], m[2, 2])
    if size[0] <= size[1] and size[0] <= size[2]:
        return wp.normalize(wp.cross(y, z))
    if size[1] <= size[2]:
        return wp.normalize(wp.cross(x, z))
    return wp.normalize(wp.cross(x, y))


@wp.kernel(enable_backward=False)
def set_up_casts(
    parts: CasterTables,
    lights: wp.array2d(dtype=LightState),
    casts: wp.array3d(dtype=wp.uint8),
):
    """Which parts can throw a shadow in a light.

    A flat part with nothing on the side away from the light (a floor, a wall) only receives.
    """
    b, n, p = wp.tid()
    light = lights[b, n]
    result = parts.drawn[b, p]
    if parts.flat[p] == wp.uint8(SHADOWLESS):
        result = wp.uint8(0)
    if light.shadow >= 0 and result != wp.uint8(0) and parts.flat[p] != wp.uint8(0):
        normal = across(parts.world[b, parts.transform[p]], low_of(parts, b, p), high_of(parts, b, p))
        own = centre_of(parts, b, p)
        toward = -wp.vec3d(light.direction)
        if light.kind != DISTANT:
            toward = wp.vec3d(light.position) - own
        side = wp.float64(1.0)
        if wp.dot(toward, normal) > wp.float64(0.0):
            side = wp.float64(-1.0)
        least = wp.float64(1.0e-3)
        result = wp.uint8(0)
        for q in range(parts.transform.shape[0]):
            if parts.drawn[b, q] != wp.uint8(0) and side * wp.dot(centre_of(parts, b, q) - own, normal) > least:
                result = wp.uint8(1)
    casts[b, n, p] = result


@wp.func
def basis_of(direction: wp.vec3d) -> wp.mat33d:
    """Rows right, down and along a direction."""
    helper = wp.vec3d(wp.float64(0.0), wp.float64(0.0), wp.float64(1.0))
    if wp.abs(direction[2]) >= wp.float64(0.9):
        helper = wp.vec3d(wp.float64(1.0), wp.float64(0.0), wp.float64(0.0))
    right = wp.normalize(wp.cross(direction, helper))
    return wp.matrix_from_rows(right, wp.cross(direction, right), direction)


@wp.func
def cube_face(face: int) -> wp.mat33d:
    """Rows right, down, forward of the faces +x, -x, +y, -y, +z, -z."""
    o = wp.float64(0.0)
    i = wp.float64(1.0)
    if face == 0:
        return wp.mat33d(o, o, -i, o, i, o, i, o, o)
    if face == 1:
        return wp.mat33d(o, o, i, o, i, o, -i, o, o)
    if face == 2:
        return wp.mat33d(i, o, o, o, o, -i, o, i, o)
    if face == 3:
        return wp.mat33d(i, o, o, o, o, i, o, -i, o)
    if face == 4:
        return wp.mat33d(i, o, o, o, i, o, o, o, i)
    return wp.mat33d(-i, o, o, o, i, o, o, o, -i)


@wp.func
def with_half_shadow(texels: wp.float64, reach: wp.float64, blur: float, widest: float) -> wp.float64:
    """Texels a unit, so that ``texels`` hold casters up to ``reach`` from a map's middle and their half-shadow outside.

    blur: its width, in the unit of ``reach``; it takes ``widest`` texels at most.
    """
    return wp.max(texels / (reach + wp.float64(blur)), (texels - wp.float64(widest)) / reach)


@wp.func
def single(m: wp.mat33d) -> wp.mat33:
    """float64 to float32."""
    return wp.mat33(
        float(m[0, 0]), float(m[0, 1]), float(m[0, 2]),
        float(m[1, 0]), float(m[1, 1]), float(m[1, 2]),
        float(m[2, 0]), float(m[2, 1]), float(m[2, 2]),
    )  # fmt: skip


@wp.kernel(enable_backward=False)
def set_up_maps(
    side: int,
    parts: CasterTables,
    lights: wp.array2d(dtype=LightState),
    casts: wp.array3d(dtype=wp.uint8),
    shadows: wp.array2d(dtype=ShadowState),
):
    """The depth maps of each light of each frame; side: texels of a side of a map."""
    b, n = wp.tid()
    light = lights[b, n]
    if light.shadow < 0:
        return
    lit = light.color[0] > 0.0 or light.color[1] > 0.0 or light.color[2] > 0.0
    big = wp.float64(1.0e300)
    basis = wp.identity(n=3, dtype=wp.float64)
    if light.kind == DISTANT and wp.length(light.direction) > 0.0:
        basis = basis_of(wp.normalize(wp.vec3d(light.direction)))
    low = wp.vec3d(big, big, big)
    high = -low
    count = parts.transform.shape[0]
    for p in range(count):
        if casts[b, n, p] != wp.uint8(0):
            for k in range(8):
                corner = basis * corner_of(parts, b, p, k)
                low = wp.min(low, corner)
                high = wp.max(high, corner)
    some = low[0] <= high[0]
    if not some:
        low = wp.vec3d()
        high = wp.vec3d()
    middle = wp.float64(0.5) * (low + high)
    half = wp.float64(0.5) * wp.float64(side)
    record = ShadowState()
    record.light = n
    if light.kind == DISTANT:
        reach = wp.float64(0.5) * wp.max(wp.max(high[0] - low[0], high[1] - low[1]), wp.float64(1.0e-6))
        scale = with_half_shadow(half - LEAST_BORDER, reach, SPREAD * light.softness, WIDEST)
        record.matrix = single(wp.matrix_from_rows(basis[0] * scale, basis[1] * scale, -basis[2]))
        record.offset = wp.vec3(
            float(half - middle[0] * scale), float(half - middle[1] * scale), float(high[2] + wp.float64(1.0))
        )
        record.perspective = 0
        record.texel = float(wp.float64(1.0) / scale)
        record.side = side
        record.widest = wp.clamp(SPREAD * light.softness / record.texel, NARROWEST, WIDEST)
        record.reach = int(wp.ceil(record.widest / float(CELL)))
        if lit and some:
            record.active = 1
        shadows[b, light.shadow] = record
        return
    position = wp.vec3d(light.position)
    forward = middle - position
    away = wp.length(forward)
    if away > wp.float64(1.0e-12):
        forward = forward / away
    narrowest = wp.float64(1.0)
    for p in range(count):
        if casts[b, n, p] != wp.uint8(0):
            for k in range(8):
                toward = corner_of(parts, b, p, k) - position
                narrowest = wp.min(narrowest, wp.dot(toward, forward) / wp.max(wp.length(toward), wp.float64(1.0e-12)))
    one = narrowest > LEAST_COSINE
    for face in range(FACES):
        turned = cube_face(face)
        used = side / CUBE_SHARE
        reach = wp.float64(1.0)
        record.perspective = 2
        record.active = 0
        if one:
            record.perspective = 1
            if face == 0:
                turned = basis_of(forward)
                used = side
                cosine = wp.clamp(narrowest, LEAST_COSINE, wp.float64(1.0))
                reach = wp.sqrt(wp.float64(1.0) - cosine * cosine) / cosine * wp.float64(1.05) + wp.float64(1.0e-3)
        if lit and some and (face == 0 or not one):
            record.active = 1
        middle_texel = wp.float64(0.5) * wp.float64(used)
        scale = (middle_texel - BORDER) / reach
        if one:
            blur = LAMP_SPREAD * light.softness / wp.max(NEARER * float(away), 1.0e-6)
            scale = with_half_shadow(middle_texel - BORDER, reach, blur, LAMP_WIDEST)
        right = turned[0] * scale + turned[2] * middle_texel
        down = turned[1] * scale + turned[2] * middle_texel
        matrix = wp.matrix_from_rows(right, down, turned[2])
        shift = matrix * position
        record.matrix = single(matrix)
        record.offset = wp.vec3(-float(shift[0]), -float(shift[1]), -float(shift[2]))
        record.texel = float(wp.float64(1.0) / scale)
        record.widest = LAMP_WIDEST
        if one:
            record.widest = wp.clamp(blur / record.texel, NARROWEST, LAMP_WIDEST)
        record.reach = int(wp.ceil(record.widest / float(CELL)))
        record.side = used
        shadows[b, light.shadow + face] = record
