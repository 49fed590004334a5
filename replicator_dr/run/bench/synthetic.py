"""Scenes of any size, straight as arrays: textured balls on a floor under a sun and lamps. No USD, no files.

Conventions and letters (B, P, X, M, L) are those of :mod:`replicator_dr.render.scene`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics import ROOM
from replicator_dr.render.scene import (
    CameraArrays,
    FrameArrays,
    LightArrays,
    LightType,
    MaterialArrays,
    Mesh,
    SceneArrays,
    Texture,
)

FLOOR = 4.0
"""Side of the floor [m]."""
PAINTS = 8
"""Materials of the balls; the floor's comes after them."""
SUN = 3000.0
"""Irradiance of the sun [lux]."""
LAMP = 150_000.0
"""Radiance of a lamp [nit]: about a sixth of the sun at three metres."""
LAMP_RADIUS = 0.1
SEED = 1


@dataclass(frozen=True)
class Size:
    """How much of everything. triangles: wanted, over all instances; there are as many as rings of balls allow."""

    instances: int = 20
    triangles: int = 40_000
    lights: int = 1


def synthetic(size: Size, frames: int) -> tuple[SceneArrays, FrameArrays]:
    """A scene of that size and its frames: balls at other places in each, seen from all around. Always the same."""
    stream = np.random.Generator(np.random.Philox(SEED))
    parts = size.instances + 1
    scene = SceneArrays(
        meshes=(ball(rings_for(size.triangles / size.instances)), floor()),
        textures=(checker(),),
        environments=(),
        part_mesh=np.array([0] * size.instances + [1], np.int32),
        part_transform=np.arange(parts, dtype=np.int32),
        part_prim=np.arange(parts, dtype=np.int32),
        part_entity=np.arange(parts, dtype=np.int32),
        light_type=np.array([LightType.DISTANT] + [LightType.SPHERE] * (size.lights - 1), np.int32),
        prims=parts,
        entities=parts,
    )
    material = np.append(np.arange(size.instances) % PAINTS, PAINTS).astype(np.int32)
    return scene, FrameArrays(
        world=_worlds(stream, frames, size.instances),
        part_visible=np.ones((frames, parts), np.bool_),
        part_material=np.tile(material, (frames, 1)),
        materials=_materials(stream, frames),
        lights=_lights(frames, size.lights),
        cameras=_cameras(frames),
    )


# ------------------------------------------------------------------------------------------------------------ meshes


def rings_for(triangles: float) -> int:
    """Rings of the ball whose number of triangles, 4 r (r - 1), comes nearest; three or more."""
    return max(3, round(0.5 + float(np.sqrt(0.25 + triangles / 4))))


def ball(rings: int) -> Mesh:
    """A closed ball of radius one with smooth normals; ``rings`` bands from pole to pole, twice as many around."""
    around = 2 * rings
    phi, theta = np.meshgrid(np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, np.pi, rings + 1))
    phi[:, -1] = 0.0  # the seam's two sides are at equal positions, to the bit
    normals = np.stack([np.cos(phi) * np.sin(theta), np.sin(phi) * np.sin(theta), np.cos(theta)], axis=-1)
    normals[[0, -1], :, :2] = 0.0
    uvs = np.stack(np.meshgrid(np.linspace(0, 2, around + 1), np.linspace(1, 0, rings + 1)), axis=-1)
    corner = np.arange((rings + 1) * (around + 1)).reshape(rings + 1, around + 1)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    triangles = [np.stack([a, b, d], axis=-1)[1:].reshape(-1, 3), np.stack([d, b, c], axis=-1)[:-1].reshape(-1, 3)]
    return Mesh(
        points=normals.reshape(-1, 3).astype(np.float32),
        normals=normals.reshape(-1, 3).astype(np.float32),
        uvs=uvs.reshape(-1, 2).astype(np.float32),
        triangles=np.concatenate(triangles).astype(np.int32),
    )


