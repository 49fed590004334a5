"""Robots' files: what is converted, what Isaac Sim needs of it, and what is refused with a reason."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded.robots.kinematics import Kinematics
from replicator_dr.engines.embedded.robots.robot_import import import_robot
from replicator_dr.errors import AssetError, UnsupportedError
from tests.robots.conftest import ARM, HUMANOID, WEDGE, read

pytest.importorskip("mujoco")

URDF = """<robot name="r">
  <link name="a"/>
  <link name="b"><visual><geometry>{geometry}</geometry></visual></link>
  <joint name="j" type="{kind}"><parent link="a"/><child link="b"/><axis xyz="0 0 1"/>
    <limit lower="0" upper="1" effort="1" velocity="1"/></joint>
</robot>
"""
BOX = '<box size="1 1 1"/>'


def urdf(folder: Path, geometry: str = BOX, kind: str = "revolute") -> Path:
    file = folder / "r.urdf"
    file.write_text(URDF.format(geometry=geometry, kind=kind))
    return file


def mjcf(folder: Path, body: str, rest: str = "") -> Path:
    file = folder / "r.xml"
    file.write_text(f"<mujoco><worldbody>{body}</worldbody>{rest}</mujoco>")
    return file


def test_the_articulation_is_what_isaac_sim_reads() -> None:
    from pxr import UsdGeom, UsdPhysics

    stage, robot = read(import_robot(HUMANOID))
    root = stage.GetDefaultPrim()
    assert root.HasAPI(UsdPhysics.ArticulationRootAPI)
    assert (UsdGeom.GetStageMetersPerUnit(stage), UsdGeom.GetStageUpAxis(stage)) == (1.0, "Z")
    bodies = [prim for prim in stage.Traverse() if prim.HasAPI(UsdPhysics.RigidBodyAPI)]
    # Rigid bodies stand side by side; PhysX refuses one below another.
    assert {prim.GetParent() for prim in bodies} == {root}
    assert len(bodies) == len(robot.links) == 22
    assert sum(prim.IsA(UsdPhysics.RevoluteJoint) for prim in stage.Traverse()) == 21
    knee = UsdPhysics.RevoluteJoint(stage.GetPrimAtPath("/asset/joints/left_knee"))
    assert (knee.GetLowerLimitAttr().Get(), knee.GetUpperLimitAttr().Get()) == (0.0, 140.0)
    assert [str(path) for path in knee.GetBody1Rel().GetTargets()] == ["/asset/left_shin"]
    # A capsule of water, 0.39 m between the centres of its ends.
    mass = 1000 * np.pi * (0.052**2 * 0.39 + 4 / 3 * 0.052**3)
    assert UsdPhysics.MassAPI(stage.GetPrimAtPath("/asset/left_shin")).GetMassAttr().Get() == pytest.approx(mass)
    floating = [prim for prim in stage.Traverse() if prim.IsA(UsdPhysics.FixedJoint)]
    assert floating == []
    arm, _ = read(import_robot(ARM))
    fixed = {prim.GetName() for prim in arm.Traverse() if prim.IsA(UsdPhysics.FixedJoint)}
    assert fixed == {"root_joint", "palm_mount"}


def test_geometry_is_drawn_where_the_file_has_it(ball_and_mesh: Path) -> None:
    """Bounds of each link's meshes and shapes against points worked out from the file by hand."""
    from replicator_dr.engines.embedded.robots.solids import drawn_points
    from replicator_dr.engines.embedded.scene.assets import AssetCache

    stage, robot = read(import_robot(ball_and_mesh))

    def bounds(name: str) -> np.ndarray[Any, Any]:
        path = next(link.path for link in robot.links if link.name == name)
        points = drawn_points(stage, path, set(), AssetCache())
        return np.array([points.min(axis=0), points.max(axis=0)])

    np.testing.assert_allclose(bounds("stem"), [[0, 0, 0], [0.1, 0.2, 0.3]], atol=1e-6)
    np.testing.assert_allclose(bounds("ball"), [[0.1, 0, 0], [0.2, 0.1, 0.1]], atol=1e-6)
    np.testing.assert_allclose(bounds("flag"), [[-0.02, -0.02, -0.1], [0.02, 0.02, 0.1]], atol=1e-6)


