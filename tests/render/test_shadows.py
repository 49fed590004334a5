"""Where shadows fall, against segments from the floor to the lamp tested with boxes in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Environment, LightType, RenderedView, View
from tests.render.photometry import expected_byte, inner, radiance
from tests.render.scenes import Eye, Lamp, Part, box, build, flipped, look, move, plane, render

SIZE = (96, 72)
EYE = Eye(look([0.5, -3.5, 3], [0, 0, 0.2]))
FLOOR = Part(plane(12, 12))
CUBE, CUBE_AT = (0.6, 0.6, 0.6), (0.0, 0.0, 0.9)
HOVERING = Part(box(*CUBE), move(*CUBE_AT))
WIDE = np.array([1.0, 1.0, 0.2])


def places(out: RenderedView, eye: Eye) -> np.ndarray:
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[: out.view.height, : out.view.width] + 0.5
    ray = np.stack([(x - cx) / fx, -(y - cy) / fy, -np.ones_like(x)], axis=-1)
    depth = np.where(np.isfinite(out.depth[0]), out.depth[0], 0.0)
    return ray * depth[..., None] @ eye.world[:3, :3] + eye.world[3, :3]


def behind(start: np.ndarray, way: np.ndarray, size: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Whether the segments from start along way (..., 3) meet a box: the slab test."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (centre - size / 2 - start) / way
        two = (centre + size / 2 - start) / way
    enter = np.minimum(one, two).max(axis=-1)
    leave = np.maximum(one, two).min(axis=-1)
    return (enter <= leave) & (leave >= 0) & (enter <= 1)


def check(
    lamp: Lamp,
    toward: np.ndarray,
    blocker: Part = HOVERING,
    size: tuple[float, ...] = CUBE,
    at: tuple[float, ...] = CUBE_AT,
    eye: Eye = EYE,
    margin: float = 0.06,
) -> None:
    """The floor is dark where the blocker, a bit smaller, hides the lamp, and lit where a larger one would not.

    toward: the lamp's position, or a direction times a large number.
    """
    parts = [FLOOR, blocker]
    out = render(parts, [lamp], eye, SIZE, rgb=True)
    bare = render(parts[:1], [lamp], eye, SIZE, rgb=True)
    floor = inner(out.part[0], 0)
    start = places(out, eye)[floor]
    way = toward - start
    dark = behind(start, way, np.array(size) - margin * WIDE, np.array(at))
    light = ~behind(start, way, np.array(size) + margin * WIDE, np.array(at))
    shade, plain = (radiance(image.rgb[0][floor][:, 0]) for image in (out, bare))
    assert dark.sum() > 30
    assert light.sum() > 100
    assert plain[dark].min() > 0.02
    assert np.all(shade[dark] < 0.1 * plain[dark])
    np.testing.assert_allclose(
        out.rgb[0][floor][light][:, 0].astype(int), bare.rgb[0][floor][light][:, 0].astype(int), atol=1
    )


@pytest.mark.parametrize("direction", [(1, 0.3, 1.2), (-1, 1, 1.5), (0.2, 1, 2), (0.8, -0.4, 1)])
def test_distant_light(direction: tuple[float, ...]) -> None:
    d = np.array(direction) / np.linalg.norm(direction)
    check(Lamp(LightType.DISTANT, (2000,) * 3, look(d, [0, 0, 0])), 1e4 * d)


@pytest.mark.parametrize("kind", [LightType.SPHERE, LightType.RECT, LightType.DISK, LightType.CYLINDER])
@pytest.mark.parametrize("at", [(1.5, 0.5, 2.5), (-1, 1.5, 2.2), (0.9, 0.6, 1.5)])
def test_lamps_with_a_place(kind: LightType, at: tuple[float, ...]) -> None:
    size = (0.02, 0.02) if kind != LightType.DISK else (0.01, 0.0)
    area = {LightType.SPHERE: np.pi, LightType.RECT: 1.0, LightType.DISK: np.pi / 4, LightType.CYLINDER: 2.0}[
        kind
    ] * 4e-4
    check(Lamp(kind, (1e4 / area,) * 3, look(at, [0, 0, 0]), size), np.array(at))


def test_the_sun_of_a_panorama() -> None:
    # A texel of 2 degrees, 40 degrees up, in a black sky; the dome is turned from Y up to Z up.
    d = np.array([np.cos(np.radians(41)) * 0.6, np.cos(np.radians(41)) * 0.8, np.sin(np.radians(41))])
    pixels = np.full((90, 180, 3), 1e-3, np.float32)
    y_up = np.array([d[0], d[2], -d[1]])
    column = int((0.5 - np.arctan2(y_up[0], y_up[2]) / (2 * np.pi)) * 180)
    row = int((0.5 - np.arcsin(y_up[1]) / np.pi) * 90)
    pixels[row, column] = 3000.0
    turned = np.eye(4)
    turned[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
    lamp = Lamp(LightType.DOME, world=turned, environment=0)

    def shade(parts: list[Part]) -> RenderedView:
        return render(parts, [lamp], EYE, SIZE, rgb=True, environments=[Environment(pixels)])

    out, bare = shade([FLOOR, HOVERING]), shade([FLOOR])
    floor = inner(out.part[0], 0)
    start = places(out, EYE)[floor]
    dark = behind(start, 1e4 * d - start, np.array(CUBE) - 0.1, np.array(CUBE_AT))
    light = ~behind(start, 1e4 * d - start, np.array(CUBE) + 0.1, np.array(CUBE_AT))
    assert dark.sum() > 30
    shadow, plain = (radiance(image.rgb[0][floor][:, 0]) for image in (out, bare))
    assert shadow[dark].max() < 0.15 * plain[dark].min()
    # The occlusion that the dome's other light gets is all that may differ.
    assert np.mean(np.abs(shadow[light] - plain[light]) < 0.05 * plain[light]) > 0.97


def test_a_roof_keeps_the_light_off_what_is_below() -> None:
    # Everything is on one side of the roof, as of a floor: what counts is the side that the light is on.
    size, at = (1.5, 1.5, 0.0), (0.0, 0.0, 1.2)
    roof = Part(plane(1.5, 1.5), move(*at))
    d, lamp = np.array([0.5, 0.2, 1.0]), np.array([0.5, 0.4, 3.0])
    check(Lamp(LightType.DISTANT, (2000,) * 3, look(d, [0, 0, 0])), 1e4 * d, roof, size, at)
    check(Lamp(LightType.SPHERE, (1e7,) * 3, move(*lamp), (0.02, 0)), lamp, roof, size, at, margin=0.1)


def test_a_floor_keeps_the_light_from_below_off_the_things_on_it() -> None:
    up = Lamp(LightType.DISTANT, (2000,) * 3, look([0.3, 0.2, -1], [0, 0, 0]))
    for eye in (Eye(look([3, -3, 0.2], [0, 0, 0.9])), Eye(look([3, 2, 0.4], [0, 0, 0.9]))):
        alone = render([HOVERING], [up], eye, SIZE, rgb=True)
        above = render([FLOOR, HOVERING], [up], eye, SIZE, rgb=True)
        assert alone.rgb[0][inner(alone.part[0], 0)][:, :3].max() > 40
        assert above.rgb[0][inner(above.part[0], 1)][:, :3].max() == 0


def test_a_table_wider_than_high_above_a_lamp_stays_dark_far_to_the_sides() -> None:
    # The lamp is so near above the table that the shadow needs a cube of maps, and its triangles reach behind faces.
    size, at = (4.0, 4.0, 0.1), (0.0, 0.0, 0.5)
    table, lamp = Part(box(*size), move(*at)), np.array([0.4, 0.3, 1.1])
    eye = Eye(look([0, -11, 3.5], [0, -3, 0]), focal=0.8)
    check(Lamp(LightType.SPHERE, (3e7,) * 3, move(*lamp), (0.02, 0)), lamp, table, size, at, eye, 0.5)


def test_a_lamp_in_a_closed_room_lights_it() -> None:
    room = Part(box(9, 9, 4), move(0, 0, 2))
    walls = Part(flipped(box(9, 9, 4)), move(0, 0, 2))
    lamp = Lamp(LightType.SPHERE, (2e5,) * 3, move(0.5, 0.4, 3.0), (0.05, 0))
    for shell in (room, walls):
        out = render([shell, HOVERING], [lamp], EYE, SIZE, rgb=True)
        floor = inner(out.part[0], 0) & (np.abs(places(out, EYE)[..., 2]) < 1e-4)
        start = places(out, EYE)[floor]
        away = np.array([0.5, 0.4, 3.0]) - start
        distance = np.linalg.norm(away, axis=-1)
        arrives = 1e-3 * 2e5 * np.pi * 0.05**2 * away[:, 2] / distance**3
        light = ~behind(start, away, np.array(CUBE) + 0.15, np.array(CUBE_AT))
        dark = behind(start, away, np.array(CUBE) - 0.15, np.array(CUBE_AT))
        bytes_seen = out.rgb[0][floor][:, 0].astype(int)
        assert light.sum() > 300
        assert np.mean(np.abs(bytes_seen - expected_byte(0.5 / np.pi * arrives))[light] <= 2) > 0.98
        assert bytes_seen[dark].max() < 40


def test_a_hidden_part_casts_no_shadow() -> None:
    lamp = Lamp(LightType.DISTANT, (2000,) * 3, look([1, 0.3, 1.2], [0, 0, 0]))
    hidden = render([FLOOR, Part(HOVERING.mesh, HOVERING.world, visible=False)], [lamp], EYE, SIZE, rgb=True)
    np.testing.assert_array_equal(hidden.rgb, render([FLOOR], [lamp], EYE, SIZE, rgb=True).rgb)


def test_a_part_out_of_view_still_casts_one() -> None:
    eye = Eye(look([-1.0, -1.0, 1.0], [-1.0, -0.9, 0]))
    d = np.array([1.0, 0.9, 0.9]) / np.linalg.norm([1.0, 0.9, 0.9])
    lamp = Lamp(LightType.DISTANT, (2000,) * 3, look(d, [0, 0, 0]))
    out = render([FLOOR, HOVERING], [lamp], eye, SIZE, rgb=True)
    assert np.all(out.part == 0)
    assert out.rgb[..., 0].min() == 0
    assert out.rgb[..., 0].max() > 100


@pytest.mark.parametrize(("kind", "sizes"), [(LightType.DISTANT, (0.5, 12.0)), (LightType.SPHERE, (0.01, 0.3))])
def test_a_larger_light_has_softer_shadows(kind: LightType, sizes: tuple[float, float]) -> None:
    def half_lit(size: float) -> int:
        at = look([1, 0.3, 2.2], [0, 0, 0])
        color = 2000.0 if kind == LightType.DISTANT else 6000 / (np.pi * size**2)
        lamp = Lamp(kind, (color,) * 3, at, (size, 0.0))
        out, bare = (render(parts, [lamp], EYE, SIZE, rgb=True) for parts in ([FLOOR, HOVERING], [FLOOR]))
        share = radiance(out.rgb[0, ..., 0]) / np.maximum(radiance(bare.rgb[0, ..., 0]), 1e-3)
        return int(np.sum((out.part[0] == 0) & (share > 0.1) & (share < 0.9)))

    sharp, soft = (half_lit(size) for size in sizes)
    assert soft > 2 * sharp
    assert sharp < 150


@pytest.mark.parametrize("kind", [LightType.DISTANT, LightType.SPHERE])
@pytest.mark.parametrize("rubbish", [-3e38, 0.0, np.nan])
def test_maps_that_are_not_in_use_may_hold_anything(kind: LightType, rubbish: float) -> None:
    # Nothing here can throw a shadow, so the light's maps are not drawn and stay as the memory was.
    size = (0.1, 0.0) if kind == LightType.SPHERE else (0.0, 0.0)
    color = (2e5,) * 3 if kind == LightType.SPHERE else (2000,) * 3
    scene, frames = build([FLOOR], [Lamp(kind, color, look([0.5, 0.3, 2], [0, 0, 0]), size)], EYE)
    renderer, view = Renderer(scene, "cpu"), View(0, *SIZE)
    plain = renderer.render(frames, view).rgb
    (scratch,) = renderer._own.scratch.values()
    for maps in (scratch.maps, scratch.coarse_maps, scratch.wide_maps):
        maps.fill_(rubbish)
    assert np.array_equal(renderer.render(frames, view).rgb, plain)
