"""Groups of arrays that kernels take together."""

from __future__ import annotations

from typing import Any

import warp as wp

from replicator_dr.render.pattern import PatternState
from replicator_dr.render.rays import RayMap
from replicator_dr.render.structs import GroundState, LightState, MaterialState, PartState, ShadowState, ViewState


@wp.struct
class GeometryArrays:
    """The constant geometry (geometry.Geometry), as kernels see it."""

    triangles: wp.array(dtype=wp.vec3i)
    triangle_part: wp.array(dtype=wp.int32)
    part_entity: wp.array(dtype=wp.int32)
    face_shift: wp.array(dtype=wp.int32)
    vertex_shift: wp.array(dtype=wp.int32)
    facing: wp.array(dtype=wp.int32)
    uvs: wp.array(dtype=wp.vec2)
    colors: wp.array(dtype=wp.vec3)
    """Of one element where no mesh has colours."""


@wp.struct
class FrameRecords:
    """What varies from frame to frame, a row a frame of the batch."""

    views: wp.array(dtype=ViewState)
    parts: wp.array2d(dtype=PartState)
    materials: wp.array2d(dtype=MaterialState)
    lights: wp.array2d(dtype=LightState)
    shadows: wp.array2d(dtype=ShadowState)
    grounds: wp.array(dtype=GroundState)
    normal_maps: wp.int32
    """1 if any of the materials has a normal picture."""
    patterns: wp.array2d(dtype=PatternState)
    """As many as materials; none at all where no material has a pattern."""


@wp.struct
class SurroundingArrays:
    """Textures (texture.TextureAtlas) and panoramas (environment.EnvironmentMaps)."""

    texels: wp.array(dtype=wp.uint32)
    levels: wp.array2d(dtype=wp.vec2i)
    texture_detail: wp.array(dtype=wp.float32)
    harmonics: wp.array2d(dtype=wp.vec3)
    reflections: wp.array3d(dtype=wp.vec3)
    panorama: wp.array(dtype=wp.vec3)
    panorama_info: wp.array(dtype=wp.vec3i)


@wp.struct
class PassBuffers:
    """What a pass over some images has made before it shades them, a row an image of the pass."""

    camera: wp.array2d(dtype=wp.vec3)
    """Vertices in camera space."""
    normals: wp.array2d(dtype=wp.vec3)
    """Their normals in the world, of any length, turned round on mirrored parts."""
    keys: wp.array2d(dtype=wp.int64)
    """The visibility buffer, see coverage.Images."""
    surface: wp.array3d(dtype=wp.int32)
    mixed: wp.array2d(dtype=wp.int32)
    mixed_length: wp.array(dtype=wp.int32)
    """What was read from it, see labels.PixelArrays."""
    maps: wp.array4d(dtype=wp.float32)
    wide_maps: wp.array4d(dtype=wp.float32)
    """The lights' depth maps, and the nearest depth around each of their cells."""
    rays: RayMap
    occlusion: wp.array3d(dtype=wp.float32)


def filled(group: Any, source: object) -> Any:
    """A group of arrays with those taken from ``source`` that it has under the same names."""
    for name, value in vars(source).items():
        if hasattr(group, name):
            setattr(group, name, value)
    return group
