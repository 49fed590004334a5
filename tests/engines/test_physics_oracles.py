"""Simulated bodies against textbook mechanics: free fall, sliding, bouncing, masses, damping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

mujoco = pytest.importorskip("mujoco", reason="the extra physics is not installed")

from replicator_dr.engines.embedded import api  # noqa: E402
from replicator_dr.engines.embedded.api import create, distribution, modify, trigger  # noqa: E402
from replicator_dr.engines.embedded.draws.own_distributions import register  # noqa: E402
from replicator_dr.engines.embedded.physics.bodies import read_bodies  # noqa: E402
from replicator_dr.engines.embedded.physics.world import World  # noqa: E402
from replicator_dr.engines.embedded.runtime import Runtime  # noqa: E402
from replicator_dr.errors import EngineError  # noqa: E402
from replicator_dr.pool.usd_physics import write_damping, write_mass, write_material  # noqa: E402

Array = np.ndarray[Any, Any]


def settled(runtime: Runtime, frames: int, item: Any, posts: Any, **how: Any) -> Array:
    """(B, E, 4, 4): worlds of the labelled prims."""
    register(api)
    with trigger.on_frame():
        api.randomizer.settle([item], posts, **how)  # type: ignore[attr-defined]
    return runtime.evaluate(np.arange(frames)).entity_world


def thing(shape: str = "cube", **how: Any) -> Any:
    return getattr(create, shape)(semantics={"class": "thing"}, **how)


def test_a_free_fall_is_a_parabola(runtime: Runtime) -> None:
    """Z = z0 - g t^2 / 2 at drawn times under drawn gravities, velocities as thrown."""
    register(api)
    floor, ball = create.plane(scale=9), thing("sphere", scale=0.1, position=(0, 0, 10))
    with trigger.on_frame():
        api.randomizer.settle(  # type: ignore[attr-defined]
            [ball],
            floor,
            gravity=distribution.uniform(8, 10, name="g"),
            capture=distribution.uniform(0.05, 0.9, name="t"),
            velocity=(1.0, -0.5, 0.3),
            angular_velocity=(0, 0, 90),
        )
    state = runtime.evaluate(np.arange(20))
    g, t = state.draws["g"][:, 0, 0], state.draws["t"][:, 0, 0]
    assert np.ptp(g) > 1
    wanted = np.stack([t, -0.5 * t, 10 + 0.3 * t - 0.5 * g * t * t], axis=1)
    assert np.allclose(state.entity_world[:, 0, 3, :3], wanted, atol=1e-4)
    turned = np.rad2deg(np.arctan2(state.entity_world[:, 0, 0, 1], state.entity_world[:, 0, 0, 0]))
    assert np.allclose(turned, 90 * t, atol=0.01)
    blur = state.arrays.motion
    assert blur is not None
    assert np.allclose(blur.velocity[:, -1], np.stack([t * 0 + 1, t * 0 - 0.5, 0.3 - g * t], axis=1), atol=1e-6)
    assert np.allclose(blur.spin[:, -1], [0, 0, 90], atol=1e-6)


@pytest.mark.parametrize("mu", [0.3, 0.6, 1.0])
def test_a_box_slides_where_the_slope_is_steeper_than_friction(runtime: Runtime, mu: float) -> None:
    """Slopes 3 degrees below and above atan(mu): one box stays, the other one goes at g (sin a - mu cos a)."""
    for side in (-3.0, 3.0):
        angle = np.rad2deg(np.arctan(mu)) + side
        fresh = Runtime()
        from replicator_dr.engines.embedded.runtime import activate

        with activate(fresh):
            ramp = create.plane(scale=20, rotation=(0, angle, 0))
            up = np.array([np.sin(np.deg2rad(angle)), 0, np.cos(np.deg2rad(angle))])
            box = thing(scale=(0.3, 0.3, 0.1), position=tuple(0.05 * up), rotation=(0, angle, 0))
            world = settled(fresh, 1, box, ramp, friction=mu, capture=1.0)
        way = np.linalg.norm(world[0, 0, 3, :3] - 0.05 * up)
        a = np.deg2rad(angle)
        wanted = 0.5 * 9.81 * (np.sin(a) - mu * np.cos(a)) if side > 0 else 0.0
        assert way == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize(("mu", "within"), [(0.3, 0.03), (0.8, 0.03), (1.0, 0.03), (1.5, 0.2)])
def test_a_sliding_box_stops_after_v2_over_2_mu_g(runtime: Runtime, mu: float, within: float) -> None:
    """Deceleration is mu g, above 1 up to a sixth more; the larger friction of the two surfaces counts."""
    floor = create.plane(scale=20)
    write_material(floor.get_output_prims()["prims"][0], 0.1, 0.1)
    box = thing(scale=(0.4, 0.4, 0.05), position=(0, 0, 0.025))
    world = settled(runtime, 1, box, floor, friction=mu, velocity=(4.0, 0.0, 0.0))
    assert world[0, 0, 3, 0] == pytest.approx(4.0**2 / (2 * mu * 9.81), rel=within)


def test_the_floor_may_have_the_larger_friction(runtime: Runtime) -> None:
    floor = create.plane(scale=20)
    write_material(floor.get_output_prims()["prims"][0], 0.9, 0.9)
    box = thing(scale=(0.4, 0.4, 0.05), position=(0, 0, 0.025))
    world = settled(runtime, 1, box, floor, friction=0.2, velocity=(2.0, 0.0, 0.0))
    assert world[0, 0, 3, 0] == pytest.approx(2.0**2 / (2 * 0.9 * 9.81), rel=0.05)


@pytest.mark.parametrize("bounce", [0.0, 0.2, 0.4, 0.6, 0.8])
def test_a_ball_rebounds_with_its_restitution(runtime: Runtime, bounce: float) -> None:
    """Dropped from 0.3 m it touches after t1 with v = g t1, and is e v s - g s^2 / 2 high s seconds later."""
    drop, radius = 0.3, 0.05
    floor, ball = create.plane(scale=5), thing("sphere", scale=2 * radius, position=(0, 0, drop + radius))
    hit = np.sqrt(2 * drop / 9.81)
    later = max(bounce, 0.1) * hit
    world = settled(runtime, 1, ball, floor, restitution=bounce, capture=hit + later)
    speed = (world[0, 0, 3, 2] - radius + 0.5 * 9.81 * later**2) / later if bounce else 0.0
    if bounce:
        assert speed / (9.81 * hit) == pytest.approx(bounce, abs=0.08)
    else:
        assert abs(world[0, 0, 3, 2] - radius) < 0.02


def test_the_smaller_restitution_counts(runtime: Runtime) -> None:
    floor, ball = create.plane(scale=5), thing("sphere", scale=0.1, position=(0, 0, 0.35))
    write_material(floor.get_output_prims()["prims"][0], restitution=0.0)
    world = settled(runtime, 1, ball, floor, restitution=0.8, capture=0.4)
    assert world[0, 0, 3, 2] < 0.06


def test_masses_and_inertias_are_those_of_boxes(runtime: Runtime) -> None:
    """M = rho a b c, I = m (b^2 + c^2) / 12: as a box, as a hull, with a mass, and for an ellipsoid."""
    items = [thing(scale=(0.2, 0.1, 0.4)) for _ in range(3)]
    ball = thing("sphere", scale=(0.2, 0.1, 0.4))
    prims = [item.get_output_prims()["prims"][0] for item in (*items, ball)]
    from replicator_dr.pool.usd_physics import write_body, write_collider

    for prim, shape in zip(prims, ("boundingCube", "convexHull", "boundingCube", "boundingSphere")):
        write_body(prim)
        write_collider(prim, shape)
    write_mass(prims[1], {"density": 500})
    write_mass(prims[2], {"mass": 3.0})
    plan = runtime.plan()
    bodies = read_bodies(plan, [str(prim.GetPath()) for prim in prims], "test", falls=True)
    stretch = np.tile(np.diag([0.2, 0.1, 0.4]), (4, 1, 1))
    model = World(bodies, [], stretch)._model
    assert np.allclose(model.body_mass[1:4], [8.0, 4.0, 3.0], rtol=1e-7)
    per_kilogram = np.array([0.1**2 + 0.4**2, 0.2**2 + 0.4**2, 0.2**2 + 0.1**2]) / 12
    for body, mass in enumerate((8.0, 4.0, 3.0)):
        assert np.allclose(np.sort(model.body_inertia[1 + body]), np.sort(mass * per_kilogram), rtol=1e-6)


def test_damping_is_a_rate(runtime: Runtime) -> None:
    """V = v0 exp(-c t) whatever the mass, and so does the spin: without gravity."""
    floor = create.plane(scale=5, position=(0, 0, -3))
    pair = create.group([thing(scale=0.1), thing(scale=0.5, position=(0, 3, 0))])
    write_damping(pair.get_output_prims()["prims"][0], 0.5, 0.5)
    write_damping(pair.get_output_prims()["prims"][1], 0.5, 0.5)
    world = settled(
        runtime, 1, pair, floor, gravity=0.0, velocity=(1.0, 0, 0), angular_velocity=(0, 0, 60), capture=1.0
    )
    way = (1 - np.exp(-0.5)) / 0.5
    assert np.allclose(world[0, :, 3, 0], way, rtol=2e-3)
    turned = np.rad2deg(np.arctan2(world[0, :, 0, 1], world[0, :, 0, 0]))
    assert np.allclose(turned, 60 * way, rtol=2e-3)


def test_a_drawn_damping_takes_the_place_of_the_stage_s(runtime: Runtime) -> None:
    floor, box = create.plane(scale=5, position=(0, 0, -3)), thing(scale=0.1)
    write_damping(box.get_output_prims()["prims"][0], 5.0, 5.0)
    world = settled(runtime, 1, box, floor, gravity=0.0, velocity=(1.0, 0, 0), linear_damping=0.0, capture=1.0)
    assert world[0, 0, 3, 0] == pytest.approx(1.0, abs=1e-6)


def test_mass_decides_a_collision(runtime: Runtime) -> None:
    """A ball that hits one three times as heavy, both without bounce: common velocity m v / (m + 3 m)."""
    floor = create.plane(scale=50, position=(0, 0, -30))
    left, right = thing("sphere", scale=0.1), thing("sphere", scale=0.1, position=(0.2, 0, 0))
    register(api)
    with trigger.on_frame():
        api.randomizer.settle(  # type: ignore[attr-defined]
            [left, right], floor, gravity=0.0, mass_scale=[1.0, 3.0], velocity=[(1.0, 0, 0), (0.0, 0, 0)],
            restitution=0.0, capture=1.1,
        )  # fmt: skip
    world = runtime.evaluate(np.arange(1)).entity_world
    assert world[0, 1, 3, 0] == pytest.approx(0.2 + 0.25 * 1.0, abs=0.03)


def test_poses_keep_scale_and_parents(runtime: Runtime) -> None:
    """A long box under a turned, moved parent falls flat: its world is a rotation times its scale, 0.05 above."""
    floor = create.plane(scale=5)
    frame = create.xform(position=(1, 2, 3), rotation=(20, 30, 40))
    box = thing(scale=(0.3, 0.2, 0.1), parent=frame)
    modify.pose(pivot=(0.5, 0, 1), input_prims=box)
    world = settled(runtime, 1, box, floor)[0, 0]
    linear = world[:3, :3]
    assert np.allclose(linear @ linear.T, np.diag([0.3, 0.2, 0.1]) ** 2, atol=1e-12)
    down = np.abs(linear[:, 2]) * 0.5
    assert world[3, 2] == pytest.approx(down.sum(), abs=1e-3)


def test_a_thing_without_shape_has_no_colliders(runtime: Runtime) -> None:
    floor, nothing = create.plane(scale=5), create.xform(semantics={"class": "thing"})
    with pytest.raises(EngineError, match=r"/Xform has no colliders; give it physics: \{\}, or UsdPhysicsCollisionAPI"):
        settled(runtime, 1, nothing, floor)


def test_nothing_to_land_on_is_an_error(runtime: Runtime) -> None:
    with pytest.raises(EngineError, match="there are no colliders, so that everything falls for ever; give a floor"):
        settled(runtime, 1, thing(), [])
