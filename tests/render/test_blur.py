"""Depth of field and motion blur against the thin lens, projected velocities and the path tracer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from replicator_dr.render import blur
from replicator_dr.render.motion import MotionArrays
from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.photograph import expose, new_film, photograph
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, LightType, View
from tests.render.scenes import Lamp, Paint, Part, batch, build, look, move, plane, sphere, turn
from tests.render.test_film import sensors

VIEW = View(0, 192, 128)
FOCAL = 192.0
"""Pixels: the eye's focal length is the image's width."""
SHINING = Paint(base_color=(0, 0, 0), emission=(400.0,) * 3)
LENS = 0.1 * 20.0 / 2
"""Radius of the lens at f/1 [m]: the eye's focal length is 20 tenths of a metre."""


def lens(frames: FrameArrays, radius: float, focus: float, **changes: Any) -> FrameArrays:
    """The frames through a lens of that radius [m]."""
    shape = frames.cameras.f_stop.shape
    cameras = replace(frames.cameras, f_stop=np.full(shape, LENS / radius), focus_distance=np.full(shape, focus))
    return replace(frames, cameras=cameras, sensors=sensors(len(frames), **changes))


def moving(frames: FrameArrays, shutter: tuple[float, float], bodies: dict[int, dict[str, ArrayLike]]) -> FrameArrays:
    """The frames with columns of ``world`` in motion; -1 is the camera."""
    count, shape = len(frames), (len(frames), len(bodies), 3)

    def column(name: str) -> NDArray[np.float64]:
        rows = [np.asarray(body.get(name, (0, 0, 0)), float) for body in bodies.values()]
        return np.broadcast_to(np.array(rows).reshape(1, -1, 3), shape).copy()

    body_of = {thing: row for row, thing in enumerate(bodies)}
    motion = MotionArrays(
        velocity=column("velocity"),
        spin=column("spin"),
        centre=column("centre"),
        transform_body=np.array([body_of.get(i, -1) for i in range(frames.world.shape[1])], np.int32),
        camera_body=np.array([body_of.get(-1, -1)], np.int32),
    )
    own = sensors(count) if frames.sensors is None else frames.sensors
    return replace(frames, sensors=replace(own, shutter=np.full((count, 1, 2), shutter)), motion=motion)


def dot(depth: float, size: float = 0.02) -> Part:
    return Part(plane(size, size), move(0, 0, -depth), SHINING)


@pytest.mark.parametrize(("depth", "focus"), [(2.0, 1.0), (1.0, 1.6), (4.0, 2.5)])
def test_a_point_becomes_the_thin_lens_circle(depth: float, focus: float) -> None:
    radius = 0.15
    scene, frames = build([dot(depth, 0.01 * depth)])
    film = expose(Renderer(scene), lens(frames, radius, focus), VIEW, 512).numpy()[0, ..., 1]
    diameter = 2 * FOCAL * radius * abs(1 / focus - 1 / depth)
    y, x = np.mgrid[: VIEW.height, : VIEW.width] + 0.5
    weight = film / film.sum()
    # Mean square distance of an even disk is r^2 / 2, of a square 2 s^2 / 12; convolved, they add up.
    mean = (weight * ((x - VIEW.width / 2) ** 2 + (y - VIEW.height / 2) ** 2)).sum()
    side = FOCAL * 0.01
    assert np.sqrt(8 * (mean - side**2 / 6)) == pytest.approx(diameter, rel=0.03)
    # Nothing lies outside, and the circle is evenly filled.
    far = np.hypot(x - VIEW.width / 2, y - VIEW.height / 2)
    assert film[far > diameter / 2 + side].max() < 1e-6
    inside = film[far < diameter / 2 - side]
    assert inside.std() / inside.mean() < 0.35


def test_what_is_in_focus_stays_sharp() -> None:
    scene, frames = build([Part(plane(1.0, 0.7), move(0.3, 0.1, -3), SHINING)])
    renderer = Renderer(scene)
    sharp = expose(renderer, frames, VIEW, 1).numpy()
    assert np.abs(expose(renderer, lens(frames, 0.2, 3.0), VIEW, 32).numpy() - sharp).max() < 0.01


def test_an_edge_is_as_wide_as_the_circle() -> None:
    scene, frames = build([Part(plane(4, 8), move(-2, 0, -2), SHINING)])
    film = expose(Renderer(scene), lens(frames, 0.06, 1.0), VIEW, 256).numpy()[0, 64, :, 1]
    diameter = 2 * FOCAL * 0.06 * 0.5
    x = np.arange(VIEW.width) + 0.5 - VIEW.width / 2
    t = np.clip(2 * x / diameter, -1, 1)
    # The share of a disk left of a line.
    covered = 0.4 * (0.5 - (np.arcsin(t) + t * np.sqrt(1 - t * t)) / np.pi)
    assert np.abs(film - covered).max() < 0.015


