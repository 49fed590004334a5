"""Where cameras stand: domes, cylinders, paths, a hand; and what they focus on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import interpolate, stats

FRAMES = 2000


def eyes(result: Any) -> NDArray[np.float64]:
    """(B, C, 3) [m]."""
    return result.state.arrays.cameras.world[..., 3, :3]


def ahead(result: Any) -> NDArray[np.float64]:
    """(B, C, 3): the optical axes."""
    return -result.state.arrays.cameras.world[..., 2, :3]


def looks_at(result: Any, points: Any) -> None:
    way = np.asarray(points) - eyes(result)
    np.testing.assert_allclose(ahead(result), way / np.linalg.norm(way, axis=-1, keepdims=True), atol=1e-6)


def test_a_dome_is_even_over_its_area(sampled: Any) -> None:
    entry = {"camera_dome": {"cameras": "rig", "target": [1, 2, 0.5], "distance": 2, "elevation": [10, 80]}}
    result = sampled(entry, frames=FRAMES)
    offset = eyes(result) - [1, 2, 0.5]
    np.testing.assert_allclose(np.linalg.norm(offset, axis=-1), 2, rtol=1e-9)
    looks_at(result, [1, 2, 0.5])
    # Archimedes: equal areas of a sphere between two heights have equal heights.
    azimuth = np.arctan2(offset[..., 1], offset[..., 0]).ravel()
    bands = np.linspace(np.sin(np.deg2rad(10)), np.sin(np.deg2rad(80)), 9)
    counts, _, _ = np.histogram2d(offset[..., 2].ravel() / 2, azimuth, bins=[bands, np.linspace(-np.pi, np.pi, 13)])
    assert counts.sum() == 2 * FRAMES
    assert stats.chisquare(counts.ravel()).pvalue > 1e-3
    # An orbit with a uniform elevation is not.
    crowded = sampled({"orbit": {"cameras": "rig", "distance": 2, "elevation": {"uniform": [10, 80]}}}, frames=FRAMES)
    assert stats.chisquare(np.histogram(eyes(crowded)[..., 2] / 2, bands)[0]).pvalue < 1e-6


def test_a_domes_draws_are_recorded(sampled: Any) -> None:
    entry = {"camera_dome": {"cameras": "rig", "distance": {"uniform": [1, 2]}, "elevation": [-20, 30], "roll": 15}}
    result = sampled(entry, frames=50)
    offset = eyes(result)
    distance = np.linalg.norm(offset, axis=-1)
    np.testing.assert_allclose(distance, result.draw("rig.camera_dome.distance")[..., 0], rtol=1e-9)
    elevation = np.rad2deg(np.arcsin(offset[..., 2] / distance))
    np.testing.assert_allclose(elevation, result.draw("rig.camera_dome.elevation")[..., 0], rtol=1e-9)
    azimuth = np.rad2deg(np.arctan2(offset[..., 1], offset[..., 0])) % 360
    np.testing.assert_allclose(azimuth, result.draw("rig.camera_dome.azimuth")[..., 0], rtol=1e-9)
    # Rolled: the image's x axis rises by 15 degrees.
    np.testing.assert_allclose(result.state.arrays.cameras.world[..., 0, 2], np.sin(np.deg2rad(15)) * np.cos(
        np.deg2rad(elevation)), atol=1e-6)  # fmt: skip


def test_a_cylinder(sampled: Any) -> None:
    create = {"boxes": {"cube": {}, "semantics": {"class": "box"}}}
    entries = [
        {"camera_cylinder": {"cameras": "rig", "target": "boxes", "radius": 1.5, "height": {"uniform": [-0.5, 1.5]}}},
        {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}}},
    ]
    result = sampled(*entries, create=create, frames=FRAMES)
    offset = eyes(result) - result.position("boxes")
    np.testing.assert_allclose(np.hypot(offset[..., 0], offset[..., 1]), 1.5, rtol=1e-9)
    looks_at(result, result.position("boxes"))
    assert stats.kstest(offset[..., 2].ravel(), stats.uniform(-0.5, 2).cdf).pvalue > 1e-3
    azimuth = np.arctan2(offset[..., 1], offset[..., 0]).ravel()
    assert stats.kstest(azimuth, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 1e-3


CORNERS = [[0, 0, 1], [3, 0, 1], [3, 1, 1], [3, 1, 3]]


def test_a_path_is_even_along_its_length(sampled: Any) -> None:
    result = sampled({"camera_path": {"cameras": "rig", "points": CORNERS, "look_at": [1, 1, 0]}}, frames=FRAMES)
    places = eyes(result)
    looks_at(result, [1, 1, 0])
    # Six metres: three along x, one along y, two up. How far along each place is, from its coordinates alone.
    along = places[..., 0] + places[..., 1] + (places[..., 2] - 1)
    assert stats.kstest(along.ravel(), stats.uniform(0, 6).cdf).pvalue > 1e-3
    np.testing.assert_allclose(along / 6, result.draw("rig.camera_path.along")[..., 0], atol=1e-9)
    on_first = along < 3
    assert np.abs(places[on_first][:, 1]).max() < 1e-12
    # And without a target it looks ahead.
    onward = sampled({"camera_path": {"cameras": "rig", "points": CORNERS[:3]}}, frames=200)
    first = eyes(onward)[..., 0] < 3
    np.testing.assert_allclose(ahead(onward)[first], np.broadcast_to([1, 0, 0], (first.sum(), 3)), atol=1e-6)
    np.testing.assert_allclose(ahead(onward)[~first], np.broadcast_to([0, 1, 0], ((~first).sum(), 3)), atol=1e-6)


def test_a_smooth_path_goes_through_its_points_at_constant_speed(sampled: Any) -> None:
    # Eight points of a circle: the closed curve through them is nearly that circle.
    angle = np.arange(8) * np.pi / 4
    points = np.stack([2 * np.cos(angle), 2 * np.sin(angle), np.ones(8)], axis=1)
    entry = {"camera_path": {"cameras": "rig", "points": points.tolist(), "smooth": True, "closed": True}}
    entry["camera_path"]["frames"] = 80
    result = sampled(entry, frames=160)
    places = eyes(result)[:, 0]
    np.testing.assert_allclose(np.linalg.norm(places[:, :2], axis=1), 2, atol=0.05)
    np.testing.assert_allclose(places[80:], places[:80], atol=1e-12)
    np.testing.assert_allclose(places[:80:10], points, atol=1e-9)
    steps = np.linalg.norm(np.diff(places[:81], axis=0), axis=1)
    np.testing.assert_allclose(steps, steps.mean(), rtol=2e-3)
    # It looks where it goes: the chord to the next place is half a step away from the tangent.
    chord = (np.roll(places[:80], -1, axis=0) - np.roll(places[:80], 1, axis=0)) / 2
    chord /= np.linalg.norm(chord, axis=1, keepdims=True)
    np.testing.assert_allclose(ahead(result)[:80, 0], chord, atol=5e-3)


def test_the_smooth_curve_is_the_centripetal_one() -> None:
    from replicator_dr.engines.embedded.effects.path_effect import FINE, _curve

    corners = np.array([[0.0, 0, 0], [1, 0, 0], [1.2, 1, 0.3], [3, 1, 1]])
    # The same cubic by its ends and slopes: scipy's Hermite interpolation, slopes by the formula of Barry and Goldman.
    curve = _curve(corners, closed=False)
    before, after = 2 * corners[0] - corners[1], 2 * corners[-1] - corners[-2]
    through = np.vstack([before, corners, after])
    knot = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(through, axis=0), axis=1) ** 0.5)])
    slope = [
        (through[i] - through[i - 1]) / (knot[i] - knot[i - 1])
        - (through[i + 1] - through[i - 1]) / (knot[i + 1] - knot[i - 1])
        + (through[i + 1] - through[i]) / (knot[i + 1] - knot[i])
        for i in range(1, 5)
    ]
    hermite = interpolate.CubicHermiteSpline(knot[1:5], corners, slope)
    wanted = np.concatenate([hermite(np.linspace(knot[i], knot[i + 1], FINE + 1)[1:]) for i in range(1, 4)])
    np.testing.assert_allclose(curve[1:], wanted, atol=1e-12)


def shaken(sampled: Any, smooth: int, frames: int = FRAMES, **more: Any) -> Any:
    create = {"rig": {"camera": {"count": 2, "position": [1, 2, 3], "look_at": [0, 0, 0]}}}
    entry = {"camera_shake": {"cameras": "rig", "rotation": [1, 2, 3], "position": 0.01, "smooth": smooth}}
    return sampled(entry, create=create, frames=frames, **more)


@pytest.mark.parametrize("smooth", [0, 8])
def test_a_shake_has_its_spread_about_the_base_pose(sampled: Any, smooth: int) -> None:
    base = sampled(create={"rig": {"camera": {"count": 2, "position": [1, 2, 3], "look_at": [0, 0, 0]}}}, frames=1)
    world = shaken(sampled, smooth).state.arrays.cameras.world
    rest = base.state.arrays.cameras.world[0]
    # The shift in the base camera's axes, and the turn against it.
    shift = np.einsum("bcj,cij->bci", world[..., 3, :3] - rest[:, 3, :3], rest[:, :3, :3])
    turn = np.einsum("bcij,ckj->bcik", world[..., :3, :3], rest[:, :3, :3])
    angles = np.rad2deg(np.stack([turn[..., 1, 2], turn[..., 2, 0], turn[..., 0, 1]], -1))
    samples = FRAMES * 2 if smooth == 0 else FRAMES * 2 / (2 * smooth)
    tolerance = 5 / np.sqrt(2 * samples)
    np.testing.assert_allclose(shift.reshape(-1, 3).std(axis=0), 0.01, rtol=tolerance)
    np.testing.assert_allclose(angles.reshape(-1, 3).std(axis=0), [1, 2, 3], rtol=tolerance + 0.01)
    assert (np.abs(shift.reshape(-1, 3).mean(axis=0)) < 0.01 * 5 / np.sqrt(samples)).all()


def test_a_shake_is_white_or_smooth(sampled: Any) -> None:
    white = shaken(sampled, 0).draw("rig.camera_shake.position")[:, 0]
    smooth = shaken(sampled, 8).draw("rig.camera_shake.position")[:, 0]

    def correlation(values: NDArray[np.float64], lag: int) -> float:
        return float(np.mean(values[lag:] * values[:-lag]) / np.mean(values**2))

    assert abs(correlation(white, 1)) < 0.06
    assert correlation(smooth, 1) > 0.97
    assert abs(correlation(smooth, 40)) < 0.25
    # Smooth: second differences are of the order of the knots' distance, not of the frames'.
    assert np.abs(np.diff(smooth, 2, axis=0)).max() < 0.01 * 8 / 8**2 * 3
    assert stats.kstest(white.ravel() / 0.01, stats.norm.cdf).pvalue > 1e-3


def test_a_shake_adds_nothing_up_and_is_the_same_alone(sampled: Any) -> None:
    create = {"rig": {"camera": {"count": 2}}}
    orbit = {"orbit": {"cameras": "rig", "distance": {"uniform": [1, 2]}, "azimuth": {"uniform": [0, 360]}}}
    shake = {"camera_shake": {"cameras": "rig", "rotation": 1, "smooth": 5}}
    triggers = [{"on_frame": {"interval": 10}, "randomize": [orbit]}, {"on_frame": {}, "randomize": [shake]}]
    from replicator_dr import build_graph
    from tests.randomizers.conftest import SCENE

    with build_graph({**SCENE, "create": {**SCENE["create"], **create}, "triggers": triggers}) as graph:
        run = graph.sample(range(40)).arrays.cameras.world
        for frame in (0, 7, 33):
            np.testing.assert_array_equal(graph.sample([frame]).arrays.cameras.world[0], run[frame])
    with build_graph({**SCENE, "create": {**SCENE["create"], **create}, "triggers": triggers[:1]}) as graph:
        still = graph.sample(range(40)).arrays.cameras.world
    np.testing.assert_allclose(run[..., 3, :3], still[..., 3, :3], atol=1e-12)
    off = np.rad2deg(np.arccos(np.clip(np.einsum("bcj,bcj->bc", run[..., 2, :3], still[..., 2, :3]), -1, 1)))
    assert 0.1 < off.mean() < 3
    assert off.max() < 8


@pytest.mark.parametrize(
    "entry",
    [
        {"camera_dome": {"cameras": "rig", "distance": {"uniform": [1, 2]}}},
        {"camera_cylinder": {"cameras": "rig", "radius": 1, "height": {"uniform": [0, 2]}}},
        {"camera_path": {"cameras": "rig", "points": CORNERS}},
        {"camera_path": {"cameras": "rig", "points": CORNERS, "frames": 7, "smooth": True}},
        {"focus": {"cameras": "rig", "target": "boxes", "offset": {"normal": [0, 0.1]}}},
    ],
)
def test_a_frame_is_the_same_alone(sampled: Any, entry: Any) -> None:
    result = sampled(entry, frames=30)
    cameras = result.graph.sample([23]).arrays.cameras
    np.testing.assert_array_equal(cameras.world[0], result.state.arrays.cameras.world[23])
    np.testing.assert_array_equal(cameras.focus_distance[0], result.state.arrays.cameras.focus_distance[23])


def test_a_stereo_pair_moves_as_one(sampled: Any) -> None:
    create = {
        "rig": {"camera": {}},
        "right": {"camera": {"stereo": {"left": "rig", "baseline": 0.075}}},
        "side": {"camera": {"parent": "rig", "position": [0, 0.2, 0.05]}},
    }
    entries = [
        {"camera_dome": {"cameras": "rig", "distance": {"uniform": [1, 2]}, "roll": {"uniform": [-20, 20]}}},
        {"camera_shake": {"cameras": "rig", "rotation": 2, "position": 0.02}},
    ]
    result = sampled(*entries, create=create, frames=100)
    paths = [path.split("/")[-2] for path in result.scene.camera_paths]
    left, right, side = (result.state.arrays.cameras.world[:, paths.index(name)] for name in ("rig", "right", "side"))
    # In the left camera's axes the right one stands at (baseline, 0, 0) and looks the same way.
    np.testing.assert_allclose(np.einsum("bj,bij->bi", right[:, 3, :3] - left[:, 3, :3], left[:, :3, :3]),
                               np.tile([0.075, 0, 0], (100, 1)), atol=1e-9)  # fmt: skip
    np.testing.assert_allclose(right[:, :3, :3], left[:, :3, :3], atol=1e-9)
    mounted = np.einsum("bj,bij->bi", side[:, 3, :3] - left[:, 3, :3], left[:, :3, :3])
    np.testing.assert_allclose(mounted, np.tile([0.2, 0.05, 0], (100, 1)), atol=1e-9)


def test_focus_is_the_distance_along_the_axis(sampled: Any) -> None:
    create = {
        "boxes": {"cube": {"scale": [0.5, 0.5, 1]}, "semantics": {"class": "box"}},
        "rig": {"camera": {"count": 2, "f_stop": 2}},
    }
    entries = [
        {"focus": {"cameras": "rig", "target": "boxes"}},
        {"pose": {"prims": "boxes", "position": {"uniform": [[-1, -1, 0], [1, 1, 1]]}}},
        {"camera_dome": {"cameras": "rig", "distance": 4}},
    ]
    result = sampled(*entries, create=create, frames=60)
    cameras = result.state.arrays.cameras
    wanted = np.einsum("bcj,bcj->bc", result.position("boxes") - eyes(result), ahead(result))
    np.testing.assert_allclose(cameras.focus_distance, wanted, rtol=1e-9)
    assert np.ptp(wanted) > 1
