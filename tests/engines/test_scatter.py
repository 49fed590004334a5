"""scatter_2d: even spread, bounds, collisions, standing, and draws that others do not move."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.effects.footprints import Footprint, overlap
from replicator_dr.engines.embedded.effects.surfaces import clip
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import EngineError, UnsupportedError


def positions(runtime: Runtime, frames: int) -> np.ndarray:
    """(B, E, 3)."""
    return runtime.evaluate(np.arange(frames)).entity_world[:, :, 3, :3]


def cubes(count: int, scale: float = 0.1) -> object:
    return create.cube(count=count, scale=scale, semantics={"class": "c"})


def test_points_are_even_by_area(runtime: Runtime) -> None:
    """A long and a small plane, one of them turned: as many points on each as its share of the area."""
    floor = create.plane(scale=(8, 2, 1))
    wall = create.plane(scale=(2, 2, 1), position=(0, 5, 0), rotation=(90, 0, 0))
    with trigger.on_frame(), cubes(40):  # type: ignore[attr-defined]
        randomizer.scatter_2d([*floor.paths, *wall.paths])
    where = positions(runtime, 100).reshape(-1, 3)
    on_wall = np.isclose(where[:, 1], 5)
    assert stats.binomtest(int(on_wall.sum()), len(where), 4 / 20).pvalue > 1e-5
    floor_points = where[~on_wall]
    assert np.allclose(floor_points[:, 2], 0)
    assert stats.kstest(floor_points[:, 0], stats.uniform(-4, 8).cdf).pvalue > 1e-5
    assert stats.kstest(floor_points[:, 1], stats.uniform(-1, 2).cdf).pvalue > 1e-5
    assert stats.kstest(where[on_wall, 2], stats.uniform(-1, 2).cdf).pvalue > 1e-5


def test_the_origin_lies_on_the_surface_and_offset_along_its_normal(runtime: Runtime) -> None:
    sphere = create.sphere(scale=4, visible=False)
    with trigger.on_frame(), cubes(20):  # type: ignore[attr-defined]
        randomizer.scatter_2d(sphere, offset=0.5)
    radius = np.linalg.norm(positions(runtime, 10), axis=-1)
    assert np.allclose(radius, 2.5, atol=0.005)


@pytest.mark.parametrize("check", [False, True])
def test_bounds_hold(runtime: Runtime, check: bool) -> None:
    floor = create.plane(scale=20)
    with trigger.on_frame(), cubes(10):  # type: ignore[attr-defined]
        randomizer.scatter_2d(floor, min_samp=(-1, 2, None), max_samp=(1, 2.5, None), check_for_collisions=check)
    where = positions(runtime, 30)
    assert np.abs(where[..., 0]).max() <= 1
    assert where[..., 1].min() >= 2
    assert where[..., 1].max() <= 2.5
    assert where[..., 0].max() > 0.9


def test_nothing_between_the_bounds(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(1):  # type: ignore[attr-defined]
        randomizer.scatter_2d(create.plane(), min_samp=(3, None, None))
    with pytest.raises(EngineError, match=r"nothing of the surfaces .* lies between min_samp"):
        runtime.evaluate(np.arange(1))


def corner_sets(runtime: Runtime, frames: int) -> np.ndarray:
    """(B, E, 4, 2): the upright cubes' corners on the floor."""
    worlds = runtime.evaluate(np.arange(frames)).entity_world
    square = np.array([[-0.5, -0.5, 0], [0.5, -0.5, 0], [0.5, 0.5, 0], [-0.5, 0.5, 0]])
    return np.einsum("ci,beij->becj", square, worlds[..., :3, :3])[..., :2] + worlds[:, :, None, 3, :2]


