"""Rigid bodies on a stage: UsdPhysics, written alike for both runtimes, as PhysX and any other reader takes it.

The body is the prim with the pose, its colliders are the meshes and shapes at and below it. What UsdPhysics has no
word for, damping and how two materials meet, is written in PhysX's schemas, whose names need no plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from replicator_dr.errors import EngineError

if TYPE_CHECKING:
    from pxr import Usd

APPROXIMATIONS = {
    "hull": "convexHull",
    "box": "boundingCube",
    "sphere": "boundingSphere",
    "mesh": "none",
    "decomposition": "convexDecomposition",
}
"""Collider approximations of specs, and UsdPhysics' tokens for them."""

SCENE = "/Replicator/PhysicsScene"
MATERIAL = "PhysicsMaterial"
LINEAR_DAMPING, ANGULAR_DAMPING = "physxRigidBody:linearDamping", "physxRigidBody:angularDamping"
DEFAULT_FRICTION = 0.5
"""Of what falls and has no material, as PhysX's."""
_SHAPES = ("Cube", "Sphere", "Cylinder", "Cone", "Capsule", "Plane")


def solids(prim: Usd.Prim) -> Iterator[Usd.Prim]:
    """The meshes and shapes at and below a prim, which can collide."""
    from pxr import Usd, UsdGeom

    for below in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()):
        if below.IsA(UsdGeom.Mesh) or below.GetTypeName() in _SHAPES:
            yield below


def write_body(prim: Usd.Prim, kinematic: bool = False) -> None:
    """Make a prim a rigid body: dynamic, or kinematic (moved by its pose alone)."""
    from pxr import UsdPhysics

    body = UsdPhysics.RigidBodyAPI.Apply(prim)
    if kinematic:
        body.CreateKinematicEnabledAttr(True)


def write_collider(prim: Usd.Prim, approximation: str = "convexHull") -> None:
    """Let what stands at and below a prim collide. approximation: UsdPhysics' token; it counts for meshes alone."""
    from pxr import UsdGeom, UsdPhysics

    for solid in solids(prim):
        if solid.IsInstanceProxy():
            raise EngineError(
                f"{prim.GetPath()}: holds instances, which take no physics of their own; turn instanceable off, or "
                "give the asset UsdPhysics of its own"
            )
        UsdPhysics.CollisionAPI.Apply(solid)
        if solid.IsA(UsdGeom.Mesh):
            UsdPhysics.MeshCollisionAPI.Apply(solid).CreateApproximationAttr(approximation)


def write_mass(prim: Usd.Prim, values: Mapping[str, Any]) -> None:
    """Mass of a body. values: mass, density, centerOfMass, diagonalInertia, principalAxes; in UsdPhysics' units."""
    from pxr import Gf, UsdPhysics

    made = UsdPhysics.MassAPI.Apply(prim)
    for name, value in values.items():
        if name == "principalAxes":
            held: Any = Gf.Quatf(*(float(part) for part in value))
        else:
            held = Gf.Vec3f(*(float(part) for part in value)) if isinstance(value, (tuple, list)) else float(value)
        create = getattr(made, f"Create{name[0].upper()}{name[1:]}Attr")
        create(held)


def write_damping(prim: Usd.Prim, linear: float | None, angular: float | None) -> None:
    """Damping of a body [1/s]: its velocity decays as exp(-damping t)."""
    from pxr import Sdf

    for name, value in ((LINEAR_DAMPING, linear), (ANGULAR_DAMPING, angular)):
        if value is not None:
            prim.AddAppliedSchema("PhysxRigidBodyAPI")
            prim.CreateAttribute(name, Sdf.ValueTypeNames.Float).Set(float(value))


