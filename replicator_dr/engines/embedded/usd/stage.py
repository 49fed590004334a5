"""The stage: its making, its frame layer, and how prims are named and wrapped.

``create.*`` authors ``/Replicator/<Type>_Xform[_NN]/<Type>``; the wrapper carries ``replicatorXform`` and takes pose,
semantics and visibility, the child takes everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from pxr import Sdf, Tf, Usd, UsdGeom

ROOT = "/Replicator"
LOOKS = "/Replicator/Looks"
WRAPPER_ATTRIBUTE = "replicatorXform"


def new_stage(up_axis: str = "Z", meters_per_unit: float = 1.0) -> Usd.Stage:
    """An empty stage in memory, with the frame layer under its session layer."""
    stage = Usd.Stage.CreateInMemory("replicator.usda")
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, meters_per_unit)
    scope = stage.DefinePrim(ROOT, "Scope")
    stage.SetDefaultPrim(scope)
    return stage


def free_path(stage: Usd.Stage, parent: str, name: str) -> str:
    """``parent/name``, or with _01, _02, ... when it is taken. Characters that USD forbids become underscores."""
    stem = f"{parent.rstrip('/')}/{Tf.MakeValidIdentifier(name)}"
    path, count = stem, 0
    while stage.GetPrimAtPath(path):
        count += 1
        path = f"{stem}_{count:02d}"
    return path


def define_wrapper(stage: Usd.Stage, parent: str, name: str) -> Usd.Prim:
    """A new wrapper Xform below ``parent``."""
    if not stage.GetPrimAtPath(parent):
        stage.DefinePrim(parent, "Scope" if parent == ROOT else "Xform")
    prim = stage.DefinePrim(free_path(stage, parent, name), "Xform")
    prim.CreateAttribute(WRAPPER_ATTRIBUTE, Sdf.ValueTypeNames.Bool, True).Set(True)
    return prim


def is_wrapper(prim: Usd.Prim) -> bool:
    """Whether ``create.*`` made the prim as a wrapper."""
    return bool(prim.HasAttribute(WRAPPER_ATTRIBUTE))


def content(prim: Usd.Prim) -> Usd.Prim:
    """The wrapped prim of a wrapper (its first child), the prim itself otherwise."""
    if is_wrapper(prim):
        for child in prim.GetAllChildren():
            return child
    return prim


def set_pose(
    prim: Usd.Prim,
    translate: Sequence[float] = (0.0, 0.0, 0.0),
    rotate: Sequence[float] = (0.0, 0.0, 0.0),
    scale: Sequence[float] = (1.0, 1.0, 1.0),
    order: str = "XYZ",
) -> None:
    """Author translate, rotate and scale operations, in double precision and in this order."""
    xformable = UsdGeom.Xformable(prim)
    xformable.ClearXformOpOrder()
    double = UsdGeom.XformOp.PrecisionDouble
    xformable.AddTranslateOp(double).Set(tuple(float(value) for value in translate))
    rotation = getattr(xformable, f"AddRotate{order}Op")
    rotation(double).Set(tuple(float(value) for value in rotate))
    xformable.AddScaleOp(double).Set(tuple(float(value) for value in scale))
