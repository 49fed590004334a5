"""Film and its development, against ordinary images, analytic vignetting and the statistics of sensors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import warp as wp
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.render import color, develop
from replicator_dr.render.motion import MotionArrays
from replicator_dr.render.photograph import expose, photograph
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, LightType, View
from replicator_dr.render.sensor import HEADROOM, DepthSensorArrays, SensorArrays
from tests.render.scenes import Eye, Lamp, Paint, Part, batch, build, look, move, plane, sphere

SIZE = (96, 64)


def sensors(frames: int, **changes: Any) -> SensorArrays:
    """Plain sensors of one camera, but for the changes."""
    arrays = {name: np.full((frames, 1), float(value)) for name, value in changes.items()}
    return replace(SensorArrays.neutral(frames, 1), **arrays)


def wall(radiance: float, count: int = 1) -> tuple[Renderer, FrameArrays]:
    """A shining wall that fills the image, in ``count`` equal frames; radiance: 1 = white."""
    paint = Paint(base_color=(0, 0, 0), emission=(1000.0 * radiance,) * 3)
    scene, frames = build([Part(plane(50, 50), move(0, 0, -3), paint)])
    return Renderer(scene), batch(*[frames] * count)


def linear(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Below the shoulder of the tone curve."""
    return color.to_linear(rgb[..., :3] / 255.0)


def test_film_is_the_ordinary_image_inside_surfaces() -> None:
    lamps = [Lamp(LightType.DISTANT, color=(2000, 1800, 1500), world=look((1, 1, 3), (0, 0, 0)))]
    parts = [
        Part(plane(8, 8), move(0, 0, -4), Paint((0.6, 0.5, 0.4))),
        Part(sphere(0.7), move(0.3, 0, -3), Paint((0.2, 0.5, 0.7), roughness=0.4, specular=0.5)),
        Part(plane(1, 1), look((-1, 0.3, -3.2), (0, 1, 2)), Paint((0.7, 0.2, 0.2))),
    ]
    scene, frames = build(parts, [*lamps, Lamp(LightType.DOME, color=(200, 210, 230))])
    renderer, view = Renderer(scene), View(0, *SIZE)
    plain = renderer.render(frames, view)
    shown = color.encoded(expose(renderer, frames, view, 1).numpy()[..., :3])
    apart = np.abs(shown.astype(int) - plain.rgb).max(axis=-1)[0]
    assert plain.part.max() == 2
    part = np.pad(plain.part[0], 1, mode="edge")
    inside = np.ones(part[1:-1, 1:-1].shape, bool)
    for shift in ((0, 1), (2, 1), (1, 0), (1, 2)):
        inside &= part[shift[0] :, shift[1] :][: SIZE[1], : SIZE[0]] == plain.part[0]
    assert inside.mean() > 0.8
    assert apart[inside].max() <= 1
    assert apart.max() > 1  # edges average light instead of compressed light


def test_plain_sensors_take_the_ordinary_way() -> None:
    renderer, frames = wall(0.3)
    view = View(0, *SIZE)
    plain = renderer.render(frames, view)
    shown = photograph(renderer, replace(frames, sensors=sensors(1)), view)
    assert (shown.rgb == plain.rgb).all()


@pytest.mark.parametrize(("light", "amplification"), [(0.5, 1.0), (1.0, 0.25), (4.0, 0.25)])
def test_light_and_amplification_scale_the_image(light: float, amplification: float) -> None:
    renderer, frames = wall(0.4)
    frames = replace(frames, sensors=sensors(1, light=light, amplification=amplification))
    seen = linear(photograph(renderer, frames, View(0, *SIZE)).rgb)
    assert np.allclose(seen, 0.4 * light * amplification, atol=0.004)


@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_vignetting_follows_the_cosine(strength: float) -> None:
    renderer, frames = wall(0.5)
    view = View(0, *SIZE)
    frames = replace(frames, sensors=sensors(1, vignetting=strength))
    seen = linear(photograph(renderer, frames, view).rgb)[0, ..., 1]
    focal = 1.0 * SIZE[0]
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    cosine = np.cos(np.arctan(np.hypot((x - SIZE[0] / 2) / focal, (y - SIZE[1] / 2) / focal)))
    assert np.abs(seen - 0.5 * cosine ** (4 * strength)).max() < 0.004


