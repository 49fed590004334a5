"""Visibility: all vertices to the screen, then all triangles into the visibility buffer."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.coverage import COVER_ROWS, Images, cover_triangle, grow, to_grid
from replicator_dr.render.cutout import holes_of
from replicator_dr.render.start import MODERATE, WIDE_VECTORS
from replicator_dr.render.structs import IN_VIEW, LargeTriangle, MaterialState, PartState, ViewState

# Without fused multiplication and addition, so that a CPU and a GPU round alike and see the same triangles.
wp.set_module_options(
    {"enable_backward": False, "fast_math": False, "fuse_fp": False, "optimization_level": 3, **WIDE_VECTORS}
)

BLOCK = 4
"""Pixels that are written together."""


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


_COVER_LARGE = f"""const int word = entity >= 0 ? entity >> 6 : -1;
const wp::int64 bit = entity >= 0 ? 1ll << (entity & 63) : 0;
#if !defined(__CUDA_ARCH__)
#define NO_HOLES  // parts that come here have none
const auto cover_large = [&](int x0, int x1, int y0, int y1, wp::vec2i p, wp::vec2i q, wp::vec2i s,
    wp::vec3 plane, float low, float high, wp::int64 mark) {{
{COVER_ROWS}
}};
#undef NO_HOLES
#endif
"""


@wp.func_native(_COVER_LARGE + (files("replicator_dr.render") / "native" / "cover_run.cpp").read_text())
def cover_run(
    images: Images,
    image: int,
    view: ViewState,
    facing: int,
    begin: int,
    end: int,
    face_shift: int,
    vertex_shift: int,
    entity: int,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=LargeTriangle),
):
    """Triangles begin to end - 1 of a part that needs no cutting; on CUDA large ones go to the queue."""


@wp.kernel(enable_backward=False, launch_bounds=MODERATE)
def rasterise(
    first: int,
    run: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=LargeTriangle),
):
    """The triangles of parts that need no cutting, ``run`` a thread."""
    image, group = wp.tid()
    view = views[first + image]
    triangle = group * run
    end = wp.min(triangle + run, triangle_part.shape[0])
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        if parts[first + image, part].drawn == IN_VIEW and parts[first + image, part].whole != 0:
            cover_run(
                images, image, view, parts[first + image, part].facing, triangle, last,
                face_shift[part], vertex_shift[part], part_entity[part], triangles, camera, grid, queue_length, queue,
            )  # fmt: skip
        triangle = last


@wp.kernel(enable_backward=False)
def rasterise_cut(
    first: int,
    run: int,
    large: int,
    materials: wp.array2d(dtype=MaterialState),
    pictures: SurroundingArrays,
    uvs: wp.array(dtype=wp.vec2),
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue_length: wp.array(dtype=wp.int32),
    queue: wp.array2d(dtype=LargeTriangle),
):
    """The triangles of the other parts; those of more than ``large`` (> 0) pixels go to the queue."""
    image, group = wp.tid()
    view = views[first + image]
    triangle = group * run
    end = wp.min(triangle + run, triangle_part.shape[0])
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        drawn = parts[first + image, part].drawn
        if parts[first + image, part].whole == 0 and (drawn != 0):
            shift = vertex_shift[part]
            material = parts[first + image, part].material
            for t in range(triangle, last):
                corners = triangles[t + face_shift[part]]
                i = corners[0] + shift
                j = corners[1] + shift
                k = corners[2] + shift
                holes = holes_of(
                    materials[first + image, material], view, camera[image, i], camera[image, j], camera[image, k],
                    uvs[corners[0]], uvs[corners[1]], uvs[corners[2]],
                )  # fmt: skip
                cover_triangle(
                    images, image, view, parts[first + image, part], camera[image, i], camera[image, j],
                    camera[image, k], grid[image, i], grid[image, j], grid[image, k], t, part_entity[part], large,
                    holes, pictures, queue_length, queue,
                )  # fmt: skip
        triangle = last
