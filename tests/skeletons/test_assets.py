"""Assets as other tools write them: nested roots, bindings that are inherited, centimetres, Y up, instances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdSkel

from replicator_dr import build_graph
from tests.skeletons.conftest import bend, joints_at, pixels, rig, skin, spec
from tests.skeletons.test_animation import SWING, animated, degrees
from tests.skeletons.test_keypoints import places
from tests.skeletons.test_pose import drawn, skinned

MakeArm = Callable[..., Path]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """The arm below an Xform, in centimetres with Y up; skeleton and animation are named on the SkelRoot alone."""
    unit = 0.01
    stage = Usd.Stage.CreateNew(str(tmp_path / "exported.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    stage.SetTimeCodesPerSecond(24)
    top = UsdGeom.Xform.Define(stage, "/person")
    stage.SetDefaultPrim(top.GetPrim())
    root = UsdSkel.Root.Define(stage, "/person/body")
    root.AddTranslateOp().Set((0, 0, -50))
    rig(stage, "/person/body/rig", unit)
    bend(stage, "/person/motion", SWING, unit=unit)
    bound = UsdSkel.BindingAPI.Apply(root.GetPrim())
    bound.CreateSkeletonRel().SetTargets(["/person/body/rig"])
    bound.CreateAnimationSourceRel().SetTargets(["/person/motion"])
    mesh = skin(stage, "/person/body/geo/mesh", "/person/body/rig", unit)
    mesh.GetPrim().GetRelationship("skel:skeleton").ClearTargets(True)
    stage.GetRootLayer().Save()
    return tmp_path / "exported.usda"


def standing(angle: float) -> np.ndarray:
    """The joints of that asset in a world of Z up: y becomes z, and z -y."""
    x, y, z = (joints_at(angle) + np.array([0, 0, -0.5])).T
    return np.stack([x, -z, y], axis=1)


def test_what_the_skelroot_says_holds_below_it(exported: Path) -> None:
    for given, angle in ((spec(exported), -60.0), (animated(exported, time=1.7), float(degrees(1.7)))):
        with build_graph(given, device="cpu") as graph:
            found = graph.preview(0, ("keypoints", "instance_segmentation"))["eye"]
        np.testing.assert_allclose(places(found["keypoints"]["data"]), pixels(standing(angle)), atol=2e-3)
        mask = np.asarray(found["instance_segmentation"]["data"]) > 1
        at = places(found["keypoints"]["data"])[:, :2]
        for a, b in ((0, 1), (1, 2)):
            x, y = (0.5 * (at[a] + at[b])).astype(int)
            assert mask[y, x]


def test_instances_are_posed_as_well(tmp_path: Path, make_arm: MakeArm) -> None:
    file = make_arm(50.0)
    stage = Usd.Stage.CreateNew(str(tmp_path / "pair.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/pair").GetPrim())
    for name in ("one", "two"):
        prim = UsdGeom.Xform.Define(stage, f"/pair/{name}").GetPrim()
        below = stage.DefinePrim(f"/pair/{name}/arm")
        below.GetReferences().AddReference(str(file))
        below.SetInstanceable(True)
        UsdGeom.Xformable(prim).AddTranslateOp().Set((0, 0, 0.0 if name == "one" else 2.0))
    stage.GetRootLayer().Save()
    expected = skinned(file, Usd.TimeCode.Default())
    for name, height in (("one", 0.0), ("two", 2.0)):
        found = drawn(tmp_path / "pair.usda", f"/pair/{name}/arm/mesh")
        np.testing.assert_allclose(found, expected + np.array([0, 0, height]), atol=1e-6)


def test_copies_by_a_point_instancer_are_posed_as_well(tmp_path: Path, make_arm: MakeArm) -> None:
    file = make_arm(50.0)
    stage = Usd.Stage.CreateNew(str(tmp_path / "row.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/row").GetPrim())
    instancer = UsdGeom.PointInstancer.Define(stage, "/row/copies")
    stage.DefinePrim("/row/copies/arm").GetReferences().AddReference(str(file))
    instancer.CreatePrototypesRel().SetTargets(["/row/copies/arm"])
    instancer.CreateProtoIndicesAttr([0, 0])
    instancer.CreatePositionsAttr([Gf.Vec3f(0, 0, 0), Gf.Vec3f(0, -1, 0)])
    stage.GetRootLayer().Save()
    with build_graph(spec(tmp_path / "row.usda", keypoints="none"), device="cpu") as graph:
        found = np.asarray(graph.preview(0, ("instance_segmentation",))["eye"]["instance_segmentation"]["data"]) > 1
    for shift in (0.0, -1.0):
        at = pixels(joints_at(50) + np.array([0, shift, 0]))[:, :2]
        for a, b in ((0, 1), (1, 2)):
            x, y = (0.5 * (at[a] + at[b])).astype(int)
            assert found[y, x]
