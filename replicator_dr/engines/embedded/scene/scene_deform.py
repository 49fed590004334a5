"""Bodies that the graph deforms: which parts belong to them, with enough vertices, and their shapes in each frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.refine import refine
from replicator_dr.engines.embedded.scene.scene_parts import Parts
from replicator_dr.engines.embedded.scene.scene_prims import Placed
from replicator_dr.errors import EngineError
from replicator_dr.render.deformation import WAVES, DeformArrays, DeformLayout
from replicator_dr.render.scene import Mesh

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]

LONGEST = 0.1
"""No edge of a deformed mesh is longer than this share of its body's largest extent."""


def deform_layout(plan: Plan, parts: Parts) -> DeformLayout | None:
    """The bodies of the graph; meshes of their parts are refined. None where nothing is deformed.

    EngineError where a part moves within its body from frame to frame.
    """
    if not len(plan.deform):
        return None
    bodies = list(plan.deform.index)
    found = [plan.bounds.local(path, hidden=True) for path in bodies]
    boxes = np.array([np.zeros((2, 3)) if box is None else box for box in found]).reshape(-1, 2, 3)
    part_body = np.full(len(parts.placed), -1, np.int32)
    frames = np.tile(np.eye(4), (len(parts.placed), 1, 1))
    known: dict[tuple[int, bytes, float], int] = {}
    for row, placed in enumerate(parts.placed):
        body = next((path for path in placed.chain if path in plan.deform), None)
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
    return DeformLayout(part_body, frames, boxes[:, 0], boxes[:, 1], axes)


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


def deform_arrays(tables: Tables) -> DeformArrays | None:
    """The shapes of B frames."""
    amounts = tables["deform"]
    if not amounts.shape[1]:
        return None
    return DeformArrays(amounts, tables["waves"].reshape(*amounts.shape[:2], WAVES, 7))
