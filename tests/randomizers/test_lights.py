from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

SUN, LAMPS, SKY = 0, slice(1, 3), 3


def test_intensity_scales_the_created_one(sampled: Any) -> None:
    create = {"sun": {"light": {"intensity": 2000, "temperature": None}}}
    result = sampled({"light": {"lights": "sun", "intensity_scale": {"uniform": [0.5, 2]}}}, create=create, frames=300)
    color = result.state.arrays.lights.color[:, SUN]
    np.testing.assert_allclose(color, color[:, :1] * np.ones(3), rtol=1e-6)
    assert stats.kstest(color[:, 0], stats.uniform(1000, 3000).cdf).pvalue > 1e-4


def test_exposure_doubles(sampled: Any) -> None:
    create = {"sun": {"light": {"intensity": 100, "temperature": None}}}
    result = sampled({"light": {"lights": "sun", "exposure": {"sequence": [0, 1, 3]}}}, create=create, frames=3)
    np.testing.assert_allclose(result.state.arrays.lights.color[:, SUN, 0], [100, 200, 800], rtol=1e-6)


def test_light_comes_from_azimuth_and_elevation(sampled: Any) -> None:
    entry = {"light": {"lights": "sun", "azimuth": {"uniform": [0, 360]}, "elevation": {"uniform": [10, 80]}}}
    result = sampled(entry, frames=100)
    azimuth = np.deg2rad(result.draw("sun.light.azimuth")[:, 0, 0])
    elevation = np.deg2rad(result.draw("sun.light.elevation")[:, 0, 0])
    expected = np.stack(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], -1
    )
    # Lights shine along local -Z, so +Z points to where the light comes from.
    toward = result.state.arrays.lights.world[:, SUN, 2, :3]
    np.testing.assert_allclose(toward / np.linalg.norm(toward, axis=-1, keepdims=True), expected, atol=1e-5)


def test_lamps_draw_for_themselves(sampled: Any) -> None:
    entry = {
        "light": {
            "lights": "lamps",
            "position": {"uniform": [[-1, -1, 2], [1, 1, 3]]},
            "radius": {"uniform": [0.1, 0.2]},
        }
    }
    lights = sampled(entry, frames=50).state.arrays.lights
    assert (lights.world[:, 1, 3, 0] != lights.world[:, 2, 3, 0]).all()
    assert (lights.size[:, LAMPS, 0] >= 0.1).all()
    assert (lights.size[:, LAMPS, 0] <= 0.2).all()


def test_temperature_goes_from_warm_to_cool(sampled: Any) -> None:
    result = sampled({"light": {"lights": "sun", "temperature": {"sequence": [3000, 6500, 9000]}}}, frames=3)
    color = result.state.arrays.lights.color[:, SUN]
    ratio = color[:, 2] / color[:, 0]
    assert ratio[0] < ratio[1] < ratio[2]


def test_background_turns_and_changes_its_panorama(sampled: Any, pictures: list[str]) -> None:
    entry = {
        "background": {
            "lights": "sky",
            "texture": {"choice": pictures},
            "azimuth": {"uniform": [0, 360]},
            "intensity": 7,
        }
    }
    result = sampled(entry, frames=40)
    lights = result.state.arrays.lights
    assert len(np.unique(lights.environment[:, SKY])) == 3
    assert len(np.unique(lights.world[:, SKY, 0, 0])) == 40


def test_a_scaled_light_needs_a_number_to_scale(sampled: Any) -> None:
    from replicator_dr.errors import EngineError

    create = {"sun": {"light": {"intensity": {"uniform": [1, 2]}}}}
    with pytest.raises(
        EngineError, match="'sun' was created with intensity drawn from a distribution; give it a number"
    ):
        sampled({"light": {"lights": "sun", "intensity_scale": 2}}, create=create)
