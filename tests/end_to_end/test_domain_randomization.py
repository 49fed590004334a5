"""The field's tables of domain randomization: ``scenes/domain_randomization.yaml`` draws them over their ranges.

What follows is where each parameter is held to what was drawn, in a picture, on the stage or in the labels.

| parameter | measured by | test |
|---|---|---|
| light: intensity, colour | radiance of paper | ``test_domain_pictures`` |
| light: azimuth, elevation | shading of a ball | ``randomizers/test_light_pictures`` |
| object: colour | radiance of paper, through the tone curve | ``test_domain_pictures`` |
| object: roughness, metallic | width of a highlight; balance of colours | ``test_domain_pictures`` |
| object: scale | pixels of its outline; 3D box | ``test_domain_pictures``, ``test_domain_labels`` |
| camera: focal length | size of a square | ``randomizers/test_camera_pictures`` |
| camera: aperture | circle of confusion | ``randomizers/test_camera_pictures`` |
| camera: noise, distortion | deviation of a grey card; sag of a straight edge | ``test_domain_pictures`` |
| physics: gravity | free fall | ``randomizers/test_settle`` |
| physics: friction, restitution | way of a slide; height of a rebound | ``test_domain_physics`` |
| physics: mass, inertia, damping | momentum; spin under a force; decay | ``test_domain_physics`` |
| obstacles: number, size, position | labels | ``test_domain_labels`` |
| floor, background | mean colour of a patch; a pixel | ``test_domain_pictures`` |
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr import build_graph
from replicator_dr.labels.facts import is_fact

pytest.importorskip("mujoco", reason="the extra physics is not installed")

SCENE = Path(__file__).parents[2] / "scenes" / "domain_randomization.yaml"
FRAMES = 2000
LEAST = 1e-3
"""Probability of chance below which a table's range does not hold."""

PARTS = ("gear", "elbow", "knob")
OBSTACLES = ("cubes", "cylinders", "balls")
ALL = (*PARTS, *OBSTACLES)

# As the tables have them, in the units that are recorded: lux of a sun of 2000, f-stops as USD counts them.
UNIFORM: dict[str, tuple[list[str], float, float]] = {
    "light intensity": (["sun.light.intensity_scale"], 2000 * 0.5, 2000 * 2),
    "sun azimuth": (["sun.light.azimuth"], 0, 360),
    "sun elevation": (["sun.light.elevation"], 10, 80),
    "object colour": ([f"{item}.materials.diffuse" for item in PARTS], 0, 1),
    "roughness": ([f"{item}.materials.roughness" for item in PARTS], 0.1, 0.9),
    "metallic": ([f"{item}.materials.metallic" for item in PARTS], 0, 1),
    "object scale": ([f"{item}.pose.scale" for item in PARTS], 0.5, 2),
    "focal length": (["camera.camera.focal_length"], 15, 35),
    "aperture": (["camera.camera.f_stop"], 100 * 1.4, 100 * 8),
    "gravity": (["targets+obstacles.settle.gravity"], 8, 10),
    "friction": ([f"{item}.settle.friction" for item in ALL], 0.3, 1.5),
    "restitution": ([f"{item}.settle.restitution" for item in ALL], 0, 0.3),
    "mass": ([f"{item}.settle.mass_scale" for item in ALL], 0.9, 1.1),
    "inertia": ([f"{item}.settle.inertia_scale" for item in ALL], 0.9, 1.1),
    "linear damping": ([f"{item}.settle.linear_damping" for item in ALL], 0, 0.5),
    "angular damping": ([f"{item}.settle.angular_damping" for item in ALL], 0, 0.5),
    "obstacle size": ([f"{item}.pose.size" for item in OBSTACLES], 0.1, 0.5),
    "background colour": (["sky.background.color"], 0.3, 1),
}

Draws = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def draws() -> Draws:
    """What 2,000 frames draw, {name: (2000, copies, components)}, without simulating any of them."""
    with build_graph(SCENE) as graph:
        return graph.draws(range(FRAMES))


