"""Neighbouring frames: where the camera, an object or the light moves a little, no pixel jumps or sparkles.

The yardstick is the same walk rendered with 8 x 8 times the pixels, alone and averaged. Colours are compared as
c / (1 + c), the scale on which samples are averaged. A pixel's *contrast* is the range of the finer pixels around it
over the whole walk. A pixel has four samples, so a step may change it by a quarter of its contrast for each sample that
an edge passes. Its *restlessness* is how far it went in all, less how far it got from the lowest to the highest: back
and forth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import LightType, Texture, View
from tests.render.photometry import radiance
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, box, build, frame, look, move, plane, scale, sphere, turn

Array = NDArray[np.float64]
SIZE, FINER = (72, 54), 8
STEPS = 24
STEP = 1.0 / 12.0
"""Pixels a step."""
SUN = Lamp(LightType.DISTANT, (2500,) * 3, look([0.5, 0.3, 1], [0, 0, 0]), (0.5, 0))
LAMP = Lamp(LightType.SPHERE, (60000,) * 3, move(0.8, -0.6, 1.8), (0.08, 0))
SKY = Lamp(LightType.DOME, (250,) * 3)
Walk = Callable[[float], tuple[Sequence[Part], Sequence[Lamp], Eye]]


def wood() -> Texture:
    """Stripes of several widths."""
    rng = np.random.default_rng(0)
    rows = np.convolve(rng.uniform(0, 1, 256 + 6), np.ones(7) / 7, "valid")
    pixels = np.full((256, 64, 4), 255, np.uint8)
    pixels[..., :3] = (60 + 150 * rows[:, None, None] * np.array([1.0, 0.8, 0.6])).astype(np.uint8)
    return Texture(pixels)


def things(shift: float = 0.0) -> list[Part]:
    return [
        Part(plane(4, 4), paint=Paint((1, 1, 1), texture=0, uv_scale=(2, 2))),
        Part(box(0.4, 0.3, 0.5), turn([0, 0, 1], 25) @ move(-0.3 + shift, 0.1, 0.25), Paint((0.7, 0.2, 0.2))),
        Part(sphere(0.25, 32), move(0.35, 0.2 + shift, 0.25), Paint((0.2, 0.5, 0.7), 0.4, specular=0.5)),
        Part(box(), scale(0.015, 0.015, 0.7) @ move(0.05, -0.35, 0.35), Paint((0.9, 0.9, 0.1))),
        Part(box(), scale(0.9, 0.01, 0.01) @ turn([0, 0, 1], 3) @ move(0, 0.5, 0.6), Paint((0.9, 0.9, 0.9))),
    ]


EYE, TARGET = np.array([0.1, -1.9, 1.1]), np.array([0.0, 0.1, 0.2])
FOCAL = 1.3
PIXEL = np.linalg.norm(EYE - TARGET) / (FOCAL * SIZE[0])
"""Metres that a pixel spans at the things."""


def aside(amount: float) -> Eye:
    """The camera, moved across its view by metres."""
    world = look(EYE, TARGET)
    return Eye(move(amount, 0.37 * amount, 0) @ world, focal=FOCAL)


WALKS: dict[str, Walk] = {
    "camera": lambda pixels: (things(), [SUN, SKY], aside(pixels * PIXEL)),
    "camera_lamp": lambda pixels: (things(), [LAMP, SKY], aside(pixels * PIXEL)),
    "objects": lambda pixels: (things(pixels * PIXEL), [SUN, SKY], aside(0.0)),
    "objects_lamp": lambda pixels: (things(pixels * PIXEL), [LAMP, SKY], aside(0.0)),
}


def walk(name: str, finer: int) -> Array:
    """(STEPS, H, finer, W, finer, 3) on the scale of samples; ``finer`` times the pixels on each side."""
    states = [WALKS[name](STEP * i) for i in range(STEPS)]
    scene, _ = build(*states[0], textures=[wood()])
    frames = batch(*[frame(*state) for state in states])
    out = Renderer(scene, "cpu").render(frames, View(0, SIZE[0] * finer, SIZE[1] * finer)).rgb
    assert out is not None
    seen = radiance(out[..., :3])
    scaled = seen / (1 + seen)
    return np.asarray(scaled.reshape(STEPS, SIZE[1], finer, SIZE[0], finer, 3))


def contrast(fine: Array) -> Array:
    """(H, W, 3): the range of the finer pixels around a pixel (3 x 3 pixels) over the walk."""

    def around(values: Array) -> list[Array]:
        padded = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge")
        return [padded[y : y + SIZE[1], x : x + SIZE[0]] for y in range(3) for x in range(3)]

    return np.asarray(
        np.max(around(fine.max(axis=(0, 2, 4))), axis=0) - np.min(around(fine.min(axis=(0, 2, 4))), axis=0)
    )


def restlessness(images: Array) -> Array:
    """(H, W, 3): the way that a pixel went back and forth."""
    return np.asarray(np.abs(np.diff(images, axis=0)).sum(axis=0) - np.ptp(images, axis=0))


def measure(name: str) -> dict[str, float]:
    """The statistics that are bounded below, in bytes' scale of 0 to 1."""
    ours, fine = walk(name, 1)[:, :, 0, :, 0], walk(name, FINER)
    reference = fine.mean(axis=(2, 4))
    jumps = np.abs(np.diff(ours, axis=0)).max(axis=0)
    room = contrast(fine)
    return {
        "jump": float((jumps / (room + 0.02)).max()),
        "most_jumps": float(np.quantile(jumps / (room + 0.02), 0.99)),
        "restless": float(restlessness(ours).mean()),
        "reference": float(restlessness(reference).mean()),
        "off": float(np.abs(ours - reference).mean()),
    }


SLOW = [pytest.param(name, marks=pytest.mark.slow) if name.endswith("lamp") else name for name in WALKS]


@pytest.mark.parametrize("name", SLOW)
def test_a_small_step_changes_no_pixel_without_bound(name: str) -> None:
    found = measure(name)
    # Two samples of four, and what light and pictures change besides; one where it is not the very worst.
    assert found["jump"] < 0.65, found
    assert found["most_jumps"] < 0.35, found
    # Steps of a quarter are coarser than the finer image's, which makes for some to and fro.
    assert found["restless"] < 2.5 * found["reference"] + 0.002, found
    assert found["off"] < 0.005, found


def test_sparkling_and_jumping_would_be_noticed() -> None:
    calm = np.linspace(0.1, 0.3, STEPS)[:, None, None, None] * np.ones((1, SIZE[1], SIZE[0], 3))
    assert restlessness(calm).max() < 1e-12
    sparkling = calm.copy()
    sparkling[::2] += 0.02
    assert restlessness(sparkling).mean() > 0.2
    fine = np.broadcast_to(calm[:, :, None, :, None], (STEPS, SIZE[1], FINER, SIZE[0], FINER, 3))
    np.testing.assert_allclose(contrast(fine), 0.2)
