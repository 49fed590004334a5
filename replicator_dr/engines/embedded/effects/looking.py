"""look_at: where to, and the angles that turn a prim there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pxr import UsdGeom

from replicator_dr.engines.embedded.draws.distributions import distribution_of, things_of
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.transforms import euler_angles, look_at, rigid, transform_directions
from replicator_dr.engines.embedded.targets import holds_prims, paths_of
from replicator_dr.engines.embedded.usd.stage import content, is_wrapper

Float64 = NDArray[np.float64]

AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


class Aim:
    """A target: a point, prims (their mean position), or a distribution of either, drawn once for the whole group.

    up: the up axis in the stage's frame, "x", "y", "z", a vector or a distribution; None = the stage's.
    """

    def __init__(self, kind: str, target: object, up: object) -> None:
        self._kind = kind
        self._target = target
        self._up = up
        if isinstance(up, str) and up.lower() not in AXES:
            raise ValueError(f"{kind}: look_at_up_axis is '{up}'; give 'x', 'y', 'z' or a vector")
        if isinstance(up, (tuple, list)) and len(up) != 3:
            raise ValueError(f"{kind}: look_at_up_axis has {len(up)} numbers; give 3")

    def prepare(self, plan: Plan, paths: tuple[str, ...]) -> None:
        """Look up the target's prims and the prims' inner turns."""
        node = distribution_of(self._target)
        self._options: list[tuple[str, ...]] = []
        if node is not None and not node.numeric:
            self._options = [tuple(paths_of(thing)) for thing in things_of(self._target, 1)]
        elif node is None and holds_prims(self._target):
            self._options = [tuple(paths_of(self._target))]
        for path in (path for option in self._options for path in option):
            plan.prim(path, self._kind)
        self._turns = child_turns(plan, paths)

    def points(self, firing: Firing) -> Float64:
        """(R, 3): the target in world coordinates [m]."""
        if not self._options:
            point = firing.numbers(self._target, 1, 3)[:, 0]
            return transform_directions(point, firing.plan.hierarchy.correction)
        means = [np.mean(firing.world(option)[:, :, 3, :3], axis=1) for option in self._options]
        if len(means) == 1:
            return means[0]
        index = firing.picks(self._target, 1)[:, 0]
        return np.stack(means, axis=1)[np.arange(len(index)), index]

    def angles(self, firing: Firing, paths: tuple[str, ...]) -> Float64:
        """(R, n, 3): XYZ angles that turn each prim, or the camera that it wraps, toward the target."""
        return self.angles_to(firing, paths, self.points(firing)[:, None, :])

    def angles_to(self, firing: Firing, paths: tuple[str, ...], points: Float64) -> Float64:
        """The same toward world points (R, n or 1, 3) [m] of their own."""
        up = self._up_vector(firing)
        eye = firing.world(paths)[:, :, 3, :3]
        target = np.broadcast_to(points, eye.shape)
        turn = look_at(np.ascontiguousarray(eye), np.ascontiguousarray(target), np.broadcast_to(up, eye.shape))
        parent = rigid(firing.parent_world(paths))[..., :3, :3]
        local = np.matmul(turn, np.swapaxes(parent, -1, -2))
        return euler_angles(np.matmul(self._turns, local))

    def _up_vector(self, firing: Firing) -> Float64:
        """(R, 1, 3) or (3,), in world coordinates."""
        hierarchy = firing.plan.hierarchy
        if self._up is None:
            return np.array([0.0, 0.0, 1.0])
        if isinstance(self._up, str):
            vector = np.array(AXES[self._up.lower()])
        else:
            vector = firing.numbers(self._up, 1, 3)
        return transform_directions(vector, hierarchy.correction) / hierarchy.unit


def child_turns(plan: Plan, paths: tuple[str, ...]) -> Float64:
    """(n, 3, 3): the inverse of the turn that a wrapped camera has under its wrapper, the identity for other prims."""
    turns = []
    for path in paths:
        prim = plan.stage.GetPrimAtPath(path)
        child = content(prim)
        turn = np.eye(3)
        if is_wrapper(prim) and child.IsA(UsdGeom.Camera):
            turn = rigid(plan.hierarchy.rest_local(str(child.GetPath()))[0])[:3, :3].T
        turns.append(turn)
    return np.array(turns, dtype=np.float64).reshape(-1, 3, 3)
