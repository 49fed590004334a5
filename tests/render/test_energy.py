"""How much light surfaces give back: under a uniform dome, and added up over lamps from everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import Environment, LightType, View
from tests.render.photometry import assert_radiance, inner, radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, build, frame, look, move, plane, render, sphere

SIZE = (48, 48)
WHITE = (1.0, 1.0, 1.0)
BALL = Part(sphere(), move(0, 0, -2))


def furnace(
    paint: Paint, level: float = 1.0, environments: tuple[Environment, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (N, 4) of a ball under a uniform dome and those of the dome behind it (M, 4)."""
    lamp = Lamp(LightType.DOME, color=(1000 * level,) * 3, environment=len(environments) - 1)
    out = render([Part(BALL.mesh, BALL.world, paint)], [lamp], size=SIZE, rgb=True, environments=environments)
    return out.rgb[0][inner(out.part[0], 0)], out.rgb[0][inner(out.part[0], -1)]


@pytest.mark.parametrize(
    "environments", [(), (Environment(np.ones((16, 32, 3), np.float32)),)], ids=["plain", "panorama"]
)
def test_a_white_diffuse_ball_vanishes_in_a_white_furnace(environments: tuple[Environment, ...]) -> None:
    for level in (1.0, 0.4, 0.05):
        ball, sky = furnace(Paint(WHITE), level, environments)
        assert len(ball) > 300
        assert_radiance(ball, level)
        assert_radiance(sky, level)


@pytest.mark.parametrize("roughness", [0.0, 0.15, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("specular", [0.5, 1.0])
def test_a_white_coated_ball_gives_back_no_more_than_it_gets(roughness: float, specular: float) -> None:
    ball, _ = furnace(Paint(WHITE, roughness, specular=specular), 0.5)
    assert_radiance(ball, 0.5)


@pytest.mark.parametrize("roughness", [0.0, 0.3, 0.6, 1.0])
def test_white_metal_loses_with_roughness_but_never_gains(roughness: float) -> None:
    ball, sky = furnace(Paint(WHITE, roughness, metallic=1.0), 0.5)
    assert ball[:, :3].max() <= sky[:, :3].min() + 1.0
    # Single scattering leaves 1 - ln 2 straight on at roughness 1 (test_material has the whole table), and all at 0.
    assert radiance(np.median(ball[:, :3])) / 0.5 > 0.98 - 0.68 * roughness**2


def test_nothing_comes_back_from_black() -> None:
    for roughness in (0.0, 0.5, 1.0):
        ball, _ = furnace(Paint((0, 0, 0), roughness))
        assert ball[:, :3].max() == 0
    coated, _ = furnace(Paint((0, 0, 0), 0.1, specular=0.5))
    # 4 % straight on, more at the rim.
    assert radiance(np.median(coated[:, 0])) == pytest.approx(0.05, abs=0.02)
    assert radiance(coated[:, 0].max()) > 0.1


def test_a_known_albedo_can_be_read_off_the_image() -> None:
    for albedo in ((0.04, 0.18, 0.5), (0.9, 0.3, 0.02)):
        ball, _ = furnace(Paint(albedo), 0.6)
        assert_radiance(ball, 0.6 * np.array(albedo))


def test_emission_adds_its_radiance() -> None:
    out = render([Part(BALL.mesh, BALL.world, Paint(emission=(400, 100, 0)))], size=SIZE, rgb=True)
    assert_radiance(out.rgb[0][inner(out.part[0], 0)], [0.4, 0.1, 0.0])


@pytest.mark.parametrize(("roughness", "metallic"), [(1.0, 0.0), (0.5, 0.0), (1.0, 1.0), (0.5, 1.0)])
@pytest.mark.parametrize("slant", [0.0, 60.0])
def test_lamps_from_everywhere_add_up_to_no_more_than_white(roughness: float, metallic: float, slant: float) -> None:
    # Midpoints of equal areas of the sky; an irradiance of pi / N x 1000 each is a sky of radiance 1 in all.
    rows, around, level = 12, 16, 0.5
    cosine = (np.arange(rows) + 0.5) / rows
    azimuth = 2 * np.pi * (np.arange(around) + 0.5) / around
    seen = np.array([np.sin(np.radians(slant)), 0.0, np.cos(np.radians(slant))])
    part = Part(plane(4, 4), paint=Paint(WHITE, roughness, metallic, specular=0.5))
    frames = []
    for c in cosine:
        for a in azimuth:
            s = np.sqrt(1 - c * c)
            lamp = Lamp(
                LightType.DISTANT, (level * 1000 * np.pi,) * 3, look([s * np.cos(a), s * np.sin(a), c], [0, 0, 0])
            )
            frames.append((lamp, frame([part], [lamp], Eye(look(2 * seen, [0, 0, 0]), focal=4.0))))
    scene, _ = build([part], [frames[0][0]])
    out = Renderer(scene, "cpu").render(batch(*[f for _, f in frames]), View(0, 3, 3))
    total = radiance(out.rgb[:, 1, 1, 0]).mean() * 2 / level
    assert total < 1.02
    assert total > (0.9 if metallic == 0.0 else 0.3)
    if (roughness, metallic, slant) == (1.0, 1.0, 0.0):
        # With alpha = 1 the lobe is constant and the integral of x / (1 + x) is left.
        assert total == pytest.approx(1 - np.log(2), abs=0.01)
