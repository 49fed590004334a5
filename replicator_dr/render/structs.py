"""The records that kernels share, and the constants of the pixel grid.

Screen coordinates are fixed point, 1/256 of a pixel, so that edge tests are exact and neighbouring triangles neither
overlap nor leave gaps. Depth is compared as 1/z, which is linear on the screen; the bits of positive floats sort
like the numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

SUBPIXEL = 256
"""Steps of the screen grid in a pixel."""

GUARD_BAND = 1 << 21
"""Screen coordinates are clamped to this many pixels, so that products of differences fit 64 bits."""

SAMPLES = 4
"""Visibility samples a pixel; sample 0 is the pixel's centre, the one that labels use."""

SAMPLE_X = (0, 104, -76, -28)
SAMPLE_Y = (0, 28, 76, -104)
"""Offsets of the samples from the pixel's centre in 1/256 pixel: the centre and a turned triangle around it."""

IN_VIEW = wp.constant(1)
MEASURED = wp.constant(2)
"""Values of PartState.drawn."""

TRIANGLE_BITS = wp.constant(wp.int64(0xFFFFFFFF))
"""The part of a visibility key that holds the triangle + 1."""


@wp.struct
class ViewState:
    """A camera over one image, in OpenCV axes (x right, y down, z forward)."""

    focal: wp.vec2
    centre: wp.vec2
    near: wp.float32
    far: wp.float32
    origin: wp.vec3
    """Position in the world [m]."""
    rotation: wp.mat33
    """Camera to world, column vectors."""


@wp.struct
class PartState:
    """A part in one image."""

    drawn: wp.int32
    """0: hidden, or nothing of it between near and far; IN_VIEW; MEASURED: counts for its entity's extent only."""
    whole: wp.int32
    """1 where no triangle needs cutting at the near plane, the far plane or the guard band."""
    facing: wp.int32
    """1: draw front faces; -1: the same for a mirrored part; 0: draw both sides."""
    mirrored: wp.int32
    """1 where the part's matrix turns left into right."""
    material: wp.int32
    moved: wp.int32
    """Where its vertices begin among those of deformed parts, all frames one after the other; -1: those of its mesh."""
    to_camera: wp.mat33d
    camera_offset: wp.vec3d
    to_world: wp.mat33
    world_offset: wp.vec3
    normal_to_world: wp.mat33


@wp.struct
class MaterialState:
    """A material in one frame; colours are linear."""

    base_color: wp.vec3
    roughness: wp.float32
    metallic: wp.float32
    specular: wp.float32
    emission: wp.vec3
    texture: wp.int32
    maps: wp.int32
    """1 where one of the pictures below is there."""
    roughness_texture: wp.int32
    roughness_gain: wp.float32
    metallic_texture: wp.int32
    metallic_gain: wp.float32
    normal_texture: wp.int32
    normal_gain: wp.float32
    emission_texture: wp.int32
    opacity_texture: wp.int32
    opacity: wp.float32
    opacity_threshold: wp.float32
    """Where opacity times the picture is below this there is a hole; see scene.MaterialArrays."""
    detail: wp.float32
    """log2 of the scale of the texture transform below."""
    uv_row_u: wp.vec3
    uv_row_v: wp.vec3
    """Texture coordinates: (u, v, 1) dot each row."""


@wp.struct
class LightState:
    """A light in one frame. color is already multiplied with the exposure."""

    kind: wp.int32
    color: wp.vec3
    """Irradiance of distant lights, else radiance."""
    position: wp.vec3
    direction: wp.vec3
    """Unit vector along which the light shines (its local -Z)."""
    softness: wp.float32
    """Distant: tangent of half its angle. Others: radius of what throws the half-shadow [m]."""
    axis_u: wp.vec3
    """Rect: from its middle to the middle of a side [m]; disk: of a square of its area. Cylinder: to its end."""
    axis_v: wp.vec3
    """Rect: to the middle of the next side."""
    radius: wp.float32
    """Sphere, disk, cylinder [m]."""
    shadow: wp.int32
    """First shadow map of this light, -1 = none."""
    specular: wp.float32
    """0 for light that the panorama's reflection already shows."""
    environment: wp.int32
    from_world: wp.mat33
    """World to dome directions."""