def test_visuals_are_drawn_and_collisions_are_kept_for_physics() -> None:
    from pxr import UsdGeom, UsdPhysics

    stage, _ = read(import_robot(ARM))
    shapes = [prim for prim in stage.GetPrimAtPath("/asset/turret").GetChildren() if prim.IsA(UsdGeom.Gprim)]
    purposes = [(UsdGeom.Imageable(prim).ComputePurpose(), prim.HasAPI(UsdPhysics.CollisionAPI)) for prim in shapes]
    assert sorted(purposes) == [("default", False), ("default", False), ("guide", True)]


def test_colours_are_linear_and_equal_ones_share_a_material() -> None:
    from pxr import UsdGeom, UsdShade

    stage, _ = read(import_robot(HUMANOID))
    prims = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Gprim)]
    bound = {prim.GetName(): UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0] for prim in prims}
    assert len({str(material.GetPath()) for material in bound.values()}) == 5
    shader = UsdShade.Shader(stage.GetPrimAtPath(bound["chest"].GetPath().AppendChild("surface")))
    expected = [((value + 0.055) / 1.055) ** 2.4 for value in (0.93, 0.54, 0.13)]
    np.testing.assert_allclose(shader.GetInput("diffuseColor").Get(), expected, atol=1e-6)


def test_pictures_of_meshes_come_along(tmp_path: Path) -> None:
    from PIL import Image
    from pxr import Usd, UsdShade

    colors = np.zeros((4, 8, 3), np.uint8)
    colors[0, 0] = (200, 30, 10)
    Image.fromarray(colors).save(tmp_path / "paint.png")
    text = WEDGE.replace("f 1 3 2", "vt 0 0\nvt 1 0\nvt 0 1\nf 1/1 3/2 2/3").replace("f 1 2 4", "f 1/1 2/2 4/3")
    (tmp_path / "w.obj").write_text(text.replace("f 1 4 3", "f 1/1 4/2 3/3").replace("f 2 3 4", "f 2/1 3/2 4/3"))
    assets = (
        '<asset><texture name="t" type="2d" file="paint.png"/><material name="m" texture="t"/>'
        '<mesh name="w" file="w.obj"/></asset>'
    )
    body = '<body name="b"><joint name="j" range="0 1" limited="true"/><geom type="mesh" mesh="w" material="m"/></body>'
    stage = Usd.Stage.Open(import_robot(mjcf(tmp_path, body, assets)))
    textures = [UsdShade.Shader(prim) for prim in stage.Traverse() if prim.GetTypeName() == "Shader"]
    (file,) = [
        str(one.GetInput("file").Get().resolvedPath) for one in textures if one.GetIdAttr().Get() == "UsdUVTexture"
    ]
    np.testing.assert_array_equal(np.asarray(Image.open(file)), colors)
    mesh = next(prim for prim in stage.Traverse() if prim.GetTypeName() == "Mesh")
    assert {tuple(st) for st in mesh.GetAttribute("primvars:st").Get()} == {(0, 0), (1, 0), (0, 1)}


def test_a_file_is_converted_once_and_anew_when_a_mesh_of_it_changes(tmp_path: Path) -> None:
    (tmp_path / "w.obj").write_text(WEDGE)
    file = urdf(tmp_path, '<mesh filename="w.obj"/>')
    first = import_robot(file)
    made = Path(first).stat().st_mtime_ns
    assert import_robot(file) == first
    assert Path(first).stat().st_mtime_ns == made
    (tmp_path / "w.obj").write_text(WEDGE.replace("v 1 0 0", "v 2 0 0"))
    assert import_robot(file) != first


