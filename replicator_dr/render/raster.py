"""Visibility on CUDA: all triangles of all images of a pass into the visibility buffer, one a thread."""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.coverage import Images, cover_any
from replicator_dr.render.start import MODERATE
from replicator_dr.render.structs import IN_VIEW, MaterialState, PartState, TriangleQueue, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

THREADS = 256
"""Of a block, Warp's usual number."""


@wp.func_native((files("replicator_dr.render") / "native" / "cover_one.cpp").read_text())
def cover_one(
    images: Images,
    image: int,
    shown: int,
    view: ViewState,
    facing: int,
    t: int,
    face_shift: int,
    vertex_shift: int,
    entity: int,
    triangles: wp.array(dtype=wp.vec3i),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    queue: TriangleQueue,
):
    """Triangle t where ``shown`` is not 0; large ones go to the queue. All threads of a block call it together."""


@wp.kernel(enable_backward=False, launch_bounds=MODERATE)
def rasterise(
    first: int,
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue: TriangleQueue,
):
    """The triangles of parts that need no cutting, on CUDA, one a thread.

    The second dimension is a multiple of ``THREADS``: a block has threads of one image, and all of them.
    """
    image, triangle = wp.tid()
    shown = int(0)
    part = int(0)
    if triangle < triangle_part.shape[0]:
        part = triangle_part[triangle]
        if parts[first + image, part].drawn == IN_VIEW and parts[first + image, part].whole != 0:
            shown = 1
    cover_one(
        images, image, shown, views[first + image], parts[first + image, part].facing, triangle, face_shift[part],
        vertex_shift[part], part_entity[part], triangles, camera, grid, queue,
    )  # fmt: skip


@wp.kernel(enable_backward=False)
def rasterise_cut(
    first: int,
    large: int,
    materials: wp.array2d(dtype=MaterialState),
    pictures: SurroundingArrays,
    uvs: wp.array(dtype=wp.vec2),
    parts: wp.array2d(dtype=PartState),
    views: wp.array(dtype=ViewState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    face_shift: wp.array(dtype=wp.int32),
    vertex_shift: wp.array(dtype=wp.int32),
    part_entity: wp.array(dtype=wp.int32),
    camera: wp.array2d(dtype=wp.vec3),
    grid: wp.array2d(dtype=wp.vec2i),
    images: Images,
    queue: TriangleQueue,
):
    """The triangles of the other parts, on CUDA, one a thread; those of more than ``large`` pixels go to the queue."""
    image, triangle = wp.tid()
    part = triangle_part[triangle]
    if parts[first + image, part].whole == 0 and parts[first + image, part].drawn != 0:
        cover_any(
            images, image, views[first + image], parts[first + image, part],
            materials[first + image, parts[first + image, part].material], triangle, face_shift[part],
            vertex_shift[part], part_entity[part], large, pictures, uvs, triangles, camera, grid, queue,
        )  # fmt: skip
