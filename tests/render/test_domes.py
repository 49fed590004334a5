"""Panoramas: where their texels are seen, and where their light comes from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from replicator_dr.render.environment import latlong
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Environment, LightType, RenderedView, View
from tests.render.photometry import assert_radiance, inner, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, build, frame, look, random_turn, render, sphere

ROWS, COLUMNS = 24, 48
SIZE = (64, 64)
TEXELS = [(12, 24), (12, 36), (12, 12), (12, 0), (4, 30), (19, 7), (11, 47), (20, 20)]
Z_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], float)


def direction(row: float, column: float) -> np.ndarray:
    """OpenEXR's latitude-longitude map: the top is +Y, the middle +Z, and longitude falls from left to right."""
    latitude = np.pi * (0.5 - (row + 0.5) / ROWS)
    longitude = 2 * np.pi * (0.5 - (column + 0.5) / COLUMNS)
    return np.array([np.cos(latitude) * np.sin(longitude), np.sin(latitude), np.cos(latitude) * np.cos(longitude)])


def sky(row: int, column: int, bright: float = 20.0, dim: float = 0.01) -> Environment:
    """A dim panorama with one bright texel, redder than the rest."""
    pixels = np.full((ROWS, COLUMNS, 3), dim, np.float32)
    pixels[row, column] = bright, 0.3 * bright, 0.1 * bright
    return Environment(pixels)


def test_the_corners_of_the_convention() -> None:
    np.testing.assert_allclose(direction(11.5, 23.5), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(direction(11.5, 11.5), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(direction(-0.5, 5), [0, 1, 0], atol=1e-12)


SKIES = [sky(*texel) for texel in TEXELS]
THERE = np.array([direction(*texel) for texel in TEXELS])


def images(parts: Sequence[Part], world: np.ndarray, eyes: Sequence[Eye], size: tuple[int, int] = SIZE) -> RenderedView:
    """An image for each of the skies, its dome turned by ``world``."""
    lamps = [Lamp(LightType.DOME, world=world, environment=i) for i in range(len(SKIES))]
    scene, _ = build(parts, lamps[:1], environments=SKIES)
    frames = batch(*[frame(parts, [lamp], eye) for lamp, eye in zip(lamps, eyes, strict=True)])
    return Renderer(scene, "cpu").render(frames, View(0, *size), normals=True)


def test_a_texel_is_seen_in_its_direction() -> None:
    for world in (np.eye(4), Z_UP, random_turn(np.random.default_rng(2))):
        there = THERE @ world[:3, :3]
        red = images([], world, [Eye(look([0, 0, 0], d)) for d in there], (65, 65)).rgb[..., 0].astype(float)
        # Symmetric about its middle, to the width of a texel (7.5 degrees: 8.5 pixels at the equator).
        y, x = np.mgrid[:65, :65]
        for image in red:
            weight = radiance(image) * (image > 60)
            assert image[32, 32] == image.max() > 200
            assert abs((x * weight).sum() / weight.sum() - 32) < 1.0
            assert abs((y * weight).sum() / weight.sum() - 32) < 1.0
        away = images([], world, [Eye(look([0, 0, 0], -d)) for d in there], (65, 65))
        assert away.rgb[..., 0].max() < 40


@pytest.mark.parametrize("shape", [(2, 4), (3, 5), (64, 128)])
def test_the_texels_of_a_panorama_share_the_whole_sphere(shape: tuple[int, int]) -> None:
    directions, solid = latlong(*shape)
    assert solid.sum() == pytest.approx(4 * np.pi, rel=1e-12)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=-1), 1.0)
    rows, columns = np.mgrid[:24, :48]
    by_texel = [direction(r, c) for r, c in zip(rows.ravel(), columns.ravel(), strict=True)]
    np.testing.assert_allclose(latlong(24, 48)[0].reshape(-1, 3), by_texel, atol=1e-12)


