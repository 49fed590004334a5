"""UsdPhysics articulations on a stage -> :class:`Robot`, whoever made them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded.robots.model import FIXED, PRISMATIC, REVOLUTE, SPHERICAL, Joint, Link, Mimic, Robot
from replicator_dr.errors import AssetError

Float64 = NDArray[np.float64]

_KINDS = (
    (UsdPhysics.RevoluteJoint, REVOLUTE),
    (UsdPhysics.PrismaticJoint, PRISMATIC),
    (UsdPhysics.SphericalJoint, SPHERICAL),
    (UsdPhysics.FixedJoint, FIXED),
)


@dataclass(frozen=True)
class _Found:
    """A joint prim. bodies: what it connects, "" for the world."""

    prim: Usd.Prim
    kind: str
    bodies: tuple[str, str]


def read_robot(stage: Usd.Stage, path: str) -> Robot:
    """The robot at and below a prim. Raises AssetError where there is none, or no tree of supported joints."""
    found = list(_joints(stage, path))
    paths = [body for joint in found for body in joint.bodies if body]
    if not any(joint.kind != FIXED for joint in found):
        raise AssetError(f"{path}: has no joints that move; give a robot: URDF, MJCF, or USD with UsdPhysics joints")
    links = {body: number for number, body in enumerate(_in_order(stage, path, set(paths)))}
    rest = {body: _below(stage, body, path) for body in links}
    tree = _tree(path, found, list(links))
    unit = _unit(stage, rest[next(iter(links))])
    joints = tuple(_joint(joint, turned, links, unit) for joint, turned in tree)
    made = tuple(_link(stage, body, links, rest[body], path) for body in links)
    return Robot(path, made, _with_mimics(path, joints), unit, _filtered(stage, links))


def _joints(stage: Usd.Stage, path: str) -> Iterator[_Found]:
    for prim in Usd.PrimRange(stage.GetPrimAtPath(path)):
        if not prim.IsA(UsdPhysics.Joint) or prim.GetAttribute("physics:jointEnabled").Get() is False:
            continue
        bodies = _body(stage, prim, "physics:body0", path), _body(stage, prim, "physics:body1", path)
        kind = next((name for schema, name in _KINDS if prim.IsA(schema)), None)
        if kind is None:
            raise AssetError(
                f"{prim.GetPath()}: a {prim.GetTypeName()} is not supported; "
                "use revolute, prismatic, spherical or fixed joints"
            )
        yield _Found(prim, kind, bodies)


def _body(stage: Usd.Stage, joint: Usd.Prim, name: str, path: str) -> str:
    """The link that a joint names, "" for the world: nothing, something above the robot or outside of it."""
    targets = joint.GetRelationship(name).GetTargets() if joint.HasRelationship(name) else []
    if not targets:
        return ""
    body = str(targets[0])
    prim = stage.GetPrimAtPath(body)
    if not prim:
        raise AssetError(f"{joint.GetPath()}: {name} names {body}, which is not there")
    inside = body == path or body.startswith(f"{path}/")
    return body if inside and prim.HasAPI(UsdPhysics.RigidBodyAPI) else ""


def _in_order(stage: Usd.Stage, path: str, bodies: set[str]) -> Iterator[str]:
    """Links in the order of the stage, rigid bodies without joints too."""
    for prim in Usd.PrimRange(stage.GetPrimAtPath(path)):
        if str(prim.GetPath()) in bodies or prim.HasAPI(UsdPhysics.RigidBodyAPI):
            yield str(prim.GetPath())


def _below(stage: Usd.Stage, path: str, ancestor: str) -> Float64:
    """(4, 4): from a prim's frame to that of a prim above it, as authored."""
    matrix = np.eye(4)
    while path != ancestor and path:
        matrix = matrix @ np.array(UsdGeom.Xformable(stage.GetPrimAtPath(path)).GetLocalTransformation() or np.eye(4))
        path = path.rpartition("/")[0]
    return matrix


