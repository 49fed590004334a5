"""Forward kinematics against MuJoCo's, over random poses of robots of all kinds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.engines.embedded.robots.kinematics import Kinematics, share_of_limits
from replicator_dr.engines.embedded.robots.model import SPHERICAL
from replicator_dr.engines.embedded.robots.robot_import import import_robot
from replicator_dr.engines.embedded.robots.rotations import angles_of
from replicator_dr.engines.embedded.scene.transforms import euler_matrix
from tests.robots.conftest import ARM, HUMANOID, mujoco_links, read

pytest.importorskip("mujoco")

POSES = 12


def random_poses(kinematics: Kinematics, seed: int = 0) -> NDArray[np.float64]:
    """(POSES, n, 3) within the limits; those of mimic joints follow."""
    rng = np.random.default_rng(seed)
    positions = np.repeat(kinematics.rest()[None], POSES, axis=0)
    for number, joint in enumerate(kinematics.joints):
        if joint.kind == SPHERICAL:
            positions[:, number] = rng.uniform(-30, 30, (POSES, 3))
        else:
            positions[:, number, 0] = rng.uniform(*share_of_limits(joint, 1.0), POSES)
    return kinematics.follow(positions)


@pytest.fixture(params=["humanoid", "arm", "odd"])
def file(request: pytest.FixtureRequest, ball_and_mesh: Path) -> Path:
    return {"humanoid": HUMANOID, "arm": ARM, "odd": ball_and_mesh}[request.param]


def test_links_are_where_mujoco_has_them(file: Path) -> None:
    _, robot = read(import_robot(file))
    kinematics = Kinematics(robot)
    positions = random_poses(kinematics)
    links = kinematics.links(positions)
    expected = mujoco_links(file, {joint.name: positions[:, n] for n, joint in enumerate(kinematics.joints)})
    compared = 0
    for number, link in enumerate(robot.links):
        for row, poses in enumerate(expected):
            if link.name in poses:
                np.testing.assert_allclose(links[row, number], poses[link.name], atol=2e-7)
                compared += 1
    assert compared >= POSES * 4


def test_the_authored_pose_is_the_file_s_own(file: Path) -> None:
    _, robot = read(import_robot(file))
    kinematics = Kinematics(robot)
    at_rest = kinematics.links(kinematics.rest()[None])[0]
    np.testing.assert_allclose(at_rest, [link.rest for link in robot.links], atol=1e-7)


def test_one_pose_alone_is_that_pose_among_others_to_the_bit(file: Path) -> None:
    kinematics = Kinematics(read(import_robot(file))[1])
    positions = random_poses(kinematics)
    together = kinematics.links(positions)
    for row in range(POSES):
        assert (kinematics.links(positions[row : row + 1])[0] == together[row]).all()
        assert (kinematics.locals(together[row : row + 1])[1][0] == kinematics.locals(together)[1][row]).all()


def test_what_prims_are_given_composes_to_the_links(file: Path) -> None:
    """Links side by side: a prim's own pose is the link's in the robot."""
    kinematics = Kinematics(read(import_robot(file))[1])
    links = kinematics.links(random_poses(kinematics, 1))
    translate, rotate = kinematics.locals(links)
    np.testing.assert_allclose(translate, links[..., 3, :3], atol=1e-15)
    np.testing.assert_allclose(euler_matrix(rotate), links[..., :3, :3], atol=1e-12)


def test_angles_give_rotations_back_at_any_middle_angle() -> None:
    rng = np.random.default_rng(3)
    angles = rng.uniform(-180, 180, (400, 3))
    angles[:, 1] = np.concatenate([90.0 - np.logspace(-14, 1, 200), -90.0 + np.logspace(-14, 1, 200)])
    matrices = euler_matrix(angles)
    np.testing.assert_allclose(euler_matrix(angles_of(matrices)), matrices, atol=2e-9)


def test_a_mimic_joint_follows_its_leader_and_limits_it(tmp_path: Path) -> None:
    text = ARM.read_text(encoding="utf-8").replace('multiplier="1" offset="0"', 'multiplier="-2" offset="0.05"')
    file = tmp_path / "arm.urdf"
    file.write_text(text)
    kinematics = Kinematics(read(import_robot(file))[1])
    number = {joint.name: n for n, joint in enumerate(kinematics.joints)}
    leader = kinematics.joints[number["left_grip"]]
    # 0 <= 0.05 - 2 q <= 0.04, so that q lies in 0.005 .. 0.025.
    assert (leader.lower, leader.upper) == pytest.approx((0.005, 0.025), abs=1e-7)
    positions = random_poses(kinematics)
    followed = 0.05 - 2.0 * positions[:, number["left_grip"], 0]
    np.testing.assert_allclose(positions[:, number["right_grip"], 0], followed, atol=1e-7)
