"""Textures: which texel lands where, repetition and transforms, mipmaps, the round trip of sRGB."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import LightType, Texture
from tests.render.photometry import assert_radiance, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, look, move, plane, render, turn

SIZE = (96, 96)
LEVEL = 0.5
DOME = Lamp(LightType.DOME, (1000 * LEVEL,) * 3)


def image(pixels: np.ndarray) -> Texture:
    """A texture of bytes (H, W, 3)."""
    return Texture(np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255)], axis=2).astype(np.uint8))


def shown(texture: Texture, paint: Paint, focal: float = 2.0, tilt: float = 0.0) -> np.ndarray:
    """The image (H, W, 4) of a square metre with a texture, two metres away: it just fills the view."""
    part = Part(plane(), turn([1, 0, 0], tilt) @ move(0, 0, -2), paint)
    return render([part], [DOME], Eye(focal=focal), SIZE, rgb=True, textures=[texture]).rgb[0]


def linear(pixels: np.ndarray) -> np.ndarray:
    return radiance(np.minimum(pixels, 203))


def expected(pixels: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Bilinear look-up (..., 3) in repeating bytes (H, W, 3): u from the left, v from the bottom."""
    height, width = pixels.shape[:2]
    x, y = u * width - 0.5, (1 - v) * height - 0.5
    x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
    wx, wy = (x - x0)[..., None], (y - y0)[..., None]
    texel = linear(pixels)
    top = texel[y0 % height, x0 % width] * (1 - wx) + texel[y0 % height, (x0 + 1) % width] * wx
    bottom = texel[(y0 + 1) % height, x0 % width] * (1 - wx) + texel[(y0 + 1) % height, (x0 + 1) % width] * wx
    return top * (1 - wy) + bottom * wy


