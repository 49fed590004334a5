"""Material pictures: each one's effect beside a plain material with the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, Texture, View
from tests.render.photometry import expected_byte
from tests.render.scenes import Eye, Lamp, Paint, Part, box, build, look, move, plane

SIZE = View(0, 32, 24)
SUN = Lamp(LightType.DISTANT, (3000,) * 3, look([0.3, -0.4, 1], [0, 0, 0]))
ABOVE = Eye(look([0.0, -1.2, 1.5], [0, 0, 0]), focal=1.2)


def flat(red: int, green: int = 0, blue: int = 0, linear: bool = True) -> Texture:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[:] = red, green, blue, 255
    return Texture(pixels, linear)


def image(paint: Paint, textures: tuple[Texture, ...] = (), samples: int = 16, **how: Any) -> np.ndarray:
    parts = [Part(plane(1.2, 1.2), how.get("world", np.eye(4)), paint)]
    scene, frames = build(parts, [SUN], how.get("eye", ABOVE), textures)
    return PathTracer(scene, "cpu").render(frames, SIZE, samples, 0)[0]


@pytest.mark.parametrize(
    ("painted", "plain", "texture"),
    [
        (Paint((0.8,) * 3, texture=0), Paint((0.8 * 0.5,) * 3), flat(128, 128, 128)),
        (Paint(texture=0, base_color=(1, 1, 1)), Paint((0.2158605,) * 3), flat(128, 128, 128, linear=False)),
        (Paint((0.5,) * 3, 0.2, 1, roughness_texture=0, roughness_gain=0.6), Paint((0.5,) * 3, 0.5, 1), flat(128)),
        (Paint((0.5,) * 3, 0.5, 0, metallic_texture=0, metallic_gain=1.4), Paint((0.5,) * 3, 0.5, 0.7), flat(128)),
        (Paint(emission=(900, 600, 300), emission_texture=0), Paint(emission=(450, 150, 0)), flat(128, 64)),
        (Paint(specular=0.5, normal_texture=0), Paint(specular=0.5), flat(128, 128, 255)),
    ],
    ids=["linear", "srgb", "roughness", "metallic", "emission", "flat_normals"],
)
def test_a_flat_picture_is_a_number(painted: Paint, plain: Paint, texture: Texture) -> None:
    np.testing.assert_allclose(image(painted, (texture,)), image(plain), rtol=0.03, atol=1e-4)


@pytest.mark.parametrize("uv_rotation", [0.0, 90.0])
@pytest.mark.parametrize("gain", [0.5, 1.0])
def test_a_normal_map_tilts_the_light(uv_rotation: float, gain: float) -> None:
    tilted = flat(204, 128, 230)
    shown = image(Paint(normal_texture=0, normal_gain=gain, uv_rotation=uv_rotation), (tilted,))
    x, z = (2 * 204 / 255 - 1) * gain, 2 * 230 / 255 - 1
    y = (2 * 128 / 255 - 1) * gain
    # Turning the texture coordinates by +90 degrees turns the picture, and the way its x points, the other way.
    tilt = np.array([x, y, z]) if uv_rotation == 0 else np.array([y, -x, z])
    tilt /= np.linalg.norm(tilt)
    cosine = tilt @ SUN.world[2, :3]
    assert shown[12, 16] == pytest.approx(0.5 / np.pi * 3.0 * cosine, rel=1e-3)


def test_the_raster_reads_the_same_normal_map() -> None:
    pixels = np.random.default_rng(3).integers(90, 170, (6, 6, 4)).astype(np.uint8)
    pixels[..., 2] = 230
    parts = [Part(plane(1.2, 1.2), paint=Paint(normal_texture=0, normal_gain=0.8, uv_rotation=30, uv_scale=(1.5, 1)))]
    scene, frames = build(parts, [SUN], ABOVE, (Texture(pixels, linear=True),))
    traced = PathTracer(scene, "cpu").render(frames, SIZE, 64, 0)[0]
    raster = Renderer(scene, "cpu").render(frames, SIZE)
    inside = np.zeros((24, 32), bool)
    inside[8:16, 10:22] = True
    assert (raster.part[0][inside] == 0).all()
    apart = np.abs(expected_byte(traced[inside]) - raster.rgb[0][inside][:, :3])
    assert np.median(apart) < 2.0
    assert np.quantile(apart, 0.9) < 6.0


def holes() -> Texture:
    """The left half is open."""
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:, :4, :3] = 0
    return Texture(pixels, linear=True)


def test_light_and_looks_go_through_holes() -> None:
    floor = Part(plane(8, 8), paint=Paint((0.5,) * 3))
    sheet = Part(plane(2, 2), move(0, 0, 1), Paint((0.9, 0, 0), opacity_texture=0, uv_scale=(0.999, 0.999)))
    sun = Lamp(LightType.DISTANT, (1000 * np.pi,) * 3)
    scene, frames = build([floor, sheet], [sun], Eye(look([0, 0, 4], [0, 0, 0]), focal=1.5), [holes()])
    shown = PathTracer(scene, "cpu").render(frames, View(0, 40, 40), 16, 0)[0]
    # From above the sheet is 40 pixels wide. Its closed half is red, through the other one the floor is seen, lit.
    assert shown[20, 26] == pytest.approx([0.9, 0, 0], abs=0.01)
    assert shown[20, 14] == pytest.approx([0.5] * 3, abs=0.01)
    below, under = build([floor, sheet], [sun], Eye(look([0, 0, 0.5], [0, 0, 0]), focal=0.5), [holes()])
    shade = PathTracer(below, "cpu").render(under, View(0, 40, 40), 16, 0)[0]
    assert shade[20, 4] == pytest.approx([0.5] * 3, abs=0.01)
    assert shade[20, 36].max() == 0.0


def test_bumps_are_seen_from_behind_too() -> None:
    """The same picture from below, the light below as well: the tilt is that of the surface, not of the viewer."""
    tilted = flat(204, 128, 230)
    lamp = Lamp(LightType.DISTANT, (3000,) * 3, look([0.3, -0.4, -1], [0, 0, 0]))
    part = Part(plane(1.2, 1.2), paint=Paint(normal_texture=0))
    scene, frames = build([part], [lamp], Eye(look([0, -1.2, -1.5], [0, 0, 0]), focal=1.2), (tilted,))
    shown = PathTracer(scene, "cpu").render(frames, SIZE, 4, 0)[0]
    normal = -np.array([2 * 204 / 255 - 1, 2 * 128 / 255 - 1, 2 * 230 / 255 - 1])
    normal /= np.linalg.norm(normal)
    assert shown[12, 16] == pytest.approx(0.5 / np.pi * 3.0 * (normal @ lamp.world[2, :3]), rel=1e-3)


def test_hidden_and_clear_parts_are_not_there() -> None:
    floor = Part(plane(8, 8), paint=Paint((0.5,) * 3))
    alone, frames = build([floor], [SUN], ABOVE)
    wanted = PathTracer(alone, "cpu").render(frames, SIZE, 4, 1)
    cases = [(Part(box(), visible=False), False), (Part(box(), paint=Paint(opacity=0.3)), False), (Part(box()), True)]
    for part, there in cases:
        scene, frames = build([floor, part], [SUN], ABOVE)
        shown = PathTracer(scene, "cpu").render(frames, SIZE, 4, 1)
        assert np.allclose(shown, wanted, atol=1e-5) != there
