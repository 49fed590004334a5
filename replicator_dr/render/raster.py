"""Visibility: all vertices to the screen, then all triangles into the visibility buffer."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.coverage import COVER_ROWS, Images, cover_triangle, grow, to_grid
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import IN_VIEW, MEASURED, PartState, ViewState

# Without fused multiplication and addition, so that a CPU and a GPU round alike and see the same triangles.
wp.set_module_options(
    {"enable_backward": False, "fast_math": False, "fuse_fp": False, "optimization_level": 3, **WIDE_VECTORS}
)

BLOCK = 4
"""Pixels that are written together."""
LANES = wp.constant(64)
"""Threads of each image row that share the queue of large triangles."""


@wp.kernel(enable_backward=False)
def project(
    first: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    block_part: wp.array(dtype=wp.int32),
    block_first: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    camera: wp.array2d(dtype=wp.vec3),
    world_normals: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
):
    """Vertices to camera space and to the screen grid, a block of one part's vertices a thread; normals to the world.

    Widens the extents of parts that need no cutting; the triangles of the others do that when they are rasterised.
    """
    image, block = wp.tid()
    part = block_part[block]
    state = parts[first + image, part]
    if state.drawn == 0:
        return
    view = views[first + image]
    target = part_vertex[part]
    count = part_vertex[part + 1] - target
    begin = block_first[block]
    source = part_mesh_vertex[part]
    to_normal = state.normal_to_world
    if state.mirrored != 0:
        to_normal = -to_normal
    low = wp.vec2i(1 << 30, 1 << 30)
    high = -low
    for i in range(begin, wp.min(begin + 64, count)):
        # In float64, so that a mesh far from its own origin keeps its shape.
        q = state.to_camera * wp.vec3d(points[source + i]) + state.camera_offset
        p = wp.vec3(q)
        camera[image, target + i] = p
        world_normals[image, target + i] = to_normal * normals[source + i]
        if p[2] >= view.near:
            g = to_grid(view, p)
            grid[image, target + i] = g
            low = wp.min(low, g)
            high = wp.max(high, g)
    if state.whole != 0 and part_entity[part] >= 0:
        grow(images, image, part_entity[part], low, high)


_COVER_LARGE = f"""const auto cover_large = [&](int x0, int x1, int y0, int y1, wp::vec2i p, wp::vec2i q, wp::vec2i s,
    wp::vec3 plane, float low, float high, wp::int64 mark) {{
{COVER_ROWS}
}};
"""


@wp.func_native(_COVER_LARGE + (files("replicator_dr.render") / "native" / "cover_run.cpp").read_text())
def cover_run(
    images: Images,
    image: int,
    view: ViewState,
    facing: int,
    begin: int,
    end: int,
    large: int,
    face_shift: int,
    vertex_shift: int,
    word: int,
    bit: wp.int64,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=wp.int32),
):
    """Triangles begin to end - 1 of a part that needs no cutting; see ``rasterise`` for ``large``."""


@wp.kernel(enable_backward=False)
def rasterise(
    first: int,
    run: int,
    large: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=wp.int32),
):
    """All triangles of all parts, ``run`` a thread; those of more than ``large`` pixels go to the queue (0: none)."""
    image, group = wp.tid()
    view = views[first + image]
    count = triangle_part.shape[0]
    triangle = group * run
    end = wp.min(triangle + run, count)
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        state = parts[first + image, part]
        if state.drawn == IN_VIEW or (state.drawn == MEASURED and state.whole == 0):
            entity = part_entity[part]
            to_vertex = part_vertex[part] - part_mesh_vertex[part]
            to_face = part_mesh_triangle[part] - part_triangle[part]
            if state.whole != 0:
                word = int(-1)
                bit = wp.int64(0)
                if entity >= 0:
                    word = entity >> 6
                    bit = wp.int64(1) << wp.int64(entity & 63)
                cover_run(
                    images, image, view, state.facing, triangle, last, large, to_face, to_vertex, word, bit,
                    triangles, camera, grid, queue_length, queue,
                )  # fmt: skip
            else:
                for t in range(triangle, last):
                    corners = triangles[t + to_face]
                    i = corners[0] + to_vertex
                    j = corners[1] + to_vertex
                    k = corners[2] + to_vertex
                    left = cover_triangle(
                        images, image, view, state, camera[image, i], camera[image, j], camera[image, k],
                        grid[image, i], grid[image, j], grid[image, k], t, entity, 0, images.height - 1, 1, large,
                    )  # fmt: skip
                    if left > 0:
                        slot = wp.atomic_add(queue_length, image, 1)
                        queue[image, slot] = t
        triangle = last


@wp.kernel(enable_backward=False)
def rasterise_queued(
    first: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=wp.int32),
):
    """The queued triangles, a row a thread; a block of threads strides over the queue."""
    image, lane, y = wp.tid()
    view = views[first + image]
    slot = lane
    while slot < queue_length[image]:
        t = queue[image, slot]
        part = triangle_part[t]
        to_vertex = part_vertex[part] - part_mesh_vertex[part]
        corners = triangles[t + part_mesh_triangle[part] - part_triangle[part]]
        i = corners[0] + to_vertex
        j = corners[1] + to_vertex
        k = corners[2] + to_vertex
        cover_triangle(
            images,
            image,
            view,
            parts[first + image, part],
            camera[image, i],
            camera[image, j],
            camera[image, k],
            grid[image, i],
            grid[image, j],
            grid[image, k],
            t,
            part_entity[part],
            y,
            y,
            0,
            0,
        )
        slot += LANES