def test_the_raster_agrees_with_the_path_tracer() -> None:
    colors = ((100, 200, 150), (200, 100, 50), (50, 200, 100), (300, 300, 300))
    paints = [Paint(base_color=(0, 0, 0), emission=color) for color in colors]
    parts = [
        Part(plane(3, 3), look((0, -0.6, -2.0), (0, 1, -1)), paints[0]),
        Part(sphere(0.25), move(-0.35, 0, -1.0), paints[1]),
        Part(sphere(0.25), move(0.4, 0.1, -3.0), paints[2]),
        Part(plane(0.1, 0.5), move(0.1, -0.1, -1.4), paints[3]),
    ]
    scene, frames = build(parts)
    frames = lens(frames, 0.1, 1.4)
    raster = expose(Renderer(scene), frames, VIEW, 128).numpy()[0, ..., :3]
    traced = PathTracer(scene).render(frames, VIEW, 64, 0)[0]

    def blocks(image: NDArray[np.float32]) -> NDArray[np.float32]:
        return image.reshape(VIEW.height // 8, 8, VIEW.width // 8, 8, 3).mean(axis=(1, 3))

    apart = np.abs(blocks(raster) - blocks(traced))
    assert apart.mean() < 0.004
    assert apart.max() < 0.05
    sharp = PathTracer(scene).render(lens(frames, 1e-6, 1.4), VIEW, 16, 0)[0]
    assert np.abs(blocks(sharp) - blocks(raster)).mean() > 4 * apart.mean()


def test_small_blur_takes_few_images_and_large_blur_many() -> None:
    scene, frames = build([Part(plane(9, 9), move(0, 0, -2), SHINING)])
    renderer = Renderer(scene)
    counts = []
    for radius in (1e-4, 0.02, 0.05, 0.2):
        own = lens(frames, radius, 1.0)
        seen = renderer.render(own, VIEW, rgb=False)
        counts.append(int(blur.exposures(own, seen, scene.part_transform)[0]))
        assert blur.blur_circle(own, seen, 0) == pytest.approx(2 * FOCAL * radius * 0.5)
    assert counts[0] == 1
    assert counts == sorted(counts)
    assert counts[1:] == [blur.FEWEST, 24, blur.MOST]
    asked = lens(frames, 0.05, 1.0, samples=23)
    assert blur.exposures(asked, renderer.render(asked, VIEW, rgb=False), scene.part_transform)[0] == 23


@pytest.mark.parametrize("count", [1, 2, 8, 23, 64])
def test_points_cover_lens_and_time_evenly(count: int) -> None:
    points, times = blur.lens_points(count), blur.moments(count)
    assert (np.linalg.norm(points, axis=1) < 1).all()
    assert np.allclose(np.sort(times), (np.arange(count) + 0.5) / count)
    if count >= 8:
        assert np.linalg.norm(points.mean(axis=0)) < 1.0 / count
        assert (points**2).sum(axis=1).mean() == pytest.approx(0.5)
        assert np.abs(np.corrcoef(np.column_stack([points, times]).T)[2, :2]).max() < 0.25


def extent(row: NDArray[np.float64]) -> float:
    """Width of the box that has the same mean and variance as the brightness along a row."""
    x = np.arange(len(row)) + 0.5
    weight = row / row.sum()
    mean = (weight * x).sum()
    return float(np.sqrt(12 * (weight * (x - mean) ** 2).sum()))


@pytest.mark.parametrize("by", ["object", "camera"])
def test_a_streak_is_the_projected_velocity_times_the_shutter(by: str) -> None:
    scene, frames = build([dot(2.0)])
    speed, time = 3.0, 0.1
    moved = {0: {"velocity": (speed, 0, 0)}} if by == "object" else {-1: {"velocity": (-speed, 0, 0)}}
    frames = moving(frames, (-time / 2, time / 2), moved)
    film = expose(Renderer(scene), frames, VIEW, 128).numpy()[0, ..., 1]
    length, side = speed * time * FOCAL / 2.0, 0.02 * FOCAL / 2.0
    assert extent(film.sum(axis=0)) == pytest.approx(np.hypot(length, side), rel=0.02)
    assert extent(film.sum(axis=1)) == pytest.approx(side, abs=0.6)
    centre = (film.sum(axis=0) / film.sum() * (np.arange(VIEW.width) + 0.5)).sum()
    assert centre == pytest.approx(VIEW.width / 2, abs=0.2)
    seen = Renderer(scene).render(frames, VIEW, rgb=False)
    assert blur.streak_length(frames, seen, 0, scene.part_transform) == pytest.approx(length, rel=0.02)


def test_a_shutter_after_the_frame_shifts_the_streak() -> None:
    scene, frames = build([dot(2.0)])
    frames = moving(frames, (0.0, 0.1), {0: {"velocity": (3.0, 0, 0)}})
    film = expose(Renderer(scene), frames, VIEW, 64).numpy()[0, ..., 1].sum(axis=0)
    centre = (film / film.sum() * (np.arange(VIEW.width) + 0.5)).sum() - VIEW.width / 2
    assert centre == pytest.approx(3.0 * 0.05 * FOCAL / 2.0, abs=0.3)


def test_a_turning_blade_sweeps_its_angle() -> None:
    """A dot at radius r that turns by an angle leaves an arc: its chord, and its distance from the axis."""
    arm, degrees = 0.4, 60.0
    scene, frames = build([Part(plane(0.02, 0.02), move(arm, 0, -2), SHINING)])
    frames = moving(frames, (-0.5, 0.5), {0: {"spin": (0, 0, degrees), "centre": (0, 0, -2)}})
    film = expose(Renderer(scene), frames, VIEW, 256).numpy()[0, ..., 1]
    y, x = np.mgrid[: VIEW.height, : VIEW.width] + 0.5
    x, y = x - VIEW.width / 2, VIEW.height / 2 - y
    lit = film > film.max() / 8
    assert np.hypot(x, y)[lit] == pytest.approx(arm * FOCAL / 2, abs=2.5)
    angle = np.degrees(np.arctan2(y, x))[lit]
    assert angle.min() == pytest.approx(-degrees / 2, abs=4)
    assert angle.max() == pytest.approx(degrees / 2, abs=4)


def test_displacement_turns_as_rotations_do() -> None:
    motion = MotionArrays(
        np.array([[[1.0, 2, 3]]]), np.array([[[0, 30.0, 40]]]), np.array([[[0.5, 0, -1]]]),
        np.zeros(1, np.int32), np.full(1, -1, np.int32),
    )  # fmt: skip
    wanted = move(-0.5, 0, 1) @ turn((0, 3, 4), 25.0) @ move(0.5, 0, -1) @ move(0.5, 1, 1.5)
    assert np.allclose(motion.displacement(np.array([0.5]))[0, 0], wanted)


def test_labels_stay_those_of_the_frame_itself() -> None:
    scene, frames = build(
        [Part(sphere(0.5), move(0, 0, -2)), Part(plane(9, 9), move(0, 0, -4))], [Lamp(LightType.DOME)]
    )
    renderer = Renderer(scene)
    plain = renderer.render(frames, VIEW, normals=True)
    shown = photograph(
        renderer,
        moving(lens(frames, 0.1, 1.0, full_well=1e3), (-0.1, 0.1), {0: {"velocity": (1, 1, 0), "spin": (0, 0, 90)}}),
        VIEW,
        normals=True,
    )
    assert (shown.rgb != plain.rgb).any()
    for name in ("depth", "part", "normals"):
        assert getattr(shown, name).tobytes() == getattr(plain, name).tobytes()
    for name, value in vars(plain.entities).items():
        assert getattr(shown.entities, name).tobytes() == value.tobytes()


def test_images_do_not_depend_on_the_batch() -> None:
    """Frames with and without blur, of different sizes, in one batch."""
    scene, one = build([Part(sphere(0.5), move(0, 0, -2)), Part(plane(9, 9), move(0, 0, -4))], [Lamp(LightType.DOME)])
    renderer = Renderer(scene)
    frames = lens(batch(*[one] * 4), 0.1, 2.0)
    frames.cameras.f_stop[:, 0] = 0.0, 40.0, 20.0, 5.0
    whole = photograph(renderer, frames, VIEW).rgb
    assert (whole[0] == renderer.render(one, VIEW).rgb[0]).all()
    assert len({image.tobytes() for image in whole}) == 4
    for row in range(4):
        assert (photograph(renderer, frames[row : row + 1], VIEW).rgb[0] == whole[row]).all()


def test_shadows_are_those_of_each_frame() -> None:
    """Maps that are kept over the points of a lens are made anew for other frames, and where a batch takes passes."""
    sun = Lamp(LightType.DISTANT, (1000,) * 3, look((1, 1, 1), (0, 0, 0)))
    floor = Part(plane(4, 4), move(0, 0, -3))
    scene, one = build([Part(sphere(0.3), move(0, 0, -2)), floor], [sun])
    other = build([Part(sphere(0.3), move(0.6, 0.2, -2)), floor], [sun])[1]
    renderer = Renderer(scene)
    both = lens(batch(one, other), 0.05, 2.0)
    whole = expose(renderer, both, VIEW, 4).numpy()
    wanted = np.zeros_like(whole)
    for point in blur.lens_points(4):
        film = new_film(renderer.device, 2, VIEW)
        renderer.draw(blur.through_lens(both, VIEW, point), VIEW, rgb=False, film=film)
        wanted += film.numpy() / 4
    assert np.allclose(whole, wanted, atol=1e-6)
    for row in (1, 0):
        assert (expose(renderer, both[row : row + 1], VIEW, 4).numpy()[0] == whole[row]).all()
    assert np.abs(whole[0] - whole[1]).max() > 0.05
