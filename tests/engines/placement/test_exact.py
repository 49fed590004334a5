"""Exact placement: nothing overlaps, by triangles; frames alone, things added, rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.engines.embedded.scene.mesh_import import import_mesh
from replicator_dr.errors import EngineError

pytest.importorskip("fcl")

from tests.engines.placement.oracle import overlaps, world_points

SCANS = sorted((Path(__file__).parents[3] / "scenes/assets/ycb").glob("*.glb"))


def scans(count: int, surface: float, **rules: Any) -> None:
    """Ten scanned objects, ``count`` of each, turned at random, on a square of ``surface`` metres."""
    floor = create.plane(scale=surface, visible=False)
    items = [create.from_usd(import_mesh(path, "Z"), count=count, semantics={"class": path.stem}) for path in SCANS]
    with trigger.on_frame():
        for item in items:
            modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=item)
        randomizer.place_on_surface(floor, input_prims=items, seeds=list(range(1, 11)), **rules)


@pytest.mark.parametrize("collision", ["hull", "mesh"])
def test_scans_do_not_overlap(runtime: Runtime, collision: str) -> None:
    scans(2, 1.2, collision=collision)
    assert overlaps(runtime, np.arange(12)) == []


def test_they_do_where_nothing_is_tested(runtime: Runtime) -> None:
    scans(2, 1.2, collision="none")
    assert len(overlaps(runtime, np.arange(4))) > 10


@pytest.mark.slow
def test_a_thousand_frames_of_scans_do_not_overlap(runtime: Runtime) -> None:
    scans(2, 1.2)
    for first in range(0, 1000, 50):
        assert overlaps(runtime, np.arange(first, first + 50)) == []


def test_a_frame_alone_is_as_in_a_run(runtime: Runtime) -> None:
    scans(1, 0.7, clearance=0.005)
    together = runtime.evaluate(np.arange(24)).arrays.world
    for frame in (0, 7, 23):
        assert np.array_equal(runtime.evaluate(np.array([frame])).arrays.world[0], together[frame])
    assert np.array_equal(runtime.evaluate(np.arange(20, 24)).arrays.world, together[20:])


def boxes(count: int, **arguments: Any) -> Any:
    return create.cube(count=count, semantics={"class": "box"}, **{"scale": 0.2, **arguments})


def test_a_thing_added_at_the_end_leaves_the_others(runtime: Runtime) -> None:
    made = []
    for count in (9, 10):
        runtime.replace_stage(type(runtime)().stage)
        floor = create.plane(scale=1)
        with trigger.on_frame():
            randomizer.place_on_surface(floor, input_prims=[boxes(count)], seeds=[5], no_room="overlap")
        made.append(runtime.evaluate(np.arange(30)).entity_world)
    assert np.array_equal(made[0], made[1][:, :9])


def test_another_item_leaves_the_first_one(runtime: Runtime) -> None:
    made = []
    for more in (False, True):
        runtime.replace_stage(type(runtime)().stage)
        floor = create.plane(scale=2)
        items = [boxes(4), *([create.sphere(count=3, scale=0.2, semantics={"class": "ball"})] if more else [])]
        with trigger.on_frame():
            randomizer.place_on_surface(floor, input_prims=items, seeds=[5, 6][: len(items)])
        made.append(runtime.evaluate(np.arange(30)).entity_world)
    assert np.array_equal(made[0], made[1][:, :4])


def test_sizes_and_mirrors_count(runtime: Runtime) -> None:
    floor = create.plane(scale=1.6)
    group = create.cone(count=10, semantics={"class": "cone"})
    with trigger.on_frame():
        modify.pose(
            rotation=distribution.uniform((0, 0, 0), (360, 360, 360)),
            scale=distribution.uniform((-0.3, 0.1, 0.1), (-0.1, 0.4, 0.3)),
            input_prims=group,
        )
        randomizer.place_on_surface(floor, input_prims=[group], seeds=[3])
    assert overlaps(runtime, np.arange(20)) == []


def test_clearance_keeps_things_apart(runtime: Runtime) -> None:
    floor = create.plane(scale=1.5)
    balls = create.sphere(count=8, scale=0.2, semantics={"class": "ball"})
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[balls], seeds=[3], clearance=0.1)
    where = runtime.evaluate(np.arange(60)).entity_world[:, :, 3, :3]
    distance = np.linalg.norm(where[:, :, None] - where[:, None], axis=-1)[:, ~np.eye(8, dtype=bool)]
    # The balls' meshes lie a little inside of them.
    assert 0.295 < distance.min() < 0.32


@pytest.mark.parametrize("collision", ["hull", "mesh"])
def test_hulls_are_solid_and_meshes_hollow(runtime: Runtime, collision: str) -> None:
    """A ball of 5 cm in the hole of a ring, which the ring's hull fills."""
    ring = create.torus(scale=1, semantics={"class": "ring"})
    ball = create.sphere(scale=0.05, semantics={"class": "ball"})
    spot = create.plane(scale=0.001, visible=False)
    with trigger.on_frame():
        randomizer.place_on_surface(
            spot, input_prims=[ball], seeds=[1], no_coll_prims=ring, collision=collision, tries=8
        )
    if collision == "mesh":
        assert np.allclose(runtime.evaluate(np.arange(2)).entity_world[:, 1, 3, :2], 0, atol=1e-3)
    else:
        with pytest.raises(EngineError, match="found no free place in frame 0 among 8 tries"):
            runtime.evaluate(np.arange(2))