def floor() -> Mesh:
    """A square of side one around the origin, facing up, seen from both sides."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    points = np.concatenate([corners - 0.5, np.zeros((4, 1), np.float32)], axis=1)
    normals = np.tile(np.array([0, 0, 1], np.float32), (4, 1))
    return Mesh(points, normals, 6 * corners, np.array([[0, 1, 2], [0, 2, 3]], np.int32), double_sided=True)


def checker(side: int = 256, squares: int = 8) -> Texture:
    """A checkerboard of two greys."""
    cell = np.arange(side) * squares // side
    grey = np.where((cell[:, None] + cell) % 2, 235, 150).astype(np.uint8)
    return Texture(np.dstack([grey, grey, grey, np.full_like(grey, 255)]))


# ------------------------------------------------------------------------------------------------------------ frames


def _worlds(stream: np.random.Generator, frames: int, instances: int) -> NDArray[np.float64]:
    """(B, X, 4, 4): balls that together cover the same share of the floor however many there are, then the floor."""
    radius = 1.3 / np.sqrt(instances)
    worlds = np.zeros((frames, instances + 1, 4, 4))
    worlds[..., [0, 1, 2, 3], [0, 1, 2, 3]] = 1.0
    size = radius * stream.uniform(0.5, 1.0, (frames, instances))
    worlds[:, :-1, :3, :3] *= size[..., None, None]
    worlds[:, :-1, 3, :2] = stream.uniform(-0.45 * FLOOR, 0.45 * FLOOR, (frames, instances, 2))
    worlds[:, :-1, 3, 2] = size
    worlds[:, -1, :2, :2] *= FLOOR
    return worlds


def _materials(stream: np.random.Generator, frames: int) -> MaterialArrays:
    """Textured, moderately rough; the colours are the same in all frames."""
    color = np.append(stream.uniform(0.2, 0.9, (PAINTS, 3)), [[0.6, 0.6, 0.6]], axis=0).astype(np.float32)

    def all_of(value: float) -> NDArray[np.float32]:
        return np.full((frames, PAINTS + 1), value, np.float32)

    def rows(value: int) -> NDArray[np.int32]:
        return np.full((frames, PAINTS + 1), value, np.int32)

    return MaterialArrays(
        base_color=np.tile(color, (frames, 1, 1)),
        roughness=all_of(0.5),
        metallic=all_of(0.0),
        specular=all_of(0.5),
        opacity=all_of(1.0),
        emission=np.zeros((frames, PAINTS + 1, 3), np.float32),
        base_texture=rows(0),
        uv_scale=np.ones((frames, PAINTS + 1, 2), np.float32),
        uv_offset=np.zeros((frames, PAINTS + 1, 2), np.float32),
        uv_rotation=all_of(0.0),
        roughness_texture=rows(-1),
        roughness_gain=all_of(0.0),
        metallic_texture=rows(-1),
        metallic_gain=all_of(0.0),
        opacity_texture=rows(-1),
        opacity_threshold=all_of(0.0),
        normal_texture=rows(-1),
        normal_gain=all_of(0.0),
        emission_texture=rows(-1),
    )


def _lights(frames: int, lights: int) -> LightArrays:
    """The sun, then lamps in a circle over the floor."""
    world = np.tile(np.eye(4, dtype=np.float32), (frames, lights, 1, 1))
    color = np.full((frames, lights, 3), LAMP, np.float32)
    size = np.tile(np.array([LAMP_RADIUS, 0], np.float32), (frames, lights, 1))
    world[:, 0] = looking_at((1.5, -1.0, 3.0), (0.0, 0.0, 0.0))
    color[:, 0] = SUN
    size[:, 0] = (0.5, 0.0)
    angle = 2 * np.pi * np.arange(1, lights) / max(lights - 1, 1)
    world[:, 1:, 3, :3] = np.stack([2 * np.cos(angle), 2 * np.sin(angle), np.full_like(angle, 2.0)], axis=-1)
    return LightArrays(
        color=color,
        world=world,
        size=size,
        visible=np.ones((frames, lights), np.bool_),
        environment=np.full((frames, lights), -1, np.int32),
    )


def _cameras(frames: int) -> CameraArrays:
    """One camera that walks around the floor."""
    angle = 2 * np.pi * np.arange(frames) / max(frames, 1)
    world = np.stack([looking_at((3.2 * np.cos(a), 3.2 * np.sin(a), 2.4), (0.0, 0.0, 0.0)) for a in angle])
    return CameraArrays(
        world=world[:, None],
        focal_length=np.full((frames, 1), 24.0),
        horizontal_aperture=np.full((frames, 1), 20.955),
        aperture_offset=np.zeros((frames, 1, 2)),
        opencv=np.full((frames, 1, 4), np.nan),
        nominal=np.ones((frames, 1, 2)),
        lens_model=np.zeros((frames, 1), np.int32),
        lens=np.zeros((frames, 1, ROOM)),
        clipping=np.tile(np.array([0.05, 100.0]), (frames, 1, 1)),
        f_stop=np.zeros((frames, 1)),
        focus_distance=np.ones((frames, 1)),
    )


def looking_at(origin: tuple[float, float, float], target: tuple[float, float, float]) -> NDArray[np.float64]:
    """(4, 4), local to world for row vectors, of what stands at origin with -Z toward target and +Y upward."""
    back = np.subtract(origin, target)
    back = back / np.linalg.norm(back)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = right, np.cross(back, right), back
    matrix[3, :3] = origin
    return matrix
