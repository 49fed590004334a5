"""The shapes of labelled prims, for formats whose datasets hold the objects' models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.labels import FIRST
from replicator_dr.errors import UnsupportedError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.runtime import Runtime
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene

Float64 = NDArray[np.float64]

FRAMES = 64
"""Frames that are looked at for shapes that vary."""
_SHEAR = 1e-5
"""Cosine of the angle between two axes up to which they count as square to each other."""
_STILL = 1e-6
"""Share of a part's matrix by which it may differ from frame to frame."""


@dataclass(frozen=True)
class RigidObject:
    """A labelled prim's shape. instance: its id in all segmentations. label_sets: what it may be called.

    points: (V, 3) float64 [m] in the prim's frame with its scale, as in frame 0; normals: (V, 3) float64, unit;
    triangles: (T, 3) int64, counter-clockwise seen from outside. scale: (3,), that of frame 0.
    """

    instance: int
    path: str
    label_sets: tuple[dict[str, str], ...]
    points: Float64
    normals: Float64
    triangles: NDArray[np.int64]
    scale: Float64


def rigid_objects(runtime: Runtime) -> list[RigidObject]:
    """All labelled prims that have geometry, in the order of the stage.

    UnsupportedError for one whose visible parts, or their shapes and places in it, are not the same in all frames, or
    that is sheared: it has no shape of its own, or no pose.
    """
    scene = runtime.scene()
    state = runtime.evaluate(np.arange(FRAMES, dtype=np.int64))
    found = []
    for entity, path in enumerate(scene.labels.entity_paths):
        parts = _parts(scene, state, entity)
        if len(parts) and _is_rigid(scene, state, entity, parts):
            found.append(_object(scene, state, entity, path, parts))
    return found


def _parts(scene: Scene, state: FrameState, entity: int) -> NDArray[np.int64]:
    """The parts that are drawn whenever the prim is."""
    parts = np.flatnonzero(scene.arrays.part_entity == entity)
    if any(scene.arrays.meshes[mesh].skin is not None for mesh in scene.arrays.part_mesh[parts]):
        raise UnsupportedError(
            f"{scene.labels.entity_paths[entity]} is moved by joints from frame to frame: it has no model of its own; "
            "leave out its label, or write another format"
        )
    shown = state.arrays.part_visible[:, parts]
    seen = shown[shown.any(axis=1)]
    if (seen != seen[:1]).any():
        raise UnsupportedError(
            f"{scene.labels.entity_paths[entity]} shows other parts in some frames than in others: it has no model of "
            "its own; give each asset an item, or write another format"
        )
    return parts[seen[0]] if len(seen) else parts


def _is_rigid(scene: Scene, state: FrameState, entity: int, parts: NDArray[np.int64]) -> bool:
    """Whether a prim has an extent. UnsupportedError where its parts do not keep their shape in its frame."""
    path, arrays = scene.labels.entity_paths[entity], scene.arrays
    world = state.entity_world[:, entity]
    extended = np.linalg.det(world[:, :3, :3]) != 0
    if not extended.any():
        return False
    if arrays.deform is not None and (arrays.deform.part_body[parts] >= 0).any():
        raise UnsupportedError(
            f"{path} is deformed from frame to frame: it has no model of its own; leave out its label, or write "
            "another format"
        )
    axes = world[extended, :3, :3]
    axes = axes / np.linalg.norm(axes, axis=2, keepdims=True)
    if np.abs(axes @ np.swapaxes(axes, 1, 2) - np.eye(3)).max() > _SHEAR:
        raise UnsupportedError(
            f"{path} is sheared, which a pose cannot express: it is turned below something whose scale is not the same "
            "along all axes; scale both alike, or leave out its label"
        )
    places = state.arrays.world[extended][:, arrays.part_transform[parts]] @ np.linalg.inv(world[extended])[:, None]
    moved = np.abs(places - places[:1]).max(axis=(0, 2, 3)) > _STILL * np.abs(places[0]).max(axis=(1, 2))
    if moved.any():
        part = scene.labels.prim_paths[arrays.part_prim[parts[int(np.argmax(moved))]]]
        raise UnsupportedError(
            f"{path} holds {part}, which moves in it from frame to frame: it has no model of its own; label what "
            "moves, or write another format"
        )
    return bool(extended[0])


def _object(scene: Scene, state: FrameState, entity: int, path: str, parts: NDArray[np.int64]) -> RigidObject:
    world = state.entity_world[0, entity].astype(np.float64)
    scale = np.linalg.norm(world[:3, :3], axis=1)
    if np.linalg.det(world[:3, :3]) < 0:
        scale[0] = -scale[0]
    to_prim = np.linalg.inv(world)
    points, normals, triangles, count = [], [], [], 0
    for part in parts.tolist():
        mesh = scene.arrays.meshes[scene.arrays.part_mesh[part]]
        matrix = state.arrays.world[0, scene.arrays.part_transform[part]].astype(np.float64) @ to_prim
        matrix = matrix @ np.diag([*scale, 1.0])
        points.append(mesh.points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3])
        # Normals go by the inverse transposed; what mirrors a mesh turns its triangles round.
        turned = mesh.normals.astype(np.float64) @ np.linalg.inv(matrix[:3, :3]).T
        normals.append(turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12))
        order = mesh.triangles[:, ::-1] if np.linalg.det(matrix[:3, :3]) < 0 else mesh.triangles
        triangles.append(order.astype(np.int64) + count)
        count += len(mesh.points)
    sets = scene.labels.label_sets
    rows = np.unique(state.entity_labels[:, entity])
    labels = tuple(dict(sets[row]) for row in rows.tolist() if row >= 0)
    return RigidObject(
        entity + FIRST, path, labels, np.concatenate(points), np.concatenate(normals), np.concatenate(triangles), scale
    )
