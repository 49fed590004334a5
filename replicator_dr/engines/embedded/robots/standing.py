"""Robots on the ground: lifted or lowered as a whole until the lowest point of all links lies at a height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.robots.model import Robot
from replicator_dr.engines.embedded.robots.solids import drawn_points
from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]


class Standing:
    """The points of a robot's links, and the column of the robot's own pose."""

    def __init__(self, plan: Plan, robot: Robot, kind: str) -> None:
        self._path = robot.path
        self._column = plan.pose_columns([robot.path], kind)
        paths = {link.path for link in robot.links}
        self._points = [drawn_points(plan.stage, path, paths - {path}, plan.assets) for path in
                        (link.path for link in robot.links)]  # fmt: skip

    def write(self, firing: Firing, links: Float64, ground: float) -> None:
        """Move the robot upright. links: (R, L, 4, 4) in its frame; ground: height [m] in the world."""
        base = firing.world((self._path,))[:, 0]
        low = np.full(len(links), np.inf)
        for number, points in enumerate(self._points):
            if len(points):
                up = (links[:, number] @ base)[..., 2]
                # Products and sums one by one: those of a library round in another way for one frame than for many.
                heights = points[:, 0, None] * up[:, 0] + points[:, 1, None] * up[:, 1] + points[:, 2, None] * up[:, 2]
                low = np.minimum(low, heights.min(axis=0) + up[:, 3])
        parent = firing.parent_world((self._path,))[:, 0, :3, :3]
        lift = (ground - low)[:, None] * np.linalg.inv(parent)[:, 2]  # upwards, in the parent's frame
        firing.write("translate", self._column, firing.read("translate", self._column) + lift[:, None])
