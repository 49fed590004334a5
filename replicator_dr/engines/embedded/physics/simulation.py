"""One world, from its start to rest or to a time.

A sharp edge that is hit hard is now and then pressed through a wall, or thrown out of it with more energy than there
was. A body that is faster than a fall from the highest start allows, far below everything, or deep in another one at
rest tells so; the world is then simulated again with half the time step. So it is, once, where all that moves at the
time limit creeps: contacts between sharp shapes tremble now and then, and walk, where a shorter step lets them rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.physics.engine import mujoco
from replicator_dr.engines.embedded.physics.world import reach_of, rotations

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

STILL = 0.001
"""Metres: no point of a body at rest moves farther in 0.2 s. Contacts tremble a little, so speeds say less."""
CREEP = 0.01
"""Metres: what moves between STILL and this in 0.2 s creeps; what rolls is faster."""
LOST = 1.0
"""Metres below everything that stands: what gets there falls for ever."""
DEEP = 0.003
"""Metres by which nothing that rests should overlap."""
_CHECK = 0.04
_WINDOW = 5
_FASTER = 1.25
_HALVINGS = 3
_FREE = 1e-4
_ROUNDS = 400


@dataclass(frozen=True)
class Outcome:
    """F bodies after a simulation.

    position (F, 3) [m], turn (F, 3, 3) for row vectors, velocity (F, 3) [m/s] of the bodies' origins, spin (F, 3)
    [rad/s]: in the world. moving, lost (F,): not at rest; far below everything. time [s]. stable: no number became too
    large. overlapping: (F,) bodies that found no place free of others at the start.
    """

    position: Float64
    turn: Float64
    velocity: Float64
    spin: Float64
    moving: Bool
    lost: Bool
    time: float
    stable: bool
    overlapping: Bool


def simulate(
    model: Any, start: Float64, motion: Float64, until: float | None, limit: float, floor: float, separate: bool
) -> Outcome:
    """start: (F, 7) position and quaternion. motion: (F, 6) velocity [m/s] and spin [rad/s] in the world.

    until: seconds after which to stop; None = when everything is at rest, after ``limit`` at the latest. floor: lowest
    point of what stands [m]. separate: first raise bodies that overlap until they do not.
    """
    library = mujoco()
    data = library.MjData(model)
    data.qpos[:] = start.ravel()
    overlapping: Bool = np.zeros(len(start), bool)
    if separate:
        overlapping = _separate(library, model, data, len(start))
    placed = data.qpos.reshape(-1, 7).copy()
    reach = reach_of(model)[1 : 1 + len(start)]
    for attempt in range(_HALVINGS):
        run = _run(library, model, placed, motion, until, limit, floor)
        sound = run.stable and not run.forced and not (run.poses[-1][:, 2] < floor - LOST).any()
        if sound and not (attempt == 0 and until is None and _creeps(run.poses, reach)):
            break
        _halve(model)
    last = run.poses[-1]
    return Outcome(
        position=last[:, :3],
        turn=rotations(last[:, 3:]),
        velocity=run.motion[:, :3],
        spin=run.motion[:, 3:],
        moving=_moved(run.poses, reach) > STILL,
        lost=last[:, 2] < floor - LOST,
        time=run.time,
        stable=run.stable,
        overlapping=overlapping,
    )


@dataclass(frozen=True)
class _Run:
    """poses: (F, 7) at the last few checks. motion: (F, 6) in the world. forced: what no fall does happened."""

    poses: list[Float64]
    motion: Float64
    forced: bool
    time: float
    stable: bool


def _run(
    library: Any, model: Any, start: Float64, motion: Float64, until: float | None, limit: float, floor: float
) -> _Run:
    """One attempt with the model's time step."""
    step, end = float(model.opt.timestep), limit if until is None else until
    check = round(_CHECK / step)
    data = library.MjData(model)
    data.qpos[:] = start.ravel()
    velocity = data.qvel.reshape(-1, 6)
    # Half a step against gravity: the semi-implicit steps then lie on the parabola of a free fall.
    velocity[:, :3] = motion[:, :3] - 0.5 * step * np.array(model.opt.gravity)
    velocity[:, 3:] = np.einsum("nij,ni->nj", _turns(data), motion[:, 3:])
    reach = reach_of(model)[1 : 1 + len(start)]
    poses, forced = [start], False
    thrust = _length(motion).max(initial=0.0)
    while data.time < end - 1e-9:
        count = min(check, int((end - data.time) / step + 1e-6))
        if count == 0:
            model.opt.timestep, count = end - data.time, 1
        library.mj_step(model, data, nstep=count)
        if not _stable(library, data):
            break
        poses = [*poses[-_WINDOW:], data.qpos.reshape(-1, 7).copy()]
        fall = np.maximum(start[:, 2].max(initial=-np.inf) - poses[-1][:, 2], 0.0)
        allowed = _FASTER * (1.0 + thrust + np.sqrt(2.0 * abs(model.opt.gravity[2]) * fall))
        forced |= bool((_length(velocity) > allowed).any())
        lost = poses[-1][:, 2] < floor - LOST
        if until is None and len(poses) > _WINDOW and not ((_moved(poses, reach) > STILL) & ~lost).any():
            break
    model.opt.timestep = step
    library.mj_forward(model, data)
    forced |= until is None and float(data.contact.dist.min(initial=0.0)) < -DEEP
    speeds = velocity + 0.5 * step * data.qacc.reshape(-1, 6)
    spin = np.einsum("nij,nj->ni", _turns(data), speeds[:, 3:])
    world = np.concatenate([speeds[:, :3], spin], axis=1)
    return _Run(poses, world, forced, float(data.time), _stable(library, data))


