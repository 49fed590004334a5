"""Depth sensors against their formulas on analytic planes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from replicator_dr.render.depth_sensor import DepthSensorKind, measure, reflectances
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, RenderedView, View
from replicator_dr.render.sensor import DepthSensorArrays
from tests.render.scenes import Eye, Paint, Part, batch, build, move, plane, turn

VIEW = View(0, 200, 120)
FOCAL = 200.0
FAR_AWAY = 1e9


def sensor(count: int, kind: DepthSensorKind, **changes: float) -> DepthSensorArrays:
    values = dict.fromkeys(DepthSensorArrays.__dataclass_fields__, 0.0)
    values |= {"kind": float(kind), "far": FAR_AWAY, "baseline": 0.1, **changes}
    return DepthSensorArrays(**{name: np.full((count, 1), value) for name, value in values.items()})


def measured(
    parts: list[Part], kind: DepthSensorKind, count: int = 1, seed: int = 4, **changes: float
) -> tuple[NDArray[np.float64], RenderedView]:
    scene, one = build(parts, eye=Eye())
    frames = replace(batch(*[one] * count), depth_sensors=sensor(count, kind, **changes))
    renderer = Renderer(scene)
    seen = renderer.render(frames, VIEW, rgb=False, normals=True)
    result = measure(frames, seen, seed, np.arange(count), renderer.device)
    assert result is not None
    return result.astype(np.float64), seen


def wall(depth: float, grey: float = 0.5) -> list[Part]:
    return [Part(plane(500, 500), move(0, 0, -depth), Paint((grey,) * 3))]


def stereo(parts: list[Part], **changes: Any) -> tuple[NDArray[np.float64], RenderedView]:
    return measured(parts, DepthSensorKind.STEREO, **changes)


def flight(parts: list[Part], **changes: Any) -> tuple[NDArray[np.float64], RenderedView]:
    return measured(parts, DepthSensorKind.TIME_OF_FLIGHT, **changes)


@pytest.mark.parametrize("depth", [0.5, 1.0, 3.0])
def test_stereo_error_grows_with_the_square_of_depth(depth: float) -> None:
    result, _ = stereo(wall(depth), disparity_noise=0.05)
    error = result[np.isfinite(result)] - depth
    wanted = depth**2 * 0.05 / (FOCAL * 0.1)
    assert error.std() == pytest.approx(wanted, rel=0.03)
    assert abs(error.mean()) < 0.05 * wanted + 4 * wanted**2 / depth


def test_without_noise_stereo_measures_the_truth_where_both_eyes_see() -> None:
    result, seen = stereo(wall(2.0))
    assert np.allclose(result[..., 10:], seen.depth[..., 10:], rtol=1e-6)
    # The right eye's image begins f b / z pixels from the left border.
    assert np.isinf(result[..., :9]).all()


def test_disparity_comes_in_steps() -> None:
    tilted = [Part(plane(50, 50), turn((0, 1, 0), 30) @ move(0, 0, -4))]
    result, _ = stereo(tilted, disparity_step=0.125)
    steps = FOCAL * 0.1 / result[np.isfinite(result)] / 0.125
    assert np.abs(steps - np.round(steps)).max() < 1e-3
    assert len(np.unique(np.round(steps))) > 10


@pytest.mark.parametrize(("near", "far", "baseline"), [(1.0, 4.0, 0.1), (0.8, 2.0, 0.1), (1.0, 4.0, 0.2)])
def test_the_right_eye_misses_a_strip_left_of_what_is_nearer(near: float, far: float, baseline: float) -> None:
    parts = [Part(plane(0.4, 50), move(0.1, 0, -near)), *wall(far)]
    result, seen = stereo(parts, baseline=baseline)
    width = FOCAL * baseline * (1 / near - 1 / far)
    assert width > 4
    row, part = result[0, 60], seen.part[0, 60]
    left = int(np.flatnonzero(part == 0)[0])
    border = int(np.ceil(FOCAL * baseline / far)) + 1
    holes = np.flatnonzero(np.isinf(row[border:left])) + border
    assert len(holes) == pytest.approx(width, abs=1.0)
    assert holes[-1] == left - 1
    assert np.isfinite(row[left:]).all()
    assert np.allclose(row[np.isfinite(row)], seen.depth[0, 60][np.isfinite(row)])


def test_a_thin_pole_hides_no_more_than_itself() -> None:
    parts = [Part(plane(0.025, 50), move(0.2, 0, -1.0)), *wall(4.0)]
    result, seen = stereo(parts)
    pole = int((seen.part[0, 60] == 0).sum())
    hidden = int(np.isinf(result[0, 60, 8:]).sum())
    assert pole == 5
    assert pole - 1 <= hidden <= pole + 2


def test_a_slanted_wall_has_no_holes() -> None:
    result, _ = stereo([Part(plane(50, 50), turn((0, 1, 0), 50) @ move(0, 0, -4))])
    assert np.isfinite(result[..., 20:]).all()


@pytest.mark.parametrize("kind", [DepthSensorKind.STEREO, DepthSensorKind.TIME_OF_FLIGHT])
def test_nothing_out_of_range_or_out_of_the_world(kind: DepthSensorKind) -> None:
    assert np.isinf(measured(wall(3.0), kind, near=0.5, far=2.9)[0]).all()
    assert np.isinf(measured(wall(0.4), kind, near=0.5)[0]).all()
    part = [Part(plane(0.5, 0.5), move(0, 0, -1))]
    result, seen = measured(part, kind)
    assert np.isinf(result[np.isinf(seen.depth)]).all()


@pytest.mark.parametrize(("depth", "grey", "ambient"), [(1.0, 1.0, 0.0), (3.0, 0.3, 0.0), (2.0, 0.5, 4.0)])
def test_time_of_flight_error_follows_the_signal(depth: float, grey: float, ambient: float) -> None:
    middle = (slice(0, 1), slice(50, 70), slice(90, 110))
    seeds = [flight(wall(depth, grey), range_noise=0.002, ambient=ambient, seed=seed)[0][middle] for seed in range(5)]
    error = np.array(seeds) - depth
    signal = grey / depth**2
    assert error.std() == pytest.approx(0.002 * np.sqrt(signal + ambient) / signal, rel=0.06)


def test_grazing_surfaces_measure_worse() -> None:
    def error(degrees: float) -> float:
        parts = [Part(plane(500, 500), turn((0, 1, 0), degrees) @ move(0, 0, -2))]
        result, seen = flight(parts, range_noise=0.001)
        return float((result - seen.depth)[0, :, 95:105].std())

    assert error(60) / error(0) == pytest.approx(np.sqrt(1 / np.cos(np.radians(60))), rel=0.1)


def test_distances_wrap_at_the_ambiguity_range() -> None:
    result, _ = flight(wall(4.0), ambiguity_range=3.0)
    y, x = np.mgrid[: VIEW.height, : VIEW.width] + 0.5
    stretch = np.sqrt(1 + ((x - 100) / FOCAL) ** 2 + ((y - 60) / FOCAL) ** 2)
    assert np.allclose(result[0], np.mod(4.0 * stretch, 3.0) / stretch, atol=1e-4)


def test_flying_pixels_lie_between_the_two_surfaces_and_only_at_edges() -> None:
    parts = [Part(plane(0.5, 0.4), move(0, 0, -1)), *wall(2.0)]
    plain, seen = flight(parts)
    assert np.allclose(plain, seen.depth, rtol=1e-5)
    result, _ = flight(parts, flying_pixels=1.0)
    changed = ~np.isclose(result[0], seen.depth[0], rtol=1e-4)
    part = np.pad(seen.part[0], 1, mode="edge")
    edge = np.zeros(seen.part[0].shape, bool)
    for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2)):
        edge |= part[dy : dy + VIEW.height, dx : dx + VIEW.width] != seen.part[0]
    assert not changed[~edge].any()
    assert changed[edge].mean() > 0.9
    assert ((result[0][edge] > 0.99) & (result[0][edge] < 2.01)).all()
    half, _ = flight(parts, flying_pixels=0.5)
    share = (~np.isclose(half[0], seen.depth[0], rtol=1e-4))[edge].mean()
    assert 0.35 < share < 0.65


def test_a_slanted_floor_has_no_flying_pixels() -> None:
    result, seen = flight([Part(plane(500, 500), turn((1, 0, 0), -80) @ move(0, -1, -4))], flying_pixels=1.0)
    shown = np.isfinite(seen.depth)
    top = np.zeros_like(shown)
    top[:, :3] = True
    horizon = shown & ~np.roll(shown, 1, axis=1)
    inner = shown & ~horizon & ~top
    assert np.allclose(result[inner], seen.depth[inner], rtol=1e-4)


BOTH = pytest.mark.parametrize("kind", [DepthSensorKind.STEREO, DepthSensorKind.TIME_OF_FLIGHT])


@BOTH
@pytest.mark.parametrize("share", [0.05, 0.4])
def test_a_share_of_pixels_drops_out_at_random(kind: DepthSensorKind, share: float) -> None:
    without, _ = measured(wall(2.0), kind, count=2)
    result, _ = measured(wall(2.0), kind, count=2, dropout=share)
    holes = np.isinf(result[..., 12:])
    limit = 4.5 * np.sqrt(share * (1 - share) / holes[0].size)
    assert holes.mean(axis=(1, 2)) == pytest.approx(share, abs=limit)
    assert (result[np.isfinite(result)] == without[np.isfinite(result)]).all()
    off = holes - share
    for product in (off[:, :, 1:] * off[:, :, :-1], off[:, 1:] * off[:, :-1], off[0] * off[1]):
        assert abs(product.mean()) < 4.5 * share * (1 - share) / np.sqrt(product.size)


@BOTH
def test_edges_lose_their_share(kind: DepthSensorKind) -> None:
    parts = [Part(plane(0.5, 0.4), move(0, 0, -1)), *wall(2.0)]
    without, seen = measured(parts, kind)
    part = np.pad(seen.part[0], 1, mode="edge")
    edge = np.zeros(seen.part[0].shape, bool)
    for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2)):
        edge |= part[dy : dy + VIEW.height, dx : dx + VIEW.width] != seen.part[0]
    all_lost, _ = measured(parts, kind, edge_dropout=1.0)
    lost = np.isinf(all_lost[0]) & np.isfinite(without[0])
    assert not lost[~edge].any()
    assert lost[edge & np.isfinite(without[0])].mean() > 0.9
    half, _ = measured(parts, kind, edge_dropout=0.5)
    assert 0.35 < (np.isinf(half[0]) & np.isfinite(without[0])).sum() / lost.sum() < 0.65


@BOTH
def test_nothing_is_measured_at_a_grazing_angle(kind: DepthSensorKind) -> None:
    floor = [Part(plane(500, 500), turn((1, 0, 0), -90) @ move(0, -1, -4))]
    result, seen = measured(floor, kind, max_incidence=75.0)
    y, x = np.mgrid[: VIEW.height, : VIEW.width] + 0.5
    ray = np.stack([(x - 100) / FOCAL, (60 - y) / FOCAL, -np.ones_like(x)], axis=-1)
    angle = np.degrees(np.arccos(np.abs(ray[..., 1]) / np.linalg.norm(ray, axis=-1)))
    shown = np.isfinite(seen.depth[0]) & (x > 25)
    assert np.isfinite(result[0])[shown & (angle < 74.8)].all()
    assert np.isinf(result[0])[shown & (angle > 75.2)].all()
    assert (shown & (angle > 75.2)).sum() > 500
    assert (shown & (angle < 74.8)).sum() > 500


@BOTH
def test_dark_surfaces_are_not_measured(kind: DepthSensorKind) -> None:
    parts = [Part(plane(0.5, 0.4), move(0, 0, -1), Paint((0.04, 0.04, 0.04))), *wall(2.0, 0.06)]
    result, seen = measured(parts, kind, min_reflectance=0.05)
    assert np.isinf(result[seen.part == 0]).all()
    assert np.isfinite(result[..., 60:][seen.part[..., 60:] == 1]).mean() > 0.8


@BOTH
@pytest.mark.parametrize("step", [0.001, 0.05])
def test_depth_comes_in_steps(kind: DepthSensorKind, step: float) -> None:
    tilted = [Part(plane(50, 50), turn((0, 1, 0), 30) @ move(0, 0, -4))]
    result, seen = measured(tilted, kind, depth_step=step)
    found = np.isfinite(result)
    steps = result[found] / step
    assert np.abs(steps - np.round(steps)).max() < 0.01
    assert np.abs(result[found] - seen.depth[found]).max() < 0.501 * step + 1e-5
    assert len(np.unique(np.round(steps))) > 10


def test_noise_depends_on_frame_and_seed_and_not_on_the_batch() -> None:
    scene, one = build(wall(2.0))
    frames: FrameArrays = replace(
        batch(*[one] * 3), depth_sensors=sensor(3, DepthSensorKind.STEREO, disparity_noise=0.1)
    )
    renderer = Renderer(scene)

    def of(rows: slice, seed: int = 1) -> NDArray[np.float32]:
        seen = renderer.render(frames[rows], VIEW, rgb=False, normals=True)
        result = measure(frames[rows], seen, seed, np.arange(5, 8)[rows], renderer.device)
        assert result is not None
        return result

    whole = of(slice(0, 3))
    assert len({image.tobytes() for image in whole}) == 3
    assert (of(slice(1, 2)) == whole[1:2]).all()
    assert (of(slice(0, 3), seed=2) != whole).any()


def test_reflectance_is_the_luminance_of_the_base_colour() -> None:
    _, frames = build([Part(plane(), paint=Paint((1.0, 0.0, 0.0))), Part(plane(), paint=Paint((0.0, 0.0, 0.0)))])
    assert np.allclose(reflectances(frames), [[0.2126, 0.02]])


def test_cameras_without_a_sensor_measure_nothing() -> None:
    scene, frames = build(wall(2.0))
    renderer = Renderer(scene)
    seen = renderer.render(frames, VIEW, rgb=False, normals=True)
    assert measure(frames, seen, 0, np.arange(1), renderer.device) is None


@pytest.mark.parametrize(
    "name", ["baseline", "disparity_noise", "range_noise", "ambient", "ambiguity_range", "depth_step"]
)
@pytest.mark.parametrize("value", [-1.0, 1e30])
def test_numbers_out_of_all_bounds_still_make_an_image(name: str, value: float) -> None:
    for kind in (DepthSensorKind.STEREO, DepthSensorKind.TIME_OF_FLIGHT):
        result, seen = measured(wall(2.0), kind, **{name: value})
        assert result.shape == seen.depth.shape
        assert not (result < 0).any()