def test_no_room_is_an_error_that_says_what_to_do(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.place_on_surface(create.plane(scale=0.1), input_prims=[boxes(3)], seeds=[1], tries=40)
    with pytest.raises(EngineError) as caught:
        runtime.evaluate(np.arange(5, 8))
    assert str(caught.value) == (
        "randomizer.scatter_2d: /Replicator/Cube_Xform_01 found no free place in frame 5 among 40 tries; use fewer or "
        "smaller things, more room, more tries or a smaller clearance, or set no_room: hide"
    )


def test_what_finds_no_room_is_hidden_and_in_nobodys_way(runtime: Runtime) -> None:
    floor = create.plane(scale=0.3)
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[boxes(6)], seeds=[1], tries=40, no_room="hide")
    with pytest.warns(
        UserWarning, match=r"Cube_Xform_05 found no free place in frame \d+ among 40 tries and is hidden"
    ):
        state = runtime.evaluate(np.arange(10))
    parts = runtime.scene().arrays.part_entity >= 0
    shown = state.arrays.part_visible[:, parts]
    assert shown[:, 0].all()
    assert 0 < shown.sum() < shown.size
    where = state.entity_world[:, :, 3, :2]
    for row in range(10):
        kept = where[row][shown[row]]
        apart = np.abs(kept[:, None] - kept[None]).max(axis=-1)
        assert (apart[~np.eye(len(kept), dtype=bool)] >= 0.2 - 1e-6).all()


def test_they_overlap_where_that_is_wanted(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.place_on_surface(
            create.plane(scale=0.1), input_prims=[boxes(3)], seeds=[1], tries=40, no_room="overlap"
        )
    with pytest.warns(UserWarning, match="overlaps others, in 4 of 4 frames"):
        state = runtime.evaluate(np.arange(4))
    assert state.arrays.part_visible.all()


def test_zones_are_kept_free(runtime: Runtime) -> None:
    floor = create.plane(scale=2)
    post = create.cylinder(scale=(0.3, 0.3, 1), position=(-0.5, -0.5, 0.5))
    items = create.cone(count=4, scale=0.3, semantics={"class": "cone"})
    zones = [{"sphere": (0.5, 0.5, 0, 0.4)}, {"box": ((-1, 0.2, 0), (-0.2, 1, 1))}, post]
    with trigger.on_frame():
        modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=items)
        randomizer.place_on_surface(floor, input_prims=[items], seeds=[3], keep_out=zones, collision="none")
    for points in world_points(runtime, np.arange(200)).values():
        assert (np.linalg.norm(points - [0.5, 0.5, 0], axis=-1) >= 0.4).all()
        in_box = ((points > [-1, 0.2, 0]) & (points < [-0.2, 1, 1])).all(axis=-1)
        assert not in_box.any()
        beside = np.linalg.norm(points[..., :2] + 0.5, axis=-1) >= 0.15 * np.cos(np.pi / 32) - 1e-3
        assert (beside | (points[..., 2] > 1)).all()