def test_right_of_the_middle_of_a_panorama_is_right_in_the_image() -> None:
    # Seen from inside, toward +Z with +Y up: +X lies on the left, where the panorama's left half lies too.
    pixels = np.full((ROWS, COLUMNS, 3), 0.01, np.float32)
    pixels[:12, :24, 0] = pixels[12:, 24:, 1] = 0.5
    facing = np.diag([-1.0, 1.0, -1.0, 1.0])
    out = render(
        [], [Lamp(LightType.DOME, environment=0)], Eye(facing), SIZE, rgb=True, environments=[Environment(pixels)]
    )
    assert out.rgb[0, 8, 8, :2].tolist() > [150, 30]
    assert out.rgb[0, 56, 56, 1] > 150 > out.rgb[0, 56, 56, 0]
    assert out.rgb[0, 8, 56, :2].max() < 40


def test_light_comes_from_where_the_texel_is() -> None:
    part = Part(sphere(0.5, 40), paint=Paint((0.8,) * 3))
    aside, there = np.array([0.4, 0.3, 0.2]), THERE @ Z_UP[:3, :3]
    front = images([part], Z_UP, [Eye(look(2 * d + aside, [0, 0, 0])) for d in there])
    back = images([part], Z_UP, [Eye(look(-2 * d - aside, [0, 0, 0])) for d in there])
    for i, d in enumerate(there):
        seen = inner(front.part[i], 0)
        light = radiance(front.rgb[i][seen][:, 0])
        normal = front.normals[i][seen][:, :3]
        mean = (normal * light[:, None]).sum(axis=0)
        assert mean @ d / np.linalg.norm(mean) > 0.97
        assert np.corrcoef(light, np.maximum(normal @ d, 0))[0, 1] > 0.95
        assert radiance(back.rgb[i][inner(back.part[i], 0)][:, 0]).mean() < 0.25 * light.mean()


def test_a_mirror_shows_the_texel_where_it_should() -> None:
    part = Part(sphere(0.5, 40), paint=Paint((1,) * 3, 0.0, metallic=1.0))
    there = THERE @ Z_UP[:3, :3]
    side = np.cross(there, [0.3, 0.5, 0.8])
    eyes = 2 * (there + side / np.linalg.norm(side, axis=1, keepdims=True))
    out = images([part], Z_UP, [Eye(look(at, [0, 0, 0])) for at in eyes])
    for i, d in enumerate(there):
        seen = inner(out.part[i], 0)
        light = radiance(out.rgb[i][seen][:, 0])
        normal = out.normals[i][seen][:, :3]
        view = eyes[i] - 0.5 * normal
        view /= np.linalg.norm(view, axis=1, keepdims=True)
        mirrored = 2 * np.einsum("nc,nc->n", normal, view)[:, None] * normal - view
        assert light.max() > 0.4
        assert np.all(mirrored[light > 0.5 * light.max()] @ d > np.cos(np.radians(12)))
        assert light[mirrored @ d < np.cos(np.radians(30))].max() < 0.1


def test_a_linear_sky_lights_by_its_known_irradiance() -> None:
    # Radiance 1 + y: the cosine lobe keeps two thirds of the slope (Ramamoorthi and Hanrahan 2001).
    latitude = np.pi * (0.5 - (np.arange(64) + 0.5) / 64)
    pixels = np.tile((1 + np.sin(latitude))[:, None, None], (1, 128, 3)).astype(np.float32)
    lamp = Lamp(LightType.DOME, (300,) * 3, Z_UP, environment=0)
    part = Part(sphere(0.5, 40), paint=Paint((0.9,) * 3))
    eyes = [Eye(look(at, [0, 0, 0])) for at in ([2, 0, 0], [0, -1, 1.5], [0.5, 1, -1.5])]
    scene, _ = build([part], [lamp], environments=[Environment(pixels)])
    frames = batch(*[frame([part], [lamp], eye) for eye in eyes])
    out = Renderer(scene, "cpu").render(frames, View(0, *SIZE), normals=True)
    for i in range(len(eyes)):
        seen = inner(out.part[i], 0)
        up = out.normals[i][seen][:, 2]
        assert_radiance(out.rgb[i][seen], (0.3 * 0.9 * (1 + 2 / 3 * up))[:, None], 1.5)


