"""Gain, white balance, blur, chromatic aberration, defects, sharpening and JPEG against their formulas."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import warp as wp
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn
from scipy.special import ive

from replicator_dr.engines.embedded.scene.scene_sensors import white_balance
from replicator_dr.render import chromatic, gaussian
from replicator_dr.render.photograph import photograph
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, LightType, View
from replicator_dr.render.sensor import HEADROOM
from replicator_dr.render.start import start_warp
from tests.render.scenes import Lamp, Paint, Part, batch, build, look, move, plane, sphere
from tests.render.test_film import linear, readings, sensors, wall

EVERYTHING = {
    "light": 0.5, "amplification": 1.5, "gain": 2.0, "vignetting": 1.0, "full_well": 5000.0, "read_noise": 4.0,
    "bits": 10.0, "blur": 0.8, "chromatic_aberration": 1.5, "hot_pixels": 0.001, "dead_pixels": 0.001,
    "sharpening": 0.5, "jpeg_quality": 70.0,
}  # fmt: skip


def put(values: NDArray[Any]) -> wp.array:
    start_warp()
    return wp.array(values.astype(np.float32), dtype=wp.float32, device="cpu")


def dots(*places: tuple[float, float], size: tuple[int, int] = (90, 120), width: float = 1.5) -> NDArray[np.float64]:
    """(1, H, W, 4): round dots, whose centres are at x, y from the image's corner."""
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    film = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * width**2)) for a, b in places)
    return np.repeat(np.asarray(film)[None, ..., None], 4, axis=-1)


def centre(values: NDArray[Any], near: tuple[float, float], reach: int = 8) -> NDArray[np.float64]:
    """The centre of mass, x and y, of what lies around a place."""
    y, x = np.mgrid[: values.shape[0], : values.shape[1]] + 0.5
    weight = np.where((abs(x - near[0]) < reach) & (abs(y - near[1]) < reach), values, 0.0)
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_the_photon_transfer_curve_has_the_slope_of_the_gain(gain: float) -> None:
    """Variance = gain x mean + (gain x read noise)^2, in electrons at the output (EMVA 1288)."""
    well, floor = 40000.0, 20.0
    levels = np.array([0.0, 0.01, 0.03, 0.08, 0.15, 0.2])
    white = well / HEADROOM
    read = readings(levels, full_well=well, read_noise=floor, gain=gain) * white
    count = read.shape[1]
    assert np.allclose(read.mean(axis=1), levels * white * gain, atol=4.5 * gain * np.sqrt(2500 / count))
    slope, intercept = np.polyfit(read.mean(axis=1), read.var(axis=1), 1)
    assert slope == pytest.approx(gain, rel=0.02)
    assert intercept == pytest.approx((gain * floor) ** 2, rel=0.05)


def test_gain_clips_and_rounds_after_it_amplified_and_iso_before() -> None:
    levels = np.array([3.0])
    assert readings(levels, full_well=1e6, gain=4.0).max() == pytest.approx(HEADROOM)
    assert readings(levels, full_well=1e6, amplification=4.0).mean() == pytest.approx(12.0, rel=0.001)
    steps = readings(np.array([0.2]), full_well=1e6, gain=8.0, bits=8, read_noise=1000.0) / HEADROOM * 255
    assert np.abs(steps - np.round(steps)).max() < 1e-3


def black_body(kelvin: float) -> NDArray[np.float64]:
    """Linear Rec. 709 of Planck's law through the CIE 1931 observer (fits of Wyman et al., JCGT 2(2), 2013)."""
    nm = np.arange(380.0, 781.0, 1.0)

    def lobe(height: float, middle: float, left: float, right: float) -> NDArray[np.float64]:
        t = (nm - middle) * np.where(nm < middle, left, right)
        return np.asarray(height * np.exp(-0.5 * t * t))

    x = lobe(0.362, 442.0, 0.0624, 0.0374) + lobe(1.056, 599.8, 0.0264, 0.0323) - lobe(0.065, 501.1, 0.0490, 0.0382)
    y = lobe(0.821, 568.8, 0.0213, 0.0247) + lobe(0.286, 530.9, 0.0613, 0.0322)
    z = lobe(1.217, 437.0, 0.0845, 0.0278) + lobe(0.681, 459.0, 0.0385, 0.0725)
    power = 1.0 / ((nm * 1e-9) ** 5 * np.expm1(0.014387769 / (nm * 1e-9 * kelvin)))
    xyz = np.stack([x, y, z]) @ power
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    return np.asarray(matrix @ xyz)


