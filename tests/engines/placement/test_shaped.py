"""Placement of deformed things by the shape that each frame gives them: nothing overlaps, by their triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded import own_randomizers
from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.loop.sampler import packed, unpacked
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.render.shapes import moved_meshes

fcl = pytest.importorskip("fcl")

FRAMES = np.arange(10)
AMOUNTS = {"bend": (-110, 110), "twist": (0, 60), "taper": (-1.2, -0.4), "bumps": (0, 0.03)}
BARS = 6


@pytest.fixture(autouse=True)
def _calls(runtime: Runtime) -> None:
    from replicator_dr.engines.embedded import api

    own_randomizers.register(api)


def bars(surface: float) -> tuple[Any, Any]:
    """Bars in any orientation, bent and twisted; and the floor, without a label."""
    floor = create.plane(scale=surface, visible=False)
    items = create.cube(count=BARS, scale=(0.06, 0.06, 0.3), semantics={"class": "bar"})
    with trigger.on_frame():
        modify.pose(rotation=distribution.uniform((0, 0, 0), (360, 360, 360)), input_prims=items)
        drawn = {name: distribution.uniform(*limits) for name, limits in AMOUNTS.items()}
        randomizer.deform(**drawn, axis="z", seed=3, input_prims=items)
    return items, floor


def world_meshes(runtime: Runtime, frames: np.ndarray) -> list[dict[int, tuple[np.ndarray, np.ndarray]]]:
    """For each frame {thing: (points in the world, triangles)}, as they are drawn."""
    state, arrays = runtime.evaluate(frames), runtime.scene().arrays
    found = []
    for row in range(len(frames)):
        things = {}
        for part in np.flatnonzero(arrays.part_entity >= 0):
            mesh = arrays.meshes[arrays.part_mesh[part]]
            if arrays.deform is not None and arrays.deform.part_body[part] >= 0:
                shape = state.arrays.deform[slice(row, row + 1)]
                (mesh,) = moved_meshes(arrays.deform, shape, np.array([part]), [mesh])
            world = state.arrays.world[row, arrays.part_transform[part]]
            points = mesh.points.astype(np.float64) @ world[:3, :3] + world[3, :3]
            things[int(arrays.part_entity[part])] = points, mesh.triangles
        found.append(things)
    return found


def overlaps(things: dict[int, tuple[np.ndarray, np.ndarray]]) -> int:
    """Pairs of things whose triangles meet."""
    objects = []
    for points, triangles in things.values():
        model = fcl.BVHModel()
        model.beginModel(len(points), len(triangles))
        model.addSubModel(points, triangles)
        model.endModel()
        objects.append(fcl.CollisionObject(model, fcl.Transform()))
    request, result = fcl.CollisionRequest, fcl.CollisionResult
    return sum(bool(fcl.collide(a, b, request(), result())) for i, a in enumerate(objects) for b in objects[i + 1 :])


@pytest.mark.parametrize("collision", ["hull", "mesh", "none"])
def test_deformed_things_do_not_overlap(runtime: Runtime, collision: str) -> None:
    items, floor = bars(0.9)
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[items], seeds=[1], collision=collision)
    counts = [overlaps(things) for things in world_meshes(runtime, FRAMES)]
    assert (sum(counts) > 3) if collision == "none" else (sum(counts) == 0)


def test_the_same_with_rectangles(runtime: Runtime) -> None:
    items, floor = bars(1.4)
    with trigger.on_frame():
        randomizer.scatter_2d(floor, check_for_collisions=True, input_prims=items).set_input("stand", True)
    assert sum(overlaps(things) for things in world_meshes(runtime, FRAMES)) == 0


def test_what_is_placed_keeps_off_deformed_obstacles(runtime: Runtime) -> None:
    items, floor = bars(1.0)
    balls = create.sphere(count=8, scale=0.1, semantics={"class": "ball"})
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[items], seeds=[1])
        randomizer.place_on_surface(floor, input_prims=[balls], seeds=[2], no_coll_prims=items)
    assert sum(overlaps(things) for things in world_meshes(runtime, FRAMES)) == 0


def test_they_stand_on_their_deformed_lowest_point(runtime: Runtime) -> None:
    items, floor = bars(2.0)
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[items], seeds=[1])
    for things in world_meshes(runtime, FRAMES):
        lowest = [points[:, 2].min() for points, _ in things.values()]
        np.testing.assert_allclose(lowest, 0.0, atol=1e-6)


def test_a_stack_is_as_high_as_the_deformed_boxes(runtime: Runtime) -> None:
    items, _ = bars(2.0)
    with trigger.on_frame():
        randomizer.stack(input_prims=[items], seeds=[1], height=BARS)
    for things in world_meshes(runtime, FRAMES):
        low, high = (np.array([fold(points[:, 2]) for points, _ in things.values()]) for fold in (np.min, np.max))
        np.testing.assert_allclose(low, np.concatenate([[0.0], high[:-1]]), atol=1e-6)


def test_a_frame_alone_is_as_in_a_run(runtime: Runtime) -> None:
    items, floor = bars(0.9)
    with trigger.on_frame():
        randomizer.place_on_surface(floor, input_prims=[items], seeds=[1])
    together = runtime.evaluate(FRAMES).arrays.world
    assert np.array_equal(runtime.evaluate(np.array([7])).arrays.world[0], together[7])
    # As another process evaluates it, without the meshes.
    assert np.array_equal(unpacked(packed(runtime.sampler()))(FRAMES).arrays.world, together)
