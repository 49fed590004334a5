"""settle: what it draws, that frames do not depend on batches, who takes part, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.errors import EngineError, SpecError
from tests.randomizers.conftest import SCENE, Sampled

pytest.importorskip("mujoco", reason="the extra physics is not installed")

Sample = Callable[..., Sampled]

START: dict[str, Any] = {
    "pose": {
        "prims": "parts",
        "position": {"uniform": [[-0.6, -0.6, 0.5], [0.6, 0.6, 1.5]]},
        "rotation": {"uniform": [[-180, -180, -180], [180, 180, 180]]},
    }
}
FALL: dict[str, Any] = {"prims": "parts", "colliders": "ground"}
GROUND: dict[str, Any] = {"ground": {"plane": {"scale": 40}}}


@pytest.fixture
def sampled(sampled: Sample) -> Sample:
    """The shared scene on wider ground, so that nothing rolls away."""
    return lambda *entries, create=None, **more: sampled(*entries, create={**GROUND, **(create or {})}, **more)


def spec(*entries: dict[str, Any], **create: Any) -> dict[str, Any]:
    made = {**SCENE, "create": {**SCENE["create"], **GROUND, **create}}
    made["triggers"] = [{"on_frame": {}, "randomize": list(entries)}]
    return made


def test_things_lie_still_on_the_floor(sampled: Sample) -> None:
    """Boxes of 0.5 m and balls of 1 m: nothing below the floor or above a stack, faces and balls on it."""
    after = sampled(START, {"settle": FALL}, frames=6)
    boxes, balls = after.world("boxes"), after.position("balls")
    low = boxes[..., 3, 2] - 0.5 * np.abs(boxes[..., :3, 2]).sum(axis=-1)
    assert low.min() > -0.001
    assert np.median(np.abs(low)) < 0.0005
    assert balls[..., 2].min() == pytest.approx(0.5, abs=0.001)
    assert np.allclose(np.linalg.norm(boxes[..., :3, :3], axis=-1), 0.5)


def test_what_lies_stays(sampled: Sample) -> None:
    """Settled once more from where they lie, nothing moves by a millimetre."""
    once = sampled(START, {"settle": FALL}, frames=3)
    for row in range(3):
        where = once.world("boxes")[row]
        from scipy.spatial.transform import Rotation

        create = {"box": {"cube": {"scale": 0.5}, "semantics": {"class": "b"}}}
        turn = Rotation.from_matrix((where[0, :3, :3] / 0.5).T).as_euler("xyz", degrees=True)
        create["box"] |= {"position": where[0, 3, :3].tolist(), "rotation": turn.tolist()}
        again = sampled({"settle": {"prims": "box", "colliders": "ground"}}, frames=1, create=create)
        if where[0, 3, 2] < 0.251:
            assert np.allclose(again.world("box")[0, 0], where[0], atol=1e-3)


def test_a_frame_is_the_same_alone_and_in_any_batch(sampled: Sample) -> None:
    """Byte for byte, with drawn sizes too."""
    fall = {"settle": {**FALL, "friction": {"uniform": [0.3, 1.5]}, "gravity": {"uniform": [8, 10]}}}
    start = {"pose": {**START["pose"], "size": {"uniform": [0.2, 0.5]}}}
    graph = sampled(start, fall, frames=5).graph
    whole = graph.sample(range(5))
    for frames in ([3], [4, 1], [2, 0, 3]):
        part = graph.sample(frames)
        assert part.entity_world.tobytes() == whole.entity_world[frames].tobytes()


def test_threads_do_not_matter(tmp_path: Any) -> None:
    """In a process that may use one core, and in one that may use all."""
    program = tmp_path / "run.py"
    program.write_text(
        "import os, sys, hashlib\n"
        "if sys.argv[1] == '1': os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from replicator_dr import build_graph\n"
        "from tests.randomizers.test_settle import START, FALL, spec\n"
        "state = build_graph(spec(START, {'settle': FALL})).sample(range(4))\n"
        "print(hashlib.sha256(state.entity_world.tobytes()).hexdigest())\n"
    )
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system has no sched_setaffinity")
    told = [
        subprocess.run([sys.executable, str(program), n], capture_output=True, text=True, check=True, cwd=os.getcwd())
        for n in ("1", "all")
    ]
    assert told[0].stdout == told[1].stdout != ""


def test_draws_follow_their_distributions(sampled: Sample) -> None:
    """Over 2,000 frames, without simulating: the distributions are sampled by name."""
    entry = {
        "settle": {
            **FALL,
            "gravity": {"uniform": [8, 10]},
            "friction": {"uniform": [0.3, 1.5]},
            "restitution": {"uniform": [0, 0.3]},
            "mass_scale": {"uniform": [0.9, 1.1]},
            "inertia_scale": {"uniform": [0.9, 1.1]},
            "linear_damping": {"uniform": [0, 0.5]},
            "angular_damping": {"uniform": [0, 0.5]},
            "capture": {"uniform": [0.1, 0.6]},
        }
    }
    graph = sampled(entry, frames=1).graph
    plan = graph._session.runtime.plan()
    per_frame = {"boxes+balls": 1, "parts": 1}
    seen = set()
    for name, (node, _, count) in plan.named.items():
        owner, _, field = name.split(".")
        low, high = entry["settle"][field]["uniform"]
        samples = node.sample(graph._session.runtime.seed, np.arange(2000), count, 1)
        assert samples.shape == (2000, per_frame.get(owner) or {"boxes": 3, "balls": 2}[owner], 1)
        assert stats.kstest(samples.ravel(), stats.uniform(low, high - low).cdf).pvalue > 1e-4
        seen.add(field)
    assert seen == set(entry["settle"]) - {"prims", "colliders"}


def test_gravity_reaches_the_stage(sampled: Sample) -> None:
    """Caught in the air 0.2 s after the start: fallen by g t^2 / 2 with the recorded g."""
    start = {"pose": {"prims": "balls", "position": {"uniform": [[-2, -2, 8], [2, 2, 9]]}}}
    entry = {"settle": {"prims": "balls", "colliders": "ground", "gravity": {"uniform": [8, 10]}, "capture": 0.2,
                        "separate": False}}  # fmt: skip
    after = sampled(start, entry, frames=8)
    g = after.draw("balls.settle.gravity")[:, :, 0]
    start_z = after.draw("balls.pose.position")[..., 2]
    assert np.allclose(after.position("balls")[..., 2], start_z - 0.5 * g * 0.04, atol=1e-4)


def test_without_settle_physics_changes_nothing(sampled: Sample) -> None:
    """An item's physics is on the stage and nowhere else: state and picture are those without it."""
    create = {"box": {"cube": {"scale": 0.5, "position": [0, 0, 1]}, "semantics": {"class": "b"}}}
    plain = sampled(START, frames=4, create=create)
    create["box"]["physics"] = {"mass": 2, "friction": 0.4}
    solid = sampled(START, frames=4, create=create)
    assert plain.state.entity_world.tobytes() == solid.state.entity_world.tobytes()
    pictures = [run.graph.preview(0, ("rgb",)) for run in (plain, solid)]
    first, second = ([view["rgb"]["data"] if isinstance(view["rgb"], dict) else view["rgb"] for view in one.values()]
                     for one in pictures)  # fmt: skip
    assert all(np.array_equal(a, b) for a, b in zip(first, second))


