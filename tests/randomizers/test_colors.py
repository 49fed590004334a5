"""Colours by hue, saturation and value, and by palettes: their distribution, against the standard library."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from replicator_dr.errors import SpecError

FRAMES = 2000


def srgb(linear: NDArray[Any]) -> NDArray[np.float64]:
    """IEC 61966-2-1, in float64."""
    x = np.asarray(linear, np.float64)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-12) ** (1 / 2.4) - 0.055)


def hsv_of(linear: NDArray[Any]) -> NDArray[np.float64]:
    """(N, 3): hue in turns, saturation, value of the sRGB colours."""
    return np.array([colorsys.rgb_to_hsv(*color) for color in srgb(linear).reshape(-1, 3)])


def drawn(sampled: Any, distribution: dict[str, Any], frames: int = FRAMES, **more: Any) -> NDArray[np.float64]:
    """(frames * 2, 3): what two balls draw."""
    result = sampled({"color": {"prims": "balls", "colors": distribution}}, frames=frames, **more)
    colors = np.asarray(result.material("balls", "base_color"), np.float64)
    np.testing.assert_allclose(colors, result.draw("balls.color.colors"), atol=1e-6)
    return colors.reshape(-1, 3)


def test_hue_saturation_and_value_are_uniform(sampled: Any) -> None:
    hue, saturation, value = hsv_of(drawn(sampled, {"hsv": [[0, 0.2, 0.5], [360, 1, 0.9]]})).T
    assert stats.chisquare(np.histogram(hue, 24, (0, 1))[0]).pvalue > 1e-3
    assert stats.kstest(saturation, stats.uniform(0.2, 0.8).cdf).pvalue > 1e-3
    assert stats.kstest(value, stats.uniform(0.5, 0.4).cdf).pvalue > 1e-3
    assert abs(np.corrcoef([hue, saturation, value]) - np.eye(3)).max() < 0.06


def test_hue_wraps_around(sampled: Any) -> None:
    hue = hsv_of(drawn(sampled, {"hsv": [[350, 1, 1], [20, 1, 1]]}))[:, 0] * 360
    assert ((hue > 349.9) | (hue < 20.1)).all()
    assert stats.kstest((hue + 10) % 360, stats.uniform(0, 30).cdf).pvalue > 1e-3


def test_a_palette_is_drawn_by_weight(sampled: Any) -> None:
    codes = ["#c0392b", "#2980b9", "fff"]
    colors = drawn(sampled, {"palette": {"colors": codes, "weights": [1, 2, 1]}})
    wanted = np.array([[0xC0, 0x39, 0x2B], [0x29, 0x80, 0xB9], [255, 255, 255]]) / 255
    distance = np.abs(srgb(colors)[:, None] - wanted).max(-1)
    assert distance.min(1).max() < 1e-6
    counts = np.bincount(distance.argmin(1), minlength=3)
    assert stats.chisquare(counts, np.array([1, 2, 1]) / 4 * len(colors)).pvalue > 1e-3


def test_jitter_is_uniform_in_srgb_and_stays_in_range(sampled: Any) -> None:
    moved = srgb(drawn(sampled, {"palette": {"colors": ["#808080"], "jitter": 0.1}})) - 0x80 / 255
    for component in moved.T:
        assert stats.kstest(component, stats.uniform(-0.1, 0.2).cdf).pvalue > 1e-3
    white = drawn(sampled, {"palette": {"colors": ["#ffffff"], "jitter": 0.1}}, frames=50)
    assert white.max() == 1.0


def test_named_palettes_and_shared_draws(sampled: Any) -> None:
    draws = {"paint": {"palette": "woods", "per": "frame"}}
    colors = drawn(sampled, "$paint", frames=50, draws=draws).reshape(50, 2, 3)  # type: ignore[arg-type]
    assert (colors[:, 0] == colors[:, 1]).all()
    assert len(np.unique(colors[:, 0], axis=0)) > 3


def test_a_frame_alone_has_the_color_of_the_run(sampled: Any) -> None:
    result = sampled(
        {"color": {"prims": "balls", "colors": {"palette": {"colors": "safety", "jitter": 0.1}}}}, frames=9
    )
    alone = result.graph.sample([7]).arrays.materials.base_color
    assert (alone[0] == result.state.arrays.materials.base_color[7]).all()


def test_a_latin_hypercube_of_hues_has_one_in_each_stratum(sampled: Any) -> None:
    designs = {"paints": {"latin_hypercube": {"samples": 60}, "factors": {"paint": {"hsv": [[0, 1, 1], [360, 1, 1]]}}}}
    result = sampled({"color": {"prims": "balls", "colors": "$paint"}}, frames=60, designs=designs)
    hue = hsv_of(result.material("balls", "base_color")[:, 0])[:, 0]
    assert sorted(np.floor(hue * 60 - 1e-9).astype(int).tolist()) == list(range(60))


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ({"hsv": [[0, 0.2], [360, 1]]}, "lower has 2 components"),
        ({"hsv": [[0, 0.2, 0.5], [360, 1, 5]]}, "upper has saturation 1 and value 5"),
        ({"palette": ["#c0392"]}, "'#c0392' is no colour"),
        ({"palette": "safty"}, "there is no palette 'safty'"),
        ({"palette": {"colors": "woods", "jitter": 2}}, "jitter is 2"),
    ],
)
def test_mistakes_are_named(sampled: Any, distribution: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        drawn(sampled, distribution, frames=1)


def test_only_fields_of_colors_take_them(sampled: Any) -> None:
    with pytest.raises(SpecError, match="palette draws colours, but this field holds a number"):
        sampled({"materials": {"prims": "balls", "roughness": {"palette": "woods"}}}, frames=1)
