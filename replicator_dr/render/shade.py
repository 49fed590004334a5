"""Colour: metallic-roughness shading of what is visible, and the mean of each pixel's samples.

Each surface in a pixel is shaded once, at its first sample, and counts with its number of samples. The shading itself
is native code (native/shade_*.cpp), the same for CPU and CUDA: written as passes over small arrays it becomes vector
instructions on a CPU, which a kernel in Warp's Python, scalar by nature, can't.
"""

from __future__ import annotations

from importlib.resources import files

import warp as wp

from replicator_dr.render.structs import LightState, MaterialState, PartState, ShadowState, ViewState

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3})


_NATIVE = files("replicator_dr.render") / "native"
_FRAGMENTS = ("1_common", "2_gather", "3_material", "4_dome", "5_shadow", "6_lamp", "7_run")


@wp.func_native("".join((_NATIVE / f"shade_{name}.cpp").read_text() for name in _FRAGMENTS))
def shade_run(
    image: int,
    frame: int,
    y: int,
    x_begin: int,
    x_end: int,
    views: wp.array(dtype=ViewState),
    parts: wp.array2d(dtype=PartState),
    materials: wp.array2d(dtype=MaterialState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    normals: wp.array(dtype=wp.vec3),
    uvs: wp.array(dtype=wp.vec2),
    camera: wp.array2d(dtype=wp.vec3),
    keys: wp.array2d(dtype=wp.int64),
    texels: wp.array(dtype=wp.uint32),
    levels: wp.array2d(dtype=wp.vec3i),
    decode: wp.array(dtype=wp.float32),
    lights: wp.array2d(dtype=LightState),
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
    wide_maps: wp.array4d(dtype=wp.float32),
    harmonics: wp.array2d(dtype=wp.vec3),
    reflections: wp.array3d(dtype=wp.vec3),
    panorama: wp.array(dtype=wp.vec3),
    panorama_info: wp.array(dtype=wp.vec3i),
    occlusion: wp.array3d(dtype=wp.float32),
    encode: wp.array(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """Shade pixels x_begin to x_end - 1 of row y.

    image: row of the pass's buffers; frame: row of the batch's arrays.
    """


@wp.kernel(enable_backward=False)
def shade_images(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    parts: wp.array2d(dtype=PartState),
    materials: wp.array2d(dtype=MaterialState),
    triangles: wp.array(dtype=wp.vec3i),
    triangle_part: wp.array(dtype=wp.int32),
    part_vertex: wp.array(dtype=wp.int32),
    part_triangle: wp.array(dtype=wp.int32),
    part_mesh_vertex: wp.array(dtype=wp.int32),
    part_mesh_triangle: wp.array(dtype=wp.int32),
    normals: wp.array(dtype=wp.vec3),
    uvs: wp.array(dtype=wp.vec2),
    camera: wp.array2d(dtype=wp.vec3),
    keys: wp.array2d(dtype=wp.int64),
    texels: wp.array(dtype=wp.uint32),
    levels: wp.array2d(dtype=wp.vec3i),
    decode: wp.array(dtype=wp.float32),
    lights: wp.array2d(dtype=LightState),
    shadows: wp.array2d(dtype=ShadowState),
    maps: wp.array4d(dtype=wp.float32),
    wide_maps: wp.array4d(dtype=wp.float32),
    harmonics: wp.array2d(dtype=wp.vec3),
    reflections: wp.array3d(dtype=wp.vec3),
    panorama: wp.array(dtype=wp.vec3),
    panorama_info: wp.array(dtype=wp.vec3i),
    occlusion: wp.array3d(dtype=wp.float32),
    encode: wp.array(dtype=wp.uint8),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """All images of a pass, ``run`` pixels of a row a thread."""
    image, y, segment = wp.tid()
    begin = segment * run
    shade_run(
        image, first + image, y, begin, wp.min(begin + run, rgb.shape[2]), views, parts, materials, triangles,
        triangle_part, part_vertex, part_triangle, part_mesh_vertex, part_mesh_triangle, normals, uvs, camera, keys,
        texels, levels, decode, lights, shadows, maps, wide_maps, harmonics, reflections, panorama, panorama_info,
        occlusion, encode, rgb,
    )  # fmt: skip
