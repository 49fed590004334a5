"""Shadows of small things: the holes of opacity pictures, and what is thin beside the scene around it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.scene import LightType, RenderedView, Texture
from tests.render.photometry import inner, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, box, look, move, plane, render, scale, turn

Array = NDArray[np.float64]
SIZE = (200, 150)
CELLS = 6
PATTERN = np.random.default_rng(3).random((CELLS, CELLS)) > 0.5
LIGHTS = {
    "distant": (Lamp(LightType.DISTANT, (2500,) * 3, look([0.5, 0.3, 1], [0, 0, 0])), 1e5 * np.array([0.5, 0.3, 1.0])),
    "sphere": (Lamp(LightType.SPHERE, (3e7,) * 3, move(0.5, 0.4, 3.5), (0.003, 0)), np.array([0.5, 0.4, 3.5])),
    # Too near for one map: six of them around the lamp.
    "sphere among things": (
        Lamp(LightType.SPHERE, (2e6,) * 3, move(0.1, 0.1, 1.1), (0.003, 0)), np.array([0.1, 0.1, 1.1]),
    ),
}  # fmt: skip


def punched() -> Texture:
    """White where the pattern is solid."""
    pixels = np.full((16 * CELLS, 16 * CELLS, 4), 255, np.uint8)
    pixels[..., :3] = 255 * PATTERN.repeat(16, 0).repeat(16, 1)[..., None]
    return Texture(pixels, linear=True)


def places(out: RenderedView, eye: Eye) -> Array:
    """World positions (H, W, 3) of what the pixels' centres show."""
    fx, fy, cx, cy = out.intrinsics[0]
    y, x = np.mgrid[: out.view.height, : out.view.width] + 0.5
    ray = np.stack([(x - cx) / fx, -(y - cy) / fy, -np.ones_like(x)], axis=-1)
    depth = np.where(np.isfinite(out.depth[0]), out.depth[0], 0.0)
    return np.asarray(ray * depth[..., None] @ eye.world[:3, :3] + eye.world[3, :3])


@pytest.mark.parametrize("degrees", [0.0, 35.0])
@pytest.mark.parametrize("light", LIGHTS)
def test_light_falls_through_holes_where_they_are(light: str, degrees: float) -> None:
    lamp, toward = LIGHTS[light]
    world = turn([1, 0.4, 0], 15) @ move(0, 0, 0.6)
    paint = Paint(opacity_texture=0, uv_rotation=degrees)
    floor, sheet = Part(plane(6, 6)), Part(plane(1.2, 1.2), world, paint)
    eye = Eye(look([-0.6, -3.0, 2.6], [-0.3, -0.1, 0.1]), focal=1.2)
    out = render([floor, sheet], [lamp], eye, SIZE, rgb=True, textures=[punched()])
    bare = render([floor], [lamp], eye, SIZE, rgb=True)
    seen = inner(out.part[0], 0)
    start = places(out, eye)[seen]
    # Where the segment to the light meets the sheet, in its own frame.
    back = np.linalg.inv(world)
    local, ahead = start @ back[:3, :3] + back[3, :3], (toward - start) @ back[:3, :3]
    meets = local - ahead * (local[:, 2:] / ahead[:, 2:])
    u, v = meets[:, 0] / 1.2 + 0.5, meets[:, 1] / 1.2 + 0.5
    angle = np.radians(degrees)
    s, t = np.cos(angle) * u - np.sin(angle) * v, np.sin(angle) * u + np.cos(angle) * v
    row, column = np.floor((1 - t) * CELLS).astype(int) % CELLS, np.floor(s * CELLS).astype(int) % CELLS
    on_sheet = np.maximum(np.abs(u - 0.5), np.abs(v - 0.5)) * 1.2
    middle = np.maximum(np.abs((s * CELLS) % 1 - 0.5), np.abs((t * CELLS) % 1 - 0.5)) < 0.32
    dark = (on_sheet < 0.55) & middle & PATTERN[row, column]
    light_through = (on_sheet < 0.55) & middle & ~PATTERN[row, column]
    assert dark.sum() > 60
    assert light_through.sum() > 60
    share = radiance(out.rgb[0][seen][:, 0]) / radiance(bare.rgb[0][seen][:, 0])
    assert share[dark].max() < 0.1
    assert share[light_through].min() > 0.9


