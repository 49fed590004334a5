"""How much light arrives from each kind of lamp, by the formulas of photometry."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.scene import LightType, RenderedView
from tests.render.photometry import assert_radiance, inner, radiance
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


def patches(kind: LightType, size: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A lamp's surface in small pieces, in its own frame: places (N, 3), outward normals (N, 3), areas (N,)."""
    n = 60
    a, b = (x.reshape(-1) for x in np.meshgrid((np.arange(n) + 0.5) / n, (np.arange(n) + 0.5) / n))
    turns = 2 * np.pi * a
    if kind is LightType.RECT:
        places = np.stack([(a - 0.5) * size[0], (b - 0.5) * size[1], 0 * a], axis=1)
        return places, np.tile([0.0, 0.0, -1.0], (n * n, 1)), np.full(n * n, size[0] * size[1] / n**2)
    if kind is LightType.DISK:
        places = np.stack([np.cos(turns) * b, np.sin(turns) * b, 0 * a], axis=1) * size[0]
        return places, np.tile([0.0, 0.0, -1.0], (n * n, 1)), 2 * np.pi * b * size[0] ** 2 / n**2
    if kind is LightType.CYLINDER:
        normals = np.stack([0 * a, np.cos(turns), np.sin(turns)], axis=1)
        places = normals * size[0] + np.stack([(b - 0.5) * size[1], 0 * a, 0 * a], axis=1)
        return places, normals, np.full(n * n, 2 * np.pi * size[0] * size[1] / n**2)
    z = 2 * b - 1
    ring = np.sqrt(1 - z * z)
    normals = np.stack([ring * np.cos(turns), ring * np.sin(turns), z], axis=1)
    return normals * size[0], normals, np.full(n * n, 4 * np.pi * size[0] ** 2 / n**2)


def irradiance(kind: LightType, size: tuple[float, float], world: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Light from a lamp of radiance 1 on places (N, 3) of the floor, piece by piece."""
    places, normals, areas = patches(kind, size)
    places, normals = places @ world[:3, :3] + world[3, :3], normals @ world[:3, :3]
    away = places[None] - points[:, None]
    square = np.sum(away**2, axis=-1)
    given = np.maximum(-np.einsum("npc,pc->np", away, normals), 0)
    return np.sum(given * np.maximum(away[..., 2], 0) * areas / square**2, axis=1)


@pytest.mark.parametrize(
    ("kind", "size", "world", "level", "off"),
    [
        (LightType.RECT, (1.2, 0.7), look([0.3, 0.2, 0.8], [0, 0, 0]), 0.4, 0.01),
        (LightType.RECT, (1.2, 0.7), look([0.4, 0.9, 0.5], [0, 0, 0.3]), 0.4, 0.03),
        (LightType.DISK, (0.5, 0.0), look([0.2, 0.1, 0.9], [0, 0, 0]), 2.0, 0.04),
        (LightType.SPHERE, (0.4, 0.0), move(0.2, 0.1, 0.7), 0.4, 0.01),
        (LightType.SPHERE, (0.4, 0.0), move(0.2, 0.1, 0.2), 0.4, 0.04),
        (LightType.CYLINDER, (0.1, 1.5), turn([0, 0, 1], 30) @ move(0, 0, 0.6), 2.0, 0.04),
    ],
    ids=["rect", "rect that dips below the horizon", "disk", "sphere", "sphere half below the floor", "cylinder"],
)
def test_large_lights_close_by_are_the_sum_of_their_pieces(
    kind: LightType, size: tuple[float, float], world: np.ndarray, level: float, off: float
) -> None:
    eye = Eye(look([1, -2, 3], [0, 0, 0]))
    out = lit([Lamp(kind, (1e3 * level,) * 3, world, size)], (Part(plane(20, 20), paint=Paint((0.5,) * 3)),), eye)
    outside = np.linalg.norm(places(out, eye) - world[3, :3], axis=-1) > 1.1 * size[0]
    floor = inner(out.part[0], 0) & (outside | (kind is not LightType.SPHERE))
    expected = level * 0.5 / np.pi * irradiance(kind, size, world, places(out, eye)[floor])
    off_by = np.abs(radiance(out.rgb[0][floor][:, 0]) - expected)
    assert expected.max() > 0.05
    assert off_by.max() < off * expected.max() + 0.004
