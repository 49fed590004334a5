"""randomizer.joints as an effect: positions of joints, and from them the poses of all links."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution
from replicator_dr.engines.embedded.effects.posing import write_angles
from replicator_dr.engines.embedded.firing import Firing
from replicator_dr.engines.embedded.nodes import Effect
from replicator_dr.engines.embedded.robots.collisions import Collisions, Obstacle
from replicator_dr.engines.embedded.robots.joint_draws import JointDraws
from replicator_dr.engines.embedded.robots.kinematics import Kinematics, moving_below
from replicator_dr.engines.embedded.robots.model import SPHERICAL
from replicator_dr.engines.embedded.robots.read import read_robot
from replicator_dr.engines.embedded.robots.solids import Form, form_of, is_shown
from replicator_dr.engines.embedded.robots.standing import Standing
from replicator_dr.engines.embedded.scene.plan import Plan
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable
from replicator_dr.engines.embedded.scene.scene_prims import Placed, placed_prims
from replicator_dr.engines.embedded.targets import paths_of

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

ROUNDS = (1, 7, 24, 96)
"""Tries that are drawn at a time, for the frames in which earlier ones collide."""


class _Robot:
    """One of the robots that the effect poses, with the columns that it writes."""

    def __init__(self, effect: JointsEffect, plan: Plan, path: str) -> None:
        inputs = effect.inputs
        robot = read_robot(plan.stage, path)
        self.path = path
        self.kinematics = Kinematics(robot)
        self.draws = JointDraws(effect.kind, self.kinematics, effect.source, inputs["positions"], inputs["range"])
        self.moved = np.array(moving_below(robot), dtype=np.int64)
        self.pose = plan.pose_columns([robot.links[link].path for link in self.moved], effect.kind)
        rest = self.kinematics.rest()
        for joint, position in zip(self.kinematics.joints, rest):
            if (key := f"{path}:{joint.name}") not in plan.joints:
                plan.joints.add(key, {"joint": position})
        self.joint = plan.columns(plan.joints, [f"{path}:{joint.name}" for joint in self.kinematics.joints])
        among = inputs["collision_free"]
        checked = among or inputs["avoid"]
        self.standing = Standing(plan, robot, effect.kind) if inputs["ground"] is not None else None
        self.collisions = Collisions(plan.stage, self.kinematics, plan.assets, among) if checked else None

    def write(self, firing: Firing, positions: Float64) -> Float64:
        """Positions (R, n, 3), and the poses of the links that follow from them; gives these, (R, L, 4, 4)."""
        firing.write("joint", self.joint, positions)
        links = self.kinematics.links(positions)
        translate, rotate = self.kinematics.locals(links)
        firing.write("translate", self.pose, translate[:, self.moved])
        write_angles(firing, self.pose, rotate[:, self.moved])
        return links


def _drawn(plan: Plan, paths: list[str], kind: str) -> list[tuple[Placed, Form]]:
    """What prims draw, each shape and mesh by itself: links of other robots move on their own."""
    forms: dict[str, Form] = {}
    found = []
    for path in paths:
        for prim, placed in placed_prims(plan.prim(path, kind), plan.hierarchy):
            if is_drawable(prim) and is_shown(prim):
                if placed.source not in forms:
                    forms[placed.source] = form_of(prim, plan.assets)
                found.append((placed, forms[placed.source]))
    return [(placed, form) for placed, form in found if len(form.triangles)]


class JointsEffect(Effect):
    """Positions of joints. source: the stream of those that no distribution is given for."""

    def __init__(
        self, kind: str, targets: Callable[[], list[str]], inputs: dict[str, Any], source: Distribution
    ) -> None:
        super().__init__(kind, targets, inputs)
        self.source = source

    @property
    @override
    def reads_state(self) -> bool:
        return bool(paths_of(self.inputs["avoid"])) or self.inputs["ground"] is not None

    @override
    def prepare(self, plan: Plan) -> None:
        self._avoid = _drawn(plan, paths_of(self.inputs["avoid"]), self.kind)
        paths = self.targets()
        self._robots = [_Robot(self, plan, path) for path in paths]
        name = self.inputs["record"]
        for joint in self._robots[0].kinematics.joints if name and self._robots else ():
            # Copies of other files may lack the joint; those that have it are recorded.
            keys = [f"{path}:{joint.name}" for path in paths if f"{path}:{joint.name}" in plan.joints]
            width = slice(0, 3 if joint.kind == SPHERICAL else 1)
            plan.recorded[f"{name}.{joint.name}"] = "joint", plan.columns(plan.joints, keys), width

    @override
    def evaluate(self, firing: Firing) -> None:
        for number, robot in enumerate(self._robots):
            avoid = self._obstacles(firing, robot)
            links = robot.write(firing, self._positions(firing, number, robot, avoid))
            if robot.standing is not None:
                robot.standing.write(firing, links, float(self.inputs["ground"]))

    def _obstacles(self, firing: Firing, robot: _Robot) -> list[Obstacle]:
        """What this robot keeps off, with the way to its frame, (R, 4, 4) each."""
        others = [pair for pair in self._avoid if not pair[0].path.startswith(f"{robot.path}/")]
        if not others:
            return []
        inverse = np.linalg.inv(firing.world((robot.path,)))
        matrices = firing.world(tuple(placed.frame for placed, _ in others)) @ inverse
        found = []
        for number, (placed, form) in enumerate(others):
            matrix = matrices[:, number]
            found.append((placed.path, form, matrix if placed.offset is None else placed.offset @ matrix))
        return found

    def _positions(self, firing: Firing, number: int, robot: _Robot, avoid: list[Obstacle]) -> Float64:
        """(R, n, 3): the first try in which nothing collides."""
        count = len(self._robots)
        first = robot.draws.draw(firing.seed, firing.executions, count, 0, 1)[:, 0, number]
        if robot.collisions is None:
            return first
        robot.collisions.hits.clear()
        result = first.copy()
        rows: Int64 = np.arange(len(result))
        done = 0
        for size in ROUNDS:
            tries = robot.draws.draw(firing.seed, firing.executions[rows], count, done, size)[:, :, number]
            for one in range(size):
                worlds = robot.kinematics.links(tries[:, one])
                free = robot.collisions.free(worlds, [(name, form, matrices[rows]) for name, form, matrices in avoid])
                result[rows[free]] = tries[free, one]
                rows, tries = rows[~free], tries[~free]
                if not len(rows):
                    return result
            done += size
        self._report(robot.path, robot.collisions, len(rows), len(result))
        return result

    def _report(self, path: str, collisions: Collisions, failed: int, frames: int) -> None:
        (first, second), _ = collisions.hits.most_common(1)[0]
        warnings.warn(
            f"{self.kind}: {path} collides in all of {sum(ROUNDS)} draws in {failed} of {frames} frames, most often "
            f"{first} with {second}, and keeps the first one there; narrow positions or range, or move what is avoided",
            stacklevel=2,
        )
