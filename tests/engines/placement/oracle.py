"""Whether labelled things of evaluated frames overlap: their triangles, all pairs, by FCL; no hulls, no broad phase."""

from __future__ import annotations

import itertools
from typing import Any

import fcl
import numpy as np

from replicator_dr.engines.embedded.runtime import Runtime


def overlaps(runtime: Runtime, frames: np.ndarray, shrink: float = 0.0) -> list[tuple[int, int, int]]:
    """(frame, thing, thing) of every pair that meets.

    shrink: share by which things are made smaller about their middle, so that those meant to touch do not count.
    """
    state, arrays = runtime.evaluate(frames), runtime.scene().arrays
    models: dict[int, list[tuple[Any, int]]] = {}
    for part, entity in enumerate(arrays.part_entity):
        if entity >= 0:
            mesh = arrays.meshes[arrays.part_mesh[part]]
            models.setdefault(int(entity), []).append((mesh, int(arrays.part_transform[part])))
    found: list[tuple[int, int, int]] = []
    known: dict[bytes, Any] = {}
    for row, frame in enumerate(frames):
        objects = {
            entity: [_object(mesh, state.arrays.world[row, place], shrink, known) for mesh, place in parts]
            for entity, parts in models.items()
        }
        for one, other in itertools.combinations(objects, 2):
            if any(
                fcl.collide(a, b, fcl.CollisionRequest(), fcl.CollisionResult())
                for a in objects[one]
                for b in objects[other]
            ):
                found.append((int(frame), one, other))
    return found


def _object(mesh: Any, world: np.ndarray, shrink: float, known: dict[bytes, Any]) -> Any:
    """A mesh in the world: the model is made once for each scale, and moved, where the axes stay square."""
    scale = np.round(np.linalg.norm(world[:3, :3], axis=1), 12)
    rotation = world[:3, :3] / scale[:, None]
    rigid = np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-9) and np.linalg.det(rotation) > 0
    bake = np.diag(scale) if rigid else world[:3, :3]
    key = str(id(mesh)).encode() + bake.tobytes()
    if key not in known:
        points = mesh.points.astype(np.float64) @ bake
        middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
        points = middle + (1.0 - shrink) * (points - middle)
        known[key] = fcl.BVHModel()
        known[key].beginModel(len(points), len(mesh.triangles))
        known[key].addSubModel(points, mesh.triangles)
        known[key].endModel()
    turn = rotation.T if rigid else np.eye(3)
    return fcl.CollisionObject(known[key], fcl.Transform(turn, world[3, :3]))


def world_points(runtime: Runtime, frames: np.ndarray) -> dict[int, np.ndarray]:
    """(R, K, 3) world points of all vertices of each labelled thing."""
    state, arrays = runtime.evaluate(frames), runtime.scene().arrays
    clouds: dict[int, list[np.ndarray]] = {}
    for part, entity in enumerate(arrays.part_entity):
        if entity >= 0:
            world = state.arrays.world[:, arrays.part_transform[part]]
            points = arrays.meshes[arrays.part_mesh[part]].points.astype(np.float64)
            clouds.setdefault(int(entity), []).append(points @ world[:, :3, :3] + world[:, None, 3, :3])
    return {entity: np.concatenate(parts, axis=1) for entity, parts in clouds.items()}
