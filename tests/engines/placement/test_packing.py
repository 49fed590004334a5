"""Piles and packings: boxes are inside, apart, and lie on something."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr.engines.embedded.api import create, distribution, modify, randomizer, trigger
from replicator_dr.engines.embedded.runtime import Runtime
from replicator_dr.errors import EngineError

pytest.importorskip("fcl")

from tests.engines.placement.oracle import overlaps, world_points


def cartons(count: int, varied: bool = True) -> Any:
    """Boxes of drawn sizes."""
    made = create.cube(count=count, scale=(0.3, 0.2, 0.15), semantics={"class": "carton"})
    if varied:
        with trigger.on_frame():
            modify.pose(scale=distribution.uniform((0.1, 0.1, 0.05), (0.4, 0.3, 0.2)), input_prims=made)
    return made


def boxes_of(runtime: Runtime, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, n, 3) least and greatest world coordinates of things, by their vertices."""
    clouds = list(world_points(runtime, frames).values())
    return np.stack([c.min(axis=1) for c in clouds], axis=1), np.stack([c.max(axis=1) for c in clouds], axis=1)


def assert_apart(low: np.ndarray, high: np.ndarray) -> None:
    """Boxes along the axes do not overlap by more than rounding."""
    depth = (np.minimum(high[:, :, None], high[:, None]) - np.maximum(low[:, :, None], low[:, None])).min(axis=-1)
    assert depth[:, ~np.eye(low.shape[1], dtype=bool)].max() < 1e-7


def test_a_container_holds_all_that_is_packed(runtime: Runtime) -> None:
    room = create.cube(scale=(1.2, 0.8, 0.9), position=(2, 1, 0.45), visible=False)
    made = cartons(16)
    with trigger.on_frame():
        randomizer.pack(room, [made], [3], inset=(0.02, 0.03, 0.01), gaps=[0.01], support=0.3)
    low, high = boxes_of(runtime, np.arange(40))
    assert_apart(low, high)
    assert (low >= np.array([1.42, 0.63, 0.01]) - 1e-7).all()
    assert (high <= np.array([2.58, 1.37, 0.9]) + 1e-7).all()
    assert (overlaps(runtime, np.arange(5), shrink=1e-5)) == []
    # Half of the gap on each side of each.
    between = np.maximum(low[:, :, None, :2] - high[:, None, :, :2], low[:, None, :, :2] - high[:, :, None, :2])
    level = (low[:, :, None, 2] < high[:, None, :, 2] - 1e-6) & (low[:, None, :, 2] < high[:, :, None, 2] - 1e-6)
    assert between.max(axis=-1)[level & ~np.eye(16, dtype=bool)].min() >= 0.01 - 1e-7


def test_packed_things_lie_on_something(runtime: Runtime) -> None:
    room = create.cube(scale=(0.8, 0.6, 3), position=(0, 0, 1.5), visible=False)
    made = cartons(12)
    with trigger.on_frame():
        randomizer.pack(room, [made], [3], support=0.6, no_room="hide")
    low, high = boxes_of(runtime, np.arange(40))
    shown = runtime.evaluate(np.arange(40)).arrays.part_visible[:, runtime.scene().arrays.part_entity >= 0]
    share = np.minimum(high[:, :, None, :2], high[:, None, :, :2]) - np.maximum(
        low[:, :, None, :2], low[:, None, :, :2]
    )
    area = np.prod(np.maximum(share, 0), axis=-1)
    bears = (np.abs(low[:, :, None, 2] - high[:, None, :, 2]) < 1e-6) & shown[:, None]
    held = np.sum(area * bears, axis=2) / np.prod((high - low)[..., :2], axis=-1)
    grounded = low[..., 2] < 1e-6
    assert (grounded | (held >= 0.6 - 1e-6))[shown].all()
    assert shown.mean() > 0.8
    assert (~grounded & shown).mean() > 0.3


def test_a_board_is_filled_up_to_its_height_and_turned_with_it(runtime: Runtime) -> None:
    board = create.plane(scale=(2, 0.4, 1), position=(0, 0, 1), rotation=(0, 0, 90))
    made = cartons(8, varied=False)
    with trigger.on_frame():
        randomizer.pack(board, [made], [3], height=0.35, layers=2)
    low, high = boxes_of(runtime, np.arange(20))
    assert_apart(low, high)
    assert np.abs(low[..., 0]).max() <= 0.2 + 1e-6
    assert np.abs(low[..., 1]).max() <= 1 + 1e-6
    assert low[..., 2].min() >= 1 - 1e-6
    assert high[..., 2].max() <= 1.35
    assert len(np.unique(np.round(low[..., 2], 6))) == 2


