"""Whether a robot's links touch each other or something else: balls over all poses at once, then exact shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Usd

from replicator_dr.engines.embedded.robots.kinematics import Kinematics
from replicator_dr.engines.embedded.robots.model import FIXED
from replicator_dr.engines.embedded.robots.solids import Form, Solid, fcl, link_solids, solid
from replicator_dr.engines.embedded.scene.assets import AssetCache

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Pairs = list[tuple[int, int]]
Obstacle = tuple[str, Form, Float64]

_ROUND = 9
"""Decimals of a scale by which a stretched obstacle is known again."""


class Collisions:
    """The solids of a robot's links, and, with ``among``, the pairs of them that must not touch.

    Links that a joint connects may, those without geometry between the joints of a body not counted; so may pairs that
    the stage filters, and those that touch in the authored pose.
    """

    def __init__(self, stage: Usd.Stage, kinematics: Kinematics, assets: AssetCache, among: bool = True) -> None:
        robot = kinematics.robot
        self.robot = robot
        paths = {link.path for link in robot.links}
        self._solids: list[Solid] = []
        links: list[int] = []
        for number, link in enumerate(robot.links):
            for one in link_solids(stage, link.path, paths - {link.path}, assets):
                self._solids.append(one)
                links.append(number)
        self._link = np.array(links, dtype=np.int64)
        fcl()  # whether it is there
        self._objects: list[Any] = []
        self.hits: Counter[tuple[str, str]] = Counter()
        """How often which pair has touched."""
        self._obstacles: dict[tuple[int, bytes], tuple[Solid, Any]] = {}
        self._pairs = self._forbidden(set(links)) if among else []
        rest = kinematics.links(kinematics.rest()[None])
        touching = {pair for pair in self._pairs if not self._among(rest, [pair])[0]}
        self._pairs = [pair for pair in self._pairs if pair not in touching]

    def _forbidden(self, occupied: set[int]) -> Pairs:
        """Pairs of solids whose links are neither the same, nor rigidly joined, nor neighbours, nor filtered."""
        group = list(range(len(self.robot.links)))
        for joint in self.robot.joints:
            if joint.kind == FIXED or joint.child not in occupied:
                group[joint.child] = group[joint.parent]
        near = {frozenset((group[joint.parent], group[joint.child])) for joint in self.robot.joints}
        pairs = []
        for first in range(len(self._link)):
            for second in range(first + 1, len(self._link)):
                a, b = int(self._link[first]), int(self._link[second])
                apart = group[a] != group[b] and frozenset((group[a], group[b])) not in near
                if apart and (min(a, b), max(a, b)) not in self.robot.filtered:
                    pairs.append((first, second))
        return pairs

    def __getstate__(self) -> dict[str, Any]:
        """All but what FCL holds, which is made anew where it is needed."""
        return {**vars(self), "_objects": [], "_obstacles": {}}

    def free(self, worlds: Float64, avoid: Sequence[Obstacle]) -> Bool:
        """(R,): poses in which nothing touches. worlds: (R, L, 4, 4), links in the robot's frame.

        avoid: names and forms, with the way from their frames to the robot's, (R, 4, 4) each.
        """
        result = self._among(worlds, self._pairs)
        centres, radii = self._balls(worlds)
        for name, form, matrices in avoid:
            for row in np.flatnonzero(result):
                if other := self._met(worlds[row], (centres[row], radii), form, matrices[row]):
                    self.hits[other, name] += 1
                    result[row] = False
        return result

    def _balls(self, worlds: Float64) -> tuple[Float64, Float64]:
        """(R, S, 3) centres and (S,) radii of the balls around the solids."""
        centres = np.array([one.centre for one in self._solids]).reshape(-1, 3)
        frames = worlds[:, self._link]
        placed = (centres[None, :, None, :] @ frames[..., :3, :3])[..., 0, :] + frames[..., 3, :3]
        scale = np.linalg.norm(frames[..., 0, :3], axis=-1).max(axis=0)
        return placed, scale * np.array([one.radius for one in self._solids])

    def _among(self, worlds: Float64, pairs: Pairs) -> Bool:
        """(R,): whether none of the pairs touches."""
        free = np.ones(len(worlds), dtype=np.bool_)
        if not pairs:
            return free
        first, second = np.array(pairs).T
        centres, radii = self._balls(worlds)
        away = np.sum((centres[:, first] - centres[:, second]) ** 2, axis=-1)
        for row, pair in zip(*np.nonzero(away <= (radii[first] + radii[second]) ** 2)):
            if free[row] and self._touch(worlds[row], *pairs[pair]):
                free[row] = False
        return free

    def _touch(self, worlds: Float64, first: int, second: int) -> bool:
        if not touch(self._object(first, worlds), self._object(second, worlds)):
            return False
        self.hits[self._name(first), self._name(second)] += 1
        return True

    def _object(self, number: int, worlds: Float64) -> Any:
        """FCL's object of a solid, where its link is."""
        if not self._objects:
            self._objects = [fcl().CollisionObject(one.shape(), fcl().Transform()) for one in self._solids]
        made = self._objects[number]
        made.setTransform(transform(self._solids[number].place @ worlds[self._link[number]]))
        return made

    def _met(self, worlds: Float64, balls: tuple[Float64, Float64], form: Form, matrix: Float64) -> str:
        """The link that touches a form at (4, 4), "" for none. balls: around the links' solids, (S, 3) and (S,)."""
        one, made, place = self._obstacle(form, matrix)
        centre = one.centre @ place[:3, :3] + place[3, :3]
        near = np.flatnonzero(((balls[0] - centre) ** 2).sum(axis=-1) <= (balls[1] + one.radius) ** 2)
        if len(near):
            made.setTransform(transform(one.place @ place))
        return next((self._name(int(number)) for number in near if touch(self._object(int(number), worlds), made)), "")

    def _obstacle(self, form: Form, matrix: Float64) -> tuple[Solid, Any, Float64]:
        """A form's solid, stretched as it is now, FCL's object of it, and the rigid rest of its transform (4, 4)."""
        scale = np.round(np.linalg.norm(matrix[:3, :3], axis=1), _ROUND)
        turn = matrix[:3, :3] / scale[:, None]
        place, stretch = np.eye(4), np.eye(4)
        place[3, :3] = matrix[3, :3]
        if np.allclose(turn @ turn.T, np.eye(3), atol=1e-6):
            place[:3, :3] = turn
            stretch[:3, :3] = np.diag(scale)
        else:
            stretch[:3, :3] = matrix[:3, :3]
        key = id(form), stretch.tobytes()
        if key not in self._obstacles:
            made = solid(form, stretch)
            self._obstacles[key] = made, fcl().CollisionObject(made.shape(), fcl().Transform())
        return *self._obstacles[key], place

    def _name(self, number: int) -> str:
        return self.robot.links[int(self._link[number])].name


def transform(matrix: Float64) -> object:
    """FCL's transform of a rigid one for row vectors (4, 4)."""
    return fcl().Transform(np.ascontiguousarray(matrix[:3, :3].T), np.ascontiguousarray(matrix[3, :3]))


def touch(first: object, second: object) -> bool:
    """Whether two of FCL's objects overlap."""
    return bool(fcl().collide(first, second, fcl().CollisionRequest(), fcl().CollisionResult()))
