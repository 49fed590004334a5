"""A world of upright rectangles before a camera, drawn by arithmetic: the oracle for what is above the renderer.

The camera of every product stands at the origin and looks along -Z. A rectangle is a unit square, scaled and moved by
its world matrix; a pixel shows the nearest rectangle that covers its centre.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.products import ProductPool, RenderProduct
from replicator_dr.engines.embedded.scene.state import FrameState, LabelTables, Scene
from replicator_dr.optics import ROOM
from replicator_dr.render.scene import (
    CameraArrays,
    EntityTable,
    FrameArrays,
    LightArrays,
    MaterialArrays,
    Mesh,
    RenderedView,
    SceneArrays,
    View,
)
from replicator_dr.render.start import start_warp

ENTITIES = ("/World/Box_Xform", "/World/Ball_Xform", "/World/Mug_Xform")
PRIMS = (
    "/World/Box_Xform/Box",
    "/World/Ball_Xform/Ball",
    "/World/Mug_Xform/Mug",
    "/World/Mug_Xform/Handle",
    "/World/Wall",
)
PART_ENTITY = np.array([0, 1, 2, 2, -1], np.int32)
LABELS = ({"class": "box"}, {"class": "ball", "shape": "round"}, {"class": "mug,cup"})
CAMERA = "/World/Camera_Xform/Camera"


def _square() -> Mesh:
    """The unit square that each part is."""
    points = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]], np.float32)
    normals = np.tile(np.array([0, 0, 1], np.float32), (4, 1))
    return Mesh(points, normals, points[:, :2] + 0.5, np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def flat_scene() -> Scene:
    """Three labelled prims, the third of two parts, and a wall without label."""
    parts = len(PRIMS)
    index = np.arange(parts, dtype=np.int32)
    arrays = SceneArrays(
        meshes=tuple(_square() for _ in PRIMS),
        textures=(),
        environments=(),
        part_mesh=index,
        part_transform=index,
        part_prim=index,
        part_entity=PART_ENTITY,
        light_type=np.zeros(0, np.int32),
        prims=parts,
        entities=len(ENTITIES),
    )
    bounds = np.array([[[-0.5, -0.5, 0], [0.5, 0.5, 0]]] * len(ENTITIES), np.float32)
    return Scene(arrays, LabelTables(PRIMS, ENTITIES, bounds, LABELS), (CAMERA,))


def flat_cameras(batch: int, clipping: tuple[float, float] = (0.01, 100.0)) -> CameraArrays:
    """One camera at the origin, 50 mm behind an aperture of 25."""

    def full(shape: tuple[int, ...], value: float) -> np.ndarray:
        return np.full((batch, 1, *shape), value, np.float64)

    return CameraArrays(
        world=np.tile(np.eye(4), (batch, 1, 1, 1)),
        focal_length=full((), 25.0),
        horizontal_aperture=full((), 25.0),
        aperture_offset=full((2,), 0.0),
        opencv=full((4,), np.nan),
        nominal=full((2,), np.nan),
        clipping=np.tile(np.array(clipping), (batch, 1, 1)),
        f_stop=full((), 0.0),
        focus_distance=full((), 400.0),
        lens_model=np.zeros((batch, 1), np.int32),
        lens=full((ROOM,), 0.0),
    )


def flat_arrays(rectangles: np.ndarray) -> FrameArrays:
    """rectangles: (B, P, 5) float64: centre x, y, distance z, width, height [m] of each part."""
    batch, parts = rectangles.shape[:2]
    world = np.zeros((batch, parts, 4, 4))
    world[..., 0, 0], world[..., 1, 1] = rectangles[..., 3], rectangles[..., 4]
    world[..., 2, 2] = world[..., 3, 3] = 1.0
    world[..., 3, :2] = rectangles[..., :2]
    world[..., 3, 2] = -rectangles[..., 2]
    none = np.zeros((batch, 0), np.float32)
    materials = MaterialArrays(**{field.name: none for field in dataclasses.fields(MaterialArrays)})  # type: ignore[arg-type]
    lights = LightArrays(**{field.name: none for field in dataclasses.fields(LightArrays)})  # type: ignore[arg-type]
    return FrameArrays(
        world=world,
        part_visible=np.ones((batch, parts), np.bool_),
        part_material=np.zeros((batch, parts), np.int32),
        materials=materials,
        lights=lights,
        cameras=flat_cameras(batch),
    )


def flat_state(frames: np.ndarray, rectangles: np.ndarray, labels: np.ndarray | None = None) -> FrameState:
    """The state of these frames. labels: (B, E) rows of LABELS, by default each entity its own."""
    arrays = flat_arrays(rectangles)
    first_part = [int(np.flatnonzero(entity == PART_ENTITY)[0]) for entity in range(len(ENTITIES))]
    rows = np.tile(np.arange(len(ENTITIES), dtype=np.int32), (len(frames), 1))
    return FrameState(
        frames=np.asarray(frames, np.int64),
        arrays=arrays,
        entity_world=arrays.world[:, first_part],
        entity_labels=rows if labels is None else labels.astype(np.int32),
        draws={"size": rectangles[:, :, 3:], "look": np.array([["red", "blue"]] * len(frames), object)},
        trigger_counts={"on_frame": np.asarray(frames, np.int64) + 1},
        keypoint_world=np.zeros((len(frames), 0, 4, 4)),
    )


def frame_rectangles(frames: np.ndarray) -> np.ndarray:
    """(B, P, 5): a layout that is a function of the frame's number alone; every fifth frame shows the wall only."""
    result = []
    for frame in np.asarray(frames).tolist():
        rng = np.random.default_rng(frame)
        parts = np.empty((len(PRIMS), 5))
        parts[:, :2] = rng.uniform(-0.9, 0.9, (len(PRIMS), 2))
        parts[:, 2] = rng.uniform(1.5, 4.0, len(PRIMS))
        parts[:, 3:] = rng.uniform(0.2, 1.2, (len(PRIMS), 2))
        if frame % 5 == 4:
            parts[:-1, 0] += 50.0
        parts[-1] = (0, 0, 6.0, 7.0, 3.0)
        result.append(parts)
    return np.array(result)