@pytest.mark.parametrize("kelvin", [2800.0, 4000.0, 5000.0, 6500.0, 9000.0])
def test_white_balance_divides_by_the_black_body(kelvin: float) -> None:
    """A grey patch, from what a camera makes of it."""
    renderer, frames = wall(0.1)
    balance = white_balance(np.array([[kelvin]]), np.zeros((1, 1)))
    frames = replace(frames, sensors=replace(sensors(1, light=0.5), balance=balance))
    patch = linear(photograph(renderer, frames, View(0, 32, 24)).rgb).mean(axis=(0, 1, 2))
    wanted = black_body(6500.0) / black_body(kelvin)
    assert np.allclose(patch / patch[1], wanted / wanted[1], rtol=0.06)
    assert patch[1] == pytest.approx(0.05, rel=0.03)


def test_tint_takes_stops_of_green() -> None:
    factors = white_balance(np.array([0.0, 6500.0, 5000.0]), np.array([1.0, -0.5, 0.0]))
    assert np.allclose(factors[:2], [[1, 0.5, 1], [1, 2**0.5, 1]])
    assert factors[2, 1] == 1


@pytest.mark.parametrize("sigma", [0.1, 0.4, 1.0, 1.5, 6.0, 15.0])
def test_the_point_spread_has_the_variance_asked_for(sigma: float) -> None:
    film = np.zeros((2, 161, 171, 4))
    film[1, 80, 85] = 1.0
    blurred = put(film)
    gaussian.blur(blurred, np.array([1]), np.array([sigma]))
    seen = blurred.numpy()[1, ..., 0].astype(np.float64)
    assert not blurred.numpy()[0].any()
    assert seen.sum() == pytest.approx(1.0, abs=1e-5)
    y, x = np.mgrid[:161, :171]
    for off in (x - 85, y - 80):
        assert (seen * off**2).sum() == pytest.approx(sigma**2, rel=0.005)
    wanted = ive(np.abs(np.arange(161) - 80), sigma**2)
    assert np.abs(seen - np.outer(wanted, ive(np.abs(np.arange(171) - 85), sigma**2))).max() < 2e-5


def test_blur_continues_the_border_and_keeps_even_images() -> None:
    film = np.full((1, 20, 30, 4), 0.4)
    even = put(film)
    gaussian.blur(even, np.array([0]), np.array([8.0]))
    assert np.allclose(even.numpy(), 0.4, atol=1e-6)


def test_sharpening_adds_what_the_blur_takes_away() -> None:
    film = np.zeros((1, 41, 41, 4))
    film[0, 20, 20] = 1.0
    sharp = put(film)
    gaussian.sharpen(sharp, np.array([0]), np.array([1.5]))
    wanted = ive(np.abs(np.arange(41) - 20), 1.0)
    expected = 2.5 * film[0, ..., 0] - 1.5 * np.outer(wanted, wanted)
    assert np.abs(sharp.numpy()[0, ..., 0] - expected).max() < 1e-5


@pytest.mark.parametrize("pixels", [3.0, -2.0])
@pytest.mark.parametrize("principal", [(60.0, 45.0), (50.0, 40.0)])
def test_colours_part_in_proportion_to_the_radius(pixels: float, principal: tuple[float, float]) -> None:
    places = [(108.0, 80.0), (85.0, 62.0), (12.0, 45.0), principal]
    film = put(dots(*places))
    chromatic.separate(film, np.array([0]), np.array([pixels]), np.array([principal]))
    seen = film.numpy()[0].astype(np.float64)
    farthest = np.hypot(max(principal[0], 120 - principal[0]), max(principal[1], 90 - principal[1]))
    for place in places:
        off = np.array(place) - principal
        for channel, sign in ((0, 1.0), (1, 0.0), (2, -1.0)):
            moved = centre(seen[..., channel], place) - place
            assert np.allclose(moved, sign * pixels * off / farthest, atol=0.03)


def test_defects_have_their_share_and_stay_in_their_places() -> None:
    levels = np.full(3, 0.3)
    read = readings(levels, hot_pixels=0.01, dead_pixels=0.02, gain=2.0)
    hot, dead = read > 1.0, read == 0.0
    for found, share in ((hot, 0.01), (dead, 0.02)):
        assert found[0].mean() == pytest.approx(share, abs=4.5 * np.sqrt(share / found.shape[1]))
        assert (found == found[0]).all()
    assert np.allclose(read[hot], HEADROOM)
    assert np.allclose(read[~hot & ~dead], 0.6)
    more = readings(levels, hot_pixels=0.03)
    assert ((more > 1.0) | ~hot).all()  # those that were stuck remain so


def still_life(count: int = 1) -> tuple[Renderer, FrameArrays]:
    lamps = [Lamp(LightType.DISTANT, color=(2000, 1800, 1500), world=look((1, 1, 3), (0, 0, 0)))]
    parts = [
        Part(plane(8, 8), move(0, 0, -4), Paint((0.6, 0.5, 0.4))),
        Part(sphere(0.7), move(0.3, 0, -3), Paint((0.2, 0.5, 0.7), roughness=0.4, specular=0.5)),
    ]
    scene, frames = build(parts, [*lamps, Lamp(LightType.DOME, color=(200, 210, 230))])
    return Renderer(scene), batch(*[frames] * count)