def _halve(model: Any) -> None:
    """Half the time step; contacts become as stiff for it as they were."""
    model.opt.timestep *= 0.5
    model.geom_solref *= (4.0, 2.0)


def _length(motion: Float64) -> Float64:
    """(F,) [m/s] of the linear part of (F, 3 or 6)."""
    return np.sqrt(np.sum(motion[:, :3] ** 2, axis=1))


def _separate(library: Any, model: Any, data: Any, falling: int) -> Bool:
    """Raise what overlaps something lower, in the order in which things start one above the other.

    Gives the bodies that still overlap in the end.
    """
    library.mj_fwdPosition(model, data)
    rank = np.empty(model.nbody)
    rank[np.lexsort((np.arange(falling), data.xipos[1 : 1 + falling, 2])) + 1] = np.arange(falling)
    rank[0], rank[1 + falling :] = -1, -1
    step = 0.25 * reach_of(model)[1 : 1 + falling]
    for _ in range(_ROUNDS):
        contact = data.contact
        deep = contact.dist < -_FREE
        if not deep.any():
            break
        pairs = model.geom_bodyid[contact.geom[deep]]
        upper = np.where(rank[pairs[:, 0]] > rank[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
        raised = np.unique(upper[upper <= falling]) - 1
        if not len(raised):
            break
        data.qpos.reshape(-1, 7)[raised, 2] += step[raised]
        library.mj_fwdPosition(model, data)
    else:
        stuck = np.zeros(falling, bool)
        stuck[raised] = True
        return stuck
    return np.zeros(falling, bool)


def _stable(library: Any, data: Any) -> bool:
    """Whether no number became too large; MuJoCo then begins anew by itself, and counts it."""
    kinds = library.mjtWarning
    bad = (kinds.mjWARN_BADQPOS, kinds.mjWARN_BADQVEL, kinds.mjWARN_BADQACC)
    return not any(data.warning[int(kind)].number for kind in bad)


def _turns(data: Any) -> Float64:
    """(F, 3, 3) from the bodies' frames to the world, for column vectors."""
    return np.swapaxes(rotations(data.qpos.reshape(-1, 7)[:, 3:]), 1, 2)


def _creeps(poses: list[Float64], reach: Float64) -> bool:
    """Whether something moves, and nothing as fast as what rolls."""
    return STILL < float(_moved(poses, reach).max(initial=0.0)) < CREEP


def _moved(poses: list[Float64], reach: Float64) -> Float64:
    """(F,) how far a point of the body may have moved from the first to the last pose (F, 7), at most [m]."""
    first, last = poses[0], poses[-1]
    turned = 2.0 * np.arccos(np.minimum(np.abs(np.sum(first[:, 3:] * last[:, 3:], axis=1)), 1.0))
    return np.asarray(np.linalg.norm(last[:, :3] - first[:, :3], axis=1) + reach * turned)
