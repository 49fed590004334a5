"""The scene of a comparison, as every renderer can take it: triangles in the world, textures, one distant light."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.render.scene import FrameArrays, LightType, MaterialArrays, SceneArrays, Texture, View

SUN_ASIDE, SUN_DOWN = 40.0, 55.0
"""The light comes over the first camera's shoulder: degrees to the side of where it looks, and below the horizon."""
WHITE = 1000.0 * np.pi
"""Irradiance [lux] that shows a white surface, square to the light, as white: the renderer's exposure is 1/1000."""


DEPTH_RANGE = 2000.0
"""The far plane's distance over the near plane's, at most."""


@dataclass(frozen=True)
class SharedPart:
    """One thing, in the world's frame.

    points, normals: (V, 3) float32 [m]; uvs: (V, 2) float32, origin bottom left, with the material's turns and scales
    in them; triangles: (T, 3) int32, counter-clockwise. color: (3,) linear, times the texture.
    texture: row of ``SharedScene.textures``, -1 = none.
    """

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    uvs: NDArray[np.float32]
    triangles: NDArray[np.int32]
    color: NDArray[np.float32]
    texture: int


@dataclass(frozen=True)
class SharedScene:
    """Parts, one distant light without an angle, no sky, and a camera's path.

    toward: (3,) unit vector in which the light travels; a white surface square to it is just white. cameras:
    (K, 4, 4) float64, camera to world for row vectors, looking along -Z. fov_y: vertical field of view [degrees].
    near, far: [m]. arrays, frames, view: the same for our renderer, one frame for each camera.
    """

    name: str
    parts: tuple[SharedPart, ...]
    textures: tuple[Texture, ...]
    toward: NDArray[np.float64]
    cameras: NDArray[np.float64]
    fov_y: float
    near: float
    far: float
    arrays: SceneArrays
    frames: FrameArrays
    view: View

    @property
    def triangles(self) -> int:
        """How many are drawn."""
        return sum(len(part.triangles) for part in self.parts)


def shared_scene(name: str, scene: SceneArrays, frames: FrameArrays, view: View) -> SharedScene:
    """The first of the frames, seen through the cameras of all of them; a pinhole with its centre in the middle."""
    toward = sun_toward(-frames.cameras.world[0, view.camera, 2, :3])
    ours = replace(scene, environments=(), light_type=np.array([LightType.DISTANT], np.int32))
    still: FrameArrays = _still(frames, toward)
    focal = frames.cameras.intrinsics(view.camera, view.width, view.height)[0, 1]
    drawn = np.flatnonzero(frames.part_drawn[0])
    parts = tuple(_part(scene, still, int(row)) for row in drawn)
    cameras = frames.cameras.world[:, view.camera]
    near, far = _clipping(parts, cameras, frames.cameras.clipping[0, view.camera])
    return SharedScene(
        name=name,
        parts=parts,
        textures=scene.textures,
        toward=toward,
        cameras=cameras,
        fov_y=float(np.degrees(2 * np.arctan(0.5 * view.height / focal))),
        near=near,
        far=far,
        arrays=ours,
        frames=still,
        view=view,
    )


def _clipping(
    parts: tuple[SharedPart, ...], cameras: NDArray[np.float64], wanted: NDArray[np.float64]
) -> tuple[float, float]:
    """Near and far plane [m] within those wanted, and no farther apart than depth buffers of 24 bits take well."""
    corners = np.concatenate([[part.points.min(axis=0), part.points.max(axis=0)] for part in parts])
    reach = np.linalg.norm(corners.max(axis=0) - corners.min(axis=0))
    distance = np.linalg.norm(cameras[:, 3, :3] - corners.mean(axis=0), axis=1).max()
    far = min(float(wanted[1]), float(distance + reach))
    return max(float(wanted[0]), far / DEPTH_RANGE), far


