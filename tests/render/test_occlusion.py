"""Ambient occlusion: dark where surfaces face each other closely, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import LightType
from tests.render.photometry import assert_radiance, inner, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, box, look, move, plane, render, sphere, turn

LEVEL = 0.5
DOME = Lamp(LightType.DOME, (1000 * LEVEL,) * 3)
WHITE = Paint((1.0, 1.0, 1.0))
SIZE = (80, 60)


@pytest.mark.parametrize("slant", [0.0, 45.0, 70.0, 85.0])
def test_a_plane_does_not_hide_the_sky_from_itself(slant: float) -> None:
    out = render([Part(plane(50, 50), turn([1, 0.3, 0], slant) @ move(0, 0, -2), WHITE)], [DOME], size=SIZE, rgb=True)
    assert inner(out.part[0], 0).sum() > 2000
    assert_radiance(out.rgb[0][inner(out.part[0], 0)], LEVEL)


def test_the_inner_corners_of_a_room_are_darker_than_its_walls() -> None:
    out = render(
        [Part(box(4, 4, 3), paint=WHITE)], [DOME], Eye(look([-1.5, 0, 0], [1, 0, 0]), focal=0.8), SIZE, rgb=True
    )
    light = radiance(out.rgb[0, ..., 0]) / LEVEL
    middle = light[25:35, 32:48]
    np.testing.assert_allclose(middle, 1.0, atol=0.02)
    # The far wall's edge, 3.5 m away: half the width of 4 m is 36 pixels off the middle.
    fx = out.intrinsics[0, 0]
    edge = int(40 + fx * 2 / 3.5)
    along = light[20:40, edge - 3 : edge + 3]
    assert edge < 78
    assert along.mean() < 0.95
    assert light.min() > 0.2


def test_outer_edges_are_not_darker() -> None:
    out = render([Part(box(), paint=WHITE)], [DOME], Eye(look([2, 1.5, 1.2], [0, 0, 0])), SIZE, rgb=True)
    # Normals are read off the depth image, a little wrong right at an edge.
    assert_radiance(out.rgb[0][inner(out.part[0], 0)], LEVEL, 4)


def test_something_far_in_front_does_not_darken_the_wall() -> None:
    wall = Part(plane(50, 50), move(0, 0, -4), WHITE)
    light = {}
    for gap in (0.1, 2.0):
        parts = [wall, Part(box(0.6, 0.6, 0.02), move(0, 0, -4 + gap), WHITE)]
        out = render(parts, [DOME], size=SIZE, rgb=True)
        light[gap] = radiance(out.rgb[0][inner(out.part[0], 0)][:, 0]) / LEVEL
    assert light[0.1].min() < 0.95
    np.testing.assert_allclose(light[2.0], 1.0, atol=0.02)


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("at", [10, 11, 12, 0, 39])
def test_a_wire_one_pixel_thin_before_the_sky_has_its_colour(across: bool, at: int) -> None:
    pixel, size = 1 / 40, (40, 40)
    place = (at - 19.5) * pixel
    wire = plane(2.0, pixel) if across else plane(pixel, 2.0)
    where = move(0, -place, -1) if across else move(place, 0, -1)
    out = render([Part(wire, where, WHITE)], [DOME], size=size, rgb=True, normals=True)
    assert out.entities.visible_box[0, 0].tolist() == ([0, at, 39, at] if across else [at, 0, at, 39])
    assert_radiance(out.rgb, LEVEL)


@pytest.mark.parametrize("odd", [0, 1])
@pytest.mark.parametrize("roll", [0, 90, 180, 270])
def test_a_crease_is_as_dark_at_the_images_borders_as_inside(odd: int, roll: int) -> None:
    # A wall on a floor, seen from the side, the crease from border to border.
    size = (80 + odd, 80 + odd)
    level = look([-1, -3, 1.2], [0, 0, 0])
    level[:3, :3] = turn([0, 0, 1], roll)[:3, :3] @ level[:3, :3]
    parts = [Part(plane(60, 60), paint=WHITE), Part(box(60, 0.2, 20), move(0, 0.1, 10), WHITE)]
    out = render(parts, [DOME], Eye(level, focal=3.0), size, rgb=True)
    light = radiance(out.rgb[0, ..., 0]) / LEVEL
    dark = (light if roll % 180 == 0 else light.T).min(axis=0)
    assert dark.max() < 0.92
    assert dark[:3].mean() == pytest.approx(dark[8:-8].mean(), abs=0.1)
    assert dark[-3:].mean() == pytest.approx(dark[8:-8].mean(), abs=0.1)


@pytest.mark.parametrize("elevation", [20.0, 45.0])
def test_a_ball_on_a_floor_darkens_it_as_its_solid_angle_says(elevation: float) -> None:
    # It touches the floor, so all of it is above the horizon: it fills (r / D)^2 of the sky at a sine of r / D.
    radius, size = 0.25, (160, 120)
    e = np.radians(elevation)
    eye = Eye(look([0, -2 * np.cos(e), radius + 2 * np.sin(e)], [0, 0, radius]), focal=1.4)
    parts = [Part(sphere(radius, 40), move(0, 0, radius), WHITE), Part(plane(50, 50), paint=WHITE)]
    out = render(parts, [DOME], eye, size, rgb=True)
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    ray = np.stack([(x - cx) / fx, -(y - cy) / fy, -np.ones_like(x)], axis=-1) @ eye.world[:3, :3]
    place = eye.world[3, :3] + ray * out.depth[0][..., None]
    away = np.hypot(place[..., 0], place[..., 1]) / radius
    open_sky = 1 - (1 + away**2) ** -1.5
    light = radiance(out.rgb[0, ..., 0]) / LEVEL
    floor = inner(out.part[0], 1)
    error = {}
    for name, low, high in (("contact", 0.6, 1.2), ("around", 1.2, 2.5), ("beyond", 5.0, 9.0)):
        ring = floor & (away > low) & (away < high)
        assert ring.sum() > 100
        error[name] = float(np.abs(light - open_sky)[ring].mean())
    # What lies behind the ball is not in the depth image: half of the occlusion right beside it is still missing.
    assert error["contact"] < 0.32, error
    assert error["around"] < 0.115, error
    assert error["beyond"] < 0.02, error