@pytest.mark.parametrize("quality", [10, 50, 95])
@pytest.mark.parametrize("size", [(96, 64), (83, 45)])
def test_jpeg_is_what_a_reader_of_the_file_sees(quality: int, size: tuple[int, int]) -> None:
    renderer, frames = still_life()
    view = View(0, *size)
    before = photograph(renderer, replace(frames, sensors=sensors(1, light=0.9)), view).rgb
    after = photograph(renderer, replace(frames, sensors=sensors(1, light=0.9, jpeg_quality=quality)), view).rgb
    assert before is not None
    assert after is not None
    file = BytesIO()
    Image.fromarray(before[0, ..., :3]).save(file, "JPEG", quality=quality, subsampling=2)
    assert (after[0, ..., :3] == np.asarray(Image.open(file))).all()
    assert (after[..., 3] == 255).all()
    assert (after != before).any()


def test_jpeg_leaves_whole_steps_of_the_standard_s_table() -> None:
    """Of the 8 x 8 blocks of a grey image, to the rounding of its pixels; the table is annex K's at quality 50."""
    renderer, frames = still_life()
    grey = replace(
        frames, materials=replace(frames.materials, base_color=np.full_like(frames.materials.base_color, 0.4))
    )
    grey = replace(grey, lights=replace(grey.lights, color=np.full_like(grey.lights.color, 700.0)))
    image = photograph(renderer, replace(grey, sensors=sensors(1, jpeg_quality=50)), View(0, 96, 64)).rgb
    assert image is not None
    assert (image[..., 0] == image[..., 2]).all()
    blocks = image[0, ..., 1].astype(float).reshape(8, 8, 12, 8).transpose(0, 2, 1, 3) - 128
    steps = dctn(blocks, axes=(2, 3), norm="ortho")[:, :, 0, :5]
    table = np.array([16, 11, 10, 16, 24])
    off = steps - np.round(steps / table) * table
    assert (np.abs(steps) > 5).mean(axis=(0, 1)).min() > 0.02
    # Rounded pixels are off by 0.29, and so are coefficients; numbers between the steps would be off by 2.9 or more.
    assert np.sqrt((off**2).mean(axis=(0, 1))).max() < 0.6


def test_nothing_of_a_batch_reaches_another_frame() -> None:
    renderer, frames = still_life(4)
    own = sensors(4, **EVERYTHING)
    for name in ("blur", "chromatic_aberration", "sharpening", "jpeg_quality"):
        getattr(own, name)[1] = 0.0
    own.blur[2] = 3.0
    frames = replace(frames, sensors=own)
    view, numbers = View(0, 97, 61), np.array([7, 8, 9, 10])
    whole = photograph(renderer, frames, view, seed=3, numbers=numbers).rgb
    assert whole is not None
    for cut in (slice(0, 1), slice(1, 2), slice(1, 3), slice(3, 4)):
        part = photograph(renderer, frames[cut], view, seed=3, numbers=numbers[cut]).rgb
        assert (part == whole[cut]).all()


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_effect_changes_the_image_and_no_label(name: str) -> None:
    renderer, frames = still_life()
    view = View(0, 96, 64)
    plain = renderer.render(frames, view, normals=True)
    base = {"full_well": 5000.0} if name in ("read_noise", "bits") else {}
    without = photograph(renderer, replace(frames, sensors=sensors(1, **base)), view, normals=True)
    strong = {**EVERYTHING, "bits": 6.0, "hot_pixels": 0.02, "dead_pixels": 0.02}
    shown = photograph(
        renderer, replace(frames, sensors=sensors(1, **base, **{name: strong[name]})), view, normals=True
    )
    assert (shown.rgb != without.rgb).any()
    for field in ("depth", "part", "normals"):
        assert getattr(shown, field).tobytes() == getattr(plain, field).tobytes()
    for field, value in vars(plain.entities).items():
        assert getattr(shown.entities, field).tobytes() == value.tobytes()


@pytest.mark.parametrize("value", [-1.0, 1e30])
@pytest.mark.parametrize(
    "name",
    ["gain", "blur", "chromatic_aberration", "hot_pixels", "dead_pixels", "sharpening", "jpeg_quality", "row_time"],
)
def test_numbers_out_of_all_bounds_still_make_an_image(name: str, value: float) -> None:
    renderer, frames = wall(0.3)
    image = photograph(renderer, replace(frames, sensors=sensors(1, **{name: value})), View(0, 16, 12)).rgb
    assert image is not None
    assert (image[..., 3] == 255).all()
