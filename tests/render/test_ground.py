"""The ground: what things that stand on a floor mirror, and what light it keeps from them."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.ground import flat_sides
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, RenderedView, View
from tests.render.photometry import inner, radiance
from tests.render.scenes import (
    Eye,
    Lamp,
    Paint,
    Part,
    batch,
    box,
    build,
    facets,
    frame,
    look,
    move,
    plane,
    render,
    scale,
    sphere,
    turn,
)

SIZE = (96, 72)
LEVEL = 0.5
DOME = Lamp(LightType.DOME, (1000 * LEVEL,) * 3)
MIRROR = Paint((1,) * 3, 0.05, metallic=1.0)
RED = Paint((0.6, 0.2, 0.1))
FLOOR = Part(plane(60, 60), paint=RED)
EYE = Eye(look([0, -4, 1.5], [0, 0, 1]), focal=1.6)


def mirrored(out: RenderedView, part: int, eye: Eye) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (H, W) well inside a part, and for each of them where it mirrors to, in the world (N, 3)."""
    seen = inner(out.part[0], part)
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.nonzero(seen)
    ray = (
        np.stack([(x + 0.5 - cx) / fx, -(y + 0.5 - cy) / fy, -np.ones(len(x))], axis=-1) @ np.asarray(eye.world)[:3, :3]
    )
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    assert out.normals is not None
    normal = out.normals[0][seen][:, :3]
    return seen, ray - 2 * np.einsum("nc,nc->n", ray, normal)[:, None] * normal


def image_of(out: RenderedView) -> np.ndarray:
    """The image (views, H, W, 4) of a view that has one."""
    assert out.rgb is not None
    return out.rgb


def test_a_mirror_shows_the_floor_below_and_the_sky_above() -> None:
    ball = Part(sphere(0.5, 48), move(0, 0, 1.5), MIRROR)
    out = render([ball, FLOOR], [DOME], EYE, SIZE, rgb=True, normals=True)
    seen, toward = mirrored(out, 0, EYE)
    light = radiance(image_of(out)[0][seen][:, :3])
    np.testing.assert_allclose(light[toward[:, 2] > 0.2], LEVEL, rtol=0.03)
    floor = light[toward[:, 2] < -0.3]
    assert len(floor) > 100
    np.testing.assert_allclose(floor, np.broadcast_to(LEVEL * np.array(RED.base_color), floor.shape), rtol=0.06)


def test_without_a_floor_it_shows_the_sky_all_around() -> None:
    ball = Part(sphere(0.5, 48), move(0, 0, 1.5), MIRROR)
    beneath = Eye(look([0, -4, -1], [0, 0, 1]), focal=1.6)
    for parts, eye in (([ball], EYE), ([ball, Part(plane(60, 60), turn([0, 1, 0], 90) @ move(9, 0, 0), RED)], EYE),
                       ([ball, Part(plane(60, 60, double_sided=True), move(0, 0, 9), RED)], beneath)):  # fmt: skip
        out = render(parts, [DOME], eye, SIZE, rgb=True)
        np.testing.assert_allclose(radiance(image_of(out)[0][inner(out.part[0], 0)][:, :3]), LEVEL, rtol=0.06)


def test_the_mirrored_floor_lies_in_the_sun_and_in_the_shadow() -> None:
    # The sun straight above: what is mirrored near the axis lies in the ball's own shadow.
    irradiance = 1.5
    sun = Lamp(LightType.DISTANT, (1000 * irradiance,) * 3, look([0, 0, 5], [0, 0, 0]))
    ball = Part(sphere(0.5, 48), move(0, 0, 1.5), MIRROR)
    out = render([ball, FLOOR], [sun], EYE, SIZE, rgb=True, normals=True)
    seen, toward = mirrored(out, 0, EYE)
    assert out.normals is not None
    place = np.array([0, 0, 1.5]) + 0.5 * out.normals[0][seen][:, :3]
    hit = place + toward * (place[:, 2] / np.maximum(-toward[:, 2], 1e-6))[:, None]
    away = np.hypot(hit[:, 0], hit[:, 1])
    light = radiance(image_of(out)[0][seen][:, :3])
    down = toward[:, 2] < -0.3
    lit, dark = down & (away > 0.65), down & (away < 0.35)
    assert lit.sum() > 100
    assert dark.sum() > 10
    wanted = irradiance / np.pi * np.array(RED.base_color)
    np.testing.assert_allclose(light[lit], np.broadcast_to(wanted, light[lit].shape), rtol=0.06)
    assert light[dark].max() < 0.05 * wanted.max()


def test_the_largest_of_several_is_the_ground_in_each_frame_of_a_batch() -> None:
    ball = Part(sphere(0.5, 32), move(0, 0, 1.5), MIRROR)
    eyes, shown = [EYE, EYE], ((30.0, 10.0), (10.0, 30.0))
    blue = Paint((0.1, 0.2, 0.6))
    parts = [
        [ball, Part(plane(), scale(a, a, 1), RED), Part(plane(), scale(b, b, 1) @ move(0, 0, 0.01), blue)]
        for a, b in shown
    ]
    scene, _ = build(parts[0], [DOME])
    out = Renderer(scene, "cpu").render(
        batch(*[frame(p, [DOME], e) for p, e in zip(parts, eyes, strict=True)]), View(0, *SIZE)
    )
    for i, colour in enumerate((0, 2)):
        light = radiance(image_of(out)[i][inner(out.part[i], 0)][:, :3])
        low = light[light.sum(axis=-1) < 1.2 * LEVEL]
        assert len(low) > 50
        assert np.all(low.argmax(axis=-1) == colour)


def test_rectangles_are_found_where_a_mesh_fills_a_side_of_its_box() -> None:
    assert len(flat_sides(plane(2, 3))) == 2
    assert len(flat_sides(box(1, 2, 3))) == 6
    assert len(flat_sides(sphere())) == 0
    triangle = facets([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]])
    assert len(flat_sides(triangle)) == 0
    for centre, u, v in flat_sides(box(1, 2, 3)):
        assert np.cross(u, v) @ centre == pytest.approx(1 * 2 * 3 / 8)
    normal = np.cross(*flat_sides(plane(2, 3))[:, 1:].transpose(1, 0, 2))
    np.testing.assert_allclose(normal, [[0, 0, -1.5], [0, 0, 1.5]], atol=1e-12)
