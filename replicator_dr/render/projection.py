"""Vertices to the screen: all parts of all images of a pass."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.coverage import Images, grow, to_grid
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import PartState, ViewState

# Without fused multiplication and addition, so that a CPU and a GPU round alike and see the same triangles.
wp.set_module_options(
    {"enable_backward": False, "fast_math": False, "fuse_fp": False, "optimization_level": 3, **WIDE_VECTORS}
)


@wp.kernel(enable_backward=False)
def project(
    first: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    run: int,
    block_part: wp.array(dtype=wp.int32),
    block_first: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    moved: wp.array(dtype=wp.vec3),
    moved_normals: wp.array(dtype=wp.vec3),
    camera: wp.array2d(dtype=wp.vec3),
    world_normals: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
):
    """Vertices to camera space and to the screen grid, a block of up to ``run`` vertices of a part a thread.

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
    for i in range(begin, wp.min(begin + run, count)):
        point = wp.vec3()
        normal = wp.vec3()
        if state.moved < 0:
            point = points[source + i]
            normal = normals[source + i]
        else:
            point = moved[state.moved + i]
            normal = moved_normals[state.moved + i]
        # In float64, so that a mesh far from its own origin keeps its shape.
        q = state.to_camera * wp.vec3d(point) + state.camera_offset
        p = wp.vec3(q)
        camera[image, target + i] = p
        world_normals[image, target + i] = to_normal * normal
        if p[2] >= view.near:
            g = to_grid(view, p)
            grid[image, target + i] = g
            low = wp.min(low, g)
            high = wp.max(high, g)
    if state.whole != 0 and part_entity[part] >= 0:
        grow(images, image, part_entity[part], low, high)
