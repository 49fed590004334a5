"""Patterns in the picture: at pixel centres they are what the formulas say, and fine ones fade to their mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.optics import LensModel
from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.pattern import SPREAD
from replicator_dr.render.pattern_arrays import KINDS, PatternArrays
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, LightType, SceneArrays, View
from tests.render.pattern_oracle import noise, octaves, share, spread
from tests.render.photometry import assert_radiance, expected_byte, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, build, look, move, plane, scale

SIDE = 80
FIRST, SECOND = np.array([0.5, 0.4, 0.3]), np.array([0.1, 0.2, 0.55])
OFFSET = np.array([0.31, 0.17, 0.43])
LIGHT = 0.9  # of white, on a surface that faces it


def arrays(kind: str, **more: Any) -> PatternArrays:
    """A pattern on the one material of one frame."""
    given = {"scale": 3.0, "offset": OFFSET, "color": SECOND, "amount": 0.4, "rotation": 0.0, **more}

    def one(name: str, default: Any, dtype: Any = np.float32) -> NDArray[Any]:
        return np.full((1, 1), given.get(name, default), dtype)

    return PatternArrays(
        kind=np.full((1, 1), KINDS.index(kind), np.int32),
        solid=one("solid", True, np.bool_),
        **{
            name: np.broadcast_to(given[name], (1, 1, 3)).astype(np.float32) for name in ("scale", "rotation", "offset")
        },
        amount=one("amount", 0.0),
        softness=one("softness", 0.0),
        octaves=one("octaves", 4, np.int32),
        color=np.broadcast_to(given["color"], (1, 1, 3)).astype(np.float32),
        roughness=one("roughness", -1),
        metallic=one("metallic", -1),
    )


def flat(height: float = 2.0, world: NDArray[np.float64] | None = None) -> tuple[SceneArrays, FrameArrays]:
    """A matt square of 2 m seen from above, under a sun that stands there too: 1 m at that height fills the picture."""
    part = Part(plane(2, 2), paint=Paint(tuple(FIRST), 1.0, 0.0, 0.0), **({} if world is None else {"world": world}))
    sun = Lamp(LightType.DISTANT, (1000 * np.pi * LIGHT,) * 3, look([0, 0, 1], [0, 0, 0]))
    return build([part], [sun], Eye(look([0, 0, height], [0, 0, 0]), focal=2.0))


def centres(height: float = 2.0, side: int = SIDE) -> NDArray[np.float64]:
    """(H, W, 3): what the pixels' centres see of the plane [m]."""
    at = (np.arange(side) + 0.5) / side - 0.5
    x, y = np.meshgrid(at, -at)
    return np.stack([x, y, np.zeros_like(x)], -1) * height / 2.0


def picture(scene: SceneArrays, frames: FrameArrays, patterns: PatternArrays | None, side: int = SIDE) -> NDArray[Any]:
    out = Renderer(scene, "cpu").render(replace(frames, patterns=patterns), View(0, side, side))
    assert out.rgb is not None
    return out.rgb


