"""randomizer.settle: bodies fall from where they are until they rest, or until a moment of the fall.

Each firing is a simulation of its own from the poses that other nodes wrote before, so that a frame is the same alone,
in any batch and on any number of threads.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pxr import UsdGeom
from typing_extensions import override

from replicator_dr.engines.embedded.draws.distributions import Distribution, expand
from replicator_dr.engines.embedded.nodes import Effect, unique
from replicator_dr.engines.embedded.physics.bodies import BALL, BOX, Body, read_bodies
from replicator_dr.engines.embedded.physics.engine import mujoco
from replicator_dr.engines.embedded.physics.poses import Rigid, from_world, rigid_frames
from replicator_dr.engines.embedded.physics.simulation import Outcome, simulate
from replicator_dr.engines.embedded.physics.world import Material, World, quaternions
from replicator_dr.engines.embedded.scene.scene_prims import upward
from replicator_dr.engines.embedded.scene.transforms import rigid
from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from replicator_dr.engines.embedded.firing import Firing
    from replicator_dr.engines.embedded.scene.plan import Plan

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

PER_BODY = {
    "friction": 1, "restitution": 1, "mass_scale": 1, "inertia_scale": 1, "linear_damping": 1, "angular_damping": 1,
    "velocity": 3, "angular_velocity": 3,
}  # fmt: skip
"""Inputs that each body draws for itself, and their components."""
_KEPT = 16


@dataclass
class _Frame:
    """One simulation: the bodies that take part, and what was drawn for it."""

    falls: Bool
    stands: Bool
    drawn: Material
    until: float | None


class SettleEffect(Effect):
    """Simulates its prims among colliders.

    targets: one list of paths for each item; inputs of ``PER_BODY`` hold one value for all items, or a list of one for
    each. None leaves what the stage says.
    """

    reads_state = True
    drawn = drawn_once = ("gravity", "capture")

    def __init__(
        self,
        items: Sequence[Callable[[], list[str]]],
        colliders: Callable[[], list[str]],
        inputs: dict[str, Any],
        name: str | None,
    ) -> None:
        super().__init__("randomizer.settle", lambda: unique([p for item in items for p in item()]), inputs, name)
        self._items = items
        self._standing = colliders
        self._worlds: dict[bytes, World] = {}
        self._told = False

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_worlds": {}}

    @override
    def sources(self) -> Iterable[tuple[Distribution, int]]:
        yield from super().sources()
        for name in PER_BODY:
            for item, value in zip(self._items, self._values(name)):
                for distribution in expand([value]):
                    yield distribution, len(item())

    def _values(self, name: str) -> list[Any]:
        value = self.inputs[name]
        return value if isinstance(value, list) else [value] * len(self._items)

    @override
    def prepare(self, plan: Plan) -> None:
        self._worlds = {}
        self._counts = [len(item()) for item in self._items]
        self._paths = tuple(self.targets())
        self._posts = tuple(path for path in unique(self._standing()) if path not in self._paths)
        if not self._paths:
            return
        mujoco()
        if not self._posts and self.inputs["capture"] is None:
            raise EngineError(f"{self.kind}: there are no colliders, so that everything falls for ever; give a floor")
        self._columns = plan.pose_columns(self._paths, self.kind)
        self._motion = plan.motion_columns(self._paths, self.kind)
        self._fact = None
        if self.inputs["record"] and self.inputs["capture"] is None:
            self._fact = plan.fact_column(self.inputs["record"])
        if self.inputs["left"] == "hide":
            self._hidden = plan.visible_columns(self._paths, self.kind)
        self._falling = read_bodies(plan, self._paths, self.kind, falls=True)
        self._fixed = read_bodies(plan, self._posts, self.kind, falls=False)
        self._floors = [_corners(body) for body in self._fixed]
        # What is invisible on the stage already is there to collide.
        self._walls = np.array([not _shown(plan, path) for path in self._posts], dtype=bool)

    @override
    def evaluate(self, firing: Firing) -> None:
        if not self._paths:
            return
        falling = rigid_frames(firing.world(self._paths))
        standing = rigid_frames(firing.world(self._posts))
        frames = self._frames(firing)
        motion = self._start_motion(firing)

        def run(row: int) -> Outcome:
            return self._simulate(frames[row], falling.row(row), standing.row(row), motion[row])

        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        threads = max(min(len(frames), cores), 1)
        with ThreadPoolExecutor(threads, thread_name_prefix="physics") as pool:
            outcomes = list(pool.map(run, range(len(frames))))
        lost, moving = self._report(frames, outcomes, firing)
        if self._fact is not None:
            firing.write("fact", self._fact, moving.sum(axis=1)[:, None, None])
        self._write(firing, frames, outcomes, falling)
        if self.inputs["left"] == "hide":
            shown = firing.read("visible", self._hidden)
            firing.write("visible", self._hidden, np.where(lost[..., None], 0.0, shown))

    def _frames(self, firing: Firing) -> list[_Frame]:
        draws = {name: self._numbers(firing, name) for name in PER_BODY if name[-8:] != "velocity"}
        gravity = firing.numbers(self.inputs["gravity"], 1, 1)[:, 0, 0]
        capture = self.inputs["capture"]
        until = None if capture is None else firing.numbers(capture, 1, 1)[:, 0, 0]
        falls = _visible(firing, self._paths)
        stands = _visible(firing, self._posts) | self._walls
        damping = np.concatenate([draws["linear_damping"], draws["angular_damping"]], axis=-1)
        frames = []
        for row in range(len(firing.executions)):
            mine = falls[row]
            drawn = Material(
                gravity=float(gravity[row]),
                friction=draws["friction"][row, mine, 0],
                restitution=draws["restitution"][row, mine, 0],
                mass_scale=np.nan_to_num(draws["mass_scale"][row, mine, 0], nan=1.0),
                inertia_scale=np.nan_to_num(draws["inertia_scale"][row, mine, 0], nan=1.0),
                damping=damping[row, mine],
            )
            frames.append(_Frame(mine, stands[row], drawn, None if until is None else float(until[row])))
        return frames

    def _numbers(self, firing: Firing, name: str) -> Float64:
        """(R, n, k), nan where nothing is said."""
        width = PER_BODY[name]
        return np.concatenate([
            np.full((len(firing.executions), count, width), np.nan) if value is None
            else firing.numbers(value, count, width)
            for value, count in zip(self._values(name), self._counts)
        ], axis=1)  # fmt: skip

    def _start_motion(self, firing: Firing) -> Float64:
        """(R, n, 6): velocity [m/s] and spin [rad/s] in the world; those of the prims where none are given."""
        above = firing.parent_world(self._paths)
        parts = []
        for name, channel, frame in (("velocity", "velocity", above), ("angular_velocity", "spin", rigid(above))):
            held = np.sum(firing.read(channel, self._motion)[..., :, None] * frame[..., :3, :3], axis=-2)
            given = self._numbers(firing, name)
            parts.append(np.where(np.isfinite(given), given, held))
        return np.concatenate([parts[0], np.deg2rad(parts[1])], axis=-1)

    def _simulate(self, frame: _Frame, falling: Rigid, standing: Rigid, motion: Float64) -> Outcome:
        world = self._world(frame, falling, standing)
        there, mine = frame.stands, frame.falls
        model = world.model(frame.drawn, standing.position[there], quaternions(standing.turn[there]))
        start = np.concatenate([falling.position[mine], quaternions(falling.turn[mine])], axis=1)
        lowest = [
            (corners @ standing.stretch[i] @ standing.turn[i])[:, 2].min() + standing.position[i, 2]
            for i, corners in enumerate(self._floors) if there[i]
        ]  # fmt: skip
        floor = min(lowest, default=-np.inf)
        separate, limit = bool(self.inputs["separate"]), float(self.inputs["time_limit"])
        return simulate(model, start, motion[mine], frame.until, limit, floor, separate)

    def _world(self, frame: _Frame, falling: Rigid, standing: Rigid) -> World:
        """The model of these bodies at these sizes; several threads may make the same one, which does no harm."""
        stretch = np.concatenate([falling.stretch[frame.falls], standing.stretch[frame.stands]])
        key = frame.falls.tobytes() + frame.stands.tobytes() + stretch.tobytes()
        world = self._worlds.get(key)
        if world is None:
            mine = [body for body, here in zip(self._falling, frame.falls) if here]
            fixed = [body for body, here in zip(self._fixed, frame.stands) if here]
            world = World(mine, fixed, stretch)
            if len(self._worlds) < _KEPT:
                self._worlds[key] = world
        return world

    def _write(self, firing: Firing, frames: Sequence[_Frame], outcomes: Sequence[Outcome], start: Rigid) -> None:
        moved = np.array([frame.falls for frame in frames])
        position, turn = start.position.copy(), start.turn.copy()
        motion = np.zeros((*moved.shape, 6))
        for row, (frame, outcome) in enumerate(zip(frames, outcomes)):
            turn[row, frame.falls] = outcome.turn
            position[row, frame.falls] = outcome.position
            if frame.until is not None:
                motion[row, frame.falls] = np.concatenate([outcome.velocity, np.rad2deg(outcome.spin)], axis=1)
        from_world(firing, self._paths, self._columns, moved, position, start.turn, turn)
        above = np.linalg.inv(firing.parent_world(self._paths)[..., :3, :3])
        around = np.swapaxes(rigid(firing.parent_world(self._paths))[..., :3, :3], -1, -2)
        firing.write("velocity", self._motion, np.sum(motion[..., :3, None] * above, axis=-2))
        firing.write("spin", self._motion, np.sum(motion[..., 3:, None] * around, axis=-2))

    def _report(self, frames: Sequence[_Frame], outcomes: Sequence[Outcome], firing: Firing) -> tuple[Bool, Bool]:
        """(R, n) bodies that left, and those that still move.

        EngineError for what cannot be used; a warning, once, for what still moves.
        """
        lost, moving, stuck = (np.zeros((len(frames), len(self._paths)), bool) for _ in range(3))
        for row, (frame, outcome) in enumerate(zip(frames, outcomes)):
            if not outcome.stable:
                raise EngineError(
                    f"{self.kind}: the simulation of firing {firing.executions[row]} is not stable; use smaller "
                    "velocities, less different masses, or objects that do not overlap at the start"
                )
            lost[row, frame.falls] = outcome.lost
            moving[row, frame.falls] = outcome.moving & ~outcome.lost & (frame.until is None)
            stuck[row, frame.falls] = outcome.overlapping
        if stuck.any():
            raise EngineError(
                f"{self.kind}: {self._named(stuck)} found no place free of others at the start; give them more room"
            )
        if lost.any() and self.inputs["left"] == "error":
            first = firing.executions[np.flatnonzero(lost.any(axis=1))[0]]
            raise EngineError(
                f"{self.kind}: {self._named(lost)} left what stands and fell for ever, first in firing {first}; start "
                "above the colliders, make these larger, or use left: hide"
            )
        if moving.any() and not self._told:
            self._told = True
            warnings.warn(
                f"{self.kind}: {self._named(moving)} still moved after {self.inputs['time_limit']:g} s in "
                f"{moving.any(axis=1).sum()} of {len(frames)} frames and are shown where they were then; raise "
                "time_limit, or give them angular_damping",
                stacklevel=2,
            )
        return lost, moving

    def _named(self, which: Bool) -> str:
        found = [self._paths[i] for i in np.flatnonzero(which.any(axis=0))]
        return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _visible(firing: Firing, paths: Sequence[str]) -> Bool:
    """(R, n): whether a prim and all above it are shown in a frame, as far as the graph says so."""
    seen = np.ones((len(firing.executions), len(paths)), bool)
    index = firing.plan.visible.index
    for i, path in enumerate(paths):
        columns = np.array([index[above] for above in upward(path) if above in index], dtype=np.int64)
        seen[:, i] = firing.read("visible", columns)[..., 0].all(axis=1)
    return seen


def _shown(plan: Plan, path: str) -> bool:
    imageable = UsdGeom.Imageable(plan.stage.GetPrimAtPath(path))
    return not imageable or imageable.ComputeVisibility() != UsdGeom.Tokens.invisible


def _corners(body: Body) -> Float64:
    """(k, 3) points that the body does not reach beyond, in the frame of its prim."""
    cube = np.stack(np.meshgrid(*[(-1.0, 1.0)] * 3), axis=-1).reshape(-1, 3)
    return np.concatenate([
        cube @ one.frame[:3, :3] + one.frame[3, :3] if one.kind in (BOX, BALL) else one.corners
        for one in body.colliders
    ])  # fmt: skip