class FlatRenderer:
    """Draws the rectangles; what it gives follows the contract of ``render/scene.py``."""

    def __init__(self, scene: Scene) -> None:
        start_warp()
        self.device = wp.get_device("cpu")
        self._entities = scene.arrays.entities
        self._part_entity = scene.arrays.part_entity

    def render(
        self, frames: FrameArrays, view: View, rgb: bool = True, normals: bool = False, amodal: bool = False
    ) -> RenderedView:
        intrinsics = frames.cameras.intrinsics(view.camera, view.width, view.height)
        images = [self._draw(frames, view, index, intrinsics[index]) for index in range(len(frames))]
        part = np.stack([image[0] for image in images])
        depth = np.stack([image[1] for image in images])
        table = {name: np.stack([image[2][name] for image in images]) for name in images[0][2]}
        color = None
        if rgb:
            shade = np.where(part < 0, 0, 40 * (part + 1))
            color = np.stack([shade, 255 - shade, depth_shade(depth), np.full_like(shade, 255)], axis=-1).astype(
                np.uint8
            )
        facing = None
        if normals:
            facing = np.zeros((*part.shape, 4), np.float32)
            facing[..., 2] = part >= 0
        bits = table.pop("bits")
        return RenderedView(
            view, intrinsics, depth, part, EntityTable(**table), color, facing, amodal=bits if amodal else None
        )

    def silhouettes(
        self, frames: FrameArrays, view: View, wanted: NDArray[np.bool_], region: NDArray[np.int64]
    ) -> EntityTable:
        del wanted, region
        return self.render(frames, view, rgb=False).entities

    def _draw(self, frames: FrameArrays, view: View, index: int, intrinsics: np.ndarray) -> tuple[Any, Any, Any]:
        focal, _, centre_x, centre_y = intrinsics
        part = np.full((view.height, view.width), -1, np.int32)
        depth = np.full((view.height, view.width), np.inf, np.float32)
        whole = np.zeros((self._entities, view.height, view.width), np.bool_)
        extent = np.tile(np.array([np.inf, np.inf, -np.inf, -np.inf], np.float32), (self._entities, 1))
        x, y = np.meshgrid(np.arange(view.width) + 0.5, np.arange(view.height) + 0.5)
        for row, matrix in enumerate(frames.world[index]):
            distance = -matrix[3, 2]
            size = np.array([matrix[0, 0], matrix[1, 1]]) / 2
            left, right = (focal * (matrix[3, 0] + side * size[0]) / distance + centre_x for side in (-1, 1))
            top, bottom = (-focal * (matrix[3, 1] + side * size[1]) / distance + centre_y for side in (1, -1))
            covered = (x >= left) & (x < right) & (y >= top) & (y < bottom)
            nearer = covered & (distance < depth)
            part[nearer], depth[nearer] = row, distance
            entity = self._part_entity[row]
            if entity >= 0:
                whole[entity] |= covered
                extent[entity, :2] = np.minimum(extent[entity, :2], [left, top])
                extent[entity, 2:] = np.maximum(extent[entity, 2:], [right, bottom])
        owner = np.where(part >= 0, self._part_entity[part], -1)
        seen = np.stack([owner == entity for entity in range(self._entities)])
        return part, depth, {
            "visible": seen.sum(axis=(1, 2)).astype(np.int32),
            "amodal": whole.sum(axis=(1, 2)).astype(np.int32),
            "visible_box": np.stack([bounds(mask) for mask in seen]),
            "amodal_box": np.stack([bounds(mask) for mask in whole]),
            "depth_min": np.array([depth[mask].min(initial=np.inf) for mask in seen], np.float32),
            "depth_max": np.array([depth[mask].max(initial=-np.inf) for mask in seen], np.float32),
            "extent": extent,
            "bits": (whole << np.arange(self._entities)[:, None, None]).sum(axis=0)[..., None],
        }  # fmt: skip


