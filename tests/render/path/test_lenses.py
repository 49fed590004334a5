"""Path-traced images through lenses show what the rasteriser's labels say."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.optics import LensModel
from replicator_dr.render.path.tracer import PathTracer
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, SceneArrays, View
from tests.render.scenes import WHITE_DOME, Eye, Paint, Part, box, build, move, plane, random_turn, scale, sphere

SIZE = View(0, 80, 60)
LENSES = [
    (LensModel.OPENCV_PINHOLE, (55.0, 58.0, 41.0, 29.0), (-0.2, 0.05, 0.01, -0.01, 0.0, 0.05)),
    (LensModel.OPENCV_FISHEYE, (18.0, 18.0, 40.0, 30.0), (0.02, -0.003)),
    (LensModel.FTHETA, (20.0, 20.0, 40.0, 30.0), (0.02, 0.0, 0.0, 0.0, 1.7)),
]


def glowing(model: LensModel, pixels: tuple[float, ...], k: tuple[float, ...]) -> tuple[SceneArrays, FrameArrays]:
    """Things all around that shine in a colour of their own."""
    rng = np.random.default_rng(1)
    parts = []
    for i in range(24):
        toward = rng.normal(size=3)
        place = toward / np.linalg.norm(toward) * rng.uniform(2, 4)
        glow = Paint(base_color=(0, 0, 0), emission=(0.1 * (1 + i % 8), 0.1 * (1 + i // 8), 0.0))
        parts.append(
            Part([box(), sphere(0.5, 12)][i % 2], scale(0.9, 1.4, 0.6) @ random_turn(rng) @ move(*place), glow)
        )
    return build(parts, [], Eye(opencv=pixels, nominal=(80, 60), lens_model=model, lens=k))


@pytest.mark.parametrize(("model", "pixels", "k"), LENSES)
def test_each_pixel_shines_as_what_the_labels_say(model: LensModel, pixels: tuple, k: tuple) -> None:
    scene, frames = glowing(model, pixels, k)
    traced = PathTracer(scene).render(frames, SIZE, 16, 0)[0]
    seen = Renderer(scene).render(frames, SIZE, rgb=False)
    part = seen.part[0]
    own = np.concatenate([frames.materials.emission[0], np.zeros((1, 3), np.float32)])
    ratio = traced.max() / own.max()
    inner = np.zeros_like(part, bool)
    inner[1:-1, 1:-1] = [
        [len(np.unique(part[y - 1 : y + 2, x - 1 : x + 2])) == 1 for x in range(1, 79)] for y in range(1, 59)
    ]
    assert inner.mean() > 0.5
    assert len(np.unique(part[inner])) > 5
    np.testing.assert_allclose(traced[inner], ratio * own[part][inner], atol=1e-4)


def test_where_the_lens_shows_nothing_it_is_dark() -> None:
    eye = Eye(opencv=(20.0, 20.0, 40.0, 30.0), nominal=(80, 60), lens_model=LensModel.FTHETA, lens=(0, 0, 0, 0, 1.2))
    scene, frames = build([Part(plane(9, 9), move(0, 0, -1))], [WHITE_DOME], eye)
    traced = PathTracer(scene).render(frames, SIZE, 4, 0)[0].sum(axis=-1)
    y, x = np.mgrid[:60, :80] + 0.5
    distance = np.hypot(x - 40, y - 30)
    assert (traced[distance > 20 * 1.2 + 1] == 0).all()
    assert (traced[distance < 20 * 1.2 - 1] > 0).all()


def test_a_thin_lens_is_sharp_where_it_is_focused() -> None:
    # A striped wall at the focus is as sharp as through a pinhole; one at half the distance is not.
    def image(away: float, stop: float) -> np.ndarray:
        parts = [
            Part(plane(0.2, 9), move(0.4 * i, 0, -away), Paint(base_color=(0, 0, 0), emission=(1, 1, 1)))
            for i in range(-9, 10)
        ]
        model, pixels, k = LENSES[0]
        scene, frames = build(parts, [], Eye(opencv=pixels, nominal=(80, 60), lens_model=model, lens=k))
        frames.cameras.f_stop[:], frames.cameras.focus_distance[:] = stop, 2.0
        return PathTracer(scene).render(frames, SIZE, 256, 0)[0, ..., 0]

    sharp, blurred = image(2.0, 0.0), image(2.0, 2.0)
    assert np.abs(sharp - blurred).mean() < 0.03 * sharp.max()
    assert np.abs(image(1.0, 0.0) - image(1.0, 2.0)).mean() > 0.08 * sharp.max()
