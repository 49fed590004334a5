"""Where the positions of joints come from: distributions by name or pattern, otherwise a share of their limits."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.draws import sampling
from replicator_dr.engines.embedded.draws.choices import Choice, Cycle
from replicator_dr.engines.embedded.draws.distributions import (
    Distribution,
    LogUniform,
    Normal,
    Uniform,
    distribution_of,
    sample,
)
from replicator_dr.engines.embedded.robots.kinematics import Kinematics, share_of_limits
from replicator_dr.engines.embedded.robots.model import PRISMATIC, SPHERICAL, Joint
from replicator_dr.errors import EngineError

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_SLACK = 1e-6
"""Degrees or metres by which single precision may move a limit."""


class JointDraws:
    """Positions for one robot. source: the stream of what is not given; positions: (name or pattern, value) pairs."""

    def __init__(
        self,
        kind: str,
        kinematics: Kinematics,
        source: Distribution,
        positions: Sequence[tuple[str, Any]],
        share: float,
    ) -> None:
        self._kind, self._kinematics, self._source, self._share = kind, kinematics, source, share
        self._given = self._assigned(positions)
        for pattern, (value, joints) in self._given.items():
            for joint in joints:
                self._check(pattern, value, kinematics.joints[joint])
        given = {joint for _, joints in self._given.values() for joint in joints}
        self._rest = [n for n, joint in enumerate(kinematics.joints) if joint.is_free and n not in given]
        for number in self._rest:
            self._check_limits(kinematics.joints[number])

    def _assigned(self, positions: Sequence[tuple[str, Any]]) -> dict[str, tuple[Any, list[int]]]:
        """The joints of each pattern; a name stands before patterns, an earlier pattern before a later one."""
        joints = self._kinematics.joints
        names = [joint.name for joint in joints]
        taken: set[int] = set()
        found: dict[str, tuple[Any, list[int]]] = {}
        for pattern, value in sorted(positions, key=lambda pair: pair[0] not in names):
            fitting = [number for number, name in enumerate(names) if fnmatch.fnmatchcase(name, pattern)]
            if not fitting:
                raise EngineError(
                    f"{self._kind}: no joint of {self._kinematics.robot.path} fits '{pattern}'; "
                    f"joints: {', '.join(joint.name for joint in joints if joint.is_free)}"
                )
            for number in fitting if pattern in names else ():
                if (mimic := joints[number].mimic) is not None:
                    raise EngineError(f"{self._kind}: '{pattern}' follows '{mimic.leader}'; give that one a position")
            mine = [number for number in fitting if number not in taken and joints[number].is_free]
            taken.update(mine)
            found[pattern] = value, mine
        return found

    def _check(self, pattern: str, value: Any, joint: Joint) -> None:
        """Whether what is given stays within the limits. EngineError."""
        if joint.kind == SPHERICAL:
            raise EngineError(
                f"{self._kind}: '{joint.name}' is a spherical joint and has no single position; leave it out of "
                "positions: it is turned within its limit"
            )
        reach = _reach(value)
        if reach is not None and (reach[0] < joint.lower - _SLACK or reach[1] > joint.upper + _SLACK):
            raise EngineError(
                f"{self._kind}: '{pattern}' reaches {reach[0]:g} .. {reach[1]:g}, beyond the limits of '{joint.name}', "
                f"{joint.lower:g} .. {joint.upper:g} {'m' if joint.kind == PRISMATIC else 'degrees'}"
            )

    def _check_limits(self, joint: Joint) -> None:
        if self._share > 0.0 and not np.isfinite(share_of_limits(joint, 1.0)).all():
            raise EngineError(f"{self._kind}: '{joint.name}' has no limits; give its position [m]")

    def draw(self, seed: int, executions: Int64, count: int, first: int, size: int) -> Float64:
        """(R, size, count, n, 3) positions of ``count`` robots: those of tries ``first`` to ``first + size``."""
        joints = self._kinematics.joints
        rest = self._kinematics.rest()
        result = np.broadcast_to(rest, (len(executions), size, count, *rest.shape)).copy()
        most = (first + size) * count

        def tries(values: Float64) -> Float64:
            return values[:, first * count :].reshape(len(executions), size, count, *values.shape[2:])

        for number in self._rest:
            joint = joints[number]
            key = sampling.stream_key("joint", self._source.key(seed), joint.name)
            u = tries(sampling.uniforms(key, executions, most, 3 if joint.kind == SPHERICAL else 1))
            if joint.kind == SPHERICAL:
                result[..., number, :] = _within_cone(u, self._share * joint.upper)
            else:
                low, high = (np.array([end]) for end in share_of_limits(joint, self._share))
                result[..., number, 0] = sampling.uniform(u, low, high)[..., 0]
        for value, numbers in self._given.values():
            if numbers:
                low, high = (np.array([getattr(joints[n], end) for n in numbers]) for end in ("lower", "upper"))
                result[..., numbers, 0] = tries(_samples(value, seed, executions, most, low, high))
        followed: Float64 = self._kinematics.follow(result)
        return followed


def _samples(value: Any, seed: int, executions: Int64, count: int, low: Float64, high: Float64) -> Float64:
    """(R, count, m) samples for m joints, within their limits (m,); a normal distribution is cut to them."""
    joints = len(low)
    node = distribution_of(value)
    if isinstance(node, Normal) and node.lower is None:
        u = node.uniforms(seed, executions, count * joints, 1).reshape(len(executions), count, joints)
        return sampling.truncated_normal(u, node.mean[:1], node.std[:1], low, high)
    samples = sample(value, seed, executions, count * joints, 1).reshape(len(executions), count, joints)
    return np.clip(samples, low, high)


def _within_cone(u: Float64, most: float) -> Float64:
    """(..., 3) rotation vectors [degrees] from uniforms (..., 3): any axis, angles even up to ``most``."""
    z = 2.0 * u[..., 0] - 1.0
    turn = 2.0 * np.pi * u[..., 1]
    flat = np.sqrt(np.maximum(1.0 - z * z, 0.0))
    axis = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=-1)
    return axis * (most * u[..., 2:])


def _reach(value: Any) -> tuple[float, float] | None:
    """How far a constant or a bounded distribution reaches, None where that is not known or endless."""
    node = distribution_of(value)
    if node is None:
        numbers = np.atleast_1d(np.asarray(value, dtype=np.float64))
    elif isinstance(node, (Uniform, LogUniform)) or (isinstance(node, Normal) and node.lower is not None):
        numbers = np.concatenate([node.lower, node.upper])
    elif isinstance(node, (Choice, Cycle)) and node.numeric:
        numbers = np.asarray(node.choices if isinstance(node, Choice) else node.items, dtype=np.float64).ravel()
    else:
        return None
    return float(numbers.min()), float(numbers.max())