def test_meshes_of_packages_are_found_above_the_file(tmp_path: Path) -> None:
    (tmp_path / "my_robot" / "meshes").mkdir(parents=True)
    (tmp_path / "my_robot" / "urdf").mkdir()
    (tmp_path / "my_robot" / "meshes" / "w.obj").write_text(WEDGE)
    file = urdf(tmp_path / "my_robot" / "urdf", '<mesh filename="package://my_robot/meshes/w.obj" scale="2 2 2"/>')
    _, robot = read(import_robot(file))
    assert [link.name for link in robot.links] == ["a", "b"]


@pytest.mark.parametrize(
    ("geometry", "kind", "message"),
    [
        (BOX, "planar", r"r.urdf:4: joint 'j' is planar; supported are revolute, continuous"),
        ('<mesh filename="gone.stl"/>', "revolute", r"r.urdf:3: there is no mesh 'gone.stl'; looked from"),
        (
            '<mesh filename="hull.dae"/>',
            "revolute",
            r"r.urdf:3: 'hull.dae' is not of a kind that is read; export it as .obj",
        ),
    ],
)
def test_faults_of_urdf_say_where_they_are(tmp_path: Path, geometry: str, kind: str, message: str) -> None:
    (tmp_path / "hull.dae").write_text("<COLLADA/>")
    with pytest.raises(AssetError, match=message):
        import_robot(urdf(tmp_path, geometry, kind))


TWO = (
    '<body name="b"><joint name="j1" range="-90 90" limited="true"/><geom size="0.1"/>'
    '<body name="c"><joint name="j2" range="-90 90" limited="true"/><geom size="0.1"/></body></body>'
)


@pytest.mark.parametrize(
    ("body", "rest", "message"),
    [
        (
            TWO,
            '<equality><connect body1="b" body2="c" anchor="0 0 0"/></equality>',
            "of kind connect; links and joints",
        ),
        (TWO, '<equality><joint joint1="j2" joint2="j1" polycoef="0 1 2 0 0"/></equality>', "'j2' is not linear"),
        ("", "", "has no links"),
        ('<body><geom type="mesh" mesh="none"/></body>', "", "MuJoCo cannot read it: .*none"),
    ],
)
def test_faults_of_mjcf_say_what_they_are(tmp_path: Path, body: str, rest: str, message: str) -> None:
    with pytest.raises(AssetError, match=message):
        import_robot(mjcf(tmp_path, body, rest))


def test_equalities_of_joints_are_mimics(tmp_path: Path) -> None:
    rest = '<equality><joint joint1="j2" joint2="j1" polycoef="0.1 0.5 0 0 0"/></equality>'
    kinematics = Kinematics(read(import_robot(mjcf(tmp_path, TWO, rest)))[1])
    positions = np.array([[[10.0, 0, 0], [0, 0, 0]]])
    assert [joint.name for joint in kinematics.joints] == ["j1", "j2"]
    expected = np.rad2deg(0.1 + 0.5 * np.deg2rad(10.0))
    assert kinematics.follow(positions)[0, 1, 0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "message"), [("<robot>", "r.urdf:1: is not well-formed"), ("<sdf/>", "root is <sdf>")]
)
def test_files_that_are_no_robots(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "r.urdf"
    file.write_text(text)
    with pytest.raises(AssetError, match=message):
        import_robot(file)


def test_without_mujoco_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'replicator_dr\[physics\]'"):
        import_robot(urdf(tmp_path, '<sphere radius="0.123"/>'))


def test_a_mimic_of_no_joint_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "arm.urdf"
    file.write_text(ARM.read_text(encoding="utf-8").replace('<mimic joint="left_grip"', '<mimic joint="thumb"'))
    with pytest.raises(AssetError, match=r"arm.urdf:\d+: 'right_grip' follows 'thumb', which is no joint of the robot"):
        import_robot(file)


def test_what_hangs_on_the_world_beside_something_free_keeps_its_joint(tmp_path: Path) -> None:
    door = '<body name="door"><joint name="hinge" range="0 90" limited="true"/><geom size="0.1"/></body>'
    _, robot = read(import_robot(mjcf(tmp_path, f'{door}<body name="ball"><freejoint/><geom size="0.1"/></body>')))
    assert {link.name for link in robot.links} == {"world", "door", "ball"}
    assert [joint.name for joint in robot.free()] == ["hinge"]