def test_what_a_hole_lets_through_depends_on_the_threshold() -> None:
    lamp, _ = LIGHTS["distant"]
    grey = Texture(np.full((4, 4, 4), 128, np.uint8), linear=True)
    eye = Eye(look([-0.6, -3.0, 2.6], [-0.3, -0.1, 0.1]), focal=1.2)
    levels = []
    for threshold in (0.2, 0.8):
        paint = Paint(opacity_texture=0, opacity_threshold=threshold)
        parts = [Part(plane(6, 6)), Part(plane(1.2, 1.2), move(0, 0, 0.6), paint)]
        out = render(parts, [lamp], eye, SIZE, rgb=True, textures=[grey])
        levels.append(out.rgb[0][out.part[0] == 0][:, 0].min())
    assert levels[0] < 10
    assert levels[1] > 100


@pytest.mark.parametrize("kind", [LightType.DISTANT, LightType.SPHERE])
def test_a_ledge_of_millimetres_casts_its_shadow_in_a_scene_of_metres(kind: LightType) -> None:
    """A ledge 8 mm deep before a wall, seen from 0.5 m: the strip below it is as wide as the light's slant says."""
    deep, up = 0.008, np.array([0.0, -0.8, 0.6])
    lamp = Lamp(LightType.DISTANT, (2500,) * 3, look(up, [0, 0, 0]))
    if kind == LightType.SPHERE:
        lamp = Lamp(LightType.SPHERE, (6e8,) * 3, look(3 * up, [0, 0, 0]), (0.0005, 0))
    # The wall is the plane y = 0, seen from -y; far corners of the scene need the map as well.
    wall = Part(plane(2, 2), turn([1, 0, 0], 90))
    ledge = Part(box(), scale(1.2, deep, 0.004) @ move(0, -deep / 2, 0.002))
    corners = [Part(box(0.1, 0.1, 0.1), move(x, -0.1, z)) for x in (-0.9, 0.9) for z in (-0.9, 0.9)]
    eye = Eye(look([0, -0.5, -0.05], [0, 0, -0.01]), focal=3.0)
    parts = [wall, ledge, *corners]
    out, bare = (render(some, [lamp], eye, (240, 180), rgb=True) for some in (parts, parts[:1]))
    height = places(out, eye)[..., 2]
    share = radiance(out.rgb[0, ..., 0]) / radiance(bare.rgb[0, ..., 0])
    seen = inner(out.part[0], 0) & inner(bare.part[0], 0)
    reach = deep * up[2] / -up[1]
    in_shadow = seen & (height < -0.3 * reach) & (height > -0.7 * reach)
    beside = seen & (height < -2.0 * reach)
    assert in_shadow.sum() > 300
    assert np.median(share[in_shadow]) < 0.15
    assert share[beside].min() > 0.95
    # The lost light is the strip's width, less what points are lifted off the wall to keep clear of its own texels.
    column = (seen & (height < 0))[:, 100:140]
    lost = np.sum((1 - share)[:, 100:140] * column) / 40
    rows = np.abs(np.diff(height[:, 120])).mean()
    assert 0.6 * reach < lost * rows < 1.1 * reach


@pytest.mark.parametrize("kind", [LightType.RECT, LightType.DISK, LightType.SPHERE])
def test_large_lights_leave_no_grain_on_faces_that_they_graze(kind: LightType) -> None:
    """What stands alone is smooth: neighbours of one face differ by no more than the light's own falling off."""
    size = {LightType.RECT: (1.2, 0.8), LightType.DISK: (0.6, 0.0), LightType.SPHERE: (0.5, 0.0)}[kind]
    lamp = Lamp(kind, (6000,) * 3, look([-1, -1.5, 2.5], [0, 0, 0]), size)
    body = Part(box(), turn([0, 0, 1], 30) @ move(0, 0, 0.5))
    out = render([body], [lamp], Eye(look([1.2, -3, 2.2], [0, 0, 0.5]), focal=1.6), SIZE, rgb=True, normals=True)
    facing = np.round(out.normals[0, ..., :3], 3)
    for normal in np.unique(facing[out.part[0] == 0], axis=0):
        face = inner((facing == normal).all(axis=-1).astype(np.int32), 1)
        level = radiance(out.rgb[0, ..., 0])
        if face.sum() < 200 or level[face].max() < 0.01:
            continue
        middle = (level[1:-1, :-2] + level[1:-1, 2:] + level[:-2, 1:-1] + level[2:, 1:-1]) / 4
        rough = np.abs(level[1:-1, 1:-1] - middle)[inner(face.astype(np.int32), 1)[1:-1, 1:-1]]
        assert rough.max() < 0.03 * level[face].mean() + 0.002
