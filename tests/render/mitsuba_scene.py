"""The scenes of :mod:`tests.render.scenes` for Mitsuba 3, an independent path tracer.

Only what both sides define alike is taken over: diffuse surfaces without reflection (``diffuse``), metals with
Schlick's Fresnel term (``principled`` with metallic 1, GGX with Smith's masking), the true surfaces of all lights.
Radiance is times EXPOSURE, as on our side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.light_setup import EXPOSURE
from replicator_dr.render.scene import FrameArrays, LightType, Mesh, SceneArrays, Texture, View

Array = NDArray[np.float64]
FAR_DISK = 1e4
"""Metres at which a disk stands for a distant light with an angle."""
DOME_SIZE = (256, 129)
"""Columns and rows of the panorama that Mitsuba gets."""


def mitsuba() -> Any:
    """The module in its scalar variant, which needs neither LLVM nor CUDA; the test is skipped without it."""
    mi = pytest.importorskip("mitsuba", reason="mitsuba is not installed; it comes with the dev extra")
    mi.set_variant("scalar_rgb")
    return mi


def reference(
    scene: SceneArrays,
    frames: FrameArrays,
    view: View,
    samples: int,
    bounces: int = 0,
    seed: int = 0,
    integrator: dict[str, Any] | None = None,
) -> NDArray[np.float32]:
    """(H, W, 3) float32: the first frame as Mitsuba renders it. bounces as in PathTracer.render."""
    mi = mitsuba()
    path = {"type": "path", "max_depth": bounces + 2, "rr_depth": 1000}
    content = {"type": "scene", "integrator": integrator or path, "sensor": sensor(mi, frames, view, samples)}
    for part in np.flatnonzero(frames.part_drawn[0]).tolist():
        content[f"part_{part}"] = shape(mi, scene, frames, part)
    for light in np.flatnonzero(frames.lights.visible[0]).tolist():
        content[f"light_{light}"] = emitter(mi, scene, frames, light)
    image = mi.render(mi.load_dict(content), spp=samples, seed=seed)
    return np.asarray(image, np.float32)[..., :3]


def sensor(mi: Any, frames: FrameArrays, view: View, samples: int) -> dict[str, Any]:
    """The camera: Mitsuba's looks along its +Z with +X to the left."""
    fx, fy, cx, cy = frames.cameras.intrinsics(view.camera, view.width, view.height)[0]
    assert fx == pytest.approx(fy)
    world = np.diag([-1.0, 1.0, -1.0, 1.0]) @ frames.cameras.world[0, view.camera]
    near, far = frames.cameras.clipping[0, view.camera].tolist()
    stop = float(frames.cameras.f_stop[0, view.camera])
    lens: dict[str, Any] = {"type": "perspective"}
    if stop > 0.0:
        # USD's focal length is in tenths of a metre here.
        radius = 0.1 * float(frames.cameras.focal_length[0, view.camera]) / (2.0 * stop)
        focus = float(frames.cameras.focus_distance[0, view.camera])
        lens = {"type": "thinlens", "aperture_radius": radius, "focus_distance": focus}
    else:
        lens["principal_point_offset_x"] = float(cx / view.width - 0.5)
        lens["principal_point_offset_y"] = float(cy / view.height - 0.5)
    return {
        **lens,
        "to_world": transform(mi, world),
        "fov": float(np.degrees(2.0 * np.arctan(0.5 * view.width / fx))),
        "fov_axis": "x",
        "near_clip": near,
        "far_clip": far,
        "film": {
            "type": "hdrfilm",
            "width": view.width,
            "height": view.height,
            "rfilter": {"type": "box"},
            "component_format": "float32",
        },
        "sampler": {"type": "multijitter", "sample_count": samples},
    }


def transform(mi: Any, matrix: Array) -> Any:
    """A matrix for row vectors, as Mitsuba takes it."""
    return mi.ScalarTransform4f(np.ascontiguousarray(matrix.T))


def color(rgb: Any) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(c) for c in rgb]}


def shape(mi: Any, scene: SceneArrays, frames: FrameArrays, part: int) -> Any:
    """A part's triangles with their normals, in world coordinates."""
    mesh: Mesh = scene.meshes[scene.part_mesh[part]]
    world = frames.world[0, scene.part_transform[part]]
    turn = np.linalg.inv(world[:3, :3]).T
    normals = mesh.normals @ turn
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    points = mesh.points @ world[:3, :3] + world[3, :3]
    material = int(frames.part_material[0, part])
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict({"type": "twosided", "nested": bsdf(mi, scene, frames, material)})
    emission = frames.materials.emission[0, material]
    if emission.any():
        properties["emitter"] = mi.load_dict({"type": "area", "radiance": color(emission * EXPOSURE)})
    result = mi.Mesh(f"part_{part}", len(points), len(mesh.triangles), properties, True, True)
    values = mi.traverse(result)
    values["vertex_positions"] = points.astype(np.float32).ravel()
    values["vertex_normals"] = normals.astype(np.float32).ravel()
    values["vertex_texcoords"] = mesh.uvs.ravel()
    values["faces"] = mesh.triangles.astype(np.uint32).ravel()
    values.update()
    return result


