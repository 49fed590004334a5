"""Vertices and normals of parts that change their shape, made once for each frame of a batch.

Normals turn with the cofactors of each map's derivatives, which are exact.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.deformation import BEND, BUMPS, TAPER, TOWARD, TWIST, WAVELENGTH

# Without fused multiplication and addition, as projection.
wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

TINY = wp.constant(wp.float64(1.0e-12))


@wp.struct
class BodyTables:
    """DeformLayout and DeformArrays on a device, and the influences of joints on the vertices that are to be moved.

    first: (V + 1,), vertex v follows joint[k] by weight[k] for k from first[v] to first[v + 1].
    """

    low: wp.array(dtype=wp.vec3d)
    high: wp.array(dtype=wp.vec3d)
    axis: wp.array(dtype=wp.int32)
    amounts: wp.array3d(dtype=wp.float64)
    waves: wp.array4d(dtype=wp.float64)
    first_matrix: wp.array(dtype=wp.int32)
    matrices: wp.array2d(dtype=wp.mat44d)
    first: wp.array(dtype=wp.int32)
    joint: wp.array(dtype=wp.int32)
    weight: wp.array(dtype=wp.float64)


@wp.struct
class Local:
    """A point with its normal, of any length."""

    point: wp.vec3d
    normal: wp.vec3d


@wp.func
def local(point: wp.vec3d, normal: wp.vec3d) -> Local:
    """A point with its normal."""
    result = Local()
    result.point = point
    result.normal = normal
    return result


@wp.func
def cofactors(m: wp.mat33d) -> wp.mat33d:
    """What normals turn with where points turn with m (column vectors): det(m) times its inverse, transposed."""
    x = m[0]
    y = m[1]
    z = m[2]
    return wp.matrix_from_rows(wp.cross(y, z), wp.cross(z, x), wp.cross(x, y))


@wp.func
def turned(v: wp.vec3d, angle: wp.float64) -> wp.vec3d:
    """A vector turned about z."""
    c = wp.cos(angle)
    s = wp.sin(angle)
    return wp.vec3d(c * v[0] - s * v[1], s * v[0] + c * v[1], v[2])


@wp.func
def bumpy(bodies: BodyTables, b: int, d: int, size: wp.float64, at: Local) -> Local:
    """The sum of waves."""
    amplitude = bodies.amounts[b, d, BUMPS] * size
    if amplitude == wp.float64(0.0):
        return at
    count = bodies.waves.shape[2]
    weight = amplitude * wp.sqrt(wp.float64(2.0) / wp.float64(count))
    rate = wp.float64(2.0 * wp.pi) / wp.max(bodies.amounts[b, d, WAVELENGTH] * size, TINY)
    p = at.point
    slope = wp.identity(n=3, dtype=wp.float64)
    for k in range(count):
        wave = rate * wp.vec3d(bodies.waves[b, d, k, 0], bodies.waves[b, d, k, 1], bodies.waves[b, d, k, 2])
        push = weight * wp.vec3d(bodies.waves[b, d, k, 3], bodies.waves[b, d, k, 4], bodies.waves[b, d, k, 5])
        phase = wp.dot(wave, at.point) + bodies.waves[b, d, k, 6]
        p += push * wp.sin(phase)
        slope += wp.outer(push, wave) * wp.cos(phase)
    return local(p, cofactors(slope) * at.normal)


@wp.func
def tapered(share: wp.float64, length: wp.float64, at: Local) -> Local:
    """Narrower toward the high end."""
    p = at.point
    one = wp.float64(1.0)
    o = wp.float64(0.0)
    rate = share / length
    f = one - rate * p[2]
    slope = wp.mat33d(f, o, -rate * p[0], o, f, -rate * p[1], o, o, one)
    return local(wp.vec3d(f * p[0], f * p[1], p[2]), cofactors(slope) * at.normal)


@wp.func
def twisted(angle: wp.float64, length: wp.float64, at: Local) -> Local:
    """Turned about the axis, the more the higher."""
    p = turned(at.point, angle * at.point[2] / length)
    rate = angle / length
    c = wp.cos(rate * p[2])
    s = wp.sin(rate * p[2])
    o = wp.float64(0.0)
    slope = wp.mat33d(c, -s, -rate * p[1], s, c, rate * p[0], o, o, wp.float64(1.0))
    return local(p, cofactors(slope) * at.normal)


@wp.func
def bent(angle: wp.float64, toward: wp.float64, length: wp.float64, at: Local) -> Local:
    """The axis as an arc in the plane of z and the direction."""
    p = turned(at.point, -toward)
    n = turned(at.normal, -toward)
    rate = angle / length
    a = rate * p[2]
    c = wp.cos(a)
    s = wp.sin(a)
    o = wp.float64(0.0)
    one = wp.float64(1.0)
    # The sine of the angle a over a, and one less its cosine over a: by their series where a is small.
    straight = one - a * a / wp.float64(6.0)
    aside = a * (wp.float64(0.5) - a * a / wp.float64(24.0))
    if wp.abs(a) > wp.float64(1.0e-4):
        straight = s / a
        aside = (one - c) / a
    q = wp.vec3d(p[2] * aside + p[0] * c, p[1], p[2] * straight - p[0] * s)
    stretch = one - rate * p[0]
    slope = wp.mat33d(c, o, stretch * s, o, one, o, -s, o, stretch * c)
    return local(turned(q, toward), turned(cofactors(slope) * n, toward))


@wp.func
def along(v: wp.vec3d, axis: int) -> wp.vec3d:
    """With the axis as the third component, the next two axes before it."""
    return wp.vec3d(v[(axis + 1) % 3], v[(axis + 2) % 3], v[axis])


@wp.func
def back(v: wp.vec3d, axis: int) -> wp.vec3d:
    """The opposite of ``along``."""
    return along(v, (4 - axis) % 3)


@wp.func
def column_part(m: wp.mat44d) -> wp.mat33d:
    """The 3x3 part of a row-vector matrix, transposed for column vectors."""
    return wp.mat33d(m[0, 0], m[1, 0], m[2, 0], m[0, 1], m[1, 1], m[2, 1], m[0, 2], m[1, 2], m[2, 2])


@wp.func
def shift_part(m: wp.mat44d) -> wp.vec3d:
    """The translation of a row-vector matrix."""
    return wp.vec3d(m[3, 0], m[3, 1], m[3, 2])


@wp.func
def skinned(bodies: BodyTables, b: int, start: int, v: int, at: Local) -> Local:
    """Where the joints bring vertex v, their matrices beginning in row ``start``.

    Normals go with the weighted mean of what each joint does to them, as in OpenUSD.
    """
    blend = wp.mat44d()
    upright = wp.mat33d()
    for k in range(bodies.first[v], bodies.first[v + 1]):
        m = bodies.matrices[b, start + bodies.joint[k]]
        turn = column_part(m)
        volume = wp.determinant(turn)
        if volume == wp.float64(0.0):
            volume = wp.float64(1.0)
        blend += bodies.weight[k] * m
        upright += (bodies.weight[k] / volume) * cofactors(turn)
    return local(column_part(blend) * at.point + shift_part(blend), upright * at.normal)


@wp.func
def deformed(bodies: BodyTables, b: int, d: int, v: int, at: Local) -> Local:
    """A point and its normal in a body's frame, as frame b shapes it. v: its row of the influences of joints."""
    own = d - bodies.amounts.shape[1]
    if own >= 0:
        return skinned(bodies, b, bodies.first_matrix[own], v, at)
    axis = bodies.axis[d]
    low = along(bodies.low[d], axis)
    high = along(bodies.high[d], axis)
    size = high - low
    length = wp.max(size[2], TINY)
    start = wp.vec3d(wp.float64(0.5) * (low[0] + high[0]), wp.float64(0.5) * (low[1] + high[1]), low[2])
    radian = wp.float64(wp.pi / 180.0)
    result = local(along(at.point, axis) - start, along(at.normal, axis))
    result = bumpy(bodies, b, d, wp.max(wp.max(size[0], size[1]), size[2]), result)
    result = tapered(bodies.amounts[b, d, TAPER], length, result)
    result = twisted(bodies.amounts[b, d, TWIST] * radian, length, result)
    result = bent(bodies.amounts[b, d, BEND] * radian, bodies.amounts[b, d, TOWARD] * radian, length, result)
    return local(back(result.point + start, axis), back(result.normal, axis))