def _unit(stage: Usd.Stage, rest: Float64) -> float:
    scale = float(np.linalg.norm(rest[0, :3]))
    return scale * float(UsdGeom.GetStageMetersPerUnit(stage))


def _tree(path: str, found: list[_Found], links: list[str]) -> list[tuple[_Found, bool]]:
    """The joints from the root outward, and whether each points from child to parent. AssetError for loops."""
    anchored = {body for joint in found if "" in joint.bodies and joint.kind == FIXED for body in joint.bodies if body}
    for joint in found:
        if "" in joint.bodies and joint.kind != FIXED:
            raise AssetError(
                f"{joint.prim.GetPath()}: moves against the world; put a link there and fix it to the world"
            )
    children = {joint.bodies[1] for joint in found if joint.bodies[0]}
    order = [link for link in links if link in anchored]
    order += [link for link in links if link not in anchored and link not in children]
    order += [link for link in links if link not in order]
    inner = [joint for joint in found if "" not in joint.bodies]
    reached: set[str] = set()
    tree: list[tuple[_Found, bool]] = []
    left = list(inner)
    for root in order:
        if root in reached:
            continue
        reached.add(root)
        front = [root]
        while front:
            here = front.pop(0)
            for joint in [joint for joint in left if here in joint.bodies]:
                other = joint.bodies[1] if joint.bodies[0] == here else joint.bodies[0]
                if other in reached:
                    raise AssetError(
                        f"{path}: the joint {joint.prim.GetName()} closes a loop; remove it: links and joints have to "
                        "form a tree"
                    )
                left.remove(joint)
                reached.add(other)
                front.append(other)
                tree.append((joint, joint.bodies[0] != here))
    return tree


def _joint(found: _Found, turned: bool, links: dict[str, int], unit: float) -> Joint:
    prim = found.prim
    schema = UsdPhysics.Joint(prim)
    frames = [
        _frame(schema.GetLocalPos0Attr().Get(), schema.GetLocalRot0Attr().Get()),
        _frame(schema.GetLocalPos1Attr().Get(), schema.GetLocalRot1Attr().Get()),
    ]
    parent, child = (links[body] for body in found.bodies)
    token = str(prim.GetAttribute("physics:axis").Get() or "X")
    axis = np.eye(3)["XYZ".index(token)]
    if turned:
        frames, parent, child, axis = frames[::-1], child, parent, -axis
    lower, upper = _limits(prim, found.kind, unit)
    name = prim.GetName()
    return Joint(
        name, found.kind, parent, child, frames[0], frames[1], axis, lower, upper, _rest(prim, found.kind, unit),
        _mimic(prim, found.kind, unit),
    )  # fmt: skip


def _frame(position: object, rotation: object) -> Float64:
    from replicator_dr.engines.embedded.robots.rotations import matrix_of_quaternion

    matrix = np.eye(4)
    matrix[:3, :3] = matrix_of_quaternion(np.array([rotation.GetReal(), *rotation.GetImaginary()]))  # type: ignore[attr-defined]
    matrix[3, :3] = np.array(position)
    return matrix


def _limits(prim: Usd.Prim, kind: str, unit: float) -> tuple[float, float]:
    if kind == FIXED:
        return 0.0, 0.0
    if kind == SPHERICAL:
        cones = [prim.GetAttribute(f"physics:coneAngle{number}Limit").Get() for number in (0, 1)]
        given = [float(cone) for cone in cones if cone is not None and cone >= 0.0]
        return 0.0, min(given, default=180.0)
    factor = unit if kind == PRISMATIC else 1.0
    low, high = (prim.GetAttribute(f"physics:{end}Limit").Get() for end in ("lower", "upper"))
    ends = (-np.inf if low is None else float(low) * factor, np.inf if high is None else float(high) * factor)
    # UsdPhysics: lower above upper is a locked axis; unlimited ones are infinite or beyond what floats hold.
    return (
        (0.0, 0.0)
        if ends[0] > ends[1]
        else (ends[0] if ends[0] > -1e6 else -np.inf, ends[1] if ends[1] < 1e6 else np.inf)
    )


