"""Colour: metallic-roughness shading of what is visible, and the mean of each pixel's samples.

Each surface in a pixel is shaded once, at its first sample, and counts with its number of samples. The reflectance
model is GGX with Smith's shadowing and Schlick's Fresnel term (Walter et al. 2007, Karis 2013).
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.environment import background, diffuse, reflection
from replicator_dr.render.scene import LightType
from replicator_dr.render.shadow import lit_share
from replicator_dr.render.structs import (
    SAMPLE_X,
    SAMPLE_Y,
    SUBPIXEL,
    LightState,
    MaterialState,
    PartState,
    ShadowState,
    ViewState,
)
from replicator_dr.render.surface import (
    GeometryArrays,
    Surface,
    load_surface,
    normal_at,
    point_at,
    ray_at,
    texture_at,
    weights_at,
)
from replicator_dr.render.texture import sample

wp.set_module_options({"enable_backward": False, "fast_math": True})

DISTANT = wp.constant(int(LightType.DISTANT))
SPHERE = wp.constant(int(LightType.SPHERE))
CYLINDER = wp.constant(int(LightType.CYLINDER))
DOME = wp.constant(int(LightType.DOME))
SHIFT_X = wp.constant(wp.vec4(*(v / SUBPIXEL for v in SAMPLE_X)))
SHIFT_Y = wp.constant(wp.vec4(*(v / SUBPIXEL for v in SAMPLE_Y)))
INVERSE_PI = wp.constant(0.31830989)
TRIANGLE_BITS = wp.constant(wp.int64(0xFFFFFFFF))


@wp.struct
class Lighting:
    """Everything that lights a batch."""

    lights: wp.array2d(dtype=LightState)
    shadows: wp.array2d(dtype=ShadowState)
    maps: wp.array4d(dtype=wp.float32)
    harmonics: wp.array2d(dtype=wp.vec3)
    reflections: wp.array3d(dtype=wp.vec3)
    panorama: wp.array(dtype=wp.vec3)
    panorama_info: wp.array(dtype=wp.vec3i)


@wp.struct
class Textures:
    """The texture atlas and the tables of the sRGB curve."""

    texels: wp.array(dtype=wp.uint32)
    levels: wp.array2d(dtype=wp.vec3i)
    decode: wp.array(dtype=wp.float32)
    encode: wp.array(dtype=wp.uint8)


@wp.func
def hash_noise(x: int, y: int) -> float:
    """Interleaved gradient noise (Jimenez 2014), 0 to 1: the same for a pixel in every frame."""
    v = 0.06711056 * float(x) + 0.00583715 * float(y)
    v = 52.9829189 * (v - wp.floor(v))
    return v - wp.floor(v)


@wp.func
def tone(color: wp.vec3) -> wp.vec3:
    """Khronos PBR Neutral tone mapping (2024): colours below 0.8 stay as they are, highlights roll off to white."""
    x = wp.min(color[0], wp.min(color[1], color[2]))
    offset = wp.where(x < 0.08, x - 6.25 * x * x, 0.04)
    c = color - wp.vec3(offset, offset, offset)
    peak = wp.max(c[0], wp.max(c[1], c[2]))
    if peak < 0.76:
        return c
    new = 1.0 - 0.0576 / (peak + 0.24 - 0.76)
    c = c * (new / peak)
    g = 1.0 - 1.0 / (0.15 * (peak - new) + 1.0)
    return c * (1.0 - g) + wp.vec3(new, new, new) * g


@wp.func
def sky(lighting: Lighting, frame: int, direction: wp.vec3) -> wp.vec3:
    """What is seen where nothing is: the sum of the domes."""
    color = wp.vec3(0.0, 0.0, 0.0)
    for i in range(lighting.lights.shape[1]):
        if lighting.lights[frame, i].kind == DOME:
            light = lighting.lights[frame, i]
            if light.environment < 0:
                color += light.color
            else:
                d = light.from_world * direction
                color += wp.cw_mul(
                    light.color, background(lighting.panorama, lighting.panorama_info, light.environment, d)
                )
    return color


@wp.func
def shade(
    s: Surface,
    view: ViewState,
    parts: wp.array2d(dtype=PartState),
    materials: wp.array2d(dtype=MaterialState),
    textures: Textures,
    lighting: Lighting,
    occlusion: float,
    image: int,
    frame: int,
    x: float,
    y: float,
    noise: float,
) -> wp.vec3:
    """Colour of a surface at a point of the image, after the tone curve, still linear."""
    material = materials[frame, parts[frame, s.part].material]
    ray = ray_at(view, x, y)
    point = point_at(s, ray)
    w = weights_at(s, point)
    n = normal_at(s, w)
    toward = view.rotation * ray
    distance = wp.length(point)
    v = -wp.normalize(toward)
    place = view.origin + view.rotation * point
    nv = wp.dot(n, v)
    if nv < 0.02:
        # A smooth normal that turns away at the silhouette is bent back toward the viewer.
        n = wp.normalize(n + v * (0.02 - nv))
        nv = 0.02
    albedo = material.base_color
    if material.texture >= 0:
        t = texture_at(s, w, material)
        base = textures.levels[material.texture, 0]
        stretch = wp.sqrt(
            wp.abs(material.uv_row_u[0] * material.uv_row_v[1] - material.uv_row_u[1] * material.uv_row_v[0])
            * float(base[1] * base[2])
        )
        texels = s.detail * stretch * distance / (view.focal[0] * wp.sqrt(wp.max(nv, 0.15)))
        level = int(wp.clamp(wp.log2(wp.max(texels, 1.0e-6)) + noise, 0.0, 12.0))
        albedo = wp.cw_mul(
            albedo, sample(textures.texels, textures.levels, textures.decode, material.texture, level, t[0], t[1])
        )
    metal = material.metallic
    rough = wp.max(material.roughness, 0.045)
    f0 = wp.vec3(1.0, 1.0, 1.0) * (0.08 * material.specular * (1.0 - metal)) + albedo * metal
    flat = albedo * (1.0 - metal)
    alpha = rough * rough
    alpha2 = alpha * alpha
    k = 0.5 * alpha
    visible_v = 1.0 / (nv * (1.0 - k) + k)
    color = material.emission
    for i in range(lighting.lights.shape[1]):
        light = lighting.lights[frame, i]
        if light.kind == DOME:
            # Split-sum reflection (Karis 2014, mobile fit) and diffuse light from all sides.
            mirror = n * (2.0 * nv) - v
            r0 = 1.0 - rough
            r1 = -0.0275 * rough + 0.0425
            r2 = -0.572 * rough + 1.04
            r3 = 0.022 * rough - 0.04
            a = wp.min(r0 * r0, wp.exp(-6.4324 * nv)) * r0 + r1
            gain = f0 * (r2 - 1.04 * a) + wp.vec3(1.0, 1.0, 1.0) * (r3 + 1.04 * a)
            if light.environment < 0:
                color += wp.cw_mul(light.color, flat * occlusion + gain * occlusion)
            else:
                e = light.environment
                d = light.from_world * n
                m = light.from_world * mirror
                soft = wp.cw_mul(flat, diffuse(lighting.harmonics, e, d)) * occlusion
                shine = wp.cw_mul(gain, reflection(lighting.reflections, e, m, rough))
                color += wp.cw_mul(light.color, soft + shine * wp.clamp(occlusion * 1.3 - 0.1, 0.0, 1.0))
        else:
            l = -light.direction
            strength = float(1.0)
            if light.kind != DISTANT:
                away = light.position - place
                square = wp.max(wp.dot(away, away), light.softness * light.softness + 1.0e-8)
                l = wp.normalize(away)
                strength = 1.0 / square
                if light.kind == CYLINDER:
                    strength *= 1.0
                elif light.kind != SPHERE:
                    strength *= wp.max(-wp.dot(l, light.direction), 0.0)
            nl = wp.dot(n, l)
            if nl > 0.0 and strength > 0.0 and light.color[0] + light.color[1] + light.color[2] > 0.0:
                strength *= lit_share(
                    lighting.maps, lighting.shadows, image, frame, light, place, n, nl, noise
                )
                if strength > 0.0:
                    h = wp.normalize(v + l)
                    nh = wp.max(wp.dot(n, h), 0.0)
                    vh = wp.max(wp.dot(v, h), 0.0)
                    q = nh * nh * (alpha2 - 1.0) + 1.0
                    lobe = alpha2 * INVERSE_PI * 0.25 * visible_v / (q * q * (nl * (1.0 - k) + k))
                    g = 1.0 - vh
                    g2 = g * g
                    f = g2 * g2 * g
                    fresnel = f0 * (1.0 - f) + wp.vec3(f, f, f)
                    color += wp.cw_mul(
                        light.color, flat * INVERSE_PI + fresnel * (lobe * light.specular)
                    ) * (nl * strength)
    return tone(color)


@wp.func
def alike(arrays: GeometryArrays, a: int, b: int, depth_a: wp.int64, depth_b: wp.int64) -> bool:
    """True if two triangles show one surface: same part, depths within 1 %, normals within 25 degrees."""
    part = arrays.triangle_part[a]
    if part != arrays.triangle_part[b] or wp.abs(depth_a - depth_b) * wp.int64(100) > depth_a:
        return False
    shift = arrays.part_mesh_triangle[part] - arrays.part_triangle[part]
    m = arrays.normals[arrays.triangles[a + shift][0]]
    n = arrays.normals[arrays.triangles[b + shift][0]]
    return wp.dot(m, n) > 0.9


@wp.kernel(enable_backward=False)
def shade_images(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    parts: wp.array2d(dtype=PartState),
    materials: wp.array2d(dtype=MaterialState),
    arrays: GeometryArrays,
    camera: wp.array2d(dtype=wp.vec3),
    keys: wp.array2d(dtype=wp.int64),
    textures: Textures,
    lighting: Lighting,
    occlusion: wp.array3d(dtype=wp.float32),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """``run`` pixels of a row a thread; rows ``first`` and on of the batch's images."""
    image, y, segment = wp.tid()
    frame = first + image
    view = views[frame]
    width = rgb.shape[2]
    begin = segment * run
    end = wp.min(begin + run, width)
    last = int(-1)
    s = Surface()
    for x in range(begin, end):
        at = (y * width + x) * 4
        total = wp.vec3(0.0, 0.0, 0.0)
        noise = hash_noise(x, y)
        shadow_of_all = occlusion[image, y >> 1, x >> 1]
        left = int(15)
        while left != 0:
            i = int(0)
            while ((left >> i) & 1) == 0:
                i += 1
            key = keys[image, at + i]
            own = key & TRIANGLE_BITS
            weight = float(0.0)
            px = float(x) + 0.5 + SHIFT_X[i]
            py = float(y) + 0.5 + SHIFT_Y[i]
            for j in range(4):
                if ((left >> j) & 1) != 0:
                    other = keys[image, at + j]
                    same = (other & TRIANGLE_BITS) == own
                    if not same and own != wp.int64(0) and (other & TRIANGLE_BITS) != wp.int64(0):
                        same = alike(
                            arrays,
                            int(own) - 1,
                            int(other & TRIANGLE_BITS) - 1,
                            key >> wp.int64(32),
                            other >> wp.int64(32),
                        )
                    if same:
                        left -= 1 << j
                        weight += 0.25
            if own == wp.int64(0):
                d = wp.normalize(view.rotation * ray_at(view, px, py))
                total += tone(sky(lighting, frame, d)) * weight
            else:
                triangle = int(own) - 1
                if triangle != last:
                    last = triangle
                    s = load_surface(arrays, parts, camera, image, frame, triangle)
                total += (
                    shade(
                        s, view, parts, materials, textures, lighting, shadow_of_all, image, frame, px, py, noise
                    )
                    * weight
                )
        for channel in range(3):
            value = wp.clamp(total[channel], 0.0, 1.0)
            rgb[frame, y, x, channel] = textures.encode[int(value * 4095.0 + 0.5)]
        rgb[frame, y, x, 3] = wp.uint8(255)


