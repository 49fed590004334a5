"""What the tests of robots share: files, USD articulations from them, and MuJoCo's word on where links are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ASSETS = Path(__file__).parents[2] / "scenes" / "assets" / "robots"
HUMANOID, ARM = ASSETS / "humanoid.xml", ASSETS / "arm.urdf"

BALL_AND_MESH = """
<mujoco>
  <compiler angle="degree" meshdir="meshes"/>
  <asset>
    <mesh name="wedge" file="wedge.obj" scale="0.1 0.2 0.3"/>
    <mesh name="tet" vertex="0 0 0  0.1 0 0  0 0.1 0  0 0 0.1"/>
  </asset>
  <worldbody>
    <geom type="box" size="0.1 0.1 0.02"/>
    <body name="stem" pos="0 0 0.1" euler="10 20 30">
      <joint name="lift" type="slide" axis="0.3 0.2 1" range="-0.1 0.2" ref="0.05"/>
      <joint name="turn" axis="1 2 -3" pos="0.02 -0.01 0.03" range="-70 100" ref="20"/>
      <geom type="mesh" mesh="wedge"/>
      <body name="ball" pos="0.1 0.2 0.3" quat="0.5 0.1 -0.7 0.2">
        <joint name="socket" type="ball" pos="0.01 0.02 0" range="0 50"/>
        <geom type="mesh" mesh="tet" pos="0.1 0 0" rgba="1 0 0 1"/>
        <body name="flag" pos="0 0 0.2" euler="0 90 0"><geom type="cylinder" size="0.02 0.1"/></body>
      </body>
    </body>
  </worldbody>
</mujoco>
"""
WEDGE = """
v 0 0 0
v 1 0 0
v 0 1 0
v 0 0 1
f 1 3 2
f 1 2 4
f 1 4 3
f 2 3 4
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REPLICATOR_DR_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    return


@pytest.fixture
def ball_and_mesh(tmp_path: Path) -> Path:
    """An MJCF file with a slide and a turn on one body, a ball joint, meshes and a rigid link."""
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / "wedge.obj").write_text(WEDGE)
    file = tmp_path / "odd.xml"
    file.write_text(BALL_AND_MESH)
    return file


def read(usd: str) -> Any:
    """The robot of a converted file."""
    from pxr import Usd

    from replicator_dr.engines.embedded.robots.read import read_robot

    stage = Usd.Stage.Open(usd)
    return stage, read_robot(stage, str(stage.GetDefaultPrim().GetPath()))


def mujoco_links(file: Path, positions: dict[str, NDArray[np.float64]]) -> list[dict[str, NDArray[np.float64]]]:
    """Pose by pose, where MuJoCo puts each body: (4, 4) for row vectors, by name. positions: (R, 3) by joint."""
    mujoco = pytest.importorskip("mujoco")
    from replicator_dr.engines.embedded.robots.source import load_source

    model = load_source(file).model
    data = mujoco.MjData(model)
    found = []
    for row in range(len(next(iter(positions.values())))):
        data.qpos[:] = model.qpos0
        for name, values in positions.items():
            joint = model.joint(name)
            start = int(model.jnt_qposadr[joint.id])
            kind = int(model.jnt_type[joint.id])
            if kind == int(mujoco.mjtJoint.mjJNT_BALL):
                angle = np.linalg.norm(values[row])
                mujoco.mju_axisAngle2Quat(data.qpos[start : start + 4], values[row] / angle, np.deg2rad(angle))
            else:
                turns = kind == int(mujoco.mjtJoint.mjJNT_HINGE)
                data.qpos[start] = np.deg2rad(values[row, 0]) if turns else values[row, 0]
        mujoco.mj_kinematics(model, data)
        poses = {}
        for body in range(model.nbody):
            matrix = np.eye(4)
            matrix[:3, :3] = data.xmat[body].reshape(3, 3).T
            matrix[3, :3] = data.xpos[body]
            poses[model.body(body).name] = matrix
        found.append(poses)
    return found


@pytest.fixture(scope="session", autouse=True)
def _registered() -> None:
    from randomizers.joints import Joints
    from replicator_dr.plugins import register_randomizer

    register_randomizer(Joints)


@pytest.fixture
def posed() -> Iterator[Any]:
    """A graph with robots: ``posed(joints entry, create={...}, interval=1, resolution=[64, 48], ...)``."""
    from replicator_dr.graph import Graph, build_graph

    graphs: list[Graph] = []

    def make(
        *entries: dict[str, Any], create: Any = None, interval: int = 1, resolution: Any = (64, 48), **more: Any
    ) -> Graph:
        items = {
            "person": {"from_robot": {"robot": str(HUMANOID)}, "semantics": {"class": "person"}},
            "arm": {"from_robot": {"robot": str(ARM), "position": [0.0, 1.5, 0.0]}, "semantics": {"class": "arm"}},
            "sky": {"light": {"light_type": "dome", "intensity": 500}},
            "eye": {"camera": {"position": [3.5, 1.5, 1.5], "look_at": [0, 0.5, 0.8]}},
        }
        triggers = [{"on_frame": {"interval": interval}, "randomize": list(entries)}]
        spec = {
            "seed": 5,
            "create": {**items, **(create or {})},
            "triggers": triggers if entries else [],
            "render_products": [{"cameras": "eye", "resolution": list(resolution)}],
            **more,
        }
        graphs.append(build_graph(spec))
        return graphs[-1]

    yield make
    for graph in graphs:
        graph.close()
