from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats


def test_positions_are_drawn_for_each_copy_within_the_bounds(sampled: Any) -> None:
    result = sampled({"pose": {"prims": "parts", "position": {"uniform": [[-1, 0, 2], [1, 3, 2]]}}}, frames=400)
    boxes, balls = result.position("boxes"), result.position("balls")
    assert boxes.shape == (400, 3, 3)
    assert balls.shape == (400, 2, 3)
    for values in (boxes, balls):
        assert (values[..., 2] == 2).all()
        for copy in range(values.shape[1]):
            assert stats.kstest(values[:, copy, 0], stats.uniform(-1, 2).cdf).pvalue > 1e-4
            assert stats.kstest(values[:, copy, 1], stats.uniform(0, 3).cdf).pvalue > 1e-4
    together = np.concatenate([boxes, balls], axis=1)[..., 0]
    correlation = np.corrcoef(together.T)
    assert np.abs(correlation - np.eye(5)).max() < 0.25


def test_what_was_drawn_is_what_is_shown(sampled: Any) -> None:
    result = sampled({"pose": {"prims": "boxes", "position": {"normal": [[0, 0, 1], [1, 1, 0]]}}}, frames=20)
    np.testing.assert_array_equal(result.draw("boxes.pose.position"), result.position("boxes"))


def test_single_axes_leave_the_others(sampled: Any) -> None:
    create = {"boxes": {"cube": {"position": [4, 5, 6]}, "semantics": {"class": "box"}}}
    result = sampled({"pose": {"prims": "boxes", "position_z": {"uniform": [0, 1]}}}, create=create, frames=20)
    position = result.position("boxes")
    assert (position[..., :2] == [4, 5]).all()
    assert len(np.unique(position[..., 2])) == 20


def test_an_even_scale_is_one_number(sampled: Any) -> None:
    world = sampled({"pose": {"prims": "boxes", "scale": {"uniform": [0.5, 2]}}}, frames=50).world("boxes")
    scale = np.linalg.norm(world[..., :3, :3], axis=-1)
    np.testing.assert_allclose(scale, np.broadcast_to(scale[..., :1], scale.shape), rtol=1e-12)
    assert 0.5 <= scale.min() < 0.7
    assert 1.7 < scale.max() <= 2.0


def test_size_is_the_largest_extent(sampled: Any) -> None:
    create = {"boxes": {"cube": {"count": 1}, "semantics": {"class": "box"}}}
    world = sampled({"pose": {"prims": "boxes", "size": {"uniform": [0.06, 0.25]}}}, create=create, frames=50).world(
        "boxes"
    )
    extent = np.linalg.norm(world[..., :3, :3], axis=-1)
    assert extent.min() >= 0.06
    assert extent.max() <= 0.25 + 1e-12


def test_rotation_order_is_x_then_y_then_z(sampled: Any) -> None:
    world = sampled({"pose": {"prims": "boxes", "rotation": [90, 0, 90]}}, frames=1).world("boxes")[0, 0]
    # Row vectors: local Y goes to Z by the turn about X; local X goes to Y by the turn about Z.
    np.testing.assert_allclose(world[1, :3] / 0.5, [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(world[0, :3] / 0.5, [0, 1, 0], atol=1e-12)


def test_look_at_turns_minus_z_toward_the_point(sampled: Any) -> None:
    entry = {"pose": {"prims": "boxes", "position": {"uniform": [[1, 1, 1], [2, 2, 2]]}, "look_at": [0, 0, 0]}}
    world = sampled(entry, frames=20).world("boxes")
    forward = -world[..., 2, :3] / np.linalg.norm(world[..., 2, :3], axis=-1, keepdims=True)
    toward = -world[..., 3, :3] / np.linalg.norm(world[..., 3, :3], axis=-1, keepdims=True)
    np.testing.assert_allclose(forward, toward, atol=1e-6)


def test_the_interval_holds_values(sampled: Any) -> None:
    position = sampled({"pose": {"prims": "boxes", "position_x": {"uniform": [0, 1]}}}, frames=12, interval=4).position(
        "boxes"
    )
    values = position[:, 0, 0].reshape(3, 4)
    assert (values == values[:, :1]).all()
    assert len(np.unique(values)) == 3


def test_a_combined_vector(sampled: Any) -> None:
    value = {"combine": [{"uniform": [0, 1]}, 5, {"choice": [7, 8]}]}
    position = sampled({"pose": {"prims": "boxes", "position": value}}, frames=50).position("boxes")
    assert (position[..., 1] == 5).all()
    assert set(np.unique(position[..., 2])) == {7.0, 8.0}
    assert len(np.unique(position[..., 0])) == 150


def test_rotation_is_uniform_over_orientations(sampled: Any) -> None:
    world = sampled({"rotation": {"prims": "balls"}}, frames=1000).world("balls")
    # By Archimedes, each component of a uniformly random unit vector is uniform over -1 .. 1.
    for row in range(3):
        for component in range(3):
            assert stats.kstest(world[:, 0, row, component], stats.uniform(-1, 2).cdf).pvalue > 1e-4


def test_an_empty_group_is_no_fault(sampled: Any) -> None:
    create = {"none": {"group": []}}
    result = sampled({"pose": {"prims": "none", "size": {"uniform": [1, 2]}}}, create=create, frames=2)
    assert result.state.draws == {}
