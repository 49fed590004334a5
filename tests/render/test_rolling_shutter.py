"""Rolling shutters: skew = row time x velocity, of things and of cameras, sharp and blurred."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render import blur
from replicator_dr.render.photograph import expose, is_ordinary, photograph
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.rolling_shutter import moments_a_row, row_shares
from replicator_dr.render.scene import FrameArrays, View
from tests.render.scenes import Part, batch, build, move, plane
from tests.render.test_blur import SHINING, lens, moving
from tests.render.test_film import sensors

VIEW = View(0, 192, 128)
FOCAL = 192.0
DEPTH = 2.0


def bar(
    velocity: float, row_time: float, shutter: float = 0.0, camera: bool = False, samples: int = 0
) -> tuple[Renderer, FrameArrays]:
    """An upright shining bar that moves to the right, or a camera that does."""
    scene, frames = build([Part(plane(0.3, 50), move(0, 0, -DEPTH), SHINING)])
    body = {-1 if camera else 0: {"velocity": (velocity, 0, 0)}}
    frames = replace(frames, sensors=sensors(1, row_time=row_time, samples=samples))
    return Renderer(scene), moving(frames, (-shutter / 2, shutter / 2), body)


def film(renderer: Renderer, frames: FrameArrays) -> NDArray[np.float64]:
    """(H, W) of what the frame asks for."""
    seen = renderer.render(frames, VIEW, rgb=False)
    count = int(blur.exposures(frames, seen, renderer.scene.part_transform)[0])
    return np.asarray(expose(renderer, frames, VIEW, count).numpy()[0, ..., 1], np.float64)


def places(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """(H,) the bar's middle in each row [pixels]."""
    return np.asarray((image * (np.arange(VIEW.width) + 0.5)).sum(axis=1) / image.sum(axis=1))


@pytest.mark.parametrize("camera", [False, True])
@pytest.mark.parametrize("shutter", [0.0, 0.002, 0.03])
@pytest.mark.parametrize(("velocity", "row_time"), [(1.0, 2e-4), (-5.0, 1e-4), (6.0, 2e-4)])
def test_skew_is_row_time_times_velocity(velocity: float, row_time: float, shutter: float, camera: bool) -> None:
    where = places(film(*bar(velocity, row_time, shutter, camera)))
    row = np.arange(VIEW.height) + 0.5 - VIEW.height / 2
    skew = FOCAL * velocity / DEPTH * row_time * (-1 if camera else 1)
    # Four samples a pixel place an edge to a quarter of a pixel, the bar to less.
    assert np.abs(where - (VIEW.width / 2 + skew * row)).max() < 0.2
    assert np.sqrt(((where - VIEW.width / 2 - skew * row) ** 2).mean()) < 0.08
    assert np.polyfit(row, where, 1)[0] == pytest.approx(skew, rel=0.02)


def test_a_row_is_blurred_by_its_own_exposure_alone() -> None:
    """Variance across = that of the bar + (path while the row is exposed)^2 / 12."""
    shutter, velocity = 0.05, 3.0

    def variance(image: NDArray[np.float64]) -> NDArray[np.float64]:
        x = np.arange(VIEW.width) + 0.5 - places(image)[:, None]
        return np.asarray((image * x**2).sum(axis=1) / image.sum(axis=1))

    sharp = variance(film(*bar(0.0, 0.0)))
    seen = variance(film(*bar(velocity, 2e-4, shutter, samples=128)))
    path = FOCAL * velocity / DEPTH * shutter
    assert np.allclose(seen - sharp, path**2 / 12, rtol=0.06)


def test_what_stands_still_is_an_ordinary_image() -> None:
    renderer, frames = bar(0.0, 1e-3)
    assert is_ordinary(frames, 0).all()
    assert (photograph(renderer, frames, VIEW).rgb == renderer.render(frames, VIEW).rgb).all()


def test_an_open_lens_is_drawn_where_nothing_moves_and_refused_where_something_does() -> None:
    scene, frames = build([Part(plane(0.3, 50), move(0, 0, -DEPTH), SHINING)])
    renderer, open_lens = Renderer(scene), lens(frames, 0.05, 1.0)
    assert open_lens.sensors is not None
    rolling = replace(open_lens, sensors=replace(open_lens.sensors, row_time=np.full((1, 1), 1e-4)))
    assert (photograph(renderer, rolling, VIEW).rgb == photograph(renderer, open_lens, VIEW).rgb).all()
    with pytest.raises(EngineError, match=r"rolling shutter .* path trace"):
        photograph(renderer, moving(rolling, (0.0, 0.0), {0: {"velocity": (1, 0, 0)}}), VIEW)


def test_labels_are_those_of_the_middle_row() -> None:
    renderer, frames = bar(4.0, 2e-4)
    plain = renderer.render(frames, VIEW, normals=True)
    shown = photograph(renderer, frames, VIEW, normals=True)
    assert shown.rgb is not None
    assert plain.rgb is not None
    for name in ("depth", "part", "normals"):
        assert getattr(shown, name).tobytes() == getattr(plain, name).tobytes()
    apart = np.abs(shown.rgb[0].astype(int) - plain.rgb[0]).max(axis=(1, 2))
    assert apart[0] > 50
    assert apart[-1] > 50
    middle = slice(VIEW.height // 2 - 1, VIEW.height // 2 + 1)
    assert (shown.part[0, middle] == plain.part[0, middle]).all()
    assert (np.abs(shown.rgb[0, middle].astype(int) - plain.rgb[0, middle]).max(axis=-1) > 30).sum() <= 4


def test_every_row_s_moments_add_up_and_lie_in_its_exposure() -> None:
    _, frames = bar(1.0, 1e-4, 0.004)
    times = blur.shares(frames, 0, 48)
    weights = row_shares(frames, VIEW, times)
    assert np.allclose(weights.sum(axis=1), 1.0)
    assert frames.sensors is not None
    (opens, closes), *_ = frames.sensors.span(0, VIEW.height)
    assert (opens, closes) == pytest.approx((-0.002 - 63.5e-4, 0.002 + 63.5e-4))
    seconds = opens + times[0] * (closes - opens)
    middle = (np.arange(VIEW.height) - 63.5) * 1e-4
    mean = (weights[0] * seconds[:, None]).sum(axis=0)
    step = (closes - opens) / 47
    assert np.abs(mean - middle).max() < 0.1 * step
    off = np.abs(seconds[:, None] - middle)
    assert (weights[0][off > 0.002 + step / 2] == 0).all()
    assert moments_a_row(frames, VIEW, np.array([48]))[0] == np.ceil(48 * 0.004 / (closes - opens))


def test_images_do_not_depend_on_the_batch() -> None:
    renderer, one = bar(4.0, 2e-4, 0.003)
    own = sensors(2, row_time=2e-4)
    own.row_time[1] = 0.0
    frames = moving(replace(batch(one, one), sensors=own), (-0.0015, 0.0015), {0: {"velocity": (4, 0, 0)}})
    whole = photograph(renderer, frames, VIEW).rgb
    assert whole is not None
    for row in range(2):
        alone = photograph(renderer, frames[row : row + 1], VIEW).rgb
        assert alone is not None
        assert (alone[0] == whole[row]).all()
    assert (whole[0] != whole[1]).any()
