"""Visibility: all vertices to the screen, then all triangles into the visibility buffer."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.coverage import Images, cover_triangle, grow, looks_away, to_grid
from replicator_dr.render.structs import IN_VIEW, MEASURED, PartState, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False})

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
            for t in range(triangle, last):
                corners = triangles[t + to_face]
                i = corners[0] + to_vertex
                j = corners[1] + to_vertex
                k = corners[2] + to_vertex
                # Half of a closed mesh looks away: that is seen on the grid alone, before anything else is loaded.
                away = False
                if state.whole != 0:
                    away = looks_away(grid[image, i], grid[image, j], grid[image, k], state.facing)
                if not away:
                    left = cover_triangle(
                        images,
                        image,
                        view,
                        state,
                        camera[image, i],
                        camera[image, j],
                        camera[image, k],
                        grid[image, i],
                        grid[image, j],
                        grid[image, k],
                        t,
                        entity,
                        0,
                        images.height - 1,
                        1,
                        large,
                    )
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