@wp.kernel(enable_backward=False)
def read_normals(
    first: int,
    run: int,
    views: wp.array(dtype=ViewState),
    parts: wp.array2d(dtype=PartState),
    arrays: GeometryArrays,
    camera: wp.array2d(dtype=wp.vec3),
    keys: wp.array2d(dtype=wp.int64),
    normals: wp.array4d(dtype=wp.float32),
):
    """World normals at the pixels' centres."""
    image, y, segment = wp.tid()
    frame = first + image
    view = views[frame]
    width = normals.shape[2]
    begin = segment * run
    last = int(-1)
    s = Surface()
    for x in range(begin, wp.min(begin + run, width)):
        key = keys[image, (y * width + x) * 4]
        n = wp.vec3(0.0, 0.0, 0.0)
        if key != wp.int64(0):
            triangle = int(key & TRIANGLE_BITS) - 1
            if triangle != last:
                last = triangle
                s = load_surface(arrays, parts, camera, image, frame, triangle)
            ray = ray_at(view, float(x) + 0.5, float(y) + 0.5)
            n = normal_at(s, weights_at(s, point_at(s, ray)))
        normals[frame, y, x, 0] = n[0]
        normals[frame, y, x, 1] = n[1]
        normals[frame, y, x, 2] = n[2]
        normals[frame, y, x, 3] = 0.0
