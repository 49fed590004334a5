"""Scenes made as arrays: they have what was asked for, and can be drawn."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import View
from replicator_dr.run.bench.drawing import chunks, drawing
from replicator_dr.run.bench.growth import Point, axes, default_batch, measure_growth
from replicator_dr.run.bench.subject import facts
from replicator_dr.run.bench.synthetic import Size, ball, looking_at, rings_for, synthetic


@pytest.mark.parametrize("size", [Size(), Size(instances=50, triangles=3_000), Size(lights=4), Size(instances=1)])
def test_a_scene_has_what_was_asked_for(size: Size) -> None:
    scene, frames = synthetic(size, 3)
    found = facts(scene, frames)
    assert found["instances"] == size.instances + 1, "the balls and the floor"
    assert found["lights"] == size.lights
    assert found["triangles"] == pytest.approx(size.triangles, rel=0.25)
    assert len(frames) == 3


def test_a_scene_is_the_same_each_time_and_its_frames_differ() -> None:
    (_, first), (_, second) = synthetic(Size(), 2), synthetic(Size(), 2)
    assert np.array_equal(first.world, second.world)
    assert not np.allclose(first.world[0], first.world[1])


@pytest.mark.parametrize("triangles", [24, 224, 2_024])
def test_a_ball_is_closed_round_and_turned_outside(triangles: int) -> None:
    mesh = ball(rings_for(triangles))
    assert len(mesh.triangles) == triangles
    corners = mesh.points[mesh.triangles].astype(np.float64)
    volume = np.einsum("ti,ti->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert 0.4 * np.pi < volume < 4 / 3 * np.pi
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-6)


def test_what_looks_at_a_point_has_it_straight_ahead() -> None:
    matrix = looking_at((1.0, 2.0, 3.0), (0.0, 0.5, 0.0))
    seen = np.array([0.0, 0.5, 0.0, 1.0]) @ np.linalg.inv(matrix)
    assert np.allclose(seen[:2], 0.0)
    assert seen[2] < 0
    assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3))


def test_everything_is_seen() -> None:
    scene, frames = synthetic(Size(instances=5, triangles=2_000, lights=2), 4)
    rendered = Renderer(scene, "cpu").render(frames, View(0, 96, 72))
    assert rendered.rgb is not None
    assert rendered.rgb[..., :3].mean() > 20
    assert (rendered.entities.visible[:, -1] > 1000).all(), "the floor"
    assert (rendered.entities.visible[:, :-1].sum(axis=1) > 100).all(), "balls"


@pytest.mark.parametrize(("frames", "batch", "expected"), [(10, 4, [4, 4, 2]), (3, 16, [3]), (17, 16, [8, 8, 1])])
def test_chunks_hold_each_frame_once(frames: int, batch: int, expected: list[int]) -> None:
    _, bank = synthetic(Size(instances=1, triangles=24), 8)
    assert [len(part) for part in chunks(bank, frames, batch)] == expected


def test_threads_suit_the_device() -> None:
    scene, bank = synthetic(Size(instances=1, triangles=24), 2)
    drawn = drawing(Renderer(scene, "cpu"), (View(0, 16, 12),))
    assert drawn.threads >= 1
    drawn.draw(bank, 5, 2, rgb=False)


def test_growth_measures_each_point() -> None:
    told: list[tuple[str, int, int]] = []
    points = {"lights": [Point("2", Size(instances=3, triangles=300, lights=2), (32, 24), batch=2)]}
    found = measure_growth("cpu", 1, lambda *step: told.append(step), points)
    (point,) = found["lights"]
    assert point["lights"] == 2
    assert point["resolution"] == [32, 24]
    assert point["frames_per_second"] > 0
    assert told == [("lights: 2", 0, 1)]


def test_axes_cover_what_the_command_promises() -> None:
    on_cpu, on_cuda = axes("cpu"), axes("cuda:0")
    assert list(on_cpu) == ["views per batch", "triangles", "lights", "resolution", "instances"]
    assert [point.batch for point in on_cpu["views per batch"]] == [1, 4, 16]
    assert [point.batch for point in on_cuda["views per batch"]] == [1, 4, 16, 64, 256]
    assert on_cpu["resolution"][-1].resolution == (1920, 1440)
    assert default_batch(640 * 480, "cpu") == 4
    assert default_batch(640 * 480, "cuda:0") == 64