@wp.kernel(enable_backward=False)
def deform_vertices(
    bodies: BodyTables,
    vertex_part: wp.array(dtype=wp.int32),
    source: wp.array(dtype=wp.int32),
    part_body: wp.array(dtype=wp.int32),
    to_body: wp.array(dtype=wp.mat44d),
    from_body: wp.array(dtype=wp.mat44d),
    drawn: wp.array2d(dtype=wp.uint8),
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    moved: wp.array2d(dtype=wp.vec3),
    moved_normals: wp.array2d(dtype=wp.vec3),
    low: wp.array2d(dtype=wp.vec3),
    high: wp.array2d(dtype=wp.vec3),
):
    """The vertices of all deformed parts that are drawn, in the parts' own frames, and their boxes.

    vertex_part, source: (V,) of each vertex, its part and its row in points. moved: (B, V). low, high: (B, P).
    """
    b, v = wp.tid()
    p = vertex_part[v]
    if drawn[b, p] == wp.uint8(0):
        return
    there = column_part(to_body[p])
    here = column_part(from_body[p])
    at = local(
        there * wp.vec3d(points[source[v]]) + shift_part(to_body[p]),
        cofactors(there) * wp.vec3d(normals[source[v]]),
    )
    at = deformed(bodies, b, part_body[p], source[v], at)
    point = wp.vec3(here * at.point + shift_part(from_body[p]))
    moved[b, v] = point
    moved_normals[b, v] = wp.vec3(wp.normalize(cofactors(here) * at.normal))
    wp.atomic_min(low, b, p, point)
    wp.atomic_max(high, b, p, point)


