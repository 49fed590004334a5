"""What a robot's links are in the labels: objects of their own, and keypoints with the bones between them."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from replicator_dr.engines.embedded.robots.author import SITE
from replicator_dr.engines.embedded.robots.model import FIXED, PRISMATIC, Joint, Robot
from replicator_dr.engines.embedded.robots.read import read_robot
from replicator_dr.engines.embedded.scene.scene_meshes import is_drawable
from replicator_dr.engines.embedded.usd.stage_labels import read_labels, write_labels
from replicator_dr.errors import AssetError
from replicator_dr.pool.usd_keypoints import write_keypoints
from replicator_dr.storage.categories import SUPERCATEGORY

Float64 = NDArray[np.float64]

WHOLE, LABELLED = "whole", "labelled"
_DEPTH = 1.25
"""How far inside a link its joints may lie, in halves of its smallest extent."""


def annotate_robot(
    stage: Usd.Stage,
    path: str,
    links: str | Mapping[str, str],
    keypoints_at: str,
    semantics: Mapping[str, object],
    tolerance: float | None = None,
) -> None:
    """Label the links of the robot below a prim and give it keypoints.

    links: ``whole``, ``labelled`` or classes by names or patterns. keypoints_at: ``joints``, ``sites``,
    ``joints_and_sites`` or ``none``. semantics: the robot's own labels. tolerance [m]: of keypoints, in place of what
    follows from the links' sizes. Raises AssetError for a pattern that fits no link.
    """
    robot = read_robot(stage, path)
    classes = _classes(stage, robot, links)
    above = semantics.get("class")
    for number, label in classes.items():
        prim = stage.GetPrimAtPath(robot.links[number].path)
        own = {"class": (label,)}
        if isinstance(above, str) and SUPERCATEGORY not in semantics:
            own[SUPERCATEGORY] = (above,)
        write_labels(prim, {**read_labels(prim), **own})
    if keypoints_at != "none":
        _Keypoints(stage, robot, set(classes)).write("joints" in keypoints_at, "sites" in keypoints_at, tolerance)


def _classes(stage: Usd.Stage, robot: Robot, links: str | Mapping[str, str]) -> dict[int, str]:
    """The class of each link that is an object of its own."""
    drawn = [number for number, link in enumerate(robot.links) if _is_drawn(stage, robot, link.path)]
    if links == WHOLE:
        return {}
    if links == LABELLED:
        return {number: robot.links[number].name for number in drawn}
    assert not isinstance(links, str)
    names = [robot.links[number].name for number in drawn]
    for pattern in links:
        if not fnmatch.filter(names, pattern):
            raise AssetError(f"{robot.path}: no link fits '{pattern}'; links: {', '.join(names)}")
    found = {}
    for number in drawn:
        fitting = [label for pattern, label in links.items() if fnmatch.fnmatchcase(robot.links[number].name, pattern)]
        if fitting:
            found[number] = fitting[0]
    return found


def _is_drawn(stage: Usd.Stage, robot: Robot, path: str) -> bool:
    others = {link.path for link in robot.links} - {path}
    prims = iter(Usd.PrimRange(stage.GetPrimAtPath(path), Usd.TraverseInstanceProxies()))
    for prim in prims:
        if str(prim.GetPath()) in others:
            prims.PruneChildren()
        elif is_drawable(prim) and UsdGeom.Imageable(prim).ComputePurpose() in ("default", "render"):
            return True
    return False


@dataclass
class _Held:
    """The keypoints that one link holds: points in its frame [its units], and bones."""

    points: dict[str, Float64] = field(default_factory=dict)
    bones: list[tuple[str, str]] = field(default_factory=list)
    tolerance: float = 0.0


class _Keypoints:
    """Where the keypoints of one robot belong. labelled: links that are objects of their own.

    An object's bones are those that lie in its links: a labelled link has a keypoint at its own joint and one at each
    joint below it, which does not move in its frame.
    """

    def __init__(self, stage: Usd.Stage, robot: Robot, labelled: set[int]) -> None:
        self.stage, self.robot, self.labelled = stage, robot, labelled
        self.above = robot.parents()
        self.half = [self._half(link.path) for link in robot.links]
        self.body = [self._body(number) for number in range(len(robot.links))]
        self.held: dict[int, _Held] = {}

    def write(self, joints: bool, sites: bool, tolerance: float | None) -> None:
        """Author what belongs to each link."""
        named = self._joint_names()
        for link, name in named.items() if joints else ():
            self._at_joint(link, name, named)
        for number in range(len(self.robot.links)) if sites else ():
            self._sites(number, named if joints else {})
        for number, held in self.held.items():
            prim = self.stage.GetPrimAtPath(self.robot.links[number].path)
            unit = UsdGeom.GetStageMetersPerUnit(self.stage)
            points = {name: [float(value) * unit for value in point] for name, point in held.points.items()}
            reach = held.tolerance * unit if tolerance is None else tolerance
            write_keypoints(prim, points, held.bones, reach)

    def _half(self, path: str) -> float:
        """Half of a link's smallest extent, 0 where it has no geometry."""
        cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_, UsdGeom.Tokens.render])
        size = cache.ComputeUntransformedBound(self.stage.GetPrimAtPath(path)).ComputeAlignedRange().GetSize()
        return max(0.5 * min(size), 0.0)

    def _body(self, number: int) -> int:
        """The link that bears the geometry of a joint: links without any, between the joints of a body, hand it on."""
        below = [joint for joint in self.robot.joints if joint.parent == number and joint.moves]
        return self._body(below[0].child) if self.half[number] == 0.0 and len(below) == 1 else number

    def _chain(self, number: int) -> list[Joint]:
        """The joints right above a link that move it together, from the lowest up."""
        chain: list[Joint] = []
        joint = self.above.get(number)
        while joint is not None and joint.moves:
            chain.append(joint)
            if self.body[joint.parent] != number:
                break
            joint = self.above.get(joint.parent)
        return chain

    def _joint_names(self) -> dict[int, str]:
        """The name of the keypoint of each link that moves, and of each root; each name once."""
        chains = {number: self._chain(number) for number in range(len(self.robot.links)) if self.body[number] == number}
        single = {chain[0].name for chain in chains.values() if len(chain) == 1}
        named: dict[int, str] = {}
        for number, chain in chains.items():
            if not chain and number in self.above:
                continue
            link = self.robot.links[number]
            name = _common([joint.name for joint in chain]) or link.name
            taken = {*named.values(), *(single if len(chain) != 1 else ())}
            named[number] = next(one for one in (name, link.name, f"{link.name}_origin", link.path) if one not in taken)
        return named

    def _owner(self, number: int) -> int:
        """The labelled link to which a link belongs, -1 for the robot."""
        while number >= 0 and number not in self.labelled:
            number = self.robot.links[number].parent_link
        return number

    def _at_joint(self, link: int, name: str, named: Mapping[int, str]) -> None:
        chain = self._chain(link)
        anchor = chain[0].frame1[3, :3] if chain else np.zeros(3)
        self._hold(link, name, anchor, link)
        if not chain:
            return
        top = chain[-1]
        above, point = self._nearest(top.parent, top.frame0[3, :3], named)
        if above < 0:
            return
        self.held[link].tolerance = max(self.held[link].tolerance, _DEPTH * self.half[above])
        if self._owner(above) != self._owner(link):
            if any(joint.kind == PRISMATIC for joint in chain):
                return
            self._hold(above, name, point, link)
        self.held[above].bones.append((named[above], name))

    def _nearest(self, number: int, point: Float64, named: Mapping[int, str]) -> tuple[int, Float64]:
        """The nearest link with a keypoint at or above a link by fixed joints, and the point in its frame; or -1."""
        while number not in named:
            joint = self.above.get(number)
            if joint is None or joint.kind != FIXED:
                return -1, point
            matrix = np.linalg.inv(joint.frame1) @ joint.frame0
            point = point @ matrix[:3, :3] + matrix[3, :3]
            number = joint.parent
        return number, point

    def _hold(self, number: int, name: str, point: Float64, link: int) -> None:
        held = self.held.setdefault(number, _Held())
        held.points[name] = point
        held.tolerance = max(held.tolerance, _DEPTH * self.half[number], _DEPTH * self.half[link])

    def _sites(self, number: int, named: Mapping[int, str]) -> None:
        link = self.robot.links[number]
        for child in self.stage.GetPrimAtPath(link.path).GetChildren():
            if not child.HasAttribute(SITE):
                continue
            name = str(child.GetAttribute(SITE).Get())
            name = f"{name}_site" if name in named.values() else name
            place = np.array(UsdGeom.Xformable(child).GetLocalTransformation())[3, :3]
            self._hold(number, name, place, number)
            above, _ = self._nearest(number, place, named)
            if above >= 0 and self._owner(above) == self._owner(number):
                self.held[number].bones.append((named[above], name))


def _common(names: Sequence[str]) -> str:
    """The name of several joints at one place: what their names begin with, ``left_hip`` of left_hip_x, left_hip_y."""
    if len(names) < 2:
        return "".join(names)
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names))
    return "".join(letters[0] for letters in same).rstrip("_-0123456789")
