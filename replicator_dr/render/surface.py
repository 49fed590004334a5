"""What is known of the triangle under a pixel: its plane, its shading normals and texture coordinates, its material."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.structs import MaterialState, PartState, ViewState
from replicator_dr.render.texture import fast_log2

wp.set_module_options({"enable_backward": False, "fast_math": True})


TRIANGLE_BITS = wp.constant(wp.int64(0xFFFFFFFF))
"""The part of a visibility key that holds the triangle + 1."""


@wp.struct
class GeometryArrays:
    """The constant geometry, as kernels see it."""

    triangles: wp.array(dtype=wp.vec3i)
    triangle_part: wp.array(dtype=wp.int32)
    part_vertex: wp.array(dtype=wp.int32)
    part_triangle: wp.array(dtype=wp.int32)
    part_mesh_vertex: wp.array(dtype=wp.int32)
    part_mesh_triangle: wp.array(dtype=wp.int32)
    normals: wp.array(dtype=wp.vec3)
    uvs: wp.array(dtype=wp.vec2)


@wp.struct
class Surface:
    """A triangle ready to be shaded; points and planes in camera space, normals in the world."""

    material: wp.int32
    corner: wp.vec3
    normal: wp.vec3
    offset: wp.float32
    along_1: wp.vec3
    along_2: wp.vec3
    """Dot these with (point - corner) for the weights of the second and third corner."""
    n0: wp.vec3
    n1: wp.vec3
    n2: wp.vec3
    t0: wp.vec2
    t1: wp.vec2
    t2: wp.vec2
    side: wp.float32
    """-1 where the back of the triangle is seen."""
    detail: wp.float32
    """log2 of texture coordinates a pixel, seen straight on from 1 m."""


@wp.func
def load_surface(
    arrays: GeometryArrays,
    parts: wp.array2d(dtype=PartState),
    view: ViewState,
    camera: wp.array2d(dtype=wp.vec3),
    image: int,
    frame: int,
    triangle: int,
) -> Surface:
    """Set up one triangle of one image."""
    part = arrays.triangle_part[triangle]
    corners = arrays.triangles[triangle + arrays.part_mesh_triangle[part] - arrays.part_triangle[part]]
    to_vertex = arrays.part_vertex[part] - arrays.part_mesh_vertex[part]
    a = camera[image, corners[0] + to_vertex]
    b = camera[image, corners[1] + to_vertex]
    c = camera[image, corners[2] + to_vertex]
    e1 = b - a
    e2 = c - a
    n = wp.cross(e1, e2)
    square = wp.dot(n, n)
    inverse = 1.0 / wp.max(square, 1.0e-30)
    s = Surface()
    state = parts[frame, part]
    s.material = state.material
    s.corner = a
    s.normal = n
    s.offset = wp.dot(n, a)
    s.along_1 = wp.cross(e2, n) * inverse
    s.along_2 = wp.cross(n, e1) * inverse
    turn = state.normal_to_world
    s.n0 = turn * arrays.normals[corners[0]]
    s.n1 = turn * arrays.normals[corners[1]]
    s.n2 = turn * arrays.normals[corners[2]]
    s.t0 = arrays.uvs[corners[0]]
    s.t1 = arrays.uvs[corners[1]]
    s.t2 = arrays.uvs[corners[2]]
    # Camera space is turned, never mirrored, so the sign of the offset tells which side is seen; a mirrored part
    # has its corners the other way round.
    s.side = wp.where((s.offset > 0.0) != (state.mirrored != 0), -1.0, 1.0)
    u = s.t1 - s.t0
    v = s.t2 - s.t0
    area = wp.abs(u[0] * v[1] - u[1] * v[0])
    s.detail = 0.5 * fast_log2(wp.max(area, 1.0e-20)) - 0.25 * fast_log2(wp.max(square, 1.0e-30))
    s.detail -= fast_log2(view.focal[0])
    return s


@wp.func
def point_at(s: Surface, ray: wp.vec3) -> wp.vec3:
    """Where a ray from the camera (its z = 1) meets the triangle's plane; behind the camera: on the corner."""
    facing = wp.dot(s.normal, ray)
    z = s.offset / wp.where(wp.abs(facing) < 1.0e-30, 1.0e-30, facing)
    if not (z > 0.0) or z > 1.0e7:
        z = s.corner[2]
    return ray * z


@wp.func
def weights_at(s: Surface, point: wp.vec3) -> wp.vec2:
    """Weights of the second and third corner at a point, kept inside the triangle."""
    q = point - s.corner
    w1 = wp.clamp(wp.dot(q, s.along_1), 0.0, 1.0)
    w2 = wp.clamp(wp.dot(q, s.along_2), 0.0, 1.0 - w1)
    return wp.vec2(w1, w2)


@wp.func
def normal_at(s: Surface, w: wp.vec2) -> wp.vec3:
    """Unit shading normal in the world, on the side that is seen."""
    n = s.n0 + (s.n1 - s.n0) * w[0] + (s.n2 - s.n0) * w[1]
    return wp.normalize(n) * s.side


@wp.func
def texture_at(s: Surface, w: wp.vec2, material: MaterialState) -> wp.vec2:
    """Texture coordinates after the material's scale, turn and shift."""
    t = s.t0 + (s.t1 - s.t0) * w[0] + (s.t2 - s.t0) * w[1]
    p = wp.vec3(t[0], t[1], 1.0)
    return wp.vec2(wp.dot(p, material.uv_row_u), wp.dot(p, material.uv_row_v))


@wp.func
def ray_at(view: ViewState, x: float, y: float) -> wp.vec3:
    """Camera-space ray through a point of the image, z = 1."""
    return wp.vec3((x - view.centre[0]) / view.focal[0], (y - view.centre[1]) / view.focal[1], 1.0)


@wp.func
def alike(arrays: GeometryArrays, key: wp.int64, other: wp.int64) -> bool:
    """True if two samples show one surface: the same triangle, or triangles of one part whose depths differ by less
    than 1 % and whose normals by less than 25 degrees."""
    a = int(key & TRIANGLE_BITS) - 1
    b = int(other & TRIANGLE_BITS) - 1
    if a == b:
        return True
    if a < 0 or b < 0:
        return False
    part = arrays.triangle_part[a]
    near = key >> wp.int64(32)
    if part != arrays.triangle_part[b] or wp.abs(near - (other >> wp.int64(32))) * wp.int64(100) > near:
        return False
    shift = arrays.part_mesh_triangle[part] - arrays.part_triangle[part]
    m = arrays.normals[arrays.triangles[a + shift][0]]
    n = arrays.normals[arrays.triangles[b + shift][0]]
    return wp.dot(m, n) > 0.9


@wp.kernel(enable_backward=False)
def find_mixed(
    run: int, arrays: GeometryArrays, keys: wp.array2d(dtype=wp.int64), mixed: wp.array3d(dtype=wp.uint8)
):
    """Mark (1) the pixels whose samples show more than one surface."""
    image, y, segment = wp.tid()
    width = mixed.shape[2]
    begin = segment * run
    for x in range(begin, wp.min(begin + run, width)):
        at = (y * width + x) * 4
        key = keys[image, at]
        a = keys[image, at + 1]
        b = keys[image, at + 2]
        c = keys[image, at + 3]
        result = wp.uint8(0)
        if (((key ^ a) | (key ^ b) | (key ^ c)) & TRIANGLE_BITS) != wp.int64(0):
            if not (alike(arrays, key, a) and alike(arrays, key, b) and alike(arrays, key, c)):
                result = wp.uint8(1)
        mixed[image, y, x] = result