def depth_shade(depth: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(depth), np.minimum(depth * 30, 255), 0).astype(np.int64)


def bounds(mask: np.ndarray) -> np.ndarray:
    """(4,) int32 inclusive corners of a mask, (0, 0, -1, -1) where it is empty."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.array([0, 0, -1, -1], np.int32)
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()], np.int32)


def rigid_rectangles(frames: np.ndarray) -> np.ndarray:
    """The same with sizes that never change, and a handle that stays on its mug."""
    rectangles = frame_rectangles(frames)
    rectangles[..., 3:] = [[0.7, 0.5], [0.4, 0.6], [0.3, 0.3], [0.5, 0.2], [7.0, 3.0]]
    handle = PRIMS.index("/World/Mug_Xform/Handle")
    rectangles[:, handle, :3] = rectangles[:, handle - 1, :3] + [0.25, 0.0, 0.1]
    return rectangles


class FlatRuntime:
    """A session whose graph is ``frame_rectangles``; stands in for the engine's Runtime."""

    def __init__(self) -> None:
        self.writers: list[Any] = []
        self.settings: dict[str, object] = {}
        self.requirements = None
        self.seed = 7
        self.next_frame = 0
        self.written_back: list[int] = []
        self.limit: int | None = None
        self.graph = SimpleNamespace(frame_limit=lambda: self.limit)
        self.stage = Usd.Stage.CreateInMemory()
        UsdGeom.Camera.Define(self.stage, CAMERA)
        self.products = ProductPool()
        self.sampled: list[np.ndarray] = []
        self._scene = flat_scene()
        self.products.device = "cpu"
        self.products._renderer = (self._scene, "cpu", FlatRenderer(self._scene))  # type: ignore[assignment]

    def product(self, name: str | None = None, size: tuple[int, int] = (64, 48)) -> RenderProduct:
        return self.products.add((CAMERA,), size, name=name, force_new=True)

    def scene(self) -> Scene:
        return self._scene

    def color_tracer(self, scene: Scene) -> None:
        """Colours come with the renderer's images."""

    def evaluate(self, frames: np.ndarray) -> FrameState:
        self.sampled.append(np.asarray(frames))
        return flat_state(frames, frame_rectangles(frames))

    def values(self, frames: np.ndarray) -> np.ndarray:
        return frames

    def state_of(self, values: np.ndarray) -> FrameState:
        return self.evaluate(values)

    def write_back(self, values: np.ndarray, row: int) -> None:
        self.written_back.append(int(values[row]))


class RigidRuntime(FlatRuntime):
    """One whose graph is ``rigid_rectangles``: what has a model can be told."""

    def evaluate(self, frames: np.ndarray) -> FrameState:
        self.sampled.append(np.asarray(frames))
        return flat_state(frames, rigid_rectangles(frames))