def film_of(levels: NDArray[np.float64], side: int = 128) -> NDArray[np.float32]:
    return np.broadcast_to(levels[:, None, None, None], (len(levels), side, side, 4)).astype(np.float32)


def readings(levels: NDArray[np.float64], seed: int = 5, side: int = 128, **changes: float) -> NDArray[np.float64]:
    """What the converter gives for even film: (levels, side * side * 3), linear, without the rounding to bytes."""
    _, frames = wall(0.1, len(levels))
    frames = replace(frames, sensors=sensors(len(levels), **changes))
    how = develop.records(frames, View(0, side, side), seed, np.arange(len(levels)))
    film = wp.array(film_of(levels, side), dtype=wp.float32, device="cpu")
    develop.sense(film, how)
    return film.numpy()[..., :3].reshape(len(levels), -1).astype(np.float64)


def test_photon_transfer_curve() -> None:
    """Variance over mean signal is one over the gain, above the floor of the read noise (EMVA 1288)."""
    well, floor = 4000.0, 6.0
    levels = np.array([0.0, 0.002, 0.01, 0.05, 0.2, 0.6, 1.0])
    white = well / HEADROOM
    electrons = readings(levels, full_well=well, read_noise=floor) * white
    count = electrons.shape[1]
    wanted = levels * white + floor**2
    assert np.abs(electrons.mean(axis=1) - levels * white).max() < 4.5 * np.sqrt(wanted.max() / count)
    assert np.allclose(electrons.var(axis=1), wanted, rtol=4.5 * np.sqrt(2 / count) + 0.001)
    slope = np.polyfit(levels, (electrons / white).var(axis=1), 1)[0]
    assert slope == pytest.approx(1 / white, rel=0.03)


@pytest.mark.parametrize("mean", [0.5, 3.0, 15.0, 17.0, 60.0])
def test_shot_noise_is_poisson(mean: float) -> None:
    white = 1e5
    read = readings(np.array([mean / white]), full_well=HEADROOM * white, side=160)[0]
    electrons = np.round(read * white).astype(int)
    top = int(mean + 5 * np.sqrt(mean) + 3)
    number = np.arange(top)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, top)))])
    share = np.exp(number * np.log(mean) - mean - logs) * len(electrons)
    seen = np.bincount(np.minimum(electrons, top), minlength=top + 1)[:top]
    often = share > 20
    squared = ((seen - share) ** 2 / share)[often]
    # Chi-square: mean k, deviation sqrt(2 k).
    assert squared.sum() < often.sum() + 4 * np.sqrt(2 * often.sum())


def test_noise_is_independent_over_pixels_channels_frames_and_seeds() -> None:
    levels = np.full(3, 0.3)
    noise = readings(levels, full_well=2000.0, read_noise=3.0).reshape(3, 128, 128, 3)
    noise -= noise.mean()
    other = readings(levels, seed=6, full_well=2000.0, read_noise=3.0).reshape(noise.shape)
    power = (noise**2).mean()
    limit = 4.5 / np.sqrt(128 * 128)
    pairs = {
        "right": noise[:, :, 1:] * noise[:, :, :-1],
        "down": noise[:, 1:] * noise[:, :-1],
        "channel": noise[..., 0] * noise[..., 1],
        "frame": noise[1:] * noise[:-1],
        "seed": noise * (other - other.mean()),
    }
    for name, product in pairs.items():
        assert abs(product.mean()) / power < limit, name


def test_the_full_well_clips() -> None:
    read = readings(np.array([3 * HEADROOM]), full_well=500.0)[0]
    assert read.max() == pytest.approx(HEADROOM)
    assert read.min() == pytest.approx(HEADROOM)