def uniform(values: NDArray[Any], low: float, high: float) -> None:
    """Values fill a range evenly: Kolmogorov's and Smirnov's test."""
    assert low <= values.min()
    assert values.max() <= high
    assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > LEAST


@pytest.mark.parametrize("parameter", UNIFORM)
def test_a_range_is_filled_evenly(draws: Draws, parameter: str) -> None:
    """Every copy and every component by itself draws the whole range."""
    names, low, high = UNIFORM[parameter]
    columns = [column for name in names for column in draws[name].reshape(FRAMES, -1).T]
    # Sidak: the probability that none of so many columns is off by chance.
    least = 1 - (1 - LEAST) ** (1 / len(columns))
    law = stats.uniform(low, high - low)
    for column in columns:
        assert low <= column.min()
        assert column.max() <= high
        assert stats.kstest(column, law.cdf).pvalue > least
    uniform(np.concatenate(columns), low, high)


def test_the_colour_of_the_light_goes_from_cool_to_warm(draws: Draws) -> None:
    """From (0.8, 0.8, 1.0) to (1.0, 1.0, 0.8), along the line between them."""
    red, green, blue = draws["sun.light.color"][:, 0].T
    uniform(red, 0.8, 1.0)
    np.testing.assert_allclose(green, red, atol=1e-12)
    np.testing.assert_allclose(blue, 1.8 - red, atol=1e-12)


def test_obstacles_are_anywhere_within_two_metres(draws: Draws) -> None:
    for item in OBSTACLES:
        for axis in (0, 1):
            for copy in range(draws[f"{item}.pose.position"].shape[1]):
                uniform(draws[f"{item}.pose.position"][:, copy, axis], -2, 2)


def test_there_are_none_to_five_obstacles(draws: Draws) -> None:
    """Each number equally often, and each copy as often as the others."""
    there = draws["obstacles.visibility.count"][..., 0]
    assert there.shape == (FRAMES, 5)
    counts = np.bincount(there.sum(axis=1).astype(int), minlength=6)
    assert len(counts) == 6
    assert stats.chisquare(counts).pvalue > LEAST
    # A copy is there in half of all frames.
    for copy in there.sum(axis=0):
        assert stats.binomtest(int(copy), FRAMES, 0.5).pvalue > LEAST


def test_the_floor_is_of_tiles_wood_or_concrete(draws: Draws) -> None:
    floors = [str(name) for name in draws["floor.texture.textures"].ravel()]
    counts = [sum(kind in name for name in floors) for kind in ("ceramic", "oak", "concrete")]
    assert sum(counts) == FRAMES
    assert stats.chisquare(counts).pvalue > LEAST


def test_no_parameter_follows_another_one(draws: Draws) -> None:
    """Correlations of all pairs stay below five standard deviations of chance, 5 / sqrt(2000)."""
    columns = [draws[name].reshape(FRAMES, -1) for names, _, _ in UNIFORM.values() for name in names]
    table = np.concatenate(columns, axis=1).T
    assert len(table) > 70
    assert np.abs(np.corrcoef(table) - np.eye(len(table))).max() < 5 / np.sqrt(FRAMES)


def test_these_are_the_draws_of_the_whole_scene(draws: Draws) -> None:
    """What is recorded with two frames that are simulated, and nothing besides but where cameras and parts start."""
    with build_graph(SCENE) as graph:
        recorded = {name: drawn for name, drawn in graph.sample([3, 1700]).draws.items() if not is_fact(name)}
    assert recorded.keys() == draws.keys()
    for name, values in recorded.items():
        np.testing.assert_array_equal(values, draws[name][[3, 1700]])
    tested = {name for names, _, _ in UNIFORM.values() for name in names}
    tested |= {"sun.light.color", "obstacles.visibility.count", "floor.texture.textures"}
    free = {name for name in draws if ".pose." in name or ".rotation." in name or ".orbit." in name}
    assert {name for name in draws if ".color." in name} == {f"{item}.color.colors" for item in OBSTACLES}
    assert draws.keys() - tested - free == {f"{item}.color.colors" for item in OBSTACLES}
