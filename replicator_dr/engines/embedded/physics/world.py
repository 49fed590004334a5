"""Bodies -> a MuJoCo model, and what varies in it from frame to frame."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.physics.bodies import BALL, BOX, Body, Collider
from replicator_dr.engines.embedded.physics.contacts import ROLLING, SLIP, SOLIMP, TIMESTEP, TORSION, stiffness
from replicator_dr.engines.embedded.physics.engine import mujoco
from replicator_dr.pool.usd_physics import DEFAULT_FRICTION

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """What one world draws for its F falling bodies, each (F,); nan where the stage's value stays.

    gravity [m/s2], downwards. damping: (F, 2) linear and angular [1/s].
    """

    gravity: float
    friction: Float64
    restitution: Float64
    mass_scale: Float64
    inertia_scale: Float64
    damping: Float64


class World:
    """A compiled model of F falling and then K standing bodies; body i is MuJoCo's body i + 1.

    stretch: (F + K, 3, 3), the linear part that takes each body's points [stage units] to metres in its rigid frame.
    """

    def __init__(self, falling: Sequence[Body], standing: Sequence[Body], stretch: Float64) -> None:
        self.falling = len(falling)
        self._damping = np.array([body.damping for body in falling]).reshape(-1, 2)
        self._model = _compiled(falling, standing, stretch)
        _give_mass(self._model, falling, stretch)
        owner = self._model.geom_bodyid - 1
        falls = owner < self.falling
        self._model.geom_friction[falls, 1:] = self.reach[owner[falls], None] * (TORSION, ROLLING)

    @property
    def reach(self) -> Float64:
        """(F,) how far each falling body reaches from its origin [m], at most."""
        return reach_of(self._model)[1 : 1 + self.falling]

    def model(self, drawn: Material, position: Float64, quaternion: Float64) -> Any:
        """A model of its own. position (K, 3) [m], quaternion (K, 4) wxyz: of the standing bodies."""
        library, model, falling = mujoco(), copy.copy(self._model), self.falling
        model.opt.gravity = (0.0, 0.0, -drawn.gravity)
        model.body_pos[1 + falling :], model.body_quat[1 + falling :] = position, quaternion
        owner = model.geom_bodyid - 1
        mine = np.flatnonzero(owner < falling)
        given = mine[np.isfinite(drawn.friction[owner[mine]])]
        model.geom_friction[given, 0] = drawn.friction[owner[given]]
        given = mine[np.isfinite(drawn.restitution[owner[mine]])]
        model.geom_solref[given] = stiffness(drawn.restitution[owner[given]])
        own = slice(1, 1 + falling)
        model.body_mass[own] *= drawn.mass_scale
        model.body_inertia[own] *= (drawn.mass_scale * drawn.inertia_scale)[:, None]
        rate = np.where(np.isfinite(drawn.damping), drawn.damping, self._damping)
        linear = np.repeat((rate[:, 0] * model.body_mass[own])[:, None], 3, axis=1)
        axes = _matrices(model.body_iquat[own])
        about = np.einsum("nij,nj,nij->ni", axes, model.body_inertia[own], axes)
        model.dof_damping[:] = np.concatenate([linear, rate[:, 1:] * about], axis=1).ravel()
        library.mj_setConst(model, library.MjData(model))
        return model


def _compiled(falling: Sequence[Body], standing: Sequence[Body], stretch: Float64) -> Any:
    library = mujoco()
    spec = library.MjSpec()
    spec.option.timestep = TIMESTEP
    spec.option.cone = library.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = SLIP
    spec.option.integrator = library.mjtIntegrator.mjINT_IMPLICITFAST
    spec.compiler.balanceinertia = True
    # Several contacts for each pair of hulls: the rule since MuJoCo 4, an option before.
    spec.option.enableflags |= int(getattr(library.mjtEnableBit, "mjENBL_MULTICCD", 0))
    for i, body in enumerate([*falling, *standing]):
        falls = i < len(falling)
        made = spec.worldbody.add_body(name=f"body{i}")
        if falls:
            made.add_freejoint()
        for collider in body.colliders:
            friction, restitution = collider.substance.friction, collider.substance.restitution
            _add(library, spec, made, collider, stretch[i],
                 condim=6, solimp=SOLIMP, density=collider.substance.density,
                 friction=((DEFAULT_FRICTION if falls else 0.0) if friction is None else friction, 0.0, 0.0),
                 solref=stiffness(np.array((0.0 if falls else 1.0) if restitution is None else restitution)),
                 )  # fmt: skip
    return spec.compile()


def _add(library: Any, spec: Any, body: Any, collider: Collider, stretch: Float64, **how: Any) -> None:
    """One geom: a box, ball or ellipsoid where the stretched piece still is one, else its hull."""
    if collider.kind in (BOX, BALL):
        axes = collider.frame[:3, :3] @ stretch
        size = np.linalg.norm(axes, axis=1)
        turn = axes / size[:, None]
        if np.abs(turn @ turn.T - np.eye(3)).max() < 1e-6:
            turn[0] *= np.sign(np.linalg.det(turn))
            even = np.ptp(size) < 1e-6 * size.max()
            types = library.mjtGeom
            ball = types.mjGEOM_SPHERE if even else types.mjGEOM_ELLIPSOID
            body.add_geom(
                type=types.mjGEOM_BOX if collider.kind == BOX else ball,
                size=size,
                pos=collider.frame[3, :3] @ stretch,
                quat=quaternions(turn[None])[0],
                **how,
            )
            return
        corners = _cloud(collider) @ collider.frame[:3, :3] + collider.frame[3, :3]
    else:
        corners = collider.corners
    name = f"hull{len(spec.meshes)}"
    spec.add_mesh(name=name, uservert=(corners @ stretch).ravel())
    body.add_geom(type=library.mjtGeom.mjGEOM_MESH, meshname=name, **how)


def _cloud(collider: Collider) -> Float64:
    """Corners of the cube of edge 2, or points spread over the unit ball."""
    if collider.kind == BOX:
        return np.stack(np.meshgrid(*[(-1.0, 1.0)] * 3), axis=-1).reshape(-1, 3)
    height = 1 - (2 * np.arange(256) + 1) / 256
    turn = np.pi * (1 + 5**0.5) * np.arange(256)
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)


def _give_mass(model: Any, bodies: Sequence[Body], stretch: Float64) -> None:
    """What the stage says of mass, centre and inertia, in place of what follows from the colliders."""
    for i, body in enumerate(bodies):
        if body.mass is not None:
            model.body_inertia[1 + i] *= body.mass / model.body_mass[1 + i]
            model.body_mass[1 + i] = body.mass
        if body.centre is not None:
            model.body_ipos[1 + i] = np.array(body.centre) @ stretch[i]
        if body.inertia is not None:
            model.body_inertia[1 + i], model.body_iquat[1 + i] = body.inertia, body.axes


def reach_of(model: Any) -> Float64:
    """(bodies,) how far each of a model's bodies reaches from its origin [m], at most."""
    reach = np.zeros(model.nbody)
    np.maximum.at(reach, model.geom_bodyid, model.geom_rbound + np.linalg.norm(model.geom_pos, axis=1))
    return reach


def quaternions(turns: Float64) -> Float64:
    """(n, 4) wxyz of rotations (n, 3, 3) for row vectors."""
    from scipy.spatial.transform import Rotation

    x, y, z, w = Rotation.from_matrix(np.swapaxes(turns, 1, 2)).as_quat().T if len(turns) else np.zeros((4, 0))
    return np.stack([w, x, y, z], axis=1)


def rotations(quaternion: Float64) -> Float64:
    """(n, 3, 3) for row vectors, of quaternions (n, 4) wxyz."""
    return np.swapaxes(_matrices(quaternion), 1, 2)


def _matrices(quaternion: Float64) -> Float64:
    """(n, 3, 3) for column vectors."""
    w, x, y, z = (quaternion / np.linalg.norm(quaternion, axis=1, keepdims=True)).T
    return np.moveaxis(np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]), -1, 0)  # fmt: skip
