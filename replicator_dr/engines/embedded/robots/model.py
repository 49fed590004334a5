"""A robot as its kinematics see it: links, and the joints that make a tree of them.

Row vectors: a child's points are ``p @ inverse(frame1) @ motion(q) @ frame0`` in its parent's frame, as in UsdPhysics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

REVOLUTE, PRISMATIC, SPHERICAL, FIXED = "revolute", "prismatic", "spherical", "fixed"


@dataclass(frozen=True)
class Mimic:
    """A joint follows another: q = multiplier * q_leader + offset, in the units of :class:`Joint`."""

    leader: str
    multiplier: float
    offset: float


@dataclass(frozen=True)
class Joint:
    """One joint. Positions are degrees (revolute) or metres (prismatic); of a spherical joint degrees from rest.

    parent, child: numbers of links. frame0, frame1: (4, 4), the joint in the parent and in the child. axis: (3,) in
    these frames, pointing so that positions turn or move the child. lower, upper: infinite where there is no limit.
    rest: the position in which the links are authored.
    """

    name: str
    kind: str
    parent: int
    child: int
    frame0: Float64
    frame1: Float64
    axis: Float64
    lower: float = -np.inf
    upper: float = np.inf
    rest: float = 0.0
    mimic: Mimic | None = None

    @property
    def moves(self) -> bool:
        """Whether it has a position."""
        return self.kind != FIXED

    @property
    def is_free(self) -> bool:
        """Whether its position is its own: it moves and follows no other joint."""
        return self.moves and self.mimic is None


@dataclass(frozen=True)
class Link:
    """One link. name: of its prim. path: on the stage. parent_link: number of the link whose prim stands above, or -1.

    offset: (4, 4), from the frame in which the prim's pose is written to that link, or to the robot. rest: (4, 4),
    to the robot's frame.
    """

    name: str
    path: str
    parent_link: int
    offset: Float64
    rest: Float64


@dataclass(frozen=True)
class Robot:
    """One robot. path: the prim in whose frame it is described. unit: metres in a unit of the joints' frames.

    joints: those of the tree, each after those that its parent hangs on. filtered: pairs of links that may overlap.
    """

    path: str
    links: tuple[Link, ...]
    joints: tuple[Joint, ...]
    unit: float = 1.0
    filtered: frozenset[tuple[int, int]] = frozenset()

    def free(self) -> list[Joint]:
        """The joints whose positions can be given."""
        return [joint for joint in self.joints if joint.is_free]

    def parents(self) -> dict[int, Joint]:
        """The joint above each link that has one."""
        return {joint.child: joint for joint in self.joints}
