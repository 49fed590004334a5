"""Energy: white surfaces under a uniform sky, and light that goes round in a closed room."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.scene import Environment, LightType, View
from tests.render.scenes import WHITE_DOME, Eye, Lamp, Paint, Part, box, build, flipped, look, move, sphere

WHITE = (1.0, 1.0, 1.0)
SIZE = View(0, 40, 40)


def furnace(paint: Paint, samples: int = 64, environments: tuple[Environment, ...] = ()) -> np.ndarray:
    """(40, 40, 3): a ball under a sky of radiance 1."""
    lamp = Lamp(LightType.DOME, environment=len(environments) - 1)
    scene, frames = build([Part(sphere(0.5, 64), move(0, 0, -2), paint)], [lamp], environments=environments)
    return PathTracer(scene, "cpu").render(frames, SIZE, samples, 3)[0]


@pytest.mark.parametrize(
    "environments", [(), (Environment(np.ones((16, 32, 3), np.float32)),)], ids=["plain", "panorama"]
)
@pytest.mark.parametrize(
    "paint",
    [
        Paint(WHITE),
        Paint(WHITE, 0.1, specular=0.5),
        Paint(WHITE, 0.6, specular=1.0),
        Paint(WHITE, 0.05, metallic=1.0),
    ],
    ids=["diffuse", "glossy", "satin", "mirror"],
)
def test_a_white_ball_vanishes(paint: Paint, environments: tuple[Environment, ...]) -> None:
    image = furnace(paint, environments=environments)
    # The rim loses a little: a ball of triangles has no smooth silhouette.
    assert image.mean() == pytest.approx(1.0, abs=0.003)
    assert image.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("roughness", [0.2, 0.5, 1.0])
def test_metal_loses_with_roughness_and_never_gains(roughness: float) -> None:
    image = furnace(Paint(WHITE, roughness, metallic=1.0), 256)
    assert image.reshape(10, 4, 10, 4, 3).mean(axis=(1, 3)).max() < 1.01
    if roughness == 1.0:
        # Seen straight on with alpha = 1 the lobe is G1(w) / 4: the integral of x / (1 + x) is left.
        assert image[18:22, 18:22].mean() == pytest.approx(1 - np.log(2), abs=0.01)


@pytest.mark.parametrize("bounces", [0, 1, 4])
@pytest.mark.parametrize("albedo", [0.0, 0.5, 0.9])
def test_a_glowing_room_adds_up_its_bounces(albedo: float, bounces: int) -> None:
    paint = Paint((albedo,) * 3, emission=(300, 200, 100))
    scene, frames = build([Part(flipped(box(2, 3, 2.5)), paint=paint)], [], Eye(look([0.3, 0.2, 0.1], [1, 1, 0])))
    image = PathTracer(scene, "cpu").render(frames, View(0, 16, 12), 256, bounces)[0]
    rounds = sum(albedo**k for k in range(bounces + 2))
    expected = np.array([0.3, 0.2, 0.1]) * rounds
    # Paths that are ended by chance bring noise from the fourth surface on.
    np.testing.assert_allclose(image.mean(axis=(0, 1)), expected, rtol=0.005)


def test_without_light_all_is_black() -> None:
    scene, frames = build([Part(box(), move(0, 0, -3))], [])
    assert PathTracer(scene, "cpu").render(frames, SIZE, 4).max() == 0.0
    scene, frames = build([], [WHITE_DOME])
    assert PathTracer(scene, "cpu").render(frames, SIZE, 4) == pytest.approx(1.0)
