"""Forward kinematics over many poses at once: arrays over them, a loop over the depth of the tree alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.robots.model import PRISMATIC, REVOLUTE, SPHERICAL, Joint, Robot
from replicator_dr.engines.embedded.robots.rotations import about, angles_of, by_vector, translation

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

WIDTH = 3
"""Numbers of a joint's position: one counts for revolute and prismatic joints, all three for spherical ones."""


@dataclass(frozen=True)
class _Level:
    """Joints at one depth of the tree: their numbers, links below and above, and constant transforms (n, 4, 4)."""

    joints: Int64
    child: Int64
    parent: Int64
    before: Float64
    after: Float64


class Kinematics:
    """A robot's forward kinematics, prepared once. joints: those that move, in the order of positions."""

    def __init__(self, robot: Robot) -> None:
        self.robot = robot
        self.joints = [joint for joint in robot.joints if joint.moves]
        self._number = {joint.name: number for number, joint in enumerate(self.joints)}
        self._kind = {kind: self._of_kind(kind) for kind in (REVOLUTE, PRISMATIC, SPHERICAL)}
        self._axis = np.array([joint.axis for joint in self.joints]).reshape(-1, 3)
        self._rest = np.array([link.rest for link in robot.links])
        self._levels = list(self._make_levels())

    def _of_kind(self, kind: str) -> Int64:
        return np.array([number for number, joint in enumerate(self.joints) if joint.kind == kind], dtype=np.int64)

    def _make_levels(self) -> list[_Level]:
        depth = dict.fromkeys(range(len(self.robot.links)), 0)
        for joint in self.robot.joints:
            depth[joint.child] = depth[joint.parent] + 1
        levels = []
        for level in range(1, max(depth.values()) + 1):
            here = [joint for joint in self.robot.joints if depth[joint.child] == level]
            levels.append(
                _Level(
                    joints=np.array([self._number.get(joint.name, -1) for joint in here]),
                    child=np.array([joint.child for joint in here]),
                    parent=np.array([joint.parent for joint in here]),
                    before=np.array([np.linalg.inv(joint.frame1) for joint in here]),
                    after=np.array([joint.frame0 for joint in here]),
                )
            )
        return levels

    def rest(self) -> Float64:
        """(n, 3): the positions in which the links are authored."""
        return np.array([[joint.rest, 0.0, 0.0] for joint in self.joints]).reshape(-1, WIDTH)

    def follow(self, positions: Float64) -> Float64:
        """Positions (..., n, 3) with those of mimic joints taken from the joints that they follow."""
        result = positions.copy()
        for number, joint in enumerate(self.joints):
            if joint.mimic is not None:
                lead = positions[..., self._number[joint.mimic.leader], 0]
                result[..., number, 0] = joint.mimic.multiplier * lead + joint.mimic.offset
        return result

    def motions(self, positions: Float64) -> Float64:
        """(..., n, 4, 4): each joint's motion in its own frame, from positions (..., n, 3) [degrees or m]."""
        result = np.empty((*positions.shape[:-1], 4, 4))
        turns, slides, balls = (self._kind[kind] for kind in (REVOLUTE, PRISMATIC, SPHERICAL))
        if len(turns):
            result[..., turns, :, :] = about(self._axis[turns], positions[..., turns, 0])
        if len(slides):
            away = positions[..., slides, :1] / self.robot.unit * self._axis[slides]
            result[..., slides, :, :] = translation(away)
        if len(balls):
            result[..., balls, :, :] = by_vector(positions[..., balls, :])
        return result

    def links(self, positions: Float64) -> Float64:
        """(R, L, 4, 4): every link's frame in the robot's, from positions (R, n, 3)."""
        motions = self.motions(positions)
        fixed = np.broadcast_to(np.eye(4), (len(positions), 1, 4, 4))
        motions = np.concatenate([motions, fixed], axis=1)
        worlds = np.repeat(self._rest[None], len(positions), axis=0)
        for level in self._levels:
            relative = level.before @ motions[:, level.joints] @ level.after
            worlds[:, level.child] = relative @ worlds[:, level.parent]
        return worlds

    def locals(self, worlds: Float64) -> tuple[Float64, Float64]:
        """What the links' prims are given: translations and XYZ angles [degrees] (R, L, 3), from (R, L, 4, 4)."""
        frames = np.empty_like(worlds)
        for number, link in enumerate(self.robot.links):
            above = link.offset if link.parent_link < 0 else link.offset @ worlds[:, link.parent_link]
            frames[:, number] = worlds[:, number] @ np.linalg.inv(above)
        linear = frames[..., :3, :3]
        rotation = linear / np.linalg.norm(linear, axis=-1, keepdims=True)
        return frames[..., 3, :3], angles_of(rotation)


def moving_below(robot: Robot) -> list[int]:
    """The links that some joint that moves stands above: those whose poses change."""
    moved: set[int] = set()
    for joint in robot.joints:
        if joint.moves or joint.parent in moved:
            moved.add(joint.child)
    return sorted(moved)


def share_of_limits(joint: Joint, share: float) -> tuple[float, float]:
    """The range that reaches from rest a share of the way to each limit; a joint without limits turns +-180 degrees."""
    low, high = joint.lower, joint.upper
    if joint.kind == REVOLUTE:
        low, high = (joint.rest - 180.0 if low == -np.inf else low), (joint.rest + 180.0 if high == np.inf else high)
    rest = min(max(joint.rest, low), high)
    return rest + share * (low - rest), rest + share * (high - rest)