@wp.struct
class GroundState:
    """What things of one frame stand on: a rectangle (ground.py)."""

    part: wp.int32
    """The part that shows it, -1 where there is none."""
    centre: wp.vec3
    normal: wp.vec3
    """Unit vector, up."""
    axis_u: wp.vec3
    axis_v: wp.vec3
    """Unit vectors along its sides."""
    half_u: wp.float32
    half_v: wp.float32
    """Half the length of its sides [m]."""
    albedo: wp.vec3
    """The mean of its picture, linear."""


@wp.struct
class ShadowState:
    """A depth map seen from a light: texel and nearness of a world point (column vectors).

    Orthographic: (x, y, nearness) = matrix * p + offset, nearness [m] from a plane behind all casters. Perspective:
    (x, y, z) = matrix * p + offset; x and y are divided by z, nearness is 1/z.
    """

    matrix: wp.mat33
    offset: wp.vec3
    perspective: wp.int32
    """0: parallel light; 1: one map toward the casters; 2: a face of a cube around the light."""
    active: wp.int32
    light: wp.int32
    """Row of the light whose map this is."""
    side: wp.int32
    """Texels of a side that are used."""
    reach: wp.int32
    """Cells (shadow.CELL) beside a texel's own that the search for blockers can meet."""
    texel: wp.float32
    """Size of a texel [m], or [m at 1 m] in perspective."""
    widest: wp.float32
    """Texels that a half-shadow reaches at most."""


@wp.struct
class Cutout:
    """Where a triangle has holes: texture coordinates along a camera-space ray r are (u . r, v . r) / (plane . r)."""

    texture: wp.int32
    """-1 where it has none."""
    least: wp.float32
    """What of the picture is less than this is a hole."""
    u: wp.vec3
    v: wp.vec3
    detail: wp.float32
    """log2 of the texture coordinates that a pixel at 1 m spans."""


@wp.struct
class LargeTriangle:
    """A triangle of the screen grid that waits in the queue, its inside where edges p-q, q-s, s-p are >= 0."""

    p: wp.vec2i
    q: wp.vec2i
    s: wp.vec2i
    plane: wp.vec3
    """1/z along a camera-space ray is its dot product with the ray (z = 1)."""
    low: wp.float32
    high: wp.float32
    """What 1/z is clamped to."""
    triangle: wp.int32
    entity: wp.int32


@wp.struct
class TriangleQueue:
    """Large triangles that wait on CUDA, a row of each array an image."""

    length: wp.array(dtype=wp.int32)
    boxes: wp.array2d(dtype=wp.vec2i)
    """First column | last column << 16, first row | last row << 16 of the pixels that it can cover."""
    triangles: wp.array2d(dtype=LargeTriangle)


def numpy_dtype(record: Any) -> np.dtype[Any]:
    """The NumPy record type with the layout of a Warp struct; for constants of modules, as threads must not ask for it.

    NumPy parses it as Python: CPython 3.11 raises SystemError where several threads make syntax trees at a time.
    """
    return np.dtype(record.numpy_dtype())


def put_records(records: np.ndarray[Any, Any], record: Any, device: Any) -> wp.array:
    """Records on a device, as bytes: Warp compares record types in a way that can fail while threads do the same."""
    if records.size == 0:
        return wp.empty(records.shape, dtype=record, device=device)
    memory = wp.array(np.ascontiguousarray(records).view(np.uint8).reshape(-1), dtype=wp.uint8, device=device)
    result = wp.array(ptr=memory.ptr, dtype=record, shape=records.shape, device=device)
    result.memory = memory  # which it must not outlive
    return result
