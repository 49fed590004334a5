"""Visibility through a lens: which rays each triangle meets, into the visibility buffer that plain pinholes use.

A key holds 1 / distance along the ray in place of 1 / z, for beyond 90 degrees there is no z to go by. Near and far
count along the optical axis through OPENCV_PINHOLE, along the ray through the others.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.coverage import Images, bit_of
from replicator_dr.render.cutout import holes_of
from replicator_dr.render.rays import RayMap, ray_of
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import IN_VIEW, Cutout, MaterialState, PartState, ViewState

wp.set_module_options(
    {"enable_backward": False, "fast_math": False, "fuse_fp": False, "optimization_level": 3, **WIDE_VECTORS}
)


@wp.func_native((files("replicator_dr.render") / "native" / "ray_cover.cpp").read_text())
def cover_ray_run(
    images: Images,
    image: int,
    view: ViewState,
    axial: bool,
    branch: int,
    facing: int,
    begin: int,
    end: int,
    face_shift: int,
    vertex_shift: int,
    word: int,
    bit: wp.int64,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    rays: RayMap,
    cutout: Cutout,
    pictures: SurroundingArrays,
):
    """Triangles begin to end - 1 of a part. axial: near and far count along the axis; cutout: the holes of them all.

    word, bit: see coverage.bit_of; branch: which of the root's 16 x 16 grandchildren to look at, -1 for all.
    """


BRANCHES = 256
"""On CUDA: the grandchildren of the root."""


@wp.kernel(enable_backward=False)
def rasterise_rays(
    first: int,
    run: int,
    branches: int,
    axial: int,
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
    rays: RayMap,
    images: Images,
):
    """All triangles, ``run`` a thread; those of parts with holes one by one.

    Of several branches a thread each takes its share of the image, so that none has a whole floor to draw.
    """
    image, group, branch = wp.tid()
    if branches == 1:
        branch = -1
    view = views[first + image]
    triangle = group * run
    end = wp.min(triangle + run, triangle_part.shape[0])
    while triangle < end:
        part = triangle_part[triangle]
        last = wp.min(end, part_triangle[part + 1])
        if parts[first + image, part].drawn == IN_VIEW:
            material = parts[first + image, part].material
            step = last - triangle
            if materials[first + image, material].opacity_texture >= 0:
                step = 1
            shift = vertex_shift[part]
            word, bit = bit_of(images, image, part_entity[part])
            for t in range(triangle, last, step):
                holes = Cutout()
                holes.texture = -1
                if materials[first + image, material].opacity_texture >= 0:
                    corners = triangles[t + face_shift[part]]
                    holes = holes_of(
                        materials[first + image, material], view, camera[image, corners[0] + shift],
                        camera[image, corners[1] + shift], camera[image, corners[2] + shift], uvs[corners[0]],
                        uvs[corners[1]], uvs[corners[2]],
                    )  # fmt: skip
                    # The size of a pixel comes from the rays.
                    holes.detail = holes.detail + wp.log2(view.focal[0])
                cover_ray_run(
                    images, image, view, axial != 0, branch, parts[first + image, part].facing, t, t + step,
                    face_shift[part], shift, word, bit, triangles, camera, rays, holes, pictures,
                )  # fmt: skip
        triangle = last


@wp.kernel(enable_backward=False)
def along_axis(
    first: int, run: int, rays: RayMap, distance: wp.array3d(dtype=wp.float32), depth: wp.array3d(dtype=wp.float32)
):
    """depth: the share of each distance that goes along the optical axis, inf where that is; ``run`` a thread."""
    image, y, segment = wp.tid()
    row = rays.row[image]
    width = depth.shape[2]
    for x in range(segment * run, wp.min(segment * run + run, width)):
        far = distance[first + image, y, x]
        z = far
        if wp.isfinite(far):
            z = far * ray_of(rays, row, (y * width + x) * 4)[2]
        depth[first + image, y, x] = z