def shown(share_of_second: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3): radiance."""
    return LIGHT * (FIRST + (SECOND - FIRST) * share_of_second[..., None])


def formula(kind: str, at: Any, amount: float = 0.4, solid: bool = True) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """(H, W): the share at the pixels' centres, and where it is nearly the same all around, two pixels far.

    at: gives the points [repeats] of the picture's points (H, W, 3).
    """
    around = [np.array([x, y, 0.0]) / SIDE for x in np.linspace(-2, 2, 7) for y in np.linspace(-2, 2, 7)]
    shares = np.array([share(kind, at(centres() + away), amount, solid) for away in around])
    return share(kind, at(centres()), amount, solid), np.ptp(shares, axis=0) < 0.4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solid", [True, False])
def test_pixels_show_the_formula_at_their_centres(kind: str, solid: bool) -> None:
    scene, frames = flat()
    rgb = picture(scene, frames, arrays(kind, solid=solid))[0]
    # The square's texture coordinates go from 0 to 1 over its 2 m.
    to_own = (1.0, np.zeros(3)) if solid else (0.5, np.array([0.5, 0.5, 0.0]))
    expected, sure = formula(kind, lambda at: 3.0 * (to_own[0] * at + to_own[1]) + OFFSET, solid=solid)
    if kind == "gradient":  # its ends are rounded off
        sure &= abs(expected - 0.5) < 0.4
    assert sure.mean() > 0.3
    off = np.abs(rgb[sure, :3] - expected_byte(shown(expected[sure]))).max(-1)
    # Noise can come near its threshold without crossing it, and marble's veins are blurred along their turns.
    assert (off <= 1.0).mean() >= {"noise": 0.997, "marble": 0.92}.get(kind, 1.0)
    assert np.ptp(expected) > 0.9


def test_a_pattern_turns_and_stretches() -> None:
    scene, frames = flat()
    rgb = picture(scene, frames, arrays("stripes", rotation=(0, 0, 30), scale=(5, 1, 1)))[0]
    along = np.array([np.cos(np.radians(30)), np.sin(np.radians(30)), 0])
    expected, sure = formula("stripes", lambda at: (5 * at @ along + OFFSET[0])[..., None] * [1, 0, 0])
    assert_radiance(rgb[sure], shown(expected[sure]))


def test_a_solid_pattern_goes_with_its_thing_and_keeps_its_size() -> None:
    scene, frames = flat(world=scale(1.5, 0.8, 1.0) @ move(0.4, -0.3, 0.0))
    rgb = picture(scene, frames, arrays("checker"))[0]
    expected, sure = formula("checker", lambda at: 3.0 * (at - [0.4, -0.3, 0]) + OFFSET)
    assert_radiance(rgb[sure], shown(expected[sure]))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_finer_than_a_pixel_is_its_mean(kind: str) -> None:
    scene, frames = flat()
    rgb = picture(scene, frames, arrays(kind, scale=900.0, solid=False))[0]
    mean = {"checker": 0.5, "gradient": 0.5, "dots": np.pi * 0.2**2}.get(kind, 0.4)
    assert_radiance(rgb, shown(np.array(mean)), 5.0 if kind in ("noise", "marble") else 3.0)
    assert np.ptp(rgb[..., :3], axis=(0, 1)).max() <= 8


def test_a_receding_checker_does_not_flicker() -> None:
    """The whole of a floor keeps its mean from a slant, however the camera moves by parts of a pixel."""
    part = Part(plane(60, 60), paint=Paint((0.1, 0.1, 0.1), 1.0, 0.0, 0.0))
    sun = Lamp(LightType.DISTANT, (1000 * np.pi * LIGHT,) * 3, look([0, 0, 1], [0, 0, 0]))
    scene, _ = build([part], [sun])
    eyes = [Eye(look([0, -4, 0.6], [0.003 * i, 0, 0.4]), focal=1.5) for i in range(4)]
    frames = batch(*(build([part], [sun], eye)[1] for eye in eyes))
    patterns = arrays("checker", color=(0.6, 0.6, 0.6), scale=4.0)
    several = PatternArrays(
        *(np.repeat(getattr(patterns, name), 4, axis=0) for name in PatternArrays.__dataclass_fields__)
    )
    far = radiance(picture(scene, frames, several)[:, 44:50, :, 0])
    assert np.abs(np.diff(far, axis=0)).max() < 0.05
    assert abs(far.mean() - LIGHT * 0.35) < 0.02


def test_the_second_look_has_its_own_roughness_and_metal() -> None:
    """A place that is all second look equals a plain material with its numbers."""
    scene, frames = flat()
    sun = replace(frames.lights, world=np.asarray(look([0.3, 0.1, 1], [0, 0, 0]), np.float32)[None, None])
    frames = replace(frames, lights=sun)
    covered = picture(scene, frames, arrays("noise", amount=1.0, roughness=0.3, metallic=1.0))
    part = Part(plane(2, 2), paint=Paint(tuple(SECOND), 0.3, 1.0, 0.0))
    plain = replace(frames, materials=build([part])[1].materials)
    assert (covered == picture(scene, plain, None)).all()
    uncovered = picture(scene, frames, arrays("noise", amount=0.0, roughness=0.3, metallic=1.0))
    assert (uncovered == picture(scene, frames, None)).all()


def test_the_path_tracer_shows_the_same() -> None:
    scene, frames = flat()
    for kind in KINDS:
        patterned = replace(frames, patterns=arrays(kind))
        traced = PathTracer(scene).render(patterned, View(0, SIDE, SIDE), samples_per_pixel=16, bounces=0)[0]
        expected, sure = formula(kind, lambda at: 3.0 * at + OFFSET)
        np.testing.assert_allclose(traced[sure], shown(expected[sure]), rtol=0, atol=0.012)


def test_noise_has_the_mean_and_spread_that_are_stated_and_no_seams() -> None:
    rng = np.random.default_rng(0)
    values = noise(rng.uniform(-60, 60, (400_000, 3)))
    assert abs(values.mean()) < 0.002
    assert abs(values.std() - SPREAD) < 0.002
    for amount in (0.1, 0.3, 0.5, 0.8):
        covered = share("noise", rng.uniform(-60, 60, (100_000, 3)), amount, True)
        assert abs(covered.mean() - amount) < 0.015
    assert abs(octaves(rng.uniform(-60, 60, (100_000, 3)), 4).std() - spread(4, SPREAD)) < 0.004
    # Across the faces between cells nothing jumps.
    at = rng.uniform(-60, 60, (20_000, 3))
    at[:, 0] = np.round(at[:, 0])
    step = np.array([1e-7, 0, 0])
    assert np.abs(noise(at - step) - noise(at + step)).max() < 1e-6


def test_frames_without_patterns_are_what_they_were() -> None:
    scene, frames = flat()
    none = arrays("noise")
    off = replace(none, kind=np.full((1, 1), -1, np.int32))
    assert (picture(scene, frames, off) == picture(scene, frames, None)).all()


def test_a_lens_shows_the_same_pattern() -> None:
    """A lens without distortion gives the pinhole's picture, up to the edges of the pattern."""
    part = Part(plane(2, 2), paint=Paint(tuple(FIRST), 1.0, 0.0, 0.0))
    sun = Lamp(LightType.DISTANT, (1000 * np.pi * LIGHT,) * 3, look([0, 0, 1], [0, 0, 0]))
    pixels = (2.0 * SIDE, 2.0 * SIDE, SIDE / 2, SIDE / 2)
    plain = Eye(look([0, 0, 2], [0, 0, 0]), opencv=pixels, nominal=(SIDE, SIDE))
    lens = replace(plain, lens_model=LensModel.OPENCV_PINHOLE, lens=())
    images = [picture(*build([part], [sun], eye), arrays("dots"))[0] for eye in (plain, lens)]
    assert (np.abs(images[0].astype(int) - images[1]).max(-1) <= 1).mean() > 0.99
