"""Frames, batches, cameras and poses."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.errors import EngineError
from replicator_dr.render.path import tracer as module
from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.scene import LightType, View
from tests.render.scenes import (
    WHITE_DOME,
    Eye,
    Lamp,
    Paint,
    Part,
    batch,
    box,
    build,
    flipped,
    frame,
    look,
    move,
    plane,
    scale,
    sphere,
    turn,
)

SIZE = View(0, 24, 18)
FLOOR = Part(plane(6, 6))
LAMP = Lamp(LightType.SPHERE, (30000, 20000, 10000), move(1, -1, 2), (0.2, 0))
ABOVE = Eye(look([2, -3, 2], [0, 0, 0.2]))


def scenes() -> list[list[Part]]:
    return [[FLOOR, Part(box(), turn([0, 0, 1], 20 * i) @ move(0.3 * i, 0, 0.5))] for i in range(3)]


def test_a_frame_does_not_depend_on_its_batch() -> None:
    parts = scenes()
    frames = batch(*[frame(one, [LAMP], ABOVE) for one in parts])
    scene, _ = build(parts[0], [LAMP], ABOVE)
    tracer = PathTracer(scene, "cpu")
    whole = tracer.render(frames, SIZE, 8, 2, seed=5)
    assert whole.shape == (3, 18, 24, 3)
    assert whole.dtype == np.float32
    for i in range(3):
        alone = tracer.render(frames[i : i + 1], SIZE, 8, 2, seed=5, numbers=np.array([i]))
        np.testing.assert_array_equal(alone[0], whole[i])
    again = PathTracer(scene, "cpu").render(frames, SIZE, 8, 2, seed=5)
    np.testing.assert_array_equal(again, whole)
    assert not np.array_equal(tracer.render(frames, SIZE, 8, 2, seed=6), whole)
    assert not np.array_equal(tracer.render(frames, SIZE, 8, 2, seed=5, numbers=np.arange(3) + 1), whole)


def test_launches_may_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, frames = build(scenes()[0], [LAMP], ABOVE)
    tracer = PathTracer(scene, "cpu")
    whole = tracer.render(frames, SIZE, 7, 1)
    monkeypatch.setattr(module, "SAMPLES_A_LAUNCH", 2 * SIZE.width * SIZE.height)
    np.testing.assert_allclose(tracer.render(frames, SIZE, 7, 1), whole, rtol=1e-5)


def test_noise_falls_faster_than_with_random_numbers() -> None:
    scene, frames = build(scenes()[1], [LAMP], ABOVE)
    tracer = PathTracer(scene, "cpu")
    truth = tracer.render(frames, SIZE, 1024, 0, seed=9)
    off = [np.sqrt(np.mean((tracer.render(frames, SIZE, n, 0) - truth) ** 2)) for n in (4, 64)]
    # Sixteen times as many random samples would make it a quarter.
    assert off[1] < off[0] / 5


@pytest.mark.parametrize(("samples", "bounces"), [(0, 1), (1, -1)])
def test_numbers_that_make_no_image_are_refused(samples: int, bounces: int) -> None:
    scene, frames = build([FLOOR], [])
    with pytest.raises(EngineError, match=r"give at least 1 sample and 0 bounces"):
        PathTracer(scene, "cpu").render(frames, SIZE, samples, bounces)


@pytest.mark.parametrize(
    "part",
    [
        Part(sphere(0.5, 32), scale(-1, 1, 1)),
        Part(flipped(sphere(0.5, 32))),
        Part(sphere(0.25, 32), scale(2, 2, 2)),
        Part(sphere(0.5, 32), turn([1, 2, 3], 77)),
    ],
    ids=["mirrored", "inside out", "scaled", "turned"],
)
def test_a_ball_is_a_ball_however_it_is_made(part: Part) -> None:
    def image(one: Part) -> np.ndarray:
        scene, frames = build([one], [LAMP, WHITE_DOME], Eye(look([0, -2, 0.5], [0, 0, 0])))
        return PathTracer(scene, "cpu").render(frames, SIZE, 64, 1)[0]

    np.testing.assert_allclose(image(part), image(Part(sphere(0.5, 32))), atol=0.05)


def test_normals_turn_with_uneven_scales() -> None:
    """An ellipsoid from a ball, lit from the side: its normals come from the inverse transpose."""
    stretched = Part(sphere(0.5, 64), scale(2, 1, 0.5))
    sun = Lamp(LightType.DISTANT, (3000,) * 3, look([1, 0, 1], [0, 0, 0]))
    scene, frames = build([stretched], [sun], Eye(look([0, 0, 4], [0, 0, 0]), focal=2.0))
    shown = PathTracer(scene, "cpu").render(frames, View(0, 41, 31), 64, 0)[0]
    # The ray through (x, 0): the ellipsoid x^2 + 4 y^2 + 16 z^2 = 1.
    column = 27
    slope = (column + 0.5 - 20.5) / (41 * 2.0)
    z = np.roots([slope**2 + 16, -8 * slope**2, 16 * slope**2 - 1]).max()
    normal = np.array([slope * (4 - z), 0, 16 * z])
    cosine = normal @ sun.world[2, :3] / np.linalg.norm(normal)
    assert shown[15, column] == pytest.approx(0.5 / np.pi * 3.0 * cosine, rel=0.01)


def test_near_and_far_cut_what_the_camera_sees_not_the_light() -> None:
    wall = Part(plane(2, 2), move(0, 0, -1), Paint((1, 0, 0), emission=(500, 0, 0)))
    behind = Part(plane(9, 9), move(0, 0, -3), Paint(emission=(0, 500, 0)))
    expected = {(0.1, 100.0): 0, (1.5, 100.0): 1, (0.1, 0.5): None, (1.5, 2.9): None}
    for clipping, channel in expected.items():
        scene, frames = build([wall, behind], [], Eye(clipping=clipping))
        shown = PathTracer(scene, "cpu").render(frames, SIZE, 4, 0)[0]
        lit = [shown[9, 12, c] > 0.4 for c in range(3)]
        assert lit == [channel == c for c in range(3)]


def test_shifted_and_opencv_cameras_see_what_the_raster_sees() -> None:
    from replicator_dr.render.renderer import Renderer

    part = Part(box(), move(0.4, 0.1, -3), Paint(emission=(400, 400, 400), base_color=(0, 0, 0)))
    for eye in (
        Eye(offset=(0.1, -0.05)),
        Eye(opencv=(50.0, 60.0, 30.0, 20.0), nominal=(64.0, 48.0)),
    ):
        scene, frames = build([part], [], eye)
        view = View(0, 64, 48)
        shown = PathTracer(scene, "cpu").render(frames, view, 64, 0)[0, ..., 0] / 0.4
        seen = Renderer(scene, "cpu").render(frames, view, rgb=False).part[0] == 0
        assert seen.sum() > 50
        assert np.abs(shown - seen).max() < 0.75
        assert (np.abs(shown - seen) > 0.01).mean() < 0.06