def test_a_board_needs_a_height(runtime: Runtime) -> None:
    with trigger.on_frame():
        randomizer.pack(create.plane(), [cartons(1, False)], [3])
    with pytest.raises(EngineError, match="is flat; say by height how high things may be packed on it"):
        runtime.evaluate(np.arange(1))


def test_containers_are_filled_one_after_the_other_or_spread(runtime: Runtime) -> None:
    rooms = [create.cube(position=(x, 0, 0.5), visible=False) for x in (0, 3)]
    for spread in (False, True):
        made = cartons(6, varied=False)
        with trigger.on_frame():
            randomizer.pack(rooms, [made], [3], spread=spread)
    low, _ = boxes_of(runtime, np.arange(100))
    second = low[..., 0] > 1
    assert not second[:, :6].any()
    assert 0.4 < second[:, 6:].mean() < 0.6


def test_no_room_in_a_container(runtime: Runtime) -> None:
    room = create.cube(scale=0.35, visible=False)
    made = cartons(6, varied=False)
    with trigger.on_frame():
        randomizer.pack(room, [made], [3])
    with pytest.raises(EngineError, match="found no free place in frame 0 in 1 containers; use fewer"):
        runtime.evaluate(np.arange(2))


def test_what_does_not_fit_is_hidden(runtime: Runtime) -> None:
    room = create.cube(scale=0.35, visible=False)
    made = cartons(6, varied=False)
    with trigger.on_frame():
        randomizer.pack(room, [made], [3], no_room="hide", turn=False)
    with pytest.warns(UserWarning, match="is hidden, in 3 of 3 frames"):
        state = runtime.evaluate(np.arange(3))
    shown = state.arrays.part_visible[:, runtime.scene().arrays.part_entity >= 0]
    # Two layers of one carton each are all that 35 cm hold.
    assert (shown.sum(axis=1) == 2).all()


def test_frames_alone_and_things_added_to_a_packing(runtime: Runtime) -> None:
    made = []
    for count in (10, 11):
        runtime.replace_stage(type(runtime)().stage)
        room = create.cube(scale=1.5, visible=False)
        things = cartons(count)
        with trigger.on_frame():
            randomizer.pack(room, [things], [3], gaps=[distribution.uniform(0, 0.03)], spread=True)
        made.append(runtime.evaluate(np.arange(12)).entity_world)
        assert np.array_equal(runtime.evaluate(np.array([7])).entity_world[0], made[-1][7])
    assert np.array_equal(made[0], made[1][:, :10])


def test_a_pile_stands_on_a_moving_pallet(runtime: Runtime) -> None:
    pallet = create.cube(scale=(1.2, 0.8, 0.14), semantics={"class": "pallet"})
    made = cartons(11, varied=False)
    with trigger.on_frame():
        modify.pose(
            position=distribution.uniform((-1, -1, 0), (1, 1, 0.5)),
            rotation=distribution.uniform((0, 0, 0), (0, 0, 360)),
            input_prims=pallet,
        )
        randomizer.stack(
            [made], [3], on=pallet, height=3, columns=3, gap=0.01, spins=[distribution.normal(0, 2)],
            shifts=[distribution.uniform((-0.01, -0.01), (0.01, 0.01))],
        )  # fmt: skip
    frames = np.arange(12)
    assert overlaps(runtime, frames, shrink=1e-5) == []
    world = runtime.evaluate(frames).entity_world
    local = world[:, 1:] @ np.linalg.inv(world[:, :1])
    height = (local[..., 3, 2] - 0.5) * 0.14
    assert np.allclose(height, [[0.075 + 0.15 * (i % 3) for i in range(11)]])
    middle = local[:, :9, 3, :2].mean(axis=1) * [1.2, 0.8]
    assert np.abs(middle[:, 0]).max() < 0.03


def test_a_row_begins_where_it_is_told(runtime: Runtime) -> None:
    made = cartons(4, varied=False)
    with trigger.on_frame():
        randomizer.stack([made], [3], position=(1, 2, 0.5), rotation=90, columns=4, gap=0.05, centre=False)
    low, high = boxes_of(runtime, np.arange(1))
    assert np.allclose(low[0, :, 1], [2 + 0.35 * i for i in range(4)])
    assert np.allclose(high[0, :, 0], 1)
    assert np.allclose(low[0, :, 2], 0.5)