def _rest(prim: Usd.Prim, kind: str, unit: float) -> float:
    drive = {REVOLUTE: "angular", PRISMATIC: "linear"}.get(kind)
    attribute = prim.GetAttribute(f"state:{drive}:physics:position")
    value = attribute.Get() if attribute else None
    return 0.0 if value is None else float(value) * (unit if kind == PRISMATIC else 1.0)


def _mimic(prim: Usd.Prim, kind: str, unit: float) -> Mimic | None:
    """PhysX's mimic joint: q + gearing * q_leader + offset = 0."""
    # By attribute, as usd-core does not know PhysX's schemas.
    for relationship in prim.GetRelationships():
        prefix, _, rest = str(relationship.GetName()).partition(":")
        axis, _, last = rest.partition(":")
        if (prefix, last) != ("physxMimicJoint", "referenceJoint"):
            continue
        stem = f"{prefix}:{axis}"
        targets = relationship.GetTargets()
        if not targets:
            raise AssetError(f"{prim.GetPath()}: {stem}:referenceJoint names no joint")
        gearing, offset = (float(prim.GetAttribute(f"{stem}:{part}").Get() or 0.0) for part in ("gearing", "offset"))
        leader = prim.GetStage().GetPrimAtPath(targets[0])
        scale = (unit if kind == PRISMATIC else 1.0) / (unit if leader.IsA(UsdPhysics.PrismaticJoint) else 1.0)
        return Mimic(targets[0].name, -gearing * scale, -offset * (unit if kind == PRISMATIC else 1.0))
    return None


def _with_mimics(path: str, joints: tuple[Joint, ...]) -> tuple[Joint, ...]:
    """The joints, those that lead limited so that those that follow keep within their own limits. AssetError."""
    made = {joint.name: joint for joint in joints}
    for joint in joints:
        if joint.mimic is None:
            continue
        leader = made.get(joint.mimic.leader)
        if leader is None or not leader.is_free or SPHERICAL in (leader.kind, joint.kind):
            raise AssetError(
                f"{path}: joint '{joint.name}' follows '{joint.mimic.leader}', which is no joint of one axis that "
                "moves by itself; let it follow the first joint of the chain"
            )
        if joint.mimic.multiplier == 0.0:
            continue
        ends = sorted((end - joint.mimic.offset) / joint.mimic.multiplier for end in (joint.lower, joint.upper))
        lower, upper = max(leader.lower, ends[0]), min(leader.upper, ends[1])
        if lower > upper:
            raise AssetError(
                f"{path}: joint '{joint.name}' follows '{leader.name}' out of its limits, {joint.lower:g} .. "
                f"{joint.upper:g}; correct the limits or the multiplier"
            )
        made[leader.name] = replace(leader, lower=lower, upper=upper)
    return tuple(made[joint.name] for joint in joints)


def _link(stage: Usd.Stage, body: str, links: dict[str, int], rest: Float64, path: str) -> Link:
    above = body.rpartition("/")[0]
    parent = above
    while len(parent) > len(path) and parent not in links:
        parent = parent.rpartition("/")[0]
    if parent not in links:
        parent = path
    offset = np.eye(4) if body == path else _below(stage, above, parent)
    return Link(body.rpartition("/")[2], body, links.get(parent, -1) if parent != body else -1, offset, rest)


def _filtered(stage: Usd.Stage, links: dict[str, int]) -> frozenset[tuple[int, int]]:
    pairs = set()
    for body, number in links.items():
        relationship = stage.GetPrimAtPath(body).GetRelationship("physics:filteredPairs")
        for target in relationship.GetTargets() if relationship else ():
            if (other := links.get(str(target))) is not None:
                pairs.add((min(number, other), max(number, other)))
    return frozenset(pairs)