def test_without_zones_they_are_entered(runtime: Runtime) -> None:
    items = create.cone(count=4, scale=0.3, semantics={"class": "cone"})
    with trigger.on_frame():
        randomizer.place_on_surface(create.plane(scale=2), input_prims=[items], seeds=[3], collision="none")
    where = np.concatenate(list(world_points(runtime, np.arange(50)).values()), axis=1)
    assert (np.linalg.norm(where - [0.5, 0.5, 0], axis=-1) < 0.4).any()


@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_things_are_in_view(runtime: Runtime, margin: float) -> None:
    floor = create.plane(scale=8)
    camera = create.camera(focal_length=24, position=(0, -4, 2), look_at=(0, 0, 0))
    items = boxes(5)
    with trigger.on_frame():
        modify.pose(position=distribution.uniform((-1, -4, 1.5), (1, -3, 2.5)), look_at=(0, 0, 0), input_prims=camera)
        randomizer.place_on_surface(
            floor, input_prims=[items], seeds=[3], in_view=[(camera, (640, 480))], margin=margin
        )
    frames = np.arange(60)
    cameras = runtime.evaluate(frames).arrays.cameras
    focal = 640 * 24 / 20.955
    worst = np.inf
    for points in world_points(runtime, frames).values():
        local = (points - cameras.world[:, None, 0, 3, :3]) @ np.swapaxes(cameras.world[:, 0, :3, :3], -1, -2)
        x = 320 + focal * local[..., 0] / -local[..., 2]
        y = 240 - focal * local[..., 1] / -local[..., 2]
        assert (local[..., 2] < 0).all()
        worst = min(worst, *(float(v.min()) for v in (x / 640, y / 480, 1 - x / 640, 1 - y / 480)))
    assert margin <= worst + 1e-6 < margin + 0.1


def test_places_are_even_by_area(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.place_on_surface(create.plane(scale=(4, 2, 1)), input_prims=[boxes(1)], seeds=[3])
    where = runtime.evaluate(np.arange(2000)).entity_world[:, 0, 3, :3]
    assert stats.kstest(where[:, 0], stats.uniform(-2, 4).cdf).pvalue > 1e-3
    assert stats.kstest(where[:, 1], stats.uniform(-1, 2).cdf).pvalue > 1e-3
    assert np.allclose(where[:, 2], 0.1)


def test_things_follow_the_normals_of_a_ball(runtime: Runtime) -> None:
    ball = create.sphere(scale=2, visible=False)
    items = create.cone(count=5, scale=0.1, semantics={"class": "cone"})
    with trigger.on_frame():
        randomizer.place_on_surface(
            ball, input_prims=[items], seeds=[3], align=True, spins=[distribution.uniform(0, 360)], collision="none"
        )
    world = runtime.evaluate(np.arange(400)).entity_world
    up = world[..., 2, :3] / np.linalg.norm(world[..., 2, :3], axis=-1, keepdims=True)
    away = world[..., 3, :3] / np.linalg.norm(world[..., 3, :3], axis=-1, keepdims=True)
    angle = np.rad2deg(np.arccos(np.clip(np.sum(up * away, axis=-1), -1, 1)))
    # The ball's facets are some degrees wide.
    assert angle.max() < 6
    assert np.allclose(np.linalg.norm(world[..., 3, :3], axis=-1), 1.05, atol=0.01)
    # What the spin turns is even about the normal: against the direction of the meridian.
    meridian = np.cross([0.0, 0.0, 1.0], up)
    meridian /= np.linalg.norm(meridian, axis=-1, keepdims=True)
    first = world[..., 0, :3] / np.linalg.norm(world[..., 0, :3], axis=-1, keepdims=True)
    turned = np.arctan2(np.sum(first * np.cross(up, meridian), axis=-1), np.sum(first * meridian, axis=-1))
    assert stats.kstest(turned.ravel(), stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 1e-3
