"""Materials of a frame, and what they are at a point: numbers times pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.light_setup import EXPOSURE
from replicator_dr.render.path.bsdf import Scatterer, scatterer
from replicator_dr.render.path.pictures import Pictures, pictured
from replicator_dr.render.pattern import PatternState
from replicator_dr.render.scene import MaterialArrays
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False})


@wp.struct
class PathMaterial:
    """A material in one frame, see scene.MaterialArrays; emission times EXPOSURE."""

    base_color: wp.vec3
    roughness: wp.float32
    metallic: wp.float32
    specular: wp.float32
    opacity: wp.float32
    emission: wp.vec3
    uv_row_u: wp.vec3
    uv_row_v: wp.vec3
    """Texture coordinates: (u, v, 1) dot each row."""
    base_texture: wp.int32
    roughness_texture: wp.int32
    roughness_gain: wp.float32
    metallic_texture: wp.int32
    metallic_gain: wp.float32
    opacity_texture: wp.int32
    opacity_threshold: wp.float32
    normal_texture: wp.int32
    normal_gain: wp.float32
    emission_texture: wp.int32


_RECORD = numpy_dtype(PathMaterial)


def records(materials: MaterialArrays) -> NDArray[Any]:
    """(B, M) PathMaterial records."""
    result: NDArray[Any] = np.zeros(materials.roughness.shape, _RECORD)
    for name in ("roughness", "metallic", "specular", "opacity"):
        result[name] = tamed(getattr(materials, name), 0.0, 1.0)
    result["base_color"] = tamed(materials.base_color, 0.0, 1.0)
    result["emission"] = tamed(materials.emission, 0.0, BRIGHTEST) * EXPOSURE
    for name in ("roughness_gain", "metallic_gain", "opacity_threshold", "normal_gain"):
        result[name] = getattr(materials, name)
    for name in ("base", "roughness", "metallic", "opacity", "normal", "emission"):
        result[f"{name}_texture"] = getattr(materials, f"{name}_texture")
    angle = np.radians(materials.uv_rotation)
    cosine, sine = np.cos(angle), np.sin(angle)
    scale, offset = materials.uv_scale, materials.uv_offset
    result["uv_row_u"] = np.stack([cosine * scale[..., 0], -sine * scale[..., 1], offset[..., 0]], axis=-1)
    result["uv_row_v"] = np.stack([sine * scale[..., 0], cosine * scale[..., 1], offset[..., 1]], axis=-1)
    return result


@wp.func
def turned_uv(m: PathMaterial, uv: wp.vec2) -> wp.vec2:
    """A mesh's texture coordinates to the material's."""
    at = wp.vec3(uv[0], uv[1], 1.0)
    return wp.vec2(wp.dot(m.uv_row_u, at), wp.dot(m.uv_row_v, at))


@wp.func
def is_hole(m: PathMaterial, pictures: Pictures, uv: wp.vec2) -> bool:
    """Whether there is nothing at these (turned) texture coordinates."""
    if m.opacity_texture < 0:
        return False
    return m.opacity * pictured(pictures, m.opacity_texture, uv)[0] < m.opacity_threshold


@wp.func
def scatterer_at(m: PathMaterial, pictures: Pictures, uv: wp.vec2, pattern: PatternState, share: float) -> Scatterer:
    """How the material scatters light at these (turned) texture coordinates, a share of it as its pattern says."""
    base = m.base_color
    roughness = m.roughness
    metallic = m.metallic
    if m.base_texture >= 0:
        base = wp.cw_mul(base, pictured(pictures, m.base_texture, uv))
    if m.roughness_texture >= 0:
        roughness += m.roughness_gain * pictured(pictures, m.roughness_texture, uv)[0]
    if m.metallic_texture >= 0:
        metallic += m.metallic_gain * pictured(pictures, m.metallic_texture, uv)[0]
    metallic = wp.clamp(metallic, 0.0, 1.0)
    roughness = wp.clamp(roughness, 0.0, 1.0)
    if share > 0.0:
        if pattern.color[0] >= 0.0:
            base = wp.lerp(base, pattern.color, share)
        if pattern.roughness >= 0.0:
            roughness = wp.lerp(roughness, pattern.roughness, share)
        if pattern.metallic >= 0.0:
            metallic = wp.lerp(metallic, pattern.metallic, share)
    return scatterer(base, metallic, m.specular, roughness)


@wp.func
def emission_at(m: PathMaterial, pictures: Pictures, uv: wp.vec2) -> wp.vec3:
    """Radiance that the material gives off at these (turned) texture coordinates."""
    if m.emission_texture < 0:
        return m.emission
    return wp.cw_mul(m.emission, pictured(pictures, m.emission_texture, uv))


@wp.func
def bump_at(m: PathMaterial, pictures: Pictures, uv: wp.vec2) -> wp.vec3:
    """The normal map's normal: x along u, y along v, z along the surface's own."""
    color = pictured(pictures, m.normal_texture, uv)
    x = (2.0 * color[0] - 1.0) * m.normal_gain
    y = (2.0 * color[1] - 1.0) * m.normal_gain
    return wp.vec3(x, y, wp.max(2.0 * color[2] - 1.0, 0.01))