def sun_toward(looking: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) unit vector in which the light travels. looking: (3,) the way in which the first camera looks."""
    azimuth = np.arctan2(looking[1], looking[0]) + np.radians(SUN_ASIDE)
    down = np.radians(SUN_DOWN)
    return np.array([np.cos(azimuth) * np.cos(down), np.sin(azimuth) * np.cos(down), -np.sin(down)])


def _still(frames: FrameArrays, toward: NDArray[np.float64]) -> FrameArrays:
    """The frames with the objects of the first one, plain materials, one sun; only cameras' places differ."""
    plain = replace(frames[0:1], sensors=None, motion=None, depth_sensors=None)
    first: FrameArrays = _repeated(plain, len(frames))
    lights = _sun(first, toward)
    materials = replace(
        first.materials,
        **{
            field.name: np.full_like(getattr(first.materials, field.name), -1)
            for field in fields(MaterialArrays)
            if field.name.endswith("_texture") and field.name != "base_texture"
        },
        emission=np.zeros_like(first.materials.emission),
    )
    cameras = replace(first.cameras, world=frames.cameras.world)
    return replace(first, materials=materials, lights=lights, cameras=cameras)


def _repeated(frame: Any, count: int) -> Any:
    """Arrays with one row, that row ``count`` times; groups of arrays likewise."""
    values = {
        field.name: np.repeat(value, count, axis=0) if isinstance(value, np.ndarray) else _repeated(value, count)
        for field in fields(frame)
        if (value := getattr(frame, field.name)) is not None
    }
    return replace(frame, **values)


def _sun(frames: FrameArrays, toward: NDArray[np.float64]) -> Any:
    count = len(frames)
    side = np.cross(toward, (0.0, 0.0, 1.0))
    side /= np.linalg.norm(side)
    world = np.eye(4, dtype=np.float32)
    world[:3, :3] = side, np.cross(-toward, side), -toward
    return replace(
        frames.lights,
        color=np.full((count, 1, 3), WHITE, np.float32),
        world=np.tile(world, (count, 1, 1, 1)),
        size=np.zeros((count, 1, 2), np.float32),
        visible=np.ones((count, 1), np.bool_),
        environment=np.full((count, 1), -1, np.int32),
    )


def _part(scene: SceneArrays, frames: FrameArrays, row: int) -> SharedPart:
    mesh = scene.meshes[scene.part_mesh[row]]
    world = frames.world[0, scene.part_transform[row]]
    linear = world[:3, :3]
    normals = mesh.normals @ np.linalg.inv(linear).T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    mirrored = np.linalg.det(linear) < 0
    triangles = mesh.triangles[:, ::-1] if mirrored else mesh.triangles
    material = int(frames.part_material[0, row])
    materials = frames.materials
    return SharedPart(
        points=np.ascontiguousarray(mesh.points @ linear + world[3, :3], np.float32),
        normals=np.ascontiguousarray(normals, np.float32),
        uvs=_uvs(mesh.uvs, materials, material),
        triangles=np.ascontiguousarray(triangles, np.int32),
        color=np.clip(materials.base_color[0, material], 0.0, 1.0),
        texture=int(materials.base_texture[0, material]),
    )


def _uvs(uvs: NDArray[np.float32], materials: MaterialArrays, row: int) -> NDArray[np.float32]:
    """Scaled, turned, moved: as in UsdTransform2d."""
    angle = np.radians(materials.uv_rotation[0, row])
    cosine, sine = np.cos(angle), np.sin(angle)
    scaled = uvs * materials.uv_scale[0, row]
    turned = scaled @ np.array([[cosine, sine], [-sine, cosine]])
    return np.ascontiguousarray(turned + materials.uv_offset[0, row], np.float32)


def srgb(linear: NDArray[np.floating]) -> NDArray[np.float64]:
    """Linear values 0..1 as sRGB-encoded ones (IEC 61966-2-1)."""
    value = np.clip(np.asarray(linear, np.float64), 0.0, 1.0)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)


def encoded(texture: Texture) -> NDArray[np.uint8]:
    """(H, W, 3) uint8, sRGB-encoded, rows from the top."""
    pixels = np.ascontiguousarray(texture.pixels[..., :3])
    return np.round(255 * srgb(pixels / 255.0)).astype(np.uint8) if texture.linear else pixels
