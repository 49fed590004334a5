"""Deformed prims as what places things takes them: the points of each firing's shape, in the prims' own frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.scene_deform import deform_arrays, joint_poses
from replicator_dr.render.deformation import DeformArrays, DeformLayout
from replicator_dr.render.skin import Skin

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Shaped:
    """What is drawn at and below a prim, where some of it is deformed.

    layout: the bodies of the scene. clouds: the vertices of C deformed parts in their own frames, (N, 3) float32 each;
    skins: theirs. body: (C,) their bodies. to_body, to_prim: (C, 4, 4), from the parts' frames to the bodies', and from
    there to the prim's. rest: (M, 3) float64, vertices that keep their places; none where all parts are deformed.
    faces: (T, 3) int64, triangles of the clouds' points, in their order, and of ``rest`` behind them.
    """

    layout: DeformLayout
    clouds: tuple[NDArray[np.float32], ...]
    skins: tuple[Skin | None, ...]
    body: NDArray[np.int32]
    to_body: Float64
    to_prim: Float64
    rest: Float64
    faces: NDArray[np.int64]

    def points(self, shapes: DeformArrays) -> Float64:
        """(R, N + M, 3): all vertices in the prim's frame [stage units]. shapes: of R firings."""
        from replicator_dr.render.shapes import moved_clouds

        moved = moved_clouds(self.layout, shapes, self.body, self.to_body, self.to_prim, self.clouds, self.skins)
        return np.concatenate([moved, np.broadcast_to(self.rest, (len(moved), *self.rest.shape))], axis=1)


def find_shaped(plan: Plan) -> None:
    """Fill in ``plan.shaped`` for those of its prims that are deformed, or hold something that is."""
    scene, layout = plan.scene.arrays, plan.scene.arrays.deform
    if layout is None:
        return
    bodies = list(plan.deform.index)
    paths = [plan.scene.labels.prim_paths[prim] for prim in scene.part_prim]

    def frame(part: int) -> str:
        """The prim in whose frame a part's body is: joints move a mesh in its own."""
        body = int(layout.part_body[part])
        return bodies[body] if body < len(bodies) else paths[part]

    for path in plan.shaped:
        below = [part for part, where in enumerate(paths) if where == path or where.startswith(f"{path}/")]
        parts = [part for part in below if layout.part_body[part] >= 0]
        if not parts:
            continue
        meshes = [scene.meshes[scene.part_mesh[part]] for part in parts]
        starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes)])
        faces = [mesh.triangles.astype(np.int64) + start for mesh, start in zip(meshes, starts)]
        # What keeps its shape besides is taken with all that stands there at rest: never too little.
        rest = plan.bounds.triangles(path) if len(parts) < len(below) else np.zeros((0, 3, 3))
        faces.append(starts[-1] + np.arange(3 * len(rest)).reshape(-1, 3))
        plan.shaped[path] = Shaped(
            layout=layout,
            clouds=tuple(mesh.points for mesh in meshes),
            skins=tuple(mesh.skin for mesh in meshes),
            body=layout.part_body[parts],
            to_body=layout.part_frame[parts],
            to_prim=np.array([plan.bounds.between(frame(part), path) for part in parts]),
            rest=rest.reshape(-1, 3),
            faces=np.concatenate(faces),
        )


def shaped_points(firing: Firing, paths: Sequence[str]) -> list[Float64 | None]:
    """Of each prim (R, N, 3), its vertices in its own frame as they are shaped now; None where it keeps its shape."""
    held = [firing.plan.shaped.get(path) for path in paths]
    if all(one is None for one in held):
        return [None] * len(held)
    plan = firing.plan
    columns = np.arange(len(plan.deform))
    now = {name: firing.read(name, columns) for name in ("deform", "waves")}
    now["animation_time"] = firing.read("animation_time", np.arange(len(plan.animation)))
    shapes = deform_arrays(now, plan.rig, joint_poses(now, plan.rig))
    assert shapes is not None
    return [None if one is None else one.points(shapes) for one in held]


def hulls_now(firing: Firing, paths: Sequence[str], rest: Sequence[Float64]) -> list[Float64]:
    """``rest``, (K, 3) each, with (R, N, 3) in place of those of deformed prims."""
    return [hull if now is None else now for hull, now in zip(rest, shaped_points(firing, paths))]
