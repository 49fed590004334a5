"""How far each entity reaches in an image through a lens, whatever the image's borders.

The image of an edge is curved, and its farthest point need not be a corner: edges are walked in small steps of the
angle. Where something goes on beyond what the lens sees, the rim of that counts.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.coverage import Images, lower
from replicator_dr.render.lens import PLANE, LensState, place_of
from replicator_dr.render.structs import PartState, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

STEP = wp.constant(wp.float64(0.008))
"""Angle between points of an edge that are looked at [rad]: between them its image bends by a 1/100 pixel."""
SHORT = wp.constant(1.0 - 0.99 * 0.008**2)
"""Squared cosine of a little less."""
RIM = wp.constant(128)
"""Directions in which the rim of what the lens sees is looked at."""
WITHIN = wp.constant(wp.float64(0.9999999))
HALVINGS = wp.constant(24)


@wp.func
def seen_at(lens: LensState, view: ViewState, axial: int, p: wp.vec3d) -> wp.vec3d:
    """Where a point is seen [pixels]; third component 0: it is not, or it is too near or too far away."""
    along = p[2]
    if axial == 0:
        along = wp.length(p)
    if along < wp.float64(view.near) or along > wp.float64(view.far):
        return wp.vec3d(wp.float64(0.0), wp.float64(0.0), wp.float64(0.0))
    return place_of(lens, p)


@wp.func
def widen(images: Images, image: int, entity: int, place: wp.vec3d):
    """Widen an entity's extent by a place, if it is one."""
    if place[2] != wp.float64(0.0):
        x = float(place[0])
        y = float(place[1])
        lower(images.extent, image, entity, 0, x)
        lower(images.extent, image, entity, 1, y)
        lower(images.extent, image, entity, 2, -x)
        lower(images.extent, image, entity, 3, -y)


@wp.kernel(enable_backward=False)
def measure_vertices(
    first: int,
    run: int,
    axial: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    lenses: wp.array(dtype=LensState),
    block_part: wp.array(dtype=wp.int32),
    block_first: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
):
    """Corners, a block of up to ``run`` vertices of a part a thread. grid: (1, 0) where they are seen, else (0, 0)."""
    image, block = wp.tid()
    part = block_part[block]
    if parts[first + image, part].drawn == 0 or part_entity[part] < 0:
        return
    view = views[first + image]
    lens = lenses[first + image]
    begin = part_vertex[part] + block_first[block]
    for i in range(begin, wp.min(begin + run, part_vertex[part + 1])):
        place = seen_at(lens, view, axial, wp.vec3d(camera[image, i]))
        widen(images, image, part_entity[part], place)
        grid[image, i] = wp.vec2i(int(place[2]), 0)


@wp.func
def on_edge(a: wp.vec3d, b: wp.vec3d, whole: wp.float64, angle: wp.float64) -> wp.vec3d:
    """The point of an edge that lies at an angle from a; whole: the angle of b."""
    s = wp.length(a) * wp.sin(angle)
    t = wp.length(b) * wp.sin(whole - angle)
    total = s + t
    if total <= wp.float64(0.0):
        return a
    return a + (b - a) * (s / total)


@wp.func
def angle_between(a: wp.vec3d, b: wp.vec3d) -> wp.float64:
    """Between two directions [rad]."""
    return wp.atan2(wp.length(wp.cross(a, b)), wp.dot(a, b))


@wp.func
def short(a: wp.vec3, b: wp.vec3) -> bool:
    """Whether an edge spans less than a step."""
    along = wp.dot(a, b)
    return along > 0.0 and along * along > SHORT * wp.dot(a, a) * wp.dot(b, b)


@wp.func
def walk(
    lens: LensState, view: ViewState, axial: int, images: Images, image: int, entity: int, a: wp.vec3d, b: wp.vec3d
) -> bool:
    """Widen the extent by an edge, its ends excepted; true if all of it is seen."""
    whole = angle_between(a, b)
    last = seen_at(lens, view, axial, a)
    end = seen_at(lens, view, axial, b)
    none = wp.float64(0.0)
    all_seen = last[2] != none and end[2] != none
    if all_seen and whole <= STEP:
        return True
    steps = wp.max(int(wp.ceil(whole / STEP)), 1)
    step = whole / wp.float64(steps)
    for i in range(1, steps + 1):
        here = end
        if i < steps:
            here = seen_at(lens, view, axial, on_edge(a, b, whole, step * wp.float64(i)))
            widen(images, image, entity, here)
        if (here[2] != none) != (last[2] != none):
            all_seen = False
            inner = step * wp.float64(i)
            outer = inner - step
            if last[2] != none:
                inner = outer
                outer = inner + step
            for _ in range(HALVINGS):
                middle = wp.float64(0.5) * (inner + outer)
                found = seen_at(lens, view, axial, on_edge(a, b, whole, middle))
                if found[2] != none:
                    inner = middle
                    widen(images, image, entity, found)
                else:
                    outer = middle
        all_seen = all_seen and here[2] != none
        last = here
    return all_seen


