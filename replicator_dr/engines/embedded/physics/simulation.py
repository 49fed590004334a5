"""One world, from its start to rest or to a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.physics.contacts import TIMESTEP
from replicator_dr.engines.embedded.physics.engine import mujoco
from replicator_dr.engines.embedded.physics.world import reach_of, rotations

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

STILL = 0.001
"""Metres: no point of a body at rest moves farther in 0.2 s. Contacts tremble a little, so speeds say less."""
LOST = 1.0
"""Metres below everything that stands: what gets there falls for ever."""
_CHECK = 25
_WINDOW = 2
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
    overlapping = np.zeros(len(start), bool)
    if separate:
        overlapping = _separate(library, model, data, len(start))
    turn = _turns(data)
    velocity = data.qvel.reshape(-1, 6)
    # Half a step against gravity: the semi-implicit steps then lie on the parabola of a free fall.
    velocity[:, :3] = motion[:, :3] - 0.5 * TIMESTEP * np.array(model.opt.gravity)
    velocity[:, 3:] = np.einsum("nij,ni->nj", turn, motion[:, 3:])
    reach = reach_of(model)[1 : 1 + len(start)]
    poses = [data.qpos.reshape(-1, 7).copy()]
    while data.time < (limit if until is None else until) - 1e-9:
        rest = (limit if until is None else until) - data.time
        steps = min(_CHECK, int(rest / TIMESTEP + 1e-6))
        if steps == 0:
            model.opt.timestep, steps = rest, 1
        library.mj_step(model, data, nstep=steps)
        if not _stable(library, data):
            break
        poses = [*poses[-_WINDOW:], data.qpos.reshape(-1, 7).copy()]
        if until is None and len(poses) > _WINDOW and not (_moved(poses, reach) & ~_lost(data, floor)).any():
            break
    stable = _stable(library, data)
    model.opt.timestep = TIMESTEP
    library.mj_forward(model, data)
    speeds = data.qvel.reshape(-1, 6) + 0.5 * TIMESTEP * data.qacc.reshape(-1, 6)
    pose = data.qpos.reshape(-1, 7).copy()
    return Outcome(
        position=pose[:, :3],
        turn=rotations(pose[:, 3:]),
        velocity=speeds[:, :3],
        spin=np.einsum("nij,nj->ni", _turns(data), speeds[:, 3:]),
        moving=_moved(poses, reach),
        lost=_lost(data, floor),
        time=float(data.time),
        stable=stable,
        overlapping=overlapping,
    )


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


def _moved(poses: list[Float64], reach: Float64) -> Bool:
    """(F,) whether a point of the body may have moved farther than STILL from the first to the last pose (F, 7)."""
    first, last = poses[0], poses[-1]
    turned = 2.0 * np.arccos(np.minimum(np.abs(np.sum(first[:, 3:] * last[:, 3:], axis=1)), 1.0))
    moved: Bool = np.linalg.norm(last[:, :3] - first[:, :3], axis=1) + reach * turned > STILL
    return moved


def _lost(data: Any, floor: float) -> Bool:
    lost: Bool = data.qpos.reshape(-1, 7)[:, 2] < floor - LOST
    return lost