def test_what_is_invisible_takes_no_part(sampled: Sample) -> None:
    """A hidden box lies in nobody's way and stays where it was."""
    create = {"under": {"cube": {"scale": 0.5, "position": [0, 0, 0.25]}, "semantics": {"class": "u"}},
              "over": {"cube": {"scale": 0.5, "position": [0, 0, 1.0]}, "semantics": {"class": "o"}}}  # fmt: skip
    hide = {"visibility": {"prims": "under", "visible": {"sequence": [True, False]}}}
    after = sampled(hide, {"settle": {"prims": ["under", "over"], "colliders": "ground"}}, frames=2, create=create)
    assert np.allclose(after.position("over")[:, 0, 2], [0.75, 0.25], atol=2e-3)
    assert np.allclose(after.position("under")[1, 0], [0, 0, 0.25], atol=0)


def test_overlapping_starts_are_taken_apart(sampled: Sample) -> None:
    """Ten boxes at one place end as ten boxes beside and on each other, none in another one."""
    create = {"pile": {"cube": {"count": 10, "scale": 0.2, "position": [0, 0, 0.1]}, "semantics": {"class": "p"}}}
    after = sampled({"settle": {"prims": "pile", "colliders": "ground"}}, frames=1, create=create)
    where = after.position("pile")[0]
    apart = np.linalg.norm(where[:, None] - where[None], axis=-1)[~np.eye(10, dtype=bool)]
    assert apart.min() > 0.199