def uv() -> tuple[np.ndarray, np.ndarray]:
    """Texture coordinates at the pixel centres of the plane that fills the view."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    return x / SIZE[0], 1 - y / SIZE[1]


RANDOM = np.random.default_rng(0).integers(0, 203, (3, 5, 3))


def test_u_runs_to_the_right_and_v_up() -> None:
    corners = np.array([[[180, 0, 0], [0, 180, 0]], [[0, 0, 180], [180, 180, 180]]])
    rgb = shown(image(corners.repeat(8, 0).repeat(8, 1)), Paint((1,) * 3, texture=0))
    for y, x, color in (
        (20, 20, corners[0, 0]),
        (20, 76, corners[0, 1]),
        (76, 20, corners[1, 0]),
        (76, 76, corners[1, 1]),
    ):
        assert_radiance(rgb[y, x], LEVEL * linear(color))


def test_a_texture_of_any_size_is_interpolated() -> None:
    assert_radiance(shown(image(RANDOM), Paint((1,) * 3, texture=0)), LEVEL * expected(RANDOM, *uv()), 2)


def test_the_colour_multiplies_the_texture() -> None:
    color = np.array([0.2, 0.5, 1.0])
    assert_radiance(shown(image(RANDOM), Paint(color, texture=0)), LEVEL * color * expected(RANDOM, *uv()), 2)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 30.0, -120.0])
@pytest.mark.parametrize("scaling", [(1.0, 1.0), (2.0, 0.5), (-1.5, 3.0)])
@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.3, -1.7)])
def test_transforms_scale_then_rotate_then_move(
    degrees: float, scaling: tuple[float, float], offset: tuple[float, float]
) -> None:
    # UsdTransform2d: in * scale, rotated counter-clockwise, + translation; beyond 0..1 the image repeats.
    paint = Paint((1,) * 3, texture=0, uv_scale=scaling, uv_rotation=degrees, uv_offset=offset)
    u, v = uv()
    u, v = u * scaling[0], v * scaling[1]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    wanted = expected(RANDOM, c * u - s * v + offset[0], s * u + c * v + offset[1])
    assert_radiance(shown(image(RANDOM), paint), LEVEL * wanted, 2)


def test_each_material_has_its_texture() -> None:
    greys = [image(np.full((4, 4, 3), level)) for level in (60, 120, 180)]
    parts = [Part(plane(), move(i - 1.0, 0, -3), Paint((1,) * 3, texture=(2, 0, -1)[i])) for i in range(3)]
    out = render(parts, [DOME], Eye(focal=1.0), SIZE, rgb=True, textures=greys)
    for i, level in enumerate((linear(np.array(180)), linear(np.array(60)), 1.0)):
        assert_radiance(out.rgb[0, 48, 16 + 32 * i], LEVEL * level)


@pytest.mark.parametrize("pattern", ["checkerboard", "noise"])
def test_far_away_a_texture_is_its_mean(pattern: str) -> None:
    rng = np.random.default_rng(1)
    row, column = np.mgrid[:256, :256]
    grey = 203 * ((row + column) % 2) if pattern == "checkerboard" else rng.integers(0, 204, (256, 256))
    texture = image(np.repeat(grey[..., None], 3, axis=2))
    mean = LEVEL * linear(grey).mean()
    paint = Paint((1,) * 3, texture=0, uv_scale=(20.0, 20.0))
    flat = radiance(shown(texture, paint)[..., 0])
    assert flat.mean() == pytest.approx(mean, rel=0.02)
    assert flat.std() < 0.06 * mean
    slanted = radiance(shown(texture, paint, focal=5.0, tilt=-50.0)[..., 0])
    assert slanted.mean() == pytest.approx(mean, rel=0.02)
    # Close by, it is not.
    near = radiance(shown(texture, Paint((1,) * 3, texture=0, uv_scale=(0.05, 0.05)))[..., 0])
    assert near.std() > 0.3 * mean


def test_a_floor_to_the_horizon_neither_aliases_nor_darkens() -> None:
    row, column = np.mgrid[:64, :64]
    texture = image(np.repeat((203 * ((row // 2 + column // 2) % 2))[..., None], 3, axis=2))
    paint = Paint((1,) * 3, texture=0, uv_scale=(400.0, 400.0))
    eye = Eye(look([0, 0, 1.5], [0, 100, 0]))
    out = render([Part(plane(400, 400), paint=paint)], [DOME], eye, SIZE, rgb=True, textures=[texture])
    far = (out.part[0] == 0) & (out.depth[0] > 20) & (out.depth[0] < 150)
    mean = LEVEL * linear(np.array([0, 203])).mean()
    shade = radiance(out.rgb[0][far][:, 0])
    assert far.sum() > 100
    assert shade.mean() == pytest.approx(mean, rel=0.04)
    assert shade.std() < 0.1 * mean


@pytest.mark.parametrize("byte", [0, 1, 8, 40, 100, 160, 200])
def test_a_byte_comes_out_as_it_went_in(byte: int) -> None:
    out = render(
        [Part(plane(4, 4), move(0, 0, -1), Paint((1,) * 3, texture=0))],
        [Lamp(LightType.DOME)],
        size=(16, 16),
        rgb=True,
        textures=[image(np.full((8, 8, 3), byte))],
    )
    assert np.abs(out.rgb[..., :3].astype(int) - byte).max() <= 1


@pytest.mark.parametrize(("elevation", "most"), [(60, 0.027), (20, 0.021), (12, 0.016), (6, 0.011)])
def test_thin_lines_at_a_grazing_angle_are_those_of_a_finer_image(elevation: float, most: float) -> None:
    pixels = np.full((512, 512, 3), 180)
    for line in range(3):
        pixels[line::64] = pixels[:, line::64] = 20
    floor = Part(plane(30, 30), turn([0, 0, 1], 20), Paint((1,) * 3, texture=0, uv_scale=(20, 20)))
    e = np.radians(elevation)
    eye = Eye(look([0, -3 * np.cos(e), 3 * np.sin(e)], [0, 0, 0]), focal=1.3)

    def shades(finer: int) -> np.ndarray:
        size = (SIZE[0] * finer, SIZE[1] * finer)
        seen = radiance(render([floor], [DOME], eye, size, rgb=True, textures=[image(pixels)]).rgb[0, ..., 0])
        return np.asarray(seen.reshape(SIZE[1], finer, SIZE[0], finer).mean(axis=(1, 3)))[24:]

    reference = shades(8)
    error = np.abs(shades(1) - reference)
    # Isotropic mipmaps are off by 0.024 at 20 degrees, 0.022 at 12 and 0.017 at 6.
    assert error.mean() < most * LEVEL
