"""Pictures beside that of the colour: each does what the plain number does, texel by texel; holes reach the labels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, RenderedView, Texture, View
from tests.render.photometry import inner, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, build, look, move, plane, render, turn

SIZE = (96, 96)
HALVES = np.array([[64, 192]]).repeat(32, 0).repeat(16, 1)
"""A picture (32, 32) whose left and right half differ."""
SUN = Lamp(LightType.DISTANT, (3000.0,) * 3, look([0.6, 0.4, 1.0], [0, 0, 0]))
GLOSSY = Paint((0.7, 0.5, 0.3), roughness=0.4, specular=1.0)


def grey(values: np.ndarray, linear: bool = True) -> Texture:
    """A picture of one channel (H, W)."""
    pixels = np.repeat(values[..., None], 4, axis=2).astype(np.uint8)
    pixels[..., 3] = 255
    return Texture(pixels, linear=linear)


def colored(values: np.ndarray) -> Texture:
    """A picture of data (H, W, 3)."""
    return Texture(np.concatenate([values, np.full((*values.shape[:2], 1), 255)], axis=2).astype(np.uint8), linear=True)


def shown(paint: Paint, textures: list[Texture] | None = None, **eye: float) -> RenderedView:
    """A square metre two metres away; it just fills the view."""
    part = Part(plane(), move(0, 0, -2), paint)
    return render([part], [SUN, Lamp(LightType.DOME, (300.0,) * 3)], Eye(focal=2.0, **eye), SIZE, rgb=True,
                  textures=textures or [])  # fmt: skip


def colors_of(view: RenderedView) -> np.ndarray:
    """The colour image (H, W, 4), as integers."""
    assert view.rgb is not None
    return view.rgb[0].astype(int)


def same_as(picture: RenderedView, left: RenderedView, right: RenderedView) -> None:
    """The left half is as in one image, the right half as in another, away from the border between texels."""
    colors, others = colors_of(picture), colors_of(right)
    assert np.abs(colors - colors_of(left))[:, 4:44].max() <= 1
    assert np.abs(colors - others)[:, 52:92].max() <= 1
    assert np.abs(colors - others)[:, 4:44].max() > 3


@pytest.mark.parametrize("name", ["roughness", "metallic"])
def test_a_picture_of_numbers_equals_the_numbers(name: str) -> None:
    low, high = 64 / 255, 192 / 255
    with_picture = dataclasses.replace(GLOSSY, **{name: 0.0, f"{name}_texture": 0, f"{name}_gain": 1.0})
    plain = [shown(dataclasses.replace(GLOSSY, **{name: value})) for value in (low, high)]
    same_as(shown(with_picture, [grey(HALVES)]), *plain)


def test_constant_and_gain_beside_a_picture() -> None:
    paint = dataclasses.replace(GLOSSY, roughness=-0.2, roughness_texture=0, roughness_gain=0.8)
    plain = [shown(dataclasses.replace(GLOSSY, roughness=-0.2 + 0.8 * v / 255)) for v in (64, 192)]
    plain[0] = shown(dataclasses.replace(GLOSSY, roughness=max(-0.2 + 0.8 * 64 / 255, 0.0)))
    same_as(shown(paint, [grey(HALVES)]), *plain)


def test_srgb_pictures_of_numbers_are_decoded() -> None:
    paint = dataclasses.replace(GLOSSY, roughness=0.0, roughness_texture=0, roughness_gain=1.0)
    plain = [shown(dataclasses.replace(GLOSSY, roughness=float(radiance(v)))) for v in (64, 180)]
    same_as(shown(paint, [grey(np.where(HALVES == 64, 64, 180), linear=False)]), *plain)


def test_an_emission_picture_multiplies_the_emission() -> None:
    paint = Paint((0, 0, 0), emission=(900.0, 600.0, 300.0), emission_texture=0)
    plain = [shown(Paint((0, 0, 0), emission=np.array([900.0, 600.0, 300.0]) * v / 255)) for v in (64, 192)]
    same_as(shown(paint, [grey(HALVES)]), *plain)


def test_a_flat_normal_picture_changes_nothing() -> None:
    flat = colored(np.full((8, 8, 3), (128, 128, 255)))
    picture = shown(dataclasses.replace(GLOSSY, normal_texture=0), [flat])
    # A byte of 128 is half a step off the middle.
    assert np.abs(colors_of(picture) - colors_of(shown(GLOSSY))).max() <= 4


@pytest.mark.parametrize("degrees", [0.0, 90.0, 200.0])
def test_normals_lean_along_u_and_v(degrees: float) -> None:
    # A matt wall under a sun alone: its brightness is the cosine, so the bent normal can be read off.
    lean = np.array([0.5, 0.25, np.sqrt(1 - 0.5**2 - 0.25**2)])
    bytes_of = np.round((lean + 1) / 2 * 255)
    paint = Paint((0.5,) * 3, normal_texture=0, uv_rotation=degrees)
    toward = np.array([0.6, 0.4, 1.0]) / np.linalg.norm([0.6, 0.4, 1.0])
    # Texture coordinates turned by an angle turn the picture's axes back by it.
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    bent = np.array([c * lean[0] + s * lean[1], -s * lean[0] + c * lean[1], lean[2]])
    out = render([Part(plane(), move(0, 0, -2), paint)], [SUN], Eye(focal=2.0), SIZE, rgb=True,
                 textures=[colored(np.full((4, 4, 3), bytes_of))])  # fmt: skip
    assert out.rgb is not None
    expected = 3.0 * 0.5 / np.pi * max(float(bent @ toward), 0.0)
    assert abs(float(radiance(out.rgb[0, 48, 48, 0])) - expected) < 0.02


def test_normal_gain_scales_the_lean() -> None:
    bumps = colored(np.full((4, 4, 3), (190, 128, 235)))
    none = shown(dataclasses.replace(GLOSSY, normal_texture=0, normal_gain=0.0), [bumps])
    some = shown(dataclasses.replace(GLOSSY, normal_texture=0, normal_gain=1.0), [bumps])
    plain = shown(GLOSSY)
    assert np.abs(colors_of(none) - colors_of(plain)).max() <= 1
    assert np.abs(colors_of(some) - colors_of(plain)).max() > 5


def holed(tilt: float = 0.0) -> tuple[RenderedView, np.ndarray]:
    """A wall with a hole in its left half before another wall, and where the first should be seen (H, W)."""
    paint = Paint(opacity_texture=0)
    front, back = Part(plane(), turn([0, 1, 0], tilt) @ move(0, 0, -2), paint), Part(plane(4, 4), move(0, 0, -3))
    out = render([front, back], [SUN], Eye(focal=2.0), SIZE, rgb=True, textures=[grey(HALVES)])
    solid = np.zeros(SIZE[::-1], bool)
    solid[:, 48:] = True
    return out, solid


def test_holes_are_holes_in_labels_and_depth_too() -> None:
    out, solid = holed()
    np.testing.assert_array_equal(out.part[0] == 0, solid)
    np.testing.assert_allclose(out.depth[0][solid], 2.0, rtol=1e-6)
    np.testing.assert_allclose(out.depth[0][~solid], 3.0, rtol=1e-6)
    assert out.entities.visible[0, 0] == out.entities.amodal[0, 0] == solid.sum()
    assert out.entities.visible_box[0, 0].tolist() == [48, 0, 95, 95]


def test_the_threshold_says_what_is_a_hole() -> None:
    for threshold, share in ((0.1, 1.0), (0.5, 0.5), (0.9, 0.0)):
        paint = Paint(opacity_texture=0, opacity_threshold=threshold)
        part = Part(plane(), move(0, 0, -2), paint)
        out = render([part], [SUN], Eye(focal=2.0), SIZE, textures=[grey(HALVES)])
        assert np.mean(out.part[0] == 0) == pytest.approx(share, abs=0.02)


def test_holes_of_a_checkerboard_lie_where_its_texels_are() -> None:
    rng = np.random.default_rng(1)
    pattern = (rng.random((12, 12)) > 0.5) * 255
    part = Part(plane(), turn([1, 1, 0], 20) @ move(0, 0, -2), Paint(opacity_texture=0))
    eye = Eye(focal=1.6)
    out = render([part], [SUN], eye, (240, 240), textures=[grey(pattern.repeat(16, 0).repeat(16, 1))])
    whole = render([dataclasses.replace(part, paint=Paint())], [SUN], eye, (240, 240))
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[:240, :240] + 0.5
    z = whole.depth[0]
    points = np.stack([(x - cx) / fx * z, -(y - cy) / fy * z, -z, np.ones_like(z)], axis=-1)
    seen = np.isfinite(z)
    local = points[seen] @ np.linalg.inv(part.world)
    u, v = local[:, 0] + 0.5, local[:, 1] + 0.5
    texel = pattern[np.clip(((1 - v) * 12).astype(int), 0, 11), np.clip((u * 12).astype(int), 0, 11)]
    inside = np.abs((np.stack([u, v]) * 12) % 1 - 0.5).max(axis=0) < 0.4
    np.testing.assert_array_equal((out.part[0][seen] == 0)[inside], texel[inside] > 0)


def test_colours_of_vertices_multiply_and_blend() -> None:
    square = plane()
    colors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], np.float32)[: len(square.points)]
    mesh = dataclasses.replace(square, colors=colors)
    parts = [Part(mesh, move(0, 0, -2), Paint((0.5,) * 3)), Part(plane(), move(0, 0, -30), Paint((0.5,) * 3))]
    scene, frames = build(parts, [Lamp(LightType.DOME, (1000.0,) * 3)], Eye(focal=2.0))
    out = Renderer(scene, "cpu").render(frames, View(0, *SIZE))
    assert out.rgb is not None
    shown_part = inner(out.part[0], 0)
    y, x = np.nonzero(shown_part)
    places = np.stack([(x + 0.5) / SIZE[0] - 0.5, 0.5 - (y + 0.5) / SIZE[1]], axis=1)
    expected = np.empty((len(places), 3))
    for triangle in square.triangles:
        a, b, c = square.points[triangle][:, :2].astype(float)
        w = np.linalg.solve(np.column_stack([b - a, c - a]), (places - a).T)
        weights = np.stack([1 - w.sum(axis=0), *w], axis=1)
        here = (weights >= -1e-9).all(axis=1)
        expected[here] = weights[here] @ colors[triangle]
    np.testing.assert_allclose(radiance(out.rgb[0][shown_part][:, :3]), 0.5 * expected, atol=0.012)
