"""MuJoCo's model of a robot as a USD articulation: links, joints, masses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded.robots.geometry import Looks, author_geometry
from replicator_dr.engines.embedded.robots.rotations import angles_of, matrix_of_quaternion, quaternion_between
from replicator_dr.engines.embedded.robots.source import Mimic, Source

Float64 = NDArray[np.float64]

ROOT = "/asset"
JOINTS = f"{ROOT}/joints"
SITE = "robot:site"
"""A token attribute of Xforms that are sites of a link: their name."""
_FREE, _BALL, _SLIDE, _HINGE = range(4)
_LIGHT = 1e-4
"""kg, of links between the joints of one body."""


@dataclass(frozen=True)
class _Place:
    """A rigid transform. position: (3,) [m]; quaternion: (4,) w, x, y, z."""

    position: Float64
    quaternion: Float64

    def matrix(self) -> Float64:
        """(4, 4) for row vectors."""
        matrix = np.eye(4)
        matrix[:3, :3] = matrix_of_quaternion(self.quaternion)
        matrix[3, :3] = self.position
        return matrix


def author_robot(source: Source, file: Path) -> None:
    """Write the articulation to a new file; pictures of materials lie beside it."""
    stage = Usd.Stage.CreateNew(str(file))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, ROOT).GetPrim()
    stage.SetDefaultPrim(root)
    UsdPhysics.ArticulationRootAPI.Apply(root)
    _Author(source, stage, file.parent).run()
    stage.GetRootLayer().Save()


class _Author:
    def __init__(self, source: Source, stage: Usd.Stage, folder: Path) -> None:
        self.model, self.mimics = source.model, source.mimics
        self.source = source
        self.stage = stage
        self.looks = Looks(source.model, stage, f"{ROOT}/Looks", folder)
        self.names = {"joints", "Looks"}
        self.links: dict[int, tuple[str, Float64]] = {}
        """Path and pose of each body's link in the robot's frame."""
        self.joint_names: set[str] = set()
        self.paths: dict[str, str] = {}
        """Path of each joint by its name in the file."""

    def run(self) -> None:
        UsdGeom.Scope.Define(self.stage, JOINTS)
        model = self.model
        top = [body for body in range(1, model.nbody) if model.body_parentid[body] == 0]
        floats = {body: self._kinds(body) == [_FREE] for body in range(1, model.nbody)}
        moving = any(self._kinds(body) and not floats[body] for body in top)
        bare = not any(floats[body] for body in top) and (len(top) > 1 or self._has_geometry(0))
        if moving or bare:
            self._link(0, "world", np.eye(4))
            self._geometry(0)
            self._joint("Fixed", "root_joint", ROOT, self.links[0][0], np.eye(4), np.eye(4))
        for body in range(1, model.nbody):
            self._body(body, floats[body])
        for name, mimic in self.mimics.items():
            self._mimic(name, mimic)
        self._filter()

    def _kinds(self, body: int) -> list[int]:
        first = int(self.model.body_jntadr[body])
        return [int(kind) for kind in self.model.jnt_type[first : first + int(self.model.body_jntnum[body])]]

    def _body(self, body: int, floats: bool) -> None:
        model = self.model
        place = _Place(model.body_pos[body], model.body_quat[body]).matrix()
        name = model.body(body).name or f"link_{body}"
        parent = int(model.body_parentid[body])
        if floats or parent not in self.links:
            self._link(body, name, place)
            if not floats:
                self._joint("Fixed", "root_joint", ROOT, self.links[body][0], place, np.eye(4))
        else:
            self._chain(body, name, place, parent)
        self._geometry(body)
        self._sites(body)

    def _chain(self, body: int, name: str, place: Float64, parent: int) -> None:
        """The link of a body, below its parent's by as many joints as the body has."""
        above, above_pose = self.links[parent]
        pose = place @ above_pose
        joints = list(
            range(int(self.model.body_jntadr[body]), int(self.model.body_jntadr[body]) + len(self._kinds(body)))
        )
        if not joints:
            self._link(body, name, pose)
            self._joint(
                "Fixed", self.source.fixed.get(name, f"{name}_fixed"), above, self.links[body][0], place, np.eye(4)
            )
        for number, joint in enumerate(joints):
            if number == len(joints) - 1:
                below = self._link(body, name, pose)
            else:
                below = self._between(f"{name}_{self.model.joint(joint).name or number}", pose)
            self._moving(joint, f"{name}_joint", above, below, place)
            above, place = below, np.eye(4)

    def _link(self, body: int, name: str, pose: Float64) -> str:
        path = self._xform(name, pose)
        self.links[body] = path, pose
        prim = self.stage.GetPrimAtPath(path)
        UsdPhysics.RigidBodyAPI.Apply(prim)
        mass = float(self.model.body_mass[body])
        if mass > 0.0:
            api = UsdPhysics.MassAPI.Apply(prim)
            api.CreateMassAttr(mass)
            api.CreateCenterOfMassAttr(Gf.Vec3f(*map(float, self.model.body_ipos[body])))
            api.CreateDiagonalInertiaAttr(Gf.Vec3f(*map(float, self.model.body_inertia[body])))
            api.CreatePrincipalAxesAttr(_quatf(self.model.body_iquat[body]))
        return path

    def _between(self, name: str, pose: Float64) -> str:
        path = self._xform(name, pose)
        prim = self.stage.GetPrimAtPath(path)
        UsdPhysics.RigidBodyAPI.Apply(prim)
        api = UsdPhysics.MassAPI.Apply(prim)
        api.CreateMassAttr(_LIGHT)
        api.CreateDiagonalInertiaAttr(Gf.Vec3f(_LIGHT))
        return path

    def _xform(self, name: str, pose: Float64) -> str:
        from replicator_dr.engines.embedded.usd.stage import set_pose

        path = f"{ROOT}/{_unique(name, self.names)}"
        prim = UsdGeom.Xform.Define(self.stage, path).GetPrim()
        set_pose(prim, pose[3, :3].tolist(), angles_of(pose[:3, :3]).tolist())
        return path

    def _moving(self, joint: int, fallback: str, above: str, below: str, place: Float64) -> None:
        """One of MuJoCo's joints. place: (4, 4) of the lower link in the upper one, before the joint moves."""
        model = self.model
        kind = int(model.jnt_type[joint])
        rest = float(model.qpos0[model.jnt_qposadr[joint]]) if kind in (_SLIDE, _HINGE) else 0.0
        token, quaternion = _along(model.jnt_axis[joint]) if kind != _BALL else ("X", np.array([1.0, 0.0, 0.0, 0.0]))
        frame = _Place(model.jnt_pos[joint], quaternion).matrix()
        type_name = {_BALL: "Spherical", _SLIDE: "Prismatic", _HINGE: "Revolute"}[kind]
        name = model.joint(joint).name
        unit = np.rad2deg if kind == _HINGE else float
        back = _moved(type_name, token, -float(unit(rest)))
        made = self._joint(type_name, name or fallback, above, below, back @ frame @ place, frame)
        self.paths[name] = str(made.GetPrim().GetPath())
        low, high = (float(value) for value in model.jnt_range[joint])
        limited = bool(model.jnt_limited[joint])
        if kind == _BALL:
            made.CreateAxisAttr("X")
            if limited:
                made.CreateConeAngle0LimitAttr(float(np.rad2deg(high)))
                made.CreateConeAngle1LimitAttr(float(np.rad2deg(high)))
            return
        made.CreateAxisAttr(token)
        if limited:
            made.CreateLowerLimitAttr(float(unit(low)))
            made.CreateUpperLimitAttr(float(unit(high)))
        if rest:
            drive = "angular" if kind == _HINGE else "linear"
            made.GetPrim().AddAppliedSchema(f"PhysicsJointStateAPI:{drive}")
            state = made.GetPrim().CreateAttribute(f"state:{drive}:physics:position", Sdf.ValueTypeNames.Float, False)
            state.Set(float(unit(rest)))

    def _joint(
        self, type_name: str, name: str, above: str, below: str, frame0: Float64, frame1: Float64
    ) -> Any:  # a UsdPhysics schema
        path = f"{JOINTS}/{_unique(name, self.joint_names)}"
        joint = getattr(UsdPhysics, f"{type_name}Joint").Define(self.stage, path)
        joint.CreateBody0Rel().SetTargets([above])
        joint.CreateBody1Rel().SetTargets([below])
        for frame, position, rotation in (
            (frame0, joint.CreateLocalPos0Attr(), joint.CreateLocalRot0Attr()),
            (frame1, joint.CreateLocalPos1Attr(), joint.CreateLocalRot1Attr()),
        ):
            position.Set(Gf.Vec3f(*map(float, frame[3, :3])))
            rotation.Set(Gf.Quatf(Gf.Matrix4d(frame.tolist()).ExtractRotationQuat()))
        return joint

    def _mimic(self, name: str, mimic: Mimic) -> None:
        """PhysX's mimic joint: q + gearing * q_leader + offset = 0, in degrees for joints that turn."""
        leader, multiplier, offset = mimic
        prim = self.stage.GetPrimAtPath(self.paths[name])
        turns = [self.stage.GetPrimAtPath(self.paths[one]).IsA(UsdPhysics.RevoluteJoint) for one in (name, leader)]
        follower_unit, leader_unit = (np.rad2deg(1.0) if turn else 1.0 for turn in turns)
        axis = f"rot{UsdPhysics.RevoluteJoint(prim).GetAxisAttr().Get()}" if turns[0] else "transX"
        prim.AddAppliedSchema(f"PhysxMimicJointAPI:{axis}")
        stem = f"physxMimicJoint:{axis}"
        prim.CreateRelationship(f"{stem}:referenceJoint", False).SetTargets([self.paths[leader]])
        for attribute, value in (
            ("gearing", -multiplier * follower_unit / leader_unit),
            ("offset", -offset * follower_unit),
        ):
            prim.CreateAttribute(f"{stem}:{attribute}", Sdf.ValueTypeNames.Float, False).Set(float(value))

    def _geometry(self, body: int) -> None:
        if self._has_geometry(body):
            author_geometry(self.source, body, self.links[body][0], self.stage, self.looks)

    def _has_geometry(self, body: int) -> bool:
        return body in self.model.geom_bodyid and any(True for _ in self._geoms(body))

    def _geoms(self, body: int) -> Iterator[int]:
        from replicator_dr.engines.embedded.robots.geometry import SHAPES

        for geom in np.flatnonzero(self.model.geom_bodyid == body):
            if int(self.model.geom_type[geom]) in SHAPES:
                yield int(geom)

    def _sites(self, body: int) -> None:
        from replicator_dr.engines.embedded.usd.stage import set_pose

        names = {str(child.GetName()) for child in self.stage.GetPrimAtPath(self.links[body][0]).GetChildren()}
        for site in np.flatnonzero(self.model.site_bodyid == body):
            name = self.model.site(site).name or f"site_{site}"
            path = f"{self.links[body][0]}/{_unique(name, names)}"
            place = _Place(self.model.site_pos[site], self.model.site_quat[site]).matrix()
            prim = UsdGeom.Xform.Define(self.stage, path).GetPrim()
            set_pose(prim, place[3, :3].tolist(), angles_of(place[:3, :3]).tolist())
            prim.CreateAttribute(SITE, Sdf.ValueTypeNames.Token, True, Sdf.VariabilityUniform).Set(name)

    def _filter(self) -> None:
        """Pairs of bodies that the file excludes from collisions."""
        for signature in self.model.exclude_signature:
            first, second = int(signature) >> 16, int(signature) & 0xFFFF
            if first in self.links and second in self.links:
                prim = self.stage.GetPrimAtPath(self.links[first][0])
                api = UsdPhysics.FilteredPairsAPI.Apply(prim)
                api.CreateFilteredPairsRel().AddTarget(self.links[second][0])


def _moved(type_name: str, token: str, value: float) -> Float64:
    """(4, 4): a joint's motion in its own frame. value: degrees or metres."""
    from replicator_dr.engines.embedded.robots.rotations import about, translation

    axis = np.eye(3)["XYZ".index(token)]
    if type_name == "Revolute":
        return about(axis, np.array(value))
    return translation(axis * value) if type_name == "Prismatic" else np.eye(4)


def _along(axis: Float64) -> tuple[str, Float64]:
    """USD's token of a joint's axis, and the quaternion of the frame in which that axis is the given direction."""
    largest = int(np.argmax(np.abs(axis)))
    return "XYZ"[largest], quaternion_between(np.eye(3)[largest], axis / np.linalg.norm(axis))


def _quatf(quaternion: Float64) -> Gf.Quatf:
    return Gf.Quatf(*map(float, quaternion))


def _unique(name: str, taken: set[str]) -> str:
    valid = stem = Tf.MakeValidIdentifier(name)
    count = 0
    while valid in taken:
        count += 1
        valid = f"{stem}_{count:02d}"
    taken.add(valid)
    return valid
