"""The randomizer joints: what it draws, that links follow, and that nothing collides where it says so."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr.errors import EngineError
from replicator_dr.graph import Graph
from tests.robots.conftest import ARM, HUMANOID, mujoco_links

pytest.importorskip("mujoco")

FRAMES = 2000


def drawn(graph: Graph, item: str, frames: int) -> dict[str, NDArray[np.float64]]:
    """(frames,) of each joint of a robot."""
    draws = graph.sample(range(frames)).draws
    stem = f"{item}.joints.position."
    return {name.removeprefix(stem): np.asarray(v)[:, 0, 0] for name, v in draws.items() if name.startswith(stem)}


def limits(file: Any) -> dict[str, tuple[float, float]]:
    """In degrees and metres, from MuJoCo."""
    import mujoco

    from replicator_dr.engines.embedded.robots.source import load_source

    model = load_source(file).model
    hinge = int(mujoco.mjtJoint.mjJNT_HINGE)
    found = {}
    for joint in range(model.njnt):
        if model.jnt_limited[joint]:
            unit = 180.0 / np.pi if int(model.jnt_type[joint]) == hinge else 1.0
            found[model.joint(joint).name] = tuple(float(end) * unit for end in model.jnt_range[joint])
    return found


def test_by_default_joints_are_even_over_their_limits(posed: Any) -> None:
    values = drawn(posed({"joints": {"robots": "person"}}), "person", FRAMES)
    bounds = limits(HUMANOID)
    assert values.keys() == bounds.keys()
    level = 0.01 / len(values)
    for name, sample in values.items():
        low, high = bounds[name]
        assert low <= sample.min()
        assert sample.max() <= high
        assert stats.kstest(sample, stats.uniform(low, high - low).cdf).pvalue > level, name
    # Joints are independent of one another.
    table = np.corrcoef(np.array(list(values.values())))
    assert np.abs(table - np.eye(len(table))).max() < 0.1


def test_a_range_is_the_share_of_the_way_from_the_files_pose_to_the_limits(posed: Any) -> None:
    values = drawn(posed({"joints": {"robots": "person", "range": 0.25}}), "person", 400)
    for name, (low, high) in limits(HUMANOID).items():
        assert values[name].min() >= 0.25 * low - 1e-9
        assert values[name].max() <= 0.25 * high + 1e-9
        assert np.ptp(values[name]) > 0.2 * (high - low)
    still = drawn(posed({"joints": {"robots": "person", "range": 0}}), "person", 3)
    assert all((sample == 0.0).all() for sample in still.values())


def test_positions_by_name_and_pattern_in_their_units(posed: Any) -> None:
    positions = {
        "*_elbow": {"uniform": [-90, -30]}, "left_elbow": -20, "*_knee": {"choice": [10, 40]},
        "neck_?": {"normal": [0, 60]},
    }  # fmt: skip
    values = drawn(posed({"joints": {"robots": "person", "positions": positions}}), "person", FRAMES)
    assert (values["left_elbow"] == -20.0).all()
    assert stats.kstest(values["right_elbow"], stats.uniform(-90, 60).cdf).pvalue > 0.01
    assert set(values["left_knee"]) == {10.0, 40.0}
    assert (values["left_knee"] != values["right_knee"]).mean() == pytest.approx(0.5, abs=0.05)
    # A normal distribution is cut to the joint's limits, 70 degrees either way for one and 50 for the other.
    for name, end in (("neck_z", 70), ("neck_y", 50)):
        assert stats.kstest(values[name], stats.truncnorm(-end / 60, end / 60, 0, 60).cdf).pvalue > 0.01


def test_slides_are_in_metres_and_a_finger_follows_the_other(posed: Any) -> None:
    entry = {"joints": {"robots": "arm", "positions": {"slide": {"uniform": [0.02, 0.06]}}}}
    values = drawn(posed(entry), "arm", 500)
    assert stats.kstest(values["slide"], stats.uniform(0.02, 0.04).cdf).pvalue > 0.01
    np.testing.assert_allclose(values["right_grip"], values["left_grip"], atol=1e-9)
    assert np.ptp(values["left_grip"]) > 0.035


@pytest.mark.parametrize(("item", "file"), [("person", HUMANOID), ("arm", ARM)])
def test_links_in_the_world_are_where_mujoco_puts_them(posed: Any, item: str, file: Any) -> None:
    """Through the whole runtime: an entity for each link, the robot turned and placed."""
    create = {item: {"from_robot": {"robot": str(file), "position": [0.3, -0.2, 0.5], "rotation": [0, 0, 30],
                                    "links": "labelled"}}}  # fmt: skip
    graph = posed({"joints": {"robots": item}}, create=create)
    state = graph.sample(range(6))
    values = {name: np.stack([v, 0 * v, 0 * v], -1) for name, v in drawn(graph, item, 6).items()}
    turn = np.eye(4)
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    turn[:2, :2] = [[c, s], [-s, c]]
    turn[3, :3] = [0.3, -0.2, 0.5]
    expected = mujoco_links(file, values)
    paths = graph.scene.labels.entity_paths
    found = [(row, path.rpartition("/")[2]) for row, path in enumerate(paths) if f"/{item}" in path]
    assert len(found) == {"person": 15, "arm": 8}[item]
    for row, name in found:
        for frame in range(6):
            np.testing.assert_allclose(state.entity_world[frame, row], expected[frame][name] @ turn, atol=3e-7)


def test_a_frame_alone_is_that_frame_in_a_run_to_the_bit(posed: Any) -> None:
    entry = {"joints": {"robots": ["person", "arm"], "collision_free": True, "ground": 0.0, "avoid": "wall"}}
    wall = {"wall": {"cube": {"scale": [0.1, 4, 1], "position": [0.45, 0, 0.5]}}}
    for interval in (1, 3):
        graph = posed(entry, create=wall, interval=interval)
        together = graph.sample(range(10))
        for frame in (0, 4, 9):
            alone = graph.sample([frame])
            assert (alone.entity_world[0] == together.entity_world[frame]).all()
            assert all((np.asarray(alone.draws[name])[0] == np.asarray(values)[frame]).all()
                       for name, values in together.draws.items())  # fmt: skip


def test_copies_draw_for_themselves_and_others_change_nothing(posed: Any) -> None:
    entry = {"joints": {"robots": "arm"}}
    two = {"arm": {"from_robot": {"robot": str(ARM), "count": 2}, "semantics": {"class": "arm"}}}
    both = posed(entry, create=two).sample(range(50)).draws["arm.joints.position.elbow"]
    assert both.shape == (50, 2, 1)
    assert np.corrcoef(both[:, 0, 0], both[:, 1, 0])[0, 1] < 0.4
    alone = posed(entry).sample(range(50)).draws["arm.joints.position.elbow"]
    np.testing.assert_array_equal(alone[:, 0], both[:, 0])


# ------------------------------------------------------------------------------------------------- collisions


def overlaps(
    graph: Graph, item: str, frame: int, allowed: set[tuple[str, str]], others: tuple[str, ...] = ("wall",)
) -> set[tuple[str, str]]:
    """Pairs of links that cut each other or another item in a frame, by FCL on the renderer's own triangles."""
    fcl = pytest.importorskip("fcl")
    state = graph.sample([frame])
    arrays, labels = graph.scene.arrays, graph.scene.labels
    clouds: dict[str, list[NDArray[np.float64]]] = {}
    for part, mesh in enumerate(arrays.part_mesh):
        path = labels.prim_paths[arrays.part_prim[part]]
        whole_item = next((other for other in others if f"/{other}/" in path), None)
        name = path.split("/")[4] if f"/{item}/" in path else whole_item
        if name is not None:
            matrix = np.asarray(state.arrays.world[0, arrays.part_transform[part]], dtype=np.float64)
            points = arrays.meshes[mesh].points @ matrix[:3, :3] + matrix[3, :3]
            clouds.setdefault(name, []).append(points[arrays.meshes[mesh].triangles])
    corners = {name: np.concatenate(parts) for name, parts in clouds.items()}

    def solid(triangles: NDArray[np.float64]) -> Any:
        model = fcl.BVHModel()
        model.beginModel(len(triangles), 3 * len(triangles))
        model.addSubModel(triangles.reshape(-1, 3), np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3))
        model.endModel()
        return fcl.CollisionObject(model, fcl.Transform())

    # (T, 2, 3) of each triangle and (2, 3) of each link: the least and the greatest coordinates.
    def extent(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([end.reduce([t[:, 0], t[:, 1], t[:, 2]]) for end in (np.minimum, np.maximum)], axis=1)

    boxes = {name: extent(triangles) for name, triangles in corners.items()}
    whole = {name: np.array([box[:, 0].min(axis=0), box[:, 1].max(axis=0)]) for name, box in boxes.items()}

    def near(name: str, other: str) -> NDArray[np.float64]:
        low, high = whole[other]
        if (whole[name][1] < low).any() or (whole[name][0] > high).any():
            return np.zeros((0, 3, 3))
        return corners[name][((boxes[name][:, 1] >= low) & (boxes[name][:, 0] <= high)).all(-1)]

    found = set()
    for first, second in itertools.combinations(sorted(corners), 2):
        a, b = near(first, second), near(second, first)
        if not len(a) or not len(b) or (first, second) in allowed:
            continue
        if fcl.collide(solid(a), solid(b), fcl.CollisionRequest(), fcl.CollisionResult()):
            found.add((first, second))
    return found


def neighbours(file: Any) -> set[tuple[str, str]]:
    """Pairs of bodies of which one is the other's parent in the file."""
    from replicator_dr.engines.embedded.robots.source import load_source

    model = load_source(file).model
    pairs = [(model.body(b).name, model.body(int(model.body_parentid[b])).name) for b in range(1, model.nbody)]
    return {(min(pair), max(pair)) for pair in pairs}


def test_collision_free_poses_are_free_and_others_are_not(posed: Any) -> None:
    allowed = neighbours(HUMANOID)
    wide = {"joints": {"robots": "person", "range": 1.0}}
    free = posed({"joints": {**wide["joints"], "collision_free": True}})
    bad = posed(wide)
    frames = range(0, 16, 2)
    assert not any(overlaps(free, "person", frame, allowed) for frame in frames)
    colliding = [frame for frame in frames if overlaps(bad, "person", frame, allowed)]
    assert len(colliding) >= 2
    # What was free at once stays as it was drawn.
    same = [np.array_equal(free.sample([f]).draws["person.joints.position.waist_x"],
                           bad.sample([f]).draws["person.joints.position.waist_x"]) for f in frames]  # fmt: skip
    assert [not one for one in same] == [frame in colliding for frame in frames]


def test_links_keep_off_what_is_avoided(posed: Any) -> None:
    wall = {"wall": {"cube": {"scale": [0.5, 3, 0.05], "position": [0.35, 0, 0.75]}}}
    entry = {"joints": {"robots": "person", "range": 0.8}}
    free = posed({"joints": {**entry["joints"], "avoid": "wall", "collision_free": True}}, create=wall)
    careless = posed(entry, create=wall)

    def hits(graph: Graph) -> int:
        found = [overlaps(graph, "person", frame, neighbours(HUMANOID)) for frame in range(6)]
        return sum(any("wall" in pair for pair in pairs) for pairs in found)

    assert hits(free) == 0
    assert hits(careless) >= 2


def test_an_impossible_pose_is_reported_with_what_collides(posed: Any) -> None:
    wall = {"wall": {"cube": {"scale": 0.3, "position": [0, 0, 1.0]}}}
    graph = posed({"joints": {"robots": "person", "avoid": "wall"}}, create=wall)
    with pytest.warns(UserWarning, match=r"collides in all of 128 draws in 2 of 2 frames, most often \w+ with /.*wall"):
        graph.sample(range(2))


def test_standing_puts_the_lowest_point_on_the_ground(posed: Any) -> None:
    graph = posed({"joints": {"robots": "person", "ground": 0.3}})
    state = graph.sample(range(5))
    arrays, labels = graph.scene.arrays, graph.scene.labels
    low = np.full(5, np.inf)
    for part, mesh in enumerate(arrays.part_mesh):
        if "/person/" in labels.prim_paths[arrays.part_prim[part]]:
            matrix = np.asarray(state.arrays.world[:, arrays.part_transform[part]], dtype=np.float64)
            z = (arrays.meshes[mesh].points.astype(np.float64) @ matrix[:, :3, 2:3])[..., 0] + matrix[:, 3, 2:3]
            low = np.minimum(low, z.min(axis=1))
    np.testing.assert_allclose(low, 0.3, atol=1e-6)


# ----------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"positions": {"elbwo": 0}}, r"no joint of /\S+ fits 'elbwo'; joints: .*elbow"),
        (
            {"positions": {"elbow": {"uniform": [0, 200]}}},
            r"reaches 0 .. 200, beyond the limits of 'elbow', -22.9183 .. 131.78",
        ),
        ({"positions": {"slide": 0.2}}, "beyond the limits of 'slide', 0 .. 0.1 m"),
        ({"positions": {"right_grip": 0.01}}, "'right_grip' follows 'left_grip'; give that one a position"),
    ],
)
def test_faults_name_the_joint_and_its_limits(posed: Any, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        posed({"joints": {"robots": "arm", **fields}}).sample([0])


def test_without_the_entry_a_robot_stands_as_its_file_says(posed: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        state = posed().sample(range(2))
    assert (state.entity_world[0] == state.entity_world[1]).all()


def test_a_robot_keeps_off_another_one_as_that_stands_in_the_frame(posed: Any) -> None:
    """The other one's limbs are where its own joints have them, not where its file has them."""
    create = {"person": {"from_robot": {"robot": str(HUMANOID), "position": [0.33, 0, -0.9]}},
              "arm": {"from_robot": {"robot": str(ARM)}}}  # fmt: skip
    held = {"*_shoulder_x": {"uniform": [20, 120]}, "waist_z": {"uniform": [-40, 40]}}
    entry = {"joints": {"robots": "person", "range": 0, "positions": held}}
    toward = {"robots": "arm", "positions": {"base_yaw": {"uniform": [-20, 20]}}}

    def hits(graph: Graph) -> int:
        inner = set(itertools.combinations(sorted({name for pair in neighbours(HUMANOID) for name in pair}), 2))
        return sum(bool(overlaps(graph, "person", frame, inner, others=("arm",))) for frame in range(5))

    assert hits(posed(entry, {"joints": {**toward, "avoid": "person"}}, create=create)) == 0
    assert hits(posed(entry, {"joints": toward}, create=create)) >= 2


def test_faults_of_a_spec_are_found_before_anything_is_made() -> None:
    from replicator_dr.errors import SpecError
    from replicator_dr.spec import load_spec

    entry = {"robots": "box", "positions": {"elbow": {"uniform": [90, 0]}, "wrist": "left"}, "range": 1.5}
    spec = {
        "create": {"box": {"cube": {}}, "arm": {"from_robot": {"robot": str(ARM)}}},
        "triggers": [{"on_frame": {}, "randomize": [{"joints": entry}]}],
    }
    with pytest.raises(SpecError) as caught:
        load_spec(spec)
    text = str(caught.value)
    for message in (
        "joints.robots: 'box' is a cube, not a robot; robots: arm",
        "joints.positions.elbow.uniform[0]: lower (90) is above upper (0); swap them",
        "joints.positions.wrist: expected a number, got 'left'",
        "joints.range: ",
    ):
        assert message in text, text


def test_links_that_touch_in_the_files_own_pose_may(posed: Any, tmp_path: Any) -> None:
    """The hand of a folded arm lies on its base: that pair counts for nothing, another one does."""
    file = tmp_path / "folded.xml"
    file.write_text(
        '<mujoco><worldbody><body name="base"><geom type="box" size="0.1 0.1 0.1"/>'
        '<body name="arm" pos="0 0 0.12"><joint name="lift" axis="0 1 0" range="-90 10"/>'
        '<geom type="box" size="0.3 0.02 0.02" pos="0.3 0 0.3"/>'
        '<body name="hand" pos="0 0 0.05"><joint name="bend" axis="0 1 0" range="-10 10"/><geom size="0.1"/>'
        "</body></body></body></worldbody></mujoco>"
    )
    create = {"person": {"from_robot": {"robot": str(file)}}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        posed({"joints": {"robots": "person", "collision_free": True}}, create=create).sample(range(20))


def test_other_processes_sample_the_same(posed: Any) -> None:
    """Where a GPU renders, processes sample: the graph goes there without its stage."""
    from replicator_dr.engines.embedded.loop.sampler import Sampler, packed, unpacked

    wall = {"wall": {"cube": {"scale": [0.1, 4, 1], "position": [0.45, 0, 0.5]}}}
    graph = posed({"joints": {"robots": "person", "collision_free": True, "avoid": "wall", "ground": 0}}, create=wall)
    here = graph.sample(range(6))
    runtime = graph._session.runtime
    there = unpacked(packed(Sampler(runtime.plan(), runtime.seed)))(np.arange(6))
    assert (here.entity_world == there.entity_world).all()
