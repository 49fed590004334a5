"""Bodies that the graph deforms: which parts belong to them, with enough vertices, and their shapes in each frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.refine import refine
from replicator_dr.engines.embedded.scene.scene_parts import Parts
from replicator_dr.engines.embedded.scene.scene_prims import Placed, upward
from replicator_dr.engines.embedded.skeletons.read import Binding, binding_of
from replicator_dr.engines.embedded.skeletons.rig import Rig
from replicator_dr.errors import EngineError
from replicator_dr.render.deformation import WAVES, DeformArrays, DeformLayout
from replicator_dr.render.scene import Mesh

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

LONGEST = 0.1
"""No edge of a deformed mesh is longer than this share of its body's largest extent."""


def deform_layout(plan: Plan, parts: Parts) -> DeformLayout | None:
    """The bodies of the graph; meshes of their parts are refined. None where nothing is deformed and no joints move.

    EngineError where a part moves within its body from frame to frame, or is both deformed and moved by joints.
    """
    plan.rig = Rig(plan.clips) if plan.clips else None
    if not len(plan.deform) and plan.rig is None:
        return None
    bodies = list(plan.deform.index)
    found = [plan.bounds.local(path, hidden=True) for path in bodies]
    boxes = np.array([np.zeros((2, 3)) if box is None else box for box in found]).reshape(-1, 2, 3)
    part_body = np.full(len(parts.placed), -1, np.int32)
    frames = np.tile(np.eye(4), (len(parts.placed), 1, 1))
    known: dict[tuple[int, bytes, float], int] = {}
    skinned: dict[str, int] = {}
    for row, placed in enumerate(parts.placed):
        body = next((path for path in placed.chain if path in plan.deform), None)
        if parts.meshes[parts.mesh[row]].skin is not None:
            if body is not None:
                raise EngineError(f"{placed.path}: joints move it, so it cannot be deformed with {body}; choose one")
            part_body[row] = len(bodies) + skinned.setdefault(placed.source, len(skinned))
        if body is None:
            continue
        part_body[row] = plan.deform.index[body]
        frames[row] = to_above(plan, placed, body)
        longest = LONGEST * float(np.ptp(boxes[part_body[row]], axis=0).max())
        if longest > 0:
            key = (parts.mesh[row], frames[row, :3, :3].tobytes(), longest)
            if key not in known:
                known[key] = _add(parts, refine(parts.meshes[parts.mesh[row]], longest, frames[row, :3, :3]))
            parts.mesh[row] = known[key]
    axes = np.array([plan.deform_axis[path] for path in bodies], np.int32)
    return DeformLayout(part_body, frames, boxes[:, 0], boxes[:, 1], axes, _first_matrices(plan, skinned))


def _first_matrices(plan: Plan, skinned: Iterable[str]) -> NDArray[np.int32]:
    """(S,): where the matrices of each mesh that joints move begin."""
    found = []
    for path in skinned:
        binding = binding_of(plan.prim(path, "skeleton"))
        assert binding is not None
        assert plan.rig is not None
        moved = [above for above in _own_places(binding) if above in plan.pose]
        if moved:
            raise EngineError(f"{moved[0]} moves within an asset whose pose varies; move the asset as a whole")
        found.append(plan.rig.add(binding))
    if plan.rig is not None:
        plan.rig.close()
    return np.array(found, np.int32)


def _own_places(binding: Binding) -> set[str]:
    """What stands between a mesh and its skeleton: all prims above one of them that are not above both."""
    return set(upward(binding.path)) ^ set(upward(binding.skeleton.path))


def _add(parts: Parts, mesh: Mesh) -> int:
    parts.meshes.append(mesh)
    return len(parts.meshes) - 1


def to_above(plan: Plan, placed: Placed, above: str) -> Float64:
    """(4, 4): from a prim's frame to that of a prim above it, or itself, as authored.

    EngineError where the graph moves something in between.
    """
    matrix = np.eye(4) if placed.offset is None else placed.offset
    path = placed.frame
    while path and path != above:
        if path in plan.pose:
            raise EngineError(
                f"{above} is deformed as a whole, but {path} below it moves; deform {path} itself, or leave it in place"
            )
        matrix = matrix @ plan.hierarchy.rest_local(path)[0]
        path = path.rpartition("/")[0]
    return matrix


def deform_arrays(tables: Tables, rig: Rig | None, poses: Float64 | None) -> DeformArrays | None:
    """The shapes of B frames. poses: of the rig's joints."""
    amounts = tables["deform"]
    if not amounts.shape[1] and rig is None:
        return None
    matrices = None if rig is None or poses is None else rig.matrices(poses)
    return DeformArrays(amounts, tables["waves"].reshape(*amounts.shape[:2], WAVES, 7), matrices)


def joint_poses(tables: Tables, rig: Rig | None) -> Float64 | None:
    """(B, J, 4, 4): the joints of all skeletons whose pose varies."""
    return None if rig is None else rig.poses(tables["animation_time"][..., 0])
