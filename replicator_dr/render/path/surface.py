"""Rays against a frame's mesh, and what the surface is where one ends."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.path.bsdf import Scatterer
from replicator_dr.render.path.materials import bump_at, emission_at, is_hole, scatterer_at, turned_uv
from replicator_dr.render.path.pictures import Pictures
from replicator_dr.render.path.world import WorldArrays
from replicator_dr.render.pattern import PatternState, share_of, side_of

wp.set_module_options({"enable_backward": False})

MOST_HOLES = wp.constant(64)
"""Holes that a ray goes through before it is taken to be open."""
STEP = wp.constant(4.0e-6)
"""Rays leave a surface by this share of the place's coordinates, several roundings of a float32."""
SHORTEST_STEP = wp.constant(1.0e-6)
LEAST_COSINE = wp.constant(0.02)
"""A shading normal that turns away from the viewer at a silhouette is bent back to this cosine, as in the raster."""


@wp.struct
class Hit:
    """Where a ray ends. face: -1 where it meets nothing; t: along the ray [m]; u, v: weights of the first corners."""

    face: wp.int32
    t: wp.float32
    u: wp.float32
    v: wp.float32


@wp.struct
class Surface:
    """A place on a surface. plane, normal: of the triangle and as shaded, unit, toward the viewer's side."""

    place: wp.vec3
    plane: wp.vec3
    normal: wp.vec3
    emission: wp.vec3
    scatterer: Scatterer


@wp.func
def step_from(place: wp.vec3) -> float:
    """How far a ray leaves a surface at this place [m]."""
    return SHORTEST_STEP + STEP * wp.max(wp.abs(place[0]), wp.max(wp.abs(place[1]), wp.abs(place[2])))


@wp.func
def uv_at(world: WorldArrays, hit: Hit) -> wp.vec2:
    """The mesh's texture coordinates where a ray ends."""
    a = world.uvs[world.uv_corners[3 * hit.face]]
    b = world.uvs[world.uv_corners[3 * hit.face + 1]]
    c = world.uvs[world.uv_corners[3 * hit.face + 2]]
    return a * hit.u + b * hit.v + c * (1.0 - hit.u - hit.v)


@wp.func
def share_at(world: WorldArrays, pattern: PatternState, hit: Hit, found: Surface) -> float:
    """The share of a pattern's second look where a ray ends; paths are many, so that nothing is filtered."""
    share = float(0.0)
    if pattern.kind >= 0:
        uv = uv_at(world, hit)
        at = wp.vec3(uv[0], uv[1], 0.0)
        side = int(2)
        if pattern.solid != 0:
            part = world.parts[hit.face]
            at = world.part_axes[part] * (found.place - world.part_origin[part])
            matrix = pattern.matrix * world.part_axes[part]
            side = side_of(wp.transpose(wp.inverse(matrix)) * found.plane)
        share = share_of(pattern, pattern.matrix * at + pattern.offset, wp.vec3(0.0, 0.0, 0.0), side)
    return share


@wp.func
def first_hit(world: WorldArrays, pictures: Pictures, origin: wp.vec3, d: wp.vec3, near: float, far: float) -> Hit:
    """The first surface between near and far, holes in pictures of opacity left out."""
    hit = Hit()
    start = float(near)
    for _ in range(MOST_HOLES):
        query = wp.mesh_query_ray(world.mesh, origin + d * start, d, far - start)
        hit.face = -1
        if not query.result:
            return hit
        hit.face = query.face
        hit.t = start + query.t
        hit.u = query.u
        hit.v = query.v
        if world.with_holes == 0:
            return hit
        m = world.materials[world.part_material[world.parts[hit.face]]]
        if not is_hole(m, pictures, turned_uv(m, uv_at(world, hit))):
            return hit
        start = hit.t + 4.0 * step_from(origin + d * hit.t)
    hit.face = -1
    return hit


@wp.func
def is_blocked(world: WorldArrays, pictures: Pictures, origin: wp.vec3, d: wp.vec3, far: float) -> bool:
    """Whether something stands between origin and the place at ``far``."""
    if world.with_holes == 0:
        return wp.mesh_query_ray_anyhit(world.mesh, origin, d, far)
    hit = first_hit(world, pictures, origin, d, 0.0, far)
    return hit.face >= 0


@wp.func
def bumped(world: WorldArrays, hit: Hit, normal: wp.vec3, row_u: wp.vec3, row_v: wp.vec3, bump: wp.vec3) -> wp.vec3:
    """A normal map's normal in the world. normal: the surface's own, unit; row_*: of PathMaterial."""
    first = world.corners[3 * hit.face]
    along_1 = world.points[world.corners[3 * hit.face + 1]] - world.points[first]
    along_2 = world.points[world.corners[3 * hit.face + 2]] - world.points[first]
    a = world.uvs[world.uv_corners[3 * hit.face]]
    b = world.uvs[world.uv_corners[3 * hit.face + 1]] - a
    c = world.uvs[world.uv_corners[3 * hit.face + 2]] - a
    u1 = b[0] * row_u[0] + b[1] * row_u[1]
    v1 = b[0] * row_v[0] + b[1] * row_v[1]
    u2 = c[0] * row_u[0] + c[1] * row_u[1]
    v2 = c[0] * row_v[0] + c[1] * row_v[1]
    area = u1 * v2 - u2 * v1
    if wp.abs(area) < 1.0e-20:
        return normal
    side = wp.sign(area)
    along_u = (along_1 * v2 - along_2 * v1) * side
    along_v = (along_2 * u1 - along_1 * u2) * side
    along_u = wp.normalize(along_u - normal * wp.dot(normal, along_u))
    along_v = wp.normalize(along_v - normal * wp.dot(normal, along_v))
    return wp.normalize(along_u * bump[0] + along_v * bump[1] + normal * bump[2])


@wp.func
def surface_at(world: WorldArrays, pictures: Pictures, hit: Hit, d: wp.vec3) -> Surface:
    """The surface where a ray with direction d ends."""
    found = Surface()
    i0 = world.corners[3 * hit.face]
    i1 = world.corners[3 * hit.face + 1]
    i2 = world.corners[3 * hit.face + 2]
    p0 = world.points[i0]
    p1 = world.points[i1]
    p2 = world.points[i2]
    w = 1.0 - hit.u - hit.v
    found.place = p0 * hit.u + p1 * hit.v + p2 * w
    found.plane = wp.normalize(wp.cross(p1 - p0, p2 - p0))
    normal = wp.normalize(world.normals[i0] * hit.u + world.normals[i1] * hit.v + world.normals[i2] * w)
    if wp.dot(normal, normal) < 0.5:
        normal = found.plane
    m = world.materials[world.part_material[world.parts[hit.face]]]
    uv = turned_uv(m, uv_at(world, hit))
    if m.normal_texture >= 0:
        normal = bumped(world, hit, normal, m.uv_row_u, m.uv_row_v, bump_at(m, pictures, uv))
    if wp.dot(found.plane, d) > 0.0:
        found.plane = -found.plane
    if wp.dot(found.plane, normal) < 0.0:
        normal = -normal
    cosine = -wp.dot(normal, d)
    if cosine < LEAST_COSINE:
        normal = wp.normalize(normal - d * (LEAST_COSINE - cosine))
    found.normal = normal
    found.emission = emission_at(m, pictures, uv)
    pattern = PatternState()
    share = float(0.0)
    if world.patterned != 0:
        pattern = world.patterns[world.part_material[world.parts[hit.face]]]
        share = share_at(world, pattern, hit, found)
    found.scatterer = scatterer_at(m, pictures, uv, pattern, share)
    return found
