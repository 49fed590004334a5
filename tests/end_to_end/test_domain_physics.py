"""Physics of the usual tables does with things what textbooks say of the drawn numbers, copy by copy.

Gravity: ``tests/randomizers/test_settle.py``. Other shapes, speeds, numbers: ``tests/engines/test_physics_oracles.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr import build_graph

pytest.importorskip("mujoco", reason="the extra physics is not installed")

Float64 = NDArray[np.float64]
COPIES = 8
GRAVITY = 9.81


def things(shape: str, height: float, **more: Any) -> dict[str, Any]:
    """Eight of a shape in a row along Y, so far apart that they do not meet."""
    places = {"choices": [[0, 3 * copy, height] for copy in range(COPIES)], "with_replacements": False}
    return {shape: {"count": COPIES, "position": {"choice": places}, **more}, "semantics": {"class": "thing"}}


def fallen(create: dict[str, Any], frames: int = 1, **settle: Any) -> tuple[dict[str, Any], Any, Any]:
    """The draws without the randomizer's name, worlds (frames, things, 4, 4), and motions of what is caught moving."""
    ground = {"ground": {"plane": {"scale": 200, "position": [0, 0, settle.pop("ground", 0)]}}}
    draws = settle.pop("draws", {})
    spec = {
        "seed": 6,
        "draws": draws,
        "create": {**ground, **create, "eye": {"camera": {"position": [9, 9, 9], "look_at": [0, 0, 0]}}},
        "triggers": [{"on_frame": {}, "randomize": [{"settle": {"colliders": "ground", "separate": False, **settle}}]}],
        "render_products": [{"cameras": "eye", "resolution": [16, 16]}],
    }
    with build_graph(spec) as graph:
        state = graph.sample(range(frames))
        return state.draws, state.entity_world, state.arrays.motion


def test_friction_is_how_far_a_thing_slides() -> None:
    """V^2 / (2 mu g); above 1 up to a sixth less (docs/physics.md)."""
    boxes = things("cube", 0.025, scale=[0.4, 0.4, 0.05])
    draws, world, _ = fallen({"boxes": boxes}, prims="boxes", friction={"uniform": [0.3, 1.5]}, velocity=[2, 0, 0])
    friction = draws["boxes.settle.friction"][0, :, 0]
    share = world[0, :, 3, 0] * 2 * friction * GRAVITY / 2**2
    slow = friction <= 1
    assert slow.any()
    assert not slow.all()
    np.testing.assert_allclose(share[slow], 1, atol=0.05)
    assert ((share[~slow] > 0.8) & (share[~slow] < 1.05)).all()


def test_restitution_is_how_high_a_thing_rebounds() -> None:
    """Dropped from h it is e^2 h high when it turns, e times the time of the fall after the bounce."""
    drop, radius = 0.45, 0.1
    time = float(np.sqrt(2 * drop / GRAVITY))
    ball = {"sphere": {"scale": 2 * radius, "position": [0, 0, drop + radius]}, "semantics": {"class": "ball"}}
    draws, world, _ = fallen(
        {"ball": ball},
        frames=10,
        prims="ball",
        draws={"bounce": {"uniform": [0, 0.3]}},
        restitution="$bounce",
        capture={"draw": "bounce", "scale": time, "offset": time},
    )
    drawn = draws["ball.settle.restitution"][:, 0, 0]
    found = np.sqrt(np.maximum(world[:, 0, 3, 2] - radius, 0) / drop)
    np.testing.assert_allclose(found, drawn, atol=0.08)
    assert np.corrcoef(found, drawn)[0, 1] > 0.9
    assert np.ptp(drawn) > 0.2


def test_mass_decides_who_gives_way() -> None:
    """Momentum: of two balls that meet, m1 (v - v1) = m2 v2."""
    ball = {"scale": 0.2, "position": [0, 0, 0]}
    draws, _, motion = fallen(
        {
            "left": {"sphere": {**ball, "velocity": [2, 0, 0]}, "semantics": {"class": "ball"}},
            "right": {"sphere": {**ball, "position": [0.3, 0, 0]}, "semantics": {"class": "ball"}},
        },
        frames=COPIES,
        prims=["left", "right"],
        mass_scale={"uniform": [0.9, 1.1]},
        restitution=0.3,
        gravity=0,
        capture=0.2,
        ground=-50,
    )
    ratio = draws["left.settle.mass_scale"][:, 0, 0] / draws["right.settle.mass_scale"][:, 0, 0]
    left, right = motion.velocity[..., 0].T
    assert (right > 1).all()
    np.testing.assert_allclose(right / (2 - left), ratio, rtol=1e-3)
    assert np.ptp(ratio) > 0.1


def test_inertia_is_how_slowly_a_thing_starts_to_spin() -> None:
    """A ball that slides is slowed by a force F and spun by F r: r w / (v0 - v) = m r^2 / I, I = 2/5 m r^2 s."""
    radius = 0.25
    balls = things("sphere", radius, scale=2 * radius)
    draws, _, motion = fallen(
        {"balls": balls},
        prims="balls",
        inertia_scale={"uniform": [0.9, 1.1]},
        friction=0.4,
        velocity=[4, 0, 0],
        capture=0.15,
    )
    drawn = draws["balls.settle.inertia_scale"][0, :, 0]
    lost, spin = 4 - motion.velocity[0][:, 0], np.deg2rad(motion.spin[0][:, 1])
    assert (motion.velocity[0][:, 0] > 1.3 * radius * spin).all(), "they roll already"
    np.testing.assert_allclose(lost / (radius * spin) / 0.4, drawn, rtol=0.02)


def test_damping_is_the_rate_at_which_motion_decays() -> None:
    """V = v0 exp(-c t), a way of v0 (1 - exp(-c t)) / c; spins alike."""
    boxes = things("cube", 0, scale=0.5)
    draws, world, motion = fallen(
        {"boxes": boxes},
        prims="boxes",
        linear_damping={"uniform": [0, 0.5]},
        angular_damping={"uniform": [0, 0.5]},
        velocity=[1, 0, 0],
        angular_velocity=[0, 0, 60],
        gravity=0,
        capture=2,
        ground=-50,
    )
    linear, angular = (draws[f"boxes.settle.{kind}_damping"][0, :, 0] for kind in ("linear", "angular"))
    np.testing.assert_allclose(motion.velocity[0][:, 0], np.exp(-2 * linear), rtol=5e-3)
    np.testing.assert_allclose(motion.spin[0][:, 2], 60 * np.exp(-2 * angular), rtol=5e-3)
    np.testing.assert_allclose(world[0, :, 3, 0], (1 - np.exp(-2 * linear)) / linear, rtol=5e-3)
    assert np.ptp(linear) > 0.2
    assert np.ptp(angular) > 0.2
