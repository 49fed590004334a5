"""Numbers that are not finite: an error where they would spoil a frame, left out where they spoil a texel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replicator_dr.errors import EngineError
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Environment, FrameArrays, LightType, SceneArrays, Texture, View
from tests.render.photometry import assert_radiance, inner
from tests.render.scenes import Lamp, Paint, Part, batch, build, facets, frame, move, plane, render, scale, sphere

BAD = [np.nan, np.inf, -np.inf]
DOME = Lamp(LightType.DOME)
LAMPS = [Lamp(LightType.DISTANT), Lamp(LightType.SPHERE, world=move(1, 1, 0), size=(0.1, 0.0)), DOME]
GREY = Texture(np.full((4, 4, 4), 128, np.uint8))


def two_frames() -> tuple[SceneArrays, FrameArrays]:
    parts = [Part(sphere(0.5, 8), move(0, 0, -2), Paint(texture=0)), Part(plane(5, 5), move(0, 0, -4))]
    scene, _ = build(parts, LAMPS, textures=[GREY])
    return scene, batch(frame(parts, LAMPS), frame(parts, LAMPS))


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "name",
    [
        "world", "materials.base_color", "materials.roughness", "materials.emission", "materials.uv_rotation",
        "materials.uv_scale", "lights.color", "lights.world", "lights.size", "cameras.world", "cameras.focal_length",
    ],
)  # fmt: skip
def test_a_frame_with_one_is_refused_and_named(name: str, bad: float) -> None:
    scene, frames = two_frames()
    group, _, field = name.rpartition(".")
    values = getattr(getattr(frames, group) if group else frames, field).copy()
    row = values.shape[1] - 1
    values[1, row] = bad
    changed = replace(getattr(frames, group), **{field: values}) if group else None
    broken = replace(frames, **({group: changed} if group else {field: values}))
    renderer = Renderer(scene, "cpu")
    with pytest.raises(EngineError) as error:
        renderer.render(broken, View(0, 16, 12))
    assert str(error.value).startswith(f"{name}[1, {row}] (frame of the batch, row) is not finite: ")
    assert str(bad) in str(error.value)
    renderer.render(broken[:1], View(0, 16, 12))


def test_the_plain_pinholes_missing_opencv_numbers_are_no_fault() -> None:
    scene, frames = two_frames()
    assert np.isnan(frames.cameras.opencv).all()
    assert np.all(Renderer(scene, "cpu").render(frames, View(0, 16, 12)).part >= 0)


@pytest.mark.parametrize("bad", BAD)
def test_a_panoramas_bad_texel_is_cut_off(bad: float) -> None:
    pixels = np.full((16, 32, 3), 0.25, np.float32)
    pixels[14, 3] = bad
    part = Part(sphere(), move(0, 0, -2), Paint((1,) * 3, 0.2, specular=0.5))
    out = render([part], [Lamp(LightType.DOME, environment=0)], rgb=True, environments=[Environment(pixels)])
    assert out.rgb[..., :3].min() > 0
    if not bad > 0:
        assert_radiance(out.rgb[0][inner(out.part[0], -1)], 0.25)


@pytest.mark.parametrize("bad", BAD)
def test_a_meshs_bad_corner_takes_its_triangles_along_and_no_others(bad: float) -> None:
    points = np.array([[-1, -1, -2], [1, -1, -2], [1, 1, -2], [-1, 1, -2]], float)
    whole, half = facets(points, [[0, 1, 2], [0, 2, 3]]), facets(points, [[0, 1, 2]])
    torn = facets(points, [[0, 1, 2], [0, 2, 3]])
    torn.points[5, 1] = bad
    seen, expected = (render([Part(mesh)], [DOME], rgb=True) for mesh in (torn, half))
    np.testing.assert_array_equal(seen.part, expected.part)
    np.testing.assert_array_equal(seen.rgb, expected.rgb)
    np.testing.assert_array_equal(seen.entities.extent, expected.entities.extent)
    assert render([Part(whole)]).entities.visible[0, 0] > seen.entities.visible[0, 0] > 100


@pytest.mark.parametrize("bad", BAD)
def test_bad_normals_and_texture_coordinates_spoil_only_themselves(bad: float) -> None:
    for name in ("normals", "uvs"):
        mesh = sphere(0.5, 8)
        getattr(mesh, name)[40:60] = bad
        part = Part(mesh, move(0, 0, -2), Paint((1,) * 3, texture=0))
        out, whole = (
            render([replace(part, mesh=m)], LAMPS, rgb=True, normals=True, textures=[GREY])
            for m in (mesh, sphere(0.5, 8))
        )
        np.testing.assert_array_equal(out.part, whole.part)
        assert np.all(np.isfinite(out.normals))


def test_matrices_that_flatten_everything_are_survived() -> None:
    lamps = [replace(lamp, world=np.zeros((4, 4))) for lamp in LAMPS]
    lamps[2] = replace(lamps[2], environment=0)
    parts = [Part(sphere(), scale(0, 0, 0)), Part(sphere(), scale(1, 1, 0) @ move(0, 0, -2), Paint(metallic=1.0))]
    pixels = Environment(np.full((16, 32, 3), 0.25, np.float32))
    out = render(parts, lamps, rgb=True, normals=True, environments=[pixels])
    assert set(np.unique(out.part)) == {-1, 1}
    assert_radiance(out.rgb[0][inner(out.part[0], -1)], 0.25)


def test_values_out_of_their_range_are_brought_into_it() -> None:
    def shade(**paint: float) -> np.ndarray:
        part = Part(sphere(), move(0, 0, -2), Paint((0.5,) * 3, **paint))  # type: ignore[arg-type]
        return render([part], LAMPS, rgb=True).rgb

    for name in ("roughness", "metallic", "specular"):
        np.testing.assert_array_equal(shade(**{name: 1.7}), shade(**{name: 1.0}))
        np.testing.assert_array_equal(shade(**{name: -3.0}), shade(**{name: 0.0}))