def test_the_converter_rounds() -> None:
    read = readings(np.array([0.5]), full_well=1e7, bits=6)[0]
    steps = read / HEADROOM * 63
    assert np.abs(steps - np.round(steps)).max() < 1e-3
    assert read.mean() == pytest.approx(0.5, abs=HEADROOM / 63 / 2)


def test_more_amplification_shows_more_noise() -> None:
    """The same image from a quarter of the light has twice the relative noise."""
    renderer, frames = wall(0.4)
    view = View(0, *SIZE)
    low = linear(photograph(renderer, replace(frames, sensors=sensors(1, full_well=2e4)), view).rgb)
    high = linear(
        photograph(renderer, replace(frames, sensors=sensors(1, full_well=2e4, light=0.25, amplification=4)), view).rgb
    )
    assert low.mean() == pytest.approx(high.mean(), rel=0.01)
    assert high.std() / low.std() == pytest.approx(2.0, rel=0.1)


def test_noise_does_not_depend_on_the_batch() -> None:
    renderer, frames = wall(0.3, 4)
    frames = replace(frames, sensors=sensors(4, full_well=1000.0, read_noise=5.0))
    view, numbers = View(0, 40, 30), np.array([7, 8, 9, 10])
    whole = photograph(renderer, frames, view, seed=3, numbers=numbers).rgb
    assert len({image.tobytes() for image in whole}) == 4
    for cut in (slice(0, 1), slice(1, 3), slice(3, 4)):
        part = photograph(renderer, frames[cut], view, seed=3, numbers=numbers[cut]).rgb
        assert (part == whole[cut]).all()


def test_labels_do_not_change() -> None:
    lamps = [Lamp(LightType.DOME)]
    scene, frames = build([Part(sphere(0.5), move(0, 0, -2)), Part(plane(9, 9), move(0, 0, -4))], lamps, Eye())
    renderer, view = Renderer(scene), View(0, *SIZE)
    plain = renderer.render(frames, view, normals=True)
    noisy = replace(frames, sensors=sensors(1, full_well=100.0, read_noise=9.0, vignetting=1.0, light=0.5))
    shown = photograph(renderer, noisy, view, normals=True)
    assert (shown.rgb != plain.rgb).any()
    for name in ("depth", "part", "normals"):
        assert getattr(shown, name).tobytes() == getattr(plain, name).tobytes()
    for name, value in vars(plain.entities).items():
        assert getattr(shown.entities, name).tobytes() == value.tobytes()


def test_numbers_out_of_all_bounds_still_make_an_image() -> None:
    renderer, frames = wall(1e9)
    wild = {"light": 1e300, "amplification": 1e300, "vignetting": 1e300, "full_well": 1e300, "bits": 99.0}
    for name, value in wild.items():
        image = photograph(renderer, replace(frames, sensors=sensors(1, **{name: value})), View(0, 16, 12)).rgb
        assert (image[..., 3] == 255).all()
    negative = dict.fromkeys(wild, -1.0)
    assert (
        photograph(renderer, replace(frames, sensors=sensors(1, **negative)), View(0, 16, 12)).rgb[..., :3].max() == 0
    )


@pytest.mark.parametrize(
    ("group", "name"), [("sensors", "light"), ("motion", "velocity"), ("depth_sensors", "baseline")]
)
def test_what_is_not_finite_is_named(group: str, name: str) -> None:
    renderer, frames = wall(0.1)
    moving = MotionArrays(*np.zeros((3, 1, 1, 3)), np.zeros(1, np.int32), np.full(1, -1, np.int32))
    numbers = dict.fromkeys(DepthSensorArrays.__dataclass_fields__, np.zeros((1, 1)))
    arrays = {"sensors": sensors(1), "motion": moving, "depth_sensors": DepthSensorArrays(**numbers)}
    broken = replace(arrays[group], **{name: np.full_like(getattr(arrays[group], name), np.nan)})
    with pytest.raises(EngineError, match=rf"^{group}\.{name}\[0, 0\]"):
        renderer.render(replace(frames, **{group: broken}), View(0, 8, 8))