def write_material(
    prim: Usd.Prim,
    static_friction: float | None = None,
    dynamic_friction: float | None = None,
    restitution: float | None = None,
) -> None:
    """A physics material of the prim's own, bound for the purpose "physics".

    Two surfaces that touch take the larger friction and the smaller restitution, which is said in PhysX's words too.
    """
    from pxr import Sdf, UsdPhysics, UsdShade

    path = prim.GetPath().AppendChild(MATERIAL)
    material = UsdShade.Material.Define(prim.GetStage(), path)
    made = UsdPhysics.MaterialAPI.Apply(material.GetPrim())
    for create, value in (
        (made.CreateStaticFrictionAttr, static_friction),
        (made.CreateDynamicFrictionAttr, dynamic_friction),
        (made.CreateRestitutionAttr, restitution),
    ):
        if value is not None:
            create(float(value))
    material.GetPrim().AddAppliedSchema("PhysxMaterialAPI")
    for name, rule in (("frictionCombineMode", "max"), ("restitutionCombineMode", "min")):
        material.GetPrim().CreateAttribute(f"physxMaterial:{name}", Sdf.ValueTypeNames.Token).Set(rule)
    binding = UsdShade.MaterialBindingAPI.Apply(prim)
    binding.Bind(material, UsdShade.Tokens.weakerThanDescendants, "physics")


def write_scene(stage: Usd.Stage, path: str = SCENE, **attributes: Any) -> Usd.Prim:
    """A physics scene with gravity downwards, where there is none at the path. attributes: of UsdPhysicsScene."""
    from pxr import UsdPhysics

    prim = stage.GetPrimAtPath(path)
    if not prim or not prim.IsA(UsdPhysics.Scene):
        prim = UsdPhysics.Scene.Define(stage, path).GetPrim()
    for name, value in attributes.items():
        write_attribute(prim, name, value)
    return prim


def gravity_of(stage: Usd.Stage) -> float:
    """Magnitude of the gravity [m/s2] that the stage's first physics scene says, the earth's where it says none."""
    from pxr import UsdGeom, UsdPhysics

    for prim in stage.Traverse():
        if prim.IsA(UsdPhysics.Scene):
            said = UsdPhysics.Scene(prim).GetGravityMagnitudeAttr().Get()
            if said is not None and 0 <= said < float("inf"):
                return float(said) * float(UsdGeom.GetStageMetersPerUnit(stage))
    return 9.81


_TYPES = {bool: "Bool", int: "Float", float: "Float", str: "Token"}


def write_attribute(prim: Usd.Prim, name: str, value: Any) -> None:
    """A named attribute of a physics schema: UsdPhysics' where it has it, else PhysX's of the same kind of prim."""
    from pxr import Sdf

    attribute = prim.GetAttribute(f"physics:{name}")
    if not attribute:
        schema = "physxScene" if prim.GetTypeName() == "PhysicsScene" else "physxRigidBody"
        prim.AddAppliedSchema(f"P{schema[1:]}API")
        kind = Sdf.ValueTypeNames.Float3 if isinstance(value, (tuple, list)) else getattr(
            Sdf.ValueTypeNames, _TYPES[type(value)]
        )  # fmt: skip
        attribute = prim.CreateAttribute(f"{schema}:{name}", kind)
    attribute.Set(tuple(value) if isinstance(value, (tuple, list)) else value)


def has_body(prim: Usd.Prim) -> bool:
    """Whether a prim or something below it is a rigid body."""
    from pxr import Usd, UsdPhysics

    return any(below.HasAPI(UsdPhysics.RigidBodyAPI) for below in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()))


def has_collider(prim: Usd.Prim) -> bool:
    """Whether a prim or something below it collides."""
    from pxr import Usd, UsdPhysics

    return any(below.HasAPI(UsdPhysics.CollisionAPI) for below in Usd.PrimRange(prim, Usd.TraverseInstanceProxies()))


def default_approximation(prim: Usd.Prim, moves: bool) -> str:
    """What fits a prim that says nothing: the surface of what stands, box and ball of created ones, else hulls."""
    if not moves:
        return "none"
    own = [solid.GetName() for solid in solids(prim) if solid.GetParent() == prim]
    return {"Cube": "boundingCube", "Sphere": "boundingSphere"}.get(own[0] if len(own) == 1 else "", "convexHull")