@wp.func
def carried(
    bodies: BodyTables, frame: int, body: int, to_body: wp.mat44d, to_holder: wp.mat44d, v: int, point: wp.vec3
) -> wp.vec3d:
    """Where a body takes point v of the clouds, see ``bound_clouds``."""
    at = local(column_part(to_body) * wp.vec3d(point) + shift_part(to_body), wp.vec3d())
    return column_part(to_holder) * deformed(bodies, frame, body, v, at).point + shift_part(to_holder)


@wp.kernel(enable_backward=False)
def bound_clouds(
    bodies: BodyTables,
    body: wp.array(dtype=wp.int32),
    to_body: wp.array(dtype=wp.mat44d),
    to_holder: wp.array(dtype=wp.mat44d),
    first: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    low: wp.array2d(dtype=wp.vec3d),
    high: wp.array2d(dtype=wp.vec3d),
):
    """Boxes of N clouds of points that move with bodies, a thread a cloud; body: (N,).

    to_body: (N,) from the points' frame to the body's. to_holder: (N,) from there to that of the box. first: (N + 1,)
    each cloud's rows of points. low, high: (B, N).
    """
    b, i = wp.tid()
    least = wp.vec3d(wp.float64(wp.inf), wp.float64(wp.inf), wp.float64(wp.inf))
    most = -least
    for v in range(first[i], first[i + 1]):
        q = carried(bodies, b, body[i], to_body[i], to_holder[i], v, points[v])
        least = wp.min(least, q)
        most = wp.max(most, q)
    low[b, i] = least
    high[b, i] = most


@wp.kernel(enable_backward=False)
def move_clouds(
    bodies: BodyTables,
    cloud: wp.array(dtype=wp.int32),
    body: wp.array(dtype=wp.int32),
    to_body: wp.array(dtype=wp.mat44d),
    to_holder: wp.array(dtype=wp.mat44d),
    points: wp.array(dtype=wp.vec3),
    moved: wp.array2d(dtype=wp.vec3d),
):
    """The points of such clouds themselves. cloud: (N,) of each point, its row of the tables. moved: (B, N)."""
    b, n = wp.tid()
    i = cloud[n]
    moved[b, n] = carried(bodies, b, body[i], to_body[i], to_holder[i], n, points[n])


@wp.kernel(enable_backward=False)
def finish_bounds(
    shaped: wp.array(dtype=wp.int32),
    low: wp.array2d(dtype=wp.vec3),
    high: wp.array2d(dtype=wp.vec3),
    low_at_rest: wp.array2d(dtype=wp.vec3d),
    high_at_rest: wp.array2d(dtype=wp.vec3d),
    low_out: wp.array2d(dtype=wp.vec3d),
    high_out: wp.array2d(dtype=wp.vec3d),
    centre: wp.array2d(dtype=wp.vec3d),
    radius: wp.array2d(dtype=wp.float64),
):
    """Boxes and spheres of all parts: those of ``deform_vertices`` where shaped (P,) is not negative."""
    b, p = wp.tid()
    a = low_at_rest[0, p]
    c = high_at_rest[0, p]
    if shaped[p] >= 0 and low[b, p][0] <= high[b, p][0]:
        a = wp.vec3d(low[b, p])
        c = wp.vec3d(high[b, p])
    low_out[b, p] = a
    high_out[b, p] = c
    centre[b, p] = wp.float64(0.5) * (a + c)
    radius[b, p] = wp.float64(0.5) * wp.length(c - a)