@wp.func
def cut(
    lens: LensState, view: ViewState, images: Images, image: int, entity: int,
    a: wp.vec3d, b: wp.vec3d, c: wp.vec3d, depth: wp.float64,
):  # fmt: skip
    """Widen the extent by the line in which a triangle meets a plane across the axis."""
    count = int(0)
    from_end = wp.vec3d()
    to_end = wp.vec3d()
    for k in range(3):
        p = wp.where(k == 0, a, wp.where(k == 1, b, c))
        q = wp.where(k == 0, b, wp.where(k == 1, c, a))
        if (p[2] < depth) != (q[2] < depth):
            x = p + (q - p) * ((depth - p[2]) / (q[2] - p[2]))
            end = wp.vec3d(x[0], x[1], depth)
            if count == 0:
                from_end = end
            else:
                to_end = end
            count += 1
    if count == 2:
        walk(lens, view, 1, images, image, entity, from_end, to_end)


@wp.func
def rim_ray(lens: LensState, i: int) -> wp.vec3d:
    """A direction on the rim of what the lens sees."""
    turn = wp.float64(6.283185307179586) * wp.float64(i) / wp.float64(RIM)
    reach = lens.limit * WITHIN
    x = wp.cos(turn)
    y = wp.sin(turn)
    if lens.model == PLANE:
        return wp.vec3d(x * reach, y * reach, wp.float64(1.0))
    return wp.vec3d(x * wp.sin(reach), y * wp.sin(reach), wp.cos(reach))


@wp.kernel(enable_backward=False)
def measure_edges(
    first: int,
    run: int,
    axial: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    lenses: wp.array(dtype=LensState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
):
    """What lies between the corners, ``run`` triangles a thread. grid: what measure_vertices made of it."""
    image, group = wp.tid()
    view = views[first + image]
    lens = lenses[first + image]
    zero = wp.float64(0.0)
    for t in range(group * run, wp.min(group * run + run, triangle_part.shape[0])):
        part = triangle_part[t]
        entity = part_entity[part]
        if parts[first + image, part].drawn != 0 and entity >= 0:
            corners = triangles[t + face_shift[part]]
            i = corners[0] + vertex_shift[part]
            j = corners[1] + vertex_shift[part]
            k = corners[2] + vertex_shift[part]
            p = camera[image, i]
            q = camera[image, j]
            s = camera[image, k]
            if (
                grid[image, i][0] * grid[image, j][0] * grid[image, k][0] == 1
                and short(p, q)
                and short(q, s)
                and short(s, p)
            ):
                continue
            a = wp.vec3d(p)
            b = wp.vec3d(q)
            c = wp.vec3d(s)
            seen_ab = walk(lens, view, axial, images, image, entity, a, b)
            seen_bc = walk(lens, view, axial, images, image, entity, b, c)
            seen_ca = walk(lens, view, axial, images, image, entity, c, a)
            if not (seen_ab and seen_bc and seen_ca):
                if axial != 0:
                    cut(lens, view, images, image, entity, a, b, c, wp.float64(view.near))
                    cut(lens, view, images, image, entity, a, b, c, wp.float64(view.far))
                bc = wp.cross(b, c)
                ca = wp.cross(c, a)
                ab = wp.cross(a, b)
                volume = wp.dot(a, bc)
                side = wp.sign(volume)
                if volume != zero:
                    normal = wp.cross(b - a, c - a)
                    for r in range(RIM):
                        d = rim_ray(lens, r)
                        if (
                            side * wp.dot(d, bc) >= zero
                            and side * wp.dot(d, ca) >= zero
                            and side * wp.dot(d, ab) >= zero
                        ):
                            met = d * (wp.dot(normal, a) / wp.dot(normal, d))
                            widen(images, image, entity, seen_at(lens, view, axial, met))
