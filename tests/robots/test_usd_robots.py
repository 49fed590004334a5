"""Articulations that others made: links below links, centimetres, joints that point upward, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdPhysics

from replicator_dr.engines.embedded.robots.kinematics import Kinematics
from replicator_dr.engines.embedded.robots.read import read_robot
from replicator_dr.errors import AssetError


def crane(file: Path, nested: bool = False, turned: bool = False) -> str:
    """A post that turns about Z at the origin, and a trolley that slides along its X, 2 m up; in centimetres."""
    stage = Usd.Stage.CreateNew(str(file))
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    UsdGeom.SetStageUpAxis(stage, "Z")
    root = UsdGeom.Xform.Define(stage, "/crane")
    stage.SetDefaultPrim(root.GetPrim())
    UsdPhysics.ArticulationRootAPI.Apply(root.GetPrim())
    paths = ["/crane/base", "/crane/post", "/crane/post/trolley" if nested else "/crane/trolley"]
    for path in paths:
        link = UsdGeom.Xform.Define(stage, path)
        UsdPhysics.RigidBodyAPI.Apply(link.GetPrim())
        UsdGeom.Cube.Define(stage, f"{path}/body").CreateSizeAttr(20.0)
    UsdGeom.XformCommonAPI(stage.GetPrimAtPath(paths[2])).SetTranslate((50, 0, 200))
    fixed = UsdPhysics.FixedJoint.Define(stage, "/crane/joints/anchor")
    fixed.CreateBody1Rel().SetTargets([paths[0]])
    swing = UsdPhysics.RevoluteJoint.Define(stage, "/crane/joints/swing")
    swing.CreateAxisAttr("Z")
    swing.CreateLowerLimitAttr(-90)
    swing.CreateUpperLimitAttr(90)
    slide = UsdPhysics.PrismaticJoint.Define(stage, "/crane/joints/slide")
    slide.CreateAxisAttr("X")
    slide.CreateLowerLimitAttr(-30)
    slide.CreateUpperLimitAttr(100)
    ends = [(swing, paths[0], (0, 0, 0), paths[1], (0, 0, 0)), (slide, paths[1], (50, 0, 200), paths[2], (0, 0, 0))]
    for joint, above, place, below, inner in ends:
        pairs = [(above, place), (below, inner)]
        (first, where), (second, there) = pairs[::-1] if turned else pairs
        joint.CreateBody0Rel().SetTargets([first])
        joint.CreateLocalPos0Attr(Gf.Vec3f(*where))
        joint.CreateBody1Rel().SetTargets([second])
        joint.CreateLocalPos1Attr(Gf.Vec3f(*there))
    stage.GetRootLayer().Save()
    return str(file)


def expected(degrees: float, metres: float) -> np.ndarray[Any, Any]:
    """The trolley's place [m], by hand."""
    angle = np.deg2rad(degrees)
    return np.array([(0.5 + metres) * np.cos(angle), (0.5 + metres) * np.sin(angle), 2.0])


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_links_go_where_their_joints_say(posed: Any, tmp_path: Path, nested: bool, turned: bool) -> None:
    """In a scene in metres, the crane placed and turned; a joint that points upward moves the other way round."""
    file = crane(tmp_path / "crane.usda", nested, turned)
    create = {
        "crane": {"from_robot": {"robot": file, "links": "labelled", "position": [1, 2, 0], "rotation": [0, 0, 90]}}
    }
    graph = posed({"joints": {"robots": "crane"}}, create=create)
    state = graph.sample(range(8))
    swing, slide = (np.asarray(state.draws[f"crane.joints.position.{name}"])[:, 0, 0] for name in ("swing", "slide"))
    assert np.ptp(swing) > 60
    assert np.ptp(slide) > 0.5
    assert slide.min() >= -0.3 - 1e-6 and slide.max() <= 1.0 + 1e-6  # noqa: PT018 - metres, not centimetres
    row = next(i for i, path in enumerate(graph.scene.labels.entity_paths) if path.endswith("trolley"))
    sign = -1.0 if turned else 1.0
    for frame in range(8):
        x, y, z = expected(sign * swing[frame], sign * slide[frame])
        np.testing.assert_allclose(state.entity_world[frame, row, 3, :3], [1 - y, 2 + x, z], atol=1e-6)


def test_a_converted_robot_written_and_read_again_moves_the_same(tmp_path: Path) -> None:
    pytest.importorskip("mujoco")
    from replicator_dr.engines.embedded.robots.robot_import import import_robot
    from tests.robots.conftest import ARM

    stage = Usd.Stage.Open(import_robot(ARM))
    copy = str(tmp_path / "copy.usda")
    stage.Export(copy)
    first, second = (Kinematics(read_robot(one, "/asset")) for one in (stage, Usd.Stage.Open(copy)))
    positions = np.random.default_rng(0).uniform(0, 0.04, (5, len(first.joints), 3))
    np.testing.assert_allclose(first.links(positions), second.links(positions), atol=1e-12)
    assert [joint.name for joint in first.joints] == [joint.name for joint in second.joints]


def broken(file: Path, change: Any) -> Usd.Stage:
    stage = Usd.Stage.Open(crane(file))
    change(stage)
    return stage


def generic(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/crane/joints/slide").SetTypeName("PhysicsJoint")


def loop(stage: Usd.Stage) -> None:
    joint = UsdPhysics.FixedJoint.Define(stage, "/crane/joints/strut")
    joint.CreateBody0Rel().SetTargets(["/crane/base"])
    joint.CreateBody1Rel().SetTargets(["/crane/trolley"])


def unknown(stage: Usd.Stage) -> None:
    UsdPhysics.Joint(stage.GetPrimAtPath("/crane/joints/slide")).CreateBody1Rel().SetTargets(["/crane/hook"])


def still(stage: Usd.Stage) -> None:
    for name in ("swing", "slide"):
        stage.GetPrimAtPath(f"/crane/joints/{name}").SetTypeName("PhysicsFixedJoint")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (generic, "/crane/joints/slide: a PhysicsJoint is not supported; use revolute, prismatic, spherical or fixed"),
        (loop, "joint .* closes a loop; remove it"),
        (unknown, "physics:body1 names /crane/hook, which is not there"),
        (still, "/crane: has no joints that move; give a robot"),
    ],
)
def test_what_is_no_tree_of_joints_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(AssetError, match=message):
        read_robot(broken(tmp_path / "crane.usda", change), "/crane")