def crossing(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two convex quadrilaterals overlap, by trying all edge normals."""
    for polygon in (first, second):
        for start, end in zip(polygon, np.roll(polygon, -1, axis=0)):
            normal = np.array([end[1] - start[1], start[0] - end[0]])
            one, other = first @ normal, second @ normal
            if one.max() <= other.min() + 1e-9 or other.max() <= one.min() + 1e-9:
                return False
    return True


def crowded(runtime: Runtime, check: bool) -> np.ndarray:
    floor = create.plane(scale=1.6)
    group = create.cube(count=12, semantics={"class": "c"})
    with trigger.on_frame(), group:
        modify.pose(
            rotation_z=distribution.uniform(0, 360), scale=distribution.uniform((0.1, 0.2, 0.1), (0.4, 0.3, 0.2))
        )
        randomizer.scatter_2d(floor, check_for_collisions=check)
    return corner_sets(runtime, 25)


def count_crossings(sets: np.ndarray) -> int:
    pairs = [(i, j) for i in range(sets.shape[1]) for j in range(i)]
    return sum(crossing(frame[i], frame[j]) for frame in sets for i, j in pairs)


def test_turned_boxes_do_not_overlap_when_checked(runtime: Runtime) -> None:
    assert count_crossings(crowded(runtime, True)) == 0


def test_they_do_when_not_checked(runtime: Runtime) -> None:
    assert count_crossings(crowded(runtime, False)) > 100


def test_other_prims_are_avoided(runtime: Runtime) -> None:
    floor = create.plane(scale=2)
    post = create.cylinder(scale=(1, 1, 3), semantics={"class": "post"})
    with trigger.on_frame(), create.sphere(count=5, scale=0.2, semantics={"class": "ball"}):
        randomizer.scatter_2d(floor, no_coll_prims=post)
    where = positions(runtime, 40)[:, 1:]
    # The post's ground plan is its bounding square.
    assert (np.abs(where[..., :2]).max(axis=-1) >= 0.5 + 0.1 - 2e-3).all()


def test_things_above_each_other_do_not_collide(runtime: Runtime) -> None:
    floor = create.plane(scale=0.5)
    shelf = create.cube(position=(0, 0, 3))
    with trigger.on_frame(), cubes(1):  # type: ignore[attr-defined]
        randomizer.scatter_2d(floor, no_coll_prims=shelf)
    assert np.isfinite(positions(runtime, 5)).all()


def test_no_room_gives_a_warning_that_names_the_prim(runtime: Runtime) -> None:
    with trigger.on_frame(), cubes(3, scale=0.8):  # type: ignore[attr-defined]
        randomizer.scatter_2d(create.plane(scale=0.1), check_for_collisions=True)
    with pytest.warns(UserWarning, match="/Replicator/Cube_Xform_02 found no free place .* in 4 of 4 frames"):
        positions(runtime, 4)


def test_a_prim_added_at_the_end_leaves_the_others(runtime: Runtime) -> None:
    made = []
    for count in (6, 7):
        runtime.replace_stage(type(runtime)().stage)
        floor = create.plane(scale=1.5)
        with trigger.on_frame(), cubes(count, scale=0.3):  # type: ignore[attr-defined]
            randomizer.scatter_2d(floor, check_for_collisions=True, seed=5)
        made.append(positions(runtime, 20))
    assert np.array_equal(made[0], made[1][:, :6])


def test_standing_prims_touch_the_surface_with_their_lowest_point(runtime: Runtime) -> None:
    floor = create.plane(scale=3, position=(0, 0, 1))
    group = create.group(
        [create.cube(count=3, semantics={"class": "a"}), create.cone(count=2, semantics={"class": "b"})]
    )
    with trigger.on_frame(), group:
        modify.pose(scale=distribution.uniform((0.1, 0.1, 0.1), (0.4, 0.4, 0.4)))
        randomizer.rotation()
        placed = randomizer.scatter_2d(floor)
    placed.set_input("stand", True)
    state = runtime.evaluate(np.arange(8))
    scene = runtime.scene()
    for part, entity in enumerate(scene.arrays.part_entity):
        if entity >= 0:
            points = scene.arrays.meshes[scene.arrays.part_mesh[part]].points.astype(np.float64)
            worlds = state.arrays.world[:, scene.arrays.part_transform[part]]
            lowest = (points @ worlds[:, :3, :3] + worlds[:, None, 3, :3])[..., 2].min(axis=1)
            assert np.allclose(lowest, 1.0, atol=2e-3)


def test_a_moving_surface_carries_its_points(runtime: Runtime) -> None:
    floor = create.plane(scale=2)
    with trigger.on_frame():
        with floor:
            modify.pose(position=distribution.uniform((-9, -9, 0), (9, 9, 3), name="floor"))
        with cubes(4):  # type: ignore[attr-defined]
            randomizer.scatter_2d(floor, check_for_collisions=True)
    state = runtime.evaluate(np.arange(12))
    offset = state.entity_world[:, :, 3, :3] - state.draws["floor"]
    assert np.abs(offset[..., :2]).max() <= 1
    assert np.allclose(offset[..., 2], 0)


def test_what_cannot_be_scattered_on(runtime: Runtime) -> None:
    group = cubes(1)
    with group, pytest.raises(UnsupportedError, match="check_for_collisions=3 is not supported"):  # type: ignore[attr-defined]
        randomizer.scatter_2d(create.plane(), check_for_collisions=3)  # type: ignore[arg-type]
    with group:  # type: ignore[attr-defined]
        randomizer.scatter_2d(create.xform())
    with pytest.raises(EngineError, match="have no faces to scatter on"):
        runtime.scene()


def test_clipped_triangles_keep_the_area_inside() -> None:
    rng = np.random.default_rng(4)
    triangles = rng.uniform(-2, 2, (60, 3, 3))
    triangles[..., 2] = 0
    low, high = np.array([-1, -0.5, -np.inf]), np.array([0.7, np.inf, np.inf])

    def area(corners: np.ndarray) -> float:
        first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        return float(np.linalg.norm(np.cross(first, second), axis=1).sum() / 2)

    kept = clip(triangles, low, high)
    assert (kept >= low - 1e-12).all()
    assert (kept <= high + 1e-12).all()
    # Monte Carlo: the share of points of each triangle that lie inside.
    u = rng.uniform(size=(60, 20000, 2))
    root = np.sqrt(u[..., :1])
    points = (1 - root) * triangles[:, None, 0] + root * (1 - u[..., 1:]) * triangles[:, None, 1]
    points += root * u[..., 1:] * triangles[:, None, 2]
    inside = ((points >= low) & (points <= high)).all(axis=-1).mean(axis=1)
    areas = np.array([area(triangle[None]) for triangle in triangles])
    assert area(kept) == pytest.approx(float((inside * areas).sum()), rel=0.01)


def test_rectangles_against_sampled_points() -> None:
    rng = np.random.default_rng(8)
    for _ in range(300):
        angle = rng.uniform(0, np.pi, 2)
        axis = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        half, at = rng.uniform(0.1, 1, (2, 2)), np.zeros((2, 3))
        at[1, :2] = rng.uniform(-2, 2, 2)
        first, second = (Footprint(np.zeros(2), axis[i], half[i], np.array(0.0), np.array(1.0)) for i in range(2))
        sets = [
            at[i, :2]
            + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[i] @ np.array([axis[i], [-axis[i, 1], axis[i, 0]]])
            for i in range(2)
        ]
        assert bool(overlap(first, at[0], second, at[1])) == crossing(sets[0], sets[1])
