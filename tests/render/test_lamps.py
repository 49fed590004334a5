"""How much light arrives from each kind of lamp, by the formulas of photometry."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import LightType, RenderedView
from tests.render.photometry import assert_radiance, inner
from tests.render.scenes import Eye, Lamp, Paint, Part, look, move, plane, render, scale, sphere, turn

SIZE = (64, 48)
ALBEDO = np.array([0.5, 0.25, 0.8])
FLOOR = Part(plane(20, 20), paint=Paint(ALBEDO))
EYE = Eye(look([1, -2, 3], [0, 0, 0]))


def lit(lamps: list[Lamp], parts: tuple[Part, ...] = (FLOOR,), eye: Eye = EYE) -> RenderedView:
    return render(parts, lamps, eye, SIZE, rgb=True)


def places(out: RenderedView, eye: Eye = EYE) -> np.ndarray:
    """World positions (H, W, 3) of what the pixels' centres show."""
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    ray = np.stack([(x - cx) / fx, -(y - cy) / fy, -np.ones_like(x)], axis=-1)
    depth = np.where(np.isfinite(out.depth[0]), out.depth[0], 0.0)
    return ray * depth[..., None] @ eye.world[:3, :3] + eye.world[3, :3]


@pytest.mark.parametrize("slant", [0.0, 30.0, 60.0, 85.0])
def test_a_distant_light_is_an_irradiance(slant: float) -> None:
    out = lit([Lamp(LightType.DISTANT, (2500, 2000, 1000), turn([1, 0, 0], slant))])
    arrives = 1e-3 * np.array([2500, 2000, 1000]) * np.cos(np.radians(slant))
    assert_radiance(out.rgb[0], ALBEDO / np.pi * arrives)


def test_light_from_behind_does_not_come_through() -> None:
    assert lit([Lamp(LightType.DISTANT, (9e3,) * 3, turn([1, 0, 0], 120))]).rgb[..., :3].max() == 0
    assert lit([Lamp(LightType.SPHERE, (9e5,) * 3, move(0, 0, -1), (0.1, 0))]).rgb[..., :3].max() == 0


def test_an_angle_changes_the_shadows_not_the_light() -> None:
    wide, narrow = (lit([Lamp(LightType.DISTANT, (2e3,) * 3, size=(angle, 0))]) for angle in (20.0, 0.0))
    np.testing.assert_array_equal(wide.rgb, narrow.rgb)


@pytest.mark.parametrize("height", [1.0, 2.0, 4.0])
def test_a_sphere_light_falls_off_with_the_square_of_the_distance(height: float) -> None:
    radius, radiance = 0.05, 2e5
    out = lit([Lamp(LightType.SPHERE, (radiance,) * 3, move(0.3, 0.2, height), (radius, 0))])
    away = np.array([0.3, 0.2, height]) - places(out)
    distance = np.linalg.norm(away, axis=-1)
    # Exact for a ball over a plane below its horizon: pi L (r / d)^2 cos.
    arrives = 1e-3 * np.pi * radiance * (radius / distance) ** 2 * away[..., 2] / distance
    assert_radiance(out.rgb[0], arrives[..., None] * ALBEDO / np.pi, 1.5)


@pytest.mark.parametrize(
    ("kind", "size", "area"),
    [(LightType.RECT, (0.05, 0.02), 0.001), (LightType.DISK, (0.02, 0.0), np.pi * 4e-4)],
    ids=["rect", "disk"],
)
def test_flat_lights_shine_ahead_with_the_cosine(kind: LightType, size: tuple[float, float], area: float) -> None:
    at, radiance = np.array([0.5, 0.0, 1.5]), 3e6
    world = look(at, [0, 0.2, 0])
    out = lit([Lamp(kind, (radiance,) * 3, world, size)])
    away = at - places(out)
    distance = np.linalg.norm(away, axis=-1)
    emitted = np.maximum(away @ world[2, :3] / distance, 0)
    arrives = 1e-3 * radiance * area * emitted * away[..., 2] / distance**3
    assert_radiance(out.rgb[0], arrives[..., None] * ALBEDO / np.pi, 1.5)
    turned = lit([Lamp(kind, (radiance,) * 3, look(at, [0.5, 0, 9]), size)])
    assert turned.rgb[..., :3].max() == 0


def test_a_cylinder_shines_to_its_sides() -> None:
    out = lit([Lamp(LightType.CYLINDER, (1e5,) * 3, move(0, 0, 2), (0.02, 0.3))])
    middle = np.unravel_index(np.linalg.norm(places(out)[..., :2], axis=-1).argmin(), SIZE[::-1])
    assert_radiance(out.rgb[0][middle], 1e-3 * 1e5 * 2 * 0.02 * 0.3 / 4 * ALBEDO / np.pi, 1.5)


def test_a_lights_matrix_scales_its_surface() -> None:
    for kind, size in ((LightType.SPHERE, (0.02, 0.0)), (LightType.RECT, (0.02, 0.03)), (LightType.DISK, (0.02, 0.0))):
        scaled = lit([Lamp(kind, (1e5,) * 3, scale(3, 3, 3) @ move(0, 0, 1), size)])
        large = lit([Lamp(kind, (1e5,) * 3, move(0, 0, 1), (3 * size[0], 3 * size[1]))])
        np.testing.assert_allclose(scaled.rgb.astype(int), large.rgb.astype(int), atol=1)
        assert large.rgb[..., :3].max() > 50


def test_lights_add_up_and_hidden_ones_do_not_count() -> None:
    one = Lamp(LightType.DISTANT, (600, 0, 0))
    two = Lamp(LightType.SPHERE, (0, 5e5, 0), move(0, 0, 2), (0.05, 0))
    hidden = Lamp(LightType.DOME, visible=False)
    both = lit([one, two, hidden]).rgb[..., :3]
    np.testing.assert_array_equal(both, lit([one]).rgb[..., :3] + lit([two]).rgb[..., :3])
    assert both[..., 0].min() > 50
    assert both[..., 1].max() > 50
    assert both[..., 2].max() == 0


def test_without_lights_all_is_black() -> None:
    assert lit([]).rgb[..., :3].max() == 0
    assert lit([]).rgb[..., 3].min() == 255


@pytest.mark.parametrize("mirror", [1, -1])
def test_a_ball_shades_by_the_cosine_and_casts_no_shadow_on_its_lit_side(mirror: int) -> None:
    ball = Part(sphere(0.5, 60), scale(mirror, 1, 1), Paint((0.5,) * 3))
    direction = np.array([1.0, 0.5, 1.0]) / 1.5
    eye = Eye(look([0, -1.8, 1], [0, 0, 0]))
    out = lit([Lamp(LightType.DISTANT, (3000,) * 3, look(direction, [0, 0, 0]))], (ball,), eye)
    cosine = places(out, eye) / 0.5 @ direction
    sure = inner(out.part[0], 0)
    bright = sure & (cosine > 0.15)
    assert_radiance(out.rgb[0][bright], (3.0 * 0.5 / np.pi * cosine[bright])[:, None], 2.5)
    assert out.rgb[0][sure & (cosine < -0.02)][:, :3].max() == 0