def test_sun_and_sky_together_give_the_integral_of_the_panorama() -> None:
    np.random.default_rng(0)
    row, column = np.mgrid[:ROWS, :COLUMNS]
    directions = np.stack([direction(r, c) for r, c in zip(row.ravel(), column.ravel(), strict=True)])
    solid = np.cos(np.pi * (0.5 - (row.ravel() + 0.5) / ROWS)) * (np.pi / ROWS) * (2 * np.pi / COLUMNS)
    pixels = (0.3 + 0.2 * directions[:, 1:2] + np.array([0.0, 0.05, 0.1])).reshape(ROWS, COLUMNS, 3)
    pixels[5:7, 20:22] = 150.0
    arrives = pixels.reshape(-1, 3) * solid[:, None]
    lamp = Lamp(LightType.DOME, (300,) * 3, environment=0)
    part = Part(sphere(0.5, 40), paint=Paint((0.9,) * 3))
    eye = Eye(look([0.5, 1.6, 1], [0, 0, 0]))
    sky_of = [Environment(pixels.astype(np.float32))]
    out = render([part], [lamp], eye, SIZE, rgb=True, normals=True, environments=sky_of)
    seen = inner(out.part[0], 0)
    normal = out.normals[0][seen][:, :3]
    expected = 0.3 * 0.9 / np.pi * np.maximum(normal @ directions.T, 0) @ arrives
    error = radiance(out.rgb[0][seen][:, :3]) - expected
    assert expected.max() > 2 * expected.min()
    assert np.abs(error).max() < 0.06 * expected.max()


def test_a_rough_mirror_reflects_the_sun_once() -> None:
    # Below the horizon nothing becomes a key light of its own: turned upside down, the image has to be the same.
    up = sky(7, 24)
    down = Environment(up.radiance[::-1].copy())
    part = Part(sphere(0.5, 40), paint=Paint((1,) * 3, 0.5, metallic=1.0))
    light = []
    for row, height in ((0, 1.0), (1, -1.0)):
        lamp = Lamp(LightType.DOME, environment=row)
        eye = Eye(look([0.3, height, 1.8], [0, 0, 0]))
        out = render([part], [lamp], eye, SIZE, rgb=True, environments=[up, down])
        light.append(radiance(out.rgb[0][inner(out.part[0], 0)][:, 0]))
    assert light[1].max() > 0.05
    assert light[0].mean() == pytest.approx(light[1].mean(), rel=0.05)
    assert light[0].max() == pytest.approx(light[1].max(), rel=0.1)


def test_domes_add_up() -> None:
    one = Lamp(LightType.DOME, (200, 0, 0))
    two = Lamp(LightType.DOME, (0, 1000, 0), environment=0)
    pixels = Environment(np.full((16, 32, 3), 0.3, np.float32))
    part = Part(sphere(0.5, 24), paint=Paint((0.5,) * 3))
    out = render([part], [one, two], Eye(look([0, -2, 0], [0, 0, 0])), SIZE, rgb=True, environments=[pixels])
    assert_radiance(out.rgb[0][inner(out.part[0], 0)], [0.1, 0.15, 0.0])
    assert_radiance(out.rgb[0][inner(out.part[0], -1)], [0.2, 0.3, 0.0])


def test_each_frame_has_its_own_panorama() -> None:
    skies = [Environment(np.full((16, 32, 3), level, np.float32)) for level in (0.1, 0.4)]
    part, eye = Part(sphere(), paint=Paint((1,) * 3)), Eye(look([0, -2, 0], [0, 0, 0]))
    lamps = [Lamp(LightType.DOME, environment=row) for row in (1, 0, -1)]
    scene, _ = build([part], lamps[:1], environments=skies)
    out = Renderer(scene, "cpu").render(batch(*[frame([part], [lamp], eye) for lamp in lamps]), View(0, *SIZE))
    for image, level in zip(out.rgb, (0.4, 0.1, 1.0), strict=True):
        assert_radiance(image, level)