def test_a_moment_of_the_fall_is_blurred(sampled: Sample) -> None:
    """Captured in the air the renderer has the velocities, at rest it has none."""
    start = {"pose": {"prims": "balls", "position": {"uniform": [[-2, -2, 8], [2, 2, 9]]}}}
    still = {"prims": "balls", "colliders": "ground"}
    moving = sampled(start, {"settle": {**still, "capture": 0.3}}, frames=1).state.arrays.motion
    assert moving is not None
    assert np.isclose(moving.velocity[0, :, 2].min(), -9.81 * 0.3, atol=0.01)
    assert sampled(start, {"settle": still}, frames=1).state.arrays.motion is None


def test_what_falls_past_everything_is_an_error_or_hidden(sampled: Sample) -> None:
    beside = {"pose": {"prims": "boxes", "position": [29, 0, 1]}}
    with pytest.raises(EngineError, match=r"boxes\b.* left what stands and fell for ever, first in firing 0; start"):
        sampled(beside, {"settle": {"prims": "boxes", "colliders": "ground"}}, frames=1)
    hidden = sampled(beside, {"settle": {"prims": "boxes", "colliders": "ground", "left": "hide"}}, frames=2)
    assert not hidden.visible("boxes").any()
    assert hidden.visible("balls").all()


def test_what_still_moves_is_named_once(sampled: Sample) -> None:
    start = {"pose": {"prims": "balls", "position": [0, 0, 9]}}
    entry = {"settle": {"prims": "balls", "colliders": "ground", "time_limit": 0.2}}
    with pytest.warns(UserWarning, match=r"/balls\b.* still moved after 0.2 s in 2 of 2 frames"):
        sampled(start, entry, frames=2)


def test_how_many_still_move_is_recorded_with_each_frame(sampled: Sample) -> None:
    """Balls start in the air or on the floor, where they lie, and a fifth of a second is not enough to come down."""
    create = {"balls": {"sphere": {"count": 5}}, "ground": {"plane": {"scale": 90}}}
    across, up = {"uniform": [-40, 40]}, {"choice": [0.5, 9.0]}
    start = {"pose": {"prims": "balls", "position": {"combine": [across, across, up]}}}
    entry = {"settle": {"prims": "balls", "colliders": "ground", "time_limit": 0.3}}
    with pytest.warns(UserWarning, match="still moved after"):
        result = sampled(start, entry, frames=12, create=create)
    falls = result.draw("balls.pose.position")[..., 2] > 1.0
    assert 0 < falls.mean() < 1
    np.testing.assert_array_equal(result.draw("balls.settle.moving")[:, 0, 0], falls.sum(axis=1))
    long = {"settle": {**entry["settle"], "time_limit": 9}}
    assert not sampled(start, long, frames=2, create=create).draw("balls.settle.moving").any()
    caught = {"settle": {"prims": "balls", "colliders": "ground", "capture": 0.1}}
    assert "balls.settle.moving" not in sampled(start, caught, frames=2, create=create).state.draws


def test_an_extra_that_is_missing_is_named(sampled: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(EngineError, match=r'physics needs MuJoCo, which is not installed; pip install "replicator_dr'):
        sampled(START, {"settle": FALL}, frames=1)


@pytest.mark.parametrize(
    ("physics", "message"),
    [
        ({"mass": 1, "density": 2}, "mass and density exclude each other"),
        ({"collider": "mesh"}, "what falls cannot collide with its surface"),
        ({"body": "static", "mass": 2}, "a static body has no mass"),
        ({"frictoin": 1}, "did you mean 'friction'"),
    ],
)
def test_physics_is_checked(physics: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        build_graph(spec(box={"cube": {"physics": physics}}))