def bsdf(mi: Any, scene: SceneArrays, frames: FrameArrays, material: int) -> dict[str, Any]:
    """A material that both sides define alike."""
    m = frames.materials
    metallic, specular = float(m.metallic[0, material]), float(m.specular[0, material])
    base: dict[str, Any] = color(m.base_color[0, material])
    texture = int(m.base_texture[0, material])
    if texture >= 0:
        base = bitmap(mi, scene.textures[texture], m.base_color[0, material], uv_matrix(frames, material))
    if metallic == 1.0:
        return {"type": "principled", "base_color": base, "metallic": 1.0, "roughness": float(m.roughness[0, material])}
    assert (metallic, specular) == (0.0, 0.0), "Mitsuba has no such coupled diffuse"
    return {"type": "diffuse", "reflectance": base}


def uv_matrix(frames: FrameArrays, material: int) -> Array:
    """(3, 3) for column vectors: a mesh's texture coordinates to the picture's."""
    m = frames.materials
    angle = np.radians(float(m.uv_rotation[0, material]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    result = np.eye(3)
    result[:2, :2] = turn @ np.diag(m.uv_scale[0, material])
    result[:2, 2] = m.uv_offset[0, material]
    return result


def bitmap(mi: Any, texture: Texture, tint: Any, matrix: Array) -> dict[str, Any]:
    """A texture as linear floats."""
    coded = texture.pixels[..., :3] / 255.0
    # IEC 61966-2-1, written again.
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    # Mitsuba's v runs down the rows.
    values = ((coded if texture.linear else linear) * np.asarray(tint))[::-1]
    return {
        "type": "bitmap",
        "bitmap": mi.Bitmap(np.ascontiguousarray(values, np.float32)),
        "raw": True,
        "to_uv": mi.ScalarTransform3f(matrix),
    }


def emitter(mi: Any, scene: SceneArrays, frames: FrameArrays, light: int) -> dict[str, Any]:
    """A light with its true surface."""
    lights = frames.lights
    kind = LightType(int(scene.light_type[light]))
    world = lights.world[0, light].astype(np.float64)
    first, second = lights.size[0, light].tolist()
    shine = lights.color[0, light].astype(np.float64) * EXPOSURE
    area = {"type": "area", "radiance": color(shine)}
    # Mitsuba's flat shapes face +Z, USD's lights shine along -Z.
    turned = np.diag([-1.0, 1.0, -1.0, 1.0])
    if kind is LightType.DISTANT:
        if first == 0.0:
            return {"type": "directional", "direction": (-world[2, :3]).tolist(), "irradiance": color(shine)}
        half = np.radians(0.5 * first)
        area = {"type": "area", "radiance": color(shine / (np.pi * np.sin(half) ** 2))}
        radius = FAR_DISK * np.tan(half)
        place = np.diag([radius, radius, 1.0, 1.0]) @ turned @ world
        place[3, :3] = FAR_DISK * world[2, :3]
        return {"type": "disk", "to_world": transform(mi, place), "emitter": area}
    if kind is LightType.SPHERE:
        return {"type": "sphere", "center": world[3, :3].tolist(), "radius": first, "emitter": area}
    if kind is LightType.RECT:
        place = np.diag([0.5 * first, 0.5 * second, 1.0, 1.0]) @ turned @ world
        return {"type": "rectangle", "to_world": transform(mi, place), "emitter": area}
    if kind is LightType.DISK:
        place = np.diag([first, first, 1.0, 1.0]) @ turned @ world
        return {"type": "disk", "to_world": transform(mi, place), "emitter": area}
    if kind is LightType.CYLINDER:
        ends = [(sign * 0.5 * second * world[0, :3] + world[3, :3]).tolist() for sign in (-1.0, 1.0)]
        return {"type": "cylinder", "p0": ends[0], "p1": ends[1], "radius": first, "emitter": area}
    environment = int(lights.environment[0, light])
    if environment < 0:
        return {"type": "constant", "radiance": color(shine)}
    values = panorama(scene.environments[environment].radiance, world) * shine
    return {"type": "envmap", "bitmap": mi.Bitmap(values.astype(np.float32)), "scale": 1.0}


def panorama(radiance: NDArray[np.float32], world: Array) -> Array:
    """A panorama (rows, columns, 3) looked up bilinearly at the places that Mitsuba's ``envmap`` interpolates between.

    Its columns stand for the middles of texels, its first and last row for the poles.
    """
    columns, rows = DOME_SIZE
    longitude = 2.0 * np.pi * (np.arange(columns) + 0.5) / columns
    colatitude = np.pi * np.arange(rows)[:, None] / (rows - 1)
    ring = np.sin(colatitude)
    toward = np.stack([ring * np.sin(longitude), np.cos(colatitude) + 0.0 * longitude, -ring * np.cos(longitude)], -1)
    axes = world[:3, :3] / np.linalg.norm(world[:3, :3], axis=-1, keepdims=True)
    x, y, z = np.moveaxis(toward @ axes.T, -1, 0)
    height, width = radiance.shape[:2]
    # UsdLux: the top toward +Y, the middle column toward +Z, longitude falling from left to right.
    across = (0.5 - np.arctan2(x, z) / (2.0 * np.pi)) * width - 0.5
    down = np.clip((0.5 - np.arcsin(np.clip(y, -1.0, 1.0)) / np.pi) * height - 0.5, 0.0, height - 1.0)
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    right, below = (across - left)[..., None], (down - top)[..., None]
    next_row = np.minimum(top + 1, height - 1)
    a, b = radiance[top, left % width], radiance[top, (left + 1) % width]
    c, d = radiance[next_row, left % width], radiance[next_row, (left + 1) % width]
    return (a * (1 - right) + b * right) * (1 - below) + (c * (1 - right) + d * right) * below
