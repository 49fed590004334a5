"""Tiny scenes for the renderer's tests: meshes, and the arrays of one frame from short descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replicator_dr.optics import ROOM, LensModel
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import (
    CameraArrays,
    Environment,
    FrameArrays,
    LightArrays,
    LightType,
    MaterialArrays,
    Mesh,
    RenderedView,
    SceneArrays,
    Texture,
    View,
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Paint:
    """A material; plain grey without reflection unless told otherwise."""

    base_color: ArrayLike = (0.5, 0.5, 0.5)
    roughness: float = 1.0
    metallic: float = 0.0
    specular: float = 0.0
    emission: ArrayLike = (0.0, 0.0, 0.0)
    texture: int = -1
    uv_scale: ArrayLike = (1.0, 1.0)
    uv_offset: ArrayLike = (0.0, 0.0)
    uv_rotation: float = 0.0
    opacity: float = 1.0
    roughness_texture: int = -1
    roughness_gain: float = 0.0
    metallic_texture: int = -1
    metallic_gain: float = 0.0
    opacity_texture: int = -1
    opacity_threshold: float = 0.5
    normal_texture: int = -1
    normal_gain: float = 1.0
    emission_texture: int = -1


@dataclass(frozen=True)
class Part:
    """One drawn thing. entity, prim: None gives it one of its own; entity -1 leaves it unlabelled."""

    mesh: Mesh
    world: Matrix = field(default_factory=lambda: np.eye(4))
    paint: Paint = Paint()
    entity: int | None = None
    prim: int | None = None
    visible: bool = True


@dataclass(frozen=True)
class Lamp:
    """A light; color is radiance or irradiance as in LightArrays."""

    kind: LightType
    color: ArrayLike = (1000.0, 1000.0, 1000.0)
    world: Matrix = field(default_factory=lambda: np.eye(4))
    size: tuple[float, float] = (0.0, 0.0)
    environment: int = -1
    visible: bool = True


@dataclass(frozen=True)
class Eye:
    """A camera; looks along the world's -Z from the origin unless told otherwise. focal: of the image's width."""

    world: Matrix = field(default_factory=lambda: np.eye(4))
    focal: float = 1.0
    offset: tuple[float, float] = (0.0, 0.0)
    clipping: tuple[float, float] = (0.01, 1000.0)
    opencv: tuple[float, ...] = (np.nan,) * 4
    nominal: tuple[float, float] = (1.0, 1.0)
    lens_model: LensModel = LensModel.PINHOLE
    lens: tuple[float, ...] = ()


WHITE_DOME = Lamp(LightType.DOME)


def build(
    parts: Sequence[Part],
    lamps: Sequence[Lamp] = (),
    eye: Eye = Eye(),
    textures: Sequence[Texture] = (),
    environments: Sequence[Environment] = (),
) -> tuple[SceneArrays, FrameArrays]:
    """A scene and its one frame. Each part has a transform and a material of its own; equal meshes are shared."""
    meshes = list({id(part.mesh): part.mesh for part in parts}.values())
    row = {id(mesh): i for i, mesh in enumerate(meshes)}
    entity = np.array([i if p.entity is None else p.entity for i, p in enumerate(parts)], np.int32)
    prim = np.array([i if p.prim is None else p.prim for i, p in enumerate(parts)], np.int32)
    scene = SceneArrays(
        meshes=tuple(meshes),
        textures=tuple(textures),
        environments=tuple(environments),
        part_mesh=np.array([row[id(p.mesh)] for p in parts], np.int32),
        part_transform=np.arange(len(parts), dtype=np.int32),
        part_prim=prim,
        part_entity=entity,
        light_type=np.array([lamp.kind for lamp in lamps], np.int32),
        prims=int(prim.max(initial=-1)) + 1,
        entities=int(entity.max(initial=-1)) + 1,
    )
    return scene, frame(parts, lamps, eye)


def frame(parts: Sequence[Part], lamps: Sequence[Lamp] = (), eye: Eye = Eye()) -> FrameArrays:
    """One frame (B = 1) of such a scene."""

    def rows(items: Sequence[object], name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        return np.array([getattr(item, name) for item in items], dtype).reshape(1, len(items), *shape)

    paints = [part.paint for part in parts]
    three, two = ("base_color", "emission"), ("uv_scale", "uv_offset")
    pictures = ("roughness_texture", "metallic_texture", "opacity_texture", "normal_texture", "emission_texture")
    numbers = (
        "roughness", "metallic", "specular", "opacity", "uv_rotation",
        "roughness_gain", "metallic_gain", "opacity_threshold", "normal_gain",
    )  # fmt: skip
    return FrameArrays(
        world=rows(parts, "world", (4, 4), np.float64),
        part_visible=rows(parts, "visible", (), np.bool_),
        part_material=np.arange(len(parts), dtype=np.int32)[None],
        materials=MaterialArrays(
            **{name: rows(paints, name, (3,), np.float32) for name in three},
            **{name: rows(paints, name, (2,), np.float32) for name in two},
            **{name: rows(paints, name, (), np.float32) for name in numbers},
            **{name: rows(paints, name, (), np.int32) for name in pictures},
            base_texture=rows(paints, "texture", (), np.int32),
        ),
        lights=LightArrays(
            color=rows(lamps, "color", (3,), np.float32),
            world=rows(lamps, "world", (4, 4), np.float32),
            size=rows(lamps, "size", (2,), np.float32),
            visible=rows(lamps, "visible", (), np.bool_),
            environment=rows(lamps, "environment", (), np.int32),
        ),
        cameras=CameraArrays(
            world=np.asarray(eye.world, np.float64)[None, None],
            focal_length=np.full((1, 1), 20.0 * eye.focal),
            horizontal_aperture=np.full((1, 1), 20.0),
            aperture_offset=20.0 * np.array(eye.offset, np.float64)[None, None],
            opencv=np.array(eye.opencv, np.float64)[None, None],
            nominal=np.array(eye.nominal, np.float64)[None, None],
            clipping=np.array(eye.clipping, np.float64)[None, None],
            f_stop=np.zeros((1, 1)),
            focus_distance=np.ones((1, 1)),
            lens_model=np.full((1, 1), int(eye.lens_model), np.int32),
            lens=np.array(eye.lens + (0.0,) * (ROOM - len(eye.lens)))[None, None],
        ),
    )


def batch(*frames: FrameArrays) -> FrameArrays:
    """Several frames as one batch."""

    def join(items: Sequence[Any]) -> dict[str, NDArray[Any]]:
        return {f.name: np.concatenate([getattr(item, f.name) for item in items]) for f in fields(items[0])}

    plain = ("world", "part_visible", "part_material")
    return FrameArrays(
        **{name: np.concatenate([getattr(item, name) for item in frames]) for name in plain},
        materials=MaterialArrays(**join([item.materials for item in frames])),
        lights=LightArrays(**join([item.lights for item in frames])),
        cameras=CameraArrays(**join([item.cameras for item in frames])),
    )


def render(
    parts: Sequence[Part],
    lamps: Sequence[Lamp] = (),
    eye: Eye = Eye(),
    size: tuple[int, int] = (64, 48),
    *,
    rgb: bool = False,
    normals: bool = False,
    textures: Sequence[Texture] = (),
    environments: Sequence[Environment] = (),
) -> RenderedView:
    """The one image of such a scene; size: width, height."""
    scene, frames = build(parts, lamps, eye, textures, environments)
    return Renderer(scene, "cpu").render(frames, View(0, *size), rgb=rgb, normals=normals)


# ---------------------------------------------------------------------------------------------------------- matrices


def move(x: float, y: float, z: float) -> Matrix:
    """A translation."""
    m = np.eye(4)
    m[3, :3] = x, y, z
    return m


def scale(x: float, y: float, z: float) -> Matrix:
    """A scaling along the axes."""
    return np.diag([x, y, z, 1.0])


def turn(axis: ArrayLike, degrees: float) -> Matrix:
    """A rotation, counter-clockwise seen against the axis (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    a = np.radians(degrees)
    m = np.eye(4)
    m[:3, :3] = (np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * k @ k).T
    return m


def look(origin: ArrayLike, target: ArrayLike) -> Matrix:
    """The matrix of what stands at origin with local -Z toward target and +Y up as far as possible."""
    back = np.asarray(origin, float) - np.asarray(target, float)
    back /= np.linalg.norm(back)
    up = (0.0, 0.0, 1.0) if abs(back[2]) < 0.99 else (0.0, 1.0, 0.0)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    m = np.eye(4)
    m[:3, :3] = right, np.cross(back, right), back
    m[3, :3] = origin
    return m


def random_turn(rng: np.random.Generator) -> Matrix:
    """A rotation about a random axis."""
    return turn(rng.normal(size=3), rng.uniform(0, 360))


# ------------------------------------------------------------------------------------------------------------ meshes


def facets(points: ArrayLike, triangles: ArrayLike, double_sided: bool = False) -> Mesh:
    """Flat triangles: corners of their own and the geometric normal, so that nothing is shared but positions."""
    corners = np.asarray(points, np.float64)[np.asarray(triangles)].reshape(-1, 3, 3)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    count = 3 * len(corners)
    return Mesh(
        points=corners.reshape(count, 3).astype(np.float32),
        normals=np.repeat(normal, 3, axis=0).astype(np.float32),
        uvs=np.zeros((count, 2), np.float32),
        triangles=np.arange(count, dtype=np.int32).reshape(-1, 3),
        double_sided=double_sided,
    )


def plane(width: float = 1.0, height: float = 1.0, double_sided: bool = False) -> Mesh:
    """A rectangle around the origin of the XY plane, facing +Z; u to the right, v up, 0 to 1."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    points = np.zeros((4, 3), np.float32)
    points[:, :2] = (corners - 0.5) * np.array([width, height], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return Mesh(points, np.tile(np.float32([0, 0, 1]), (4, 1)), corners, triangles, double_sided)


def box(x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Mesh:
    """A closed box around the origin."""
    points = np.array([[i >> k & 1 for k in range(3)] for i in range(8)], float) - 0.5
    quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
    triangles = [[q[0], q[i], q[i + 1]] for q in quads for i in (1, 2)]
    return facets(points * [x, y, z], triangles)


def sphere(radius: float = 0.5, rings: int = 24) -> Mesh:
    """A closed ball around the origin with smooth normals; rings from pole to pole, twice as many around."""
    around = 2 * rings
    phi, theta = np.meshgrid(np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, np.pi, rings + 1))
    phi[:, -1] = 0.0  # the seam's two sides are at equal positions, to the bit
    normals = np.stack([np.cos(phi) * np.sin(theta), np.sin(phi) * np.sin(theta), np.cos(theta)], -1)
    normals[[0, -1], :, :2] = 0.0
    uvs = np.stack(np.meshgrid(np.linspace(0, 1, around + 1), np.linspace(1, 0, rings + 1)), -1)
    corner = np.arange((rings + 1) * (around + 1)).reshape(rings + 1, around + 1)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, d], -1)[1:], np.stack([d, b, c], -1)[:-1]]).reshape(-1, 3)
    return Mesh(
        points=(radius * normals).reshape(-1, 3).astype(np.float32),
        normals=normals.reshape(-1, 3).astype(np.float32),
        uvs=uvs.reshape(-1, 2).astype(np.float32),
        triangles=triangles.astype(np.int32),
    )


def flipped(mesh: Mesh) -> Mesh:
    """The same with its inside out: corners in the other order, normals turned."""
    return Mesh(mesh.points, -mesh.normals, mesh.uvs, np.ascontiguousarray(mesh.triangles[:, ::-1]), mesh.double_sided)
