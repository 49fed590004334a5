"""What is drawn for lenses is what pictures show: sizes in pixels and circles of confusion, by thin-lens optics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.randomizers.pictures import SIDE, UNIT, Float64, shots

APERTURE = 20.955

SUN = {"light": {"light_type": "distant", "intensity": 0.5 * UNIT, "temperature": None, "rotation": [0, 90, 0]}}
"""From +X, on what a camera there sees."""


def moments(picture: Float64) -> tuple[Float64, Float64]:
    """Mean (2,) and variances (2,) [pixels] of where the light of a picture is, columns and rows."""
    light = picture.mean(axis=-1)
    place = np.arange(SIDE) + 0.5
    columns, rows = light.sum(axis=0) / light.sum(), light.sum(axis=1) / light.sum()
    mean = np.array([columns @ place, rows @ place])
    return mean, np.array([columns @ (place - mean[0]) ** 2, rows @ (place - mean[1]) ** 2])


def test_focal_length_and_aperture_are_the_size_of_things() -> None:
    """A square of 0.3 m at 2 m is 0.3 f / 2 / a of the picture wide; its variance is its side squared over 12."""
    create: dict[str, Any] = {
        "card": {"cube": {"scale": [0.01, 0.3, 0.3], "position": [-0.005, 0, 0], "material": "white"}},
        "sun": SUN,
        "eye": {"camera": {"position": [2, 0, 0], "look_at": [0, 0, 0]}},
    }
    entry = {"cameras": "eye", "focal_length": {"uniform": [18, 55]}, "horizontal_aperture": {"uniform": [18, 36]}}
    pictures, draws = shots(create, [{"camera": entry}], 8)
    focal, aperture = (draws[f"eye.camera.{name}"][:, 0, 0] for name in ("focal_length", "horizontal_aperture"))
    wanted = 0.3 / 2 * focal / aperture * SIDE
    sides = np.array([np.sqrt(12 * moments(picture)[1]) for picture in pictures])
    np.testing.assert_allclose(sides, np.repeat(wanted[:, None], 2, axis=1), atol=0.4)


def blurred(focus: dict[str, Any], frames: int, f_stop: Any) -> tuple[list[Float64], Any]:
    """A small white card a metre and a half away, far out of focus."""
    create = {
        "card": {"cube": {"scale": [0.01, 0.06, 0.06], "position": [-0.005, 0, 0], "material": "white"}},
        "far": {"cube": {"scale": 0.1, "position": [-3, 0, 0], "visible": False}},
        "sun": SUN,
        "eye": {"camera": {"position": [1.5, 0, 0], "look_at": [0, 0, 0], "focal_length": 50,
                           "sensor": {"samples": 128}}},
    }  # fmt: skip
    entries = [{"camera": {"cameras": "eye", "f_stop": f_stop, **focus}}]
    return shots(create, entries, frames)


def test_f_stops_are_circles_of_confusion() -> None:
    """A thin lens of diameter f / N blurs a point at z to a disk of f_px f / N abs(1 / z - 1 / focus) pixels.

    The variance of a disk's light along an axis is its diameter squared over 16, added to that of the card.
    """
    pictures, draws = blurred({"focus_distance": {"uniform": [0.6, 1.0]}}, 6, {"uniform": [1.0, 2.8]})
    stop, focus = (draws[f"eye.camera.{name}"][:, 0, 0] for name in ("f_stop", "focus_distance"))
    # Records of f-stops are USD's, in tenths of a stage unit: a hundred times the number on the lens, on metres.
    stop = stop / 100
    assert (stop >= 1).all()
    assert (stop <= 2.8).all()
    pixels = 50 / APERTURE * SIDE
    circle = pixels * 0.050 / stop * (1 / focus - 1 / 1.5)
    wanted = circle**2 / 16 + (0.06 / 1.5 * pixels) ** 2 / 12
    found = np.array([moments(picture)[1].mean() for picture in pictures])
    np.testing.assert_allclose(found, wanted, rtol=0.04)
    assert np.ptp(circle) > 3


@pytest.mark.parametrize(("target", "offset", "sharp"), [("card", 0, True), ("far", 0, False), ("card", 2, False)])
def test_focus_makes_its_target_sharp(target: str, offset: float, sharp: bool) -> None:
    create: dict[str, Any] = {
        "card": {"cube": {"scale": [0.01, 0.06, 0.06], "position": [-0.005, 0, 0], "material": "white"}},
        "far": {"cube": {"scale": 0.1, "position": [-3, 0, 0], "visible": False}},
        "sun": SUN,
        "eye": {"camera": {"focal_length": 50, "f_stop": 1.4, "sensor": {"samples": 64}}},
    }
    entries = [
        {"focus": {"cameras": "eye", "target": target, "offset": offset}},
        {"camera_path": {"cameras": "eye", "points": [[1, 0, 0], [2, 0, 0]], "look_at": [0, 0, 0]}},
    ]
    pictures, draws = shots(create, entries, 2)
    pixels = 50 / APERTURE * SIDE
    for frame, picture in enumerate(pictures):
        away = 1 + draws["eye.camera_path.along"][frame, 0, 0]
        card = (0.06 / away * pixels) ** 2 / 12
        distance = away + (3 if target == "far" else offset)
        circle = pixels * 0.050 / 1.4 * (1 / away - 1 / distance)
        assert moments(picture)[1].mean() == pytest.approx(card + circle**2 / 16, rel=0.05)
        assert (circle < 1) == sharp
