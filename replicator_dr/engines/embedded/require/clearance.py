"""Conditions on poses and shapes: what stands near a camera or around it, and what hides a target from it.

B frames, V cameras, E labelled objects, P parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.require.conditions import at_or_below
from replicator_dr.engines.embedded.scene.entity_boxes import entity_boxes
from replicator_dr.errors import UnsupportedError
from replicator_dr.render.clearance import MeshTable, distances, inside, posed, unblocked
from replicator_dr.render.scene import Mesh

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.require.conditions import Condition
    from replicator_dr.engines.embedded.scene.state import FrameState, Scene

Float64 = NDArray[np.float64]

SPOTS = 0.75 * np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)], dtype=np.float64)
"""(K, 3): points of a target that are looked at, by the half extents of its box."""
BEYOND = 1e-3
"""Metres that are looked farther than a bound, so that what lies there is known to lie beyond it."""


class Clearance:
    """The shapes of a compiled scene, ready to be asked."""

    def __init__(self, scene: Scene) -> None:
        arrays = scene.arrays
        self._scene = scene
        self._paths = [scene.labels.prim_paths[prim] for prim in arrays.part_prim]
        self._parts = MeshTable(arrays.meshes)
        self._moved = np.array([arrays.meshes[row].skin is not None for row in arrays.part_mesh], np.bool_)
        # A prim's parts together are its shape; those that stand for the same meshes are one.
        kinds: dict[tuple[int, ...], int] = {}
        shapes: list[Mesh] = []
        solids: list[tuple[int, int]] = []
        for prim in range(arrays.prims):
            parts = np.flatnonzero(arrays.part_prim == prim)
            rows = tuple(sorted(arrays.part_mesh[parts].tolist()))
            if rows not in kinds:
                shape = joined([arrays.meshes[row] for row in rows])
                kinds[rows] = len(shapes) if is_solid(shape) else -1
                shapes += [shape] if kinds[rows] >= 0 else []
            if kinds[rows] >= 0:
                solids.append((int(parts[0]), kinds[rows]))
        self._shapes = MeshTable(tuple(shapes))
        self._solid_part = np.array([part for part, _ in solids], dtype=np.intp)
        self._solid_shape = np.array([shape for _, shape in solids], dtype=np.int32)

    def near(self, condition: Condition, state: FrameState, columns: list[int]) -> Float64:
        """(B, V, 1) [m]: from cameras to the nearest surface of what is drawn, negative inside of something closed.

        Values end a little beyond the condition's bounds, where nothing more is to be known.
        """
        arrays, frames = self._scene.arrays, state.arrays
        chosen = self._chosen(condition)
        self._refuse_moved(chosen)
        asked = frames.part_drawn & chosen
        eyes = frames.cameras.world[:, columns, 3, :3]
        reach = max([bound for bound in (condition.least, condition.most) if np.isfinite(bound)]) + BEYOND
        reach = max(reach, BEYOND)
        things = posed(self._parts, arrays.part_mesh, arrays.part_transform, frames.world)
        away = np.minimum(distances(things, asked, eyes, reach), reach)
        solids = posed(self._shapes, self._solid_shape, arrays.part_transform[self._solid_part], frames.world)
        within = inside(solids, asked[:, self._solid_part], eyes)
        return np.where(within, -np.maximum(away, 1e-9), away)[..., None]

    def seen(self, state: FrameState, columns: list[int], rows: NDArray[np.intp]) -> Float64:
        """(B, V, N): share of the lines of sight from cameras to labelled objects that nothing else blocks."""
        arrays, frames, labels = self._scene.arrays, state.arrays, self._scene.labels
        self._refuse_moved(np.ones(len(self._paths), np.bool_))
        box = entity_boxes(self._scene, state)[:, rows].astype(np.float64)
        spots = box.mean(axis=2)[..., None, :] + SPOTS * 0.5 * (box[:, :, 1] - box[:, :, 0])[..., None, :]
        world = state.entity_world[:, rows]
        ends = np.sum(spots[..., :, None] * world[..., None, :3, :3], axis=-2) + world[..., None, 3, :3]
        own = np.array([[at_or_below(path, {labels.entity_paths[row]}) for path in self._paths] for row in rows])
        things = posed(self._parts, arrays.part_mesh, arrays.part_transform, frames.world)
        eyes = frames.cameras.world[:, columns, 3, :3]
        return unblocked(things, frames.part_drawn, own, eyes, ends).mean(axis=-1)

    def _refuse_moved(self, asked: NDArray[np.bool_]) -> None:
        """UnsupportedError where parts that are asked for are moved by joints."""
        if (moved := asked & self._moved).any():
            raise UnsupportedError(
                f"{self._paths[int(np.argmax(moved))]} is moved by joints from frame to frame, which camera_clear and "
                "view_clear do not see; name other prims, or require visible_fraction"
            )

    def _chosen(self, condition: Condition) -> NDArray[np.bool_]:
        """(P,): the parts at and below a condition's prims, all where it names none."""
        if condition.prims is None:
            return np.ones(len(self._paths), np.bool_)
        chosen = set(condition.prims)
        return np.array([at_or_below(path, chosen) for path in self._paths], dtype=np.bool_)


def joined(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one, with one vertex at each place; what else they have is that of the first."""
    points = np.concatenate([mesh.points for mesh in meshes])
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes)])
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts)])
    places, row = np.unique(points, axis=0, return_inverse=True)
    first = meshes[0]
    return Mesh(places, first.normals, first.uvs, row.reshape(-1)[triangles].astype(np.int32))


def is_solid(mesh: Mesh) -> bool:
    """Whether a mesh encloses a volume: each edge is walked as often one way as the other, and it faces outward.

    What faces inward is a room, whose inside is where cameras are.
    """
    a, b, c = mesh.triangles.T.astype(np.int64)
    count = len(mesh.points)
    start, end = np.concatenate([a, b, c]), np.concatenate([b, c, a])
    real = start != end
    start, end = start[real], end[real]
    edge = np.minimum(start, end) * count + np.maximum(start, end)
    _, row = np.unique(edge, return_inverse=True)
    if np.any(np.bincount(row.reshape(-1), np.where(start < end, 1.0, -1.0)) != 0.0):
        return False
    corners = mesh.points.astype(np.float64)[mesh.triangles]
    volume = float(np.sum(corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])))
    return volume > 0.0
