"""What is drawn for lights is what pictures show, by formulas of their own.

Pictures stay below 0.6 of white, where the tone curve keeps radiance (docs/conventions.md). On white 1000 pi lux
make 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

from tests.randomizers.pictures import UNIT, Float64, patch, shots

PATCH = {
    "floor": {"plane": {"scale": 4, "material": "white"}},
    "eye": {"camera": {"position": [0, 0, 2], "look_at": [0, 0, 0]}},
}


@pytest.mark.parametrize(
    ("eye", "right", "up", "azimuth", "elevation"),
    [([1, 0, 0], [0, 1, 0], [0, 0, 1], [-70, 70], [-40, 70]), ([0, 0, 1], [0, 1, 0], [-1, 0, 0], [0, 360], [10, 80])],
)
def test_a_ball_says_from_where_the_light_comes(
    eye: list[int], right: list[int], up: list[int], azimuth: list[float], elevation: list[float]
) -> None:
    """Lambert: radiance is normal times direction; a fit over the lit pixels gives the direction back.

    Seen from aside and from above, from where all of what usually is drawn can be seen.
    """
    start = 2.5 * np.array(eye)
    create = {
        "ball": {"sphere": {"material": "white"}},
        "sun": {"light": {"light_type": "distant", "intensity": 0.5 * UNIT, "angle": 0, "temperature": None}},
        "eye": {"camera": {"position": start.tolist(), "look_at": [0, 0, 0], "focal_length": 40}},
    }
    entry = {"lights": "sun", "azimuth": {"uniform": azimuth}, "elevation": {"uniform": elevation}}
    pictures, draws = shots(create, [{"light": entry}], 6)
    focal = 40 / 20.955 * 96
    column, row = np.meshgrid(np.arange(96) + 0.5 - 48, np.arange(96) + 0.5 - 48)
    way = np.multiply.outer(column, right) - np.multiply.outer(row, up) - focal * np.array(eye)
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    half = way @ start
    inner = half**2 - (start @ start - 0.25)
    normals = (start + way * (-half - np.sqrt(np.maximum(inner, 0)))[..., None]) / 0.5
    for frame, picture in enumerate(pictures):
        light = picture.mean(axis=-1)
        lit = (inner > 0.02) & (light > 0.1)
        found = np.linalg.lstsq(normals[lit], light[lit], rcond=None)[0]
        assert np.linalg.norm(found) == pytest.approx(0.5, rel=0.02)
        a, e = (np.deg2rad(draws[f"sun.light.{name}"][frame, 0, 0]) for name in ("azimuth", "elevation"))
        wanted = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
        off = np.rad2deg(np.arccos(np.clip(found @ wanted / np.linalg.norm(found), -1, 1)))
        assert off < 1.0


def test_intensities_and_exposures_are_ratios() -> None:
    create = {**PATCH, "sun": {"light": {"light_type": "distant", "temperature": None}}}
    entry = {"lights": "sun", "intensity": {"uniform": [0.05 * UNIT, 0.28 * UNIT]}, "exposure": {"uniform": [-1, 1]}}
    pictures, draws = shots(create, [{"light": entry}], 8)
    drawn = draws["sun.light.intensity"][:, 0, 0] * 2 ** draws["sun.light.exposure"][:, 0, 0] / UNIT
    np.testing.assert_allclose([patch(picture).mean() for picture in pictures], drawn, rtol=0.02)


def test_colours_and_temperatures() -> None:
    """A black body by Planck's law and the observer's curves, against that of 6500 K."""
    create = {**PATCH, "sun": {"light": {"light_type": "distant", "intensity": 0.2 * UNIT, "temperature": None}}}
    colors, draws = shots(create, [{"light": {"lights": "sun", "color": {"uniform": [[0.1] * 3, [1] * 3]}}}], 4)
    np.testing.assert_allclose([patch(p) for p in colors], 0.2 * draws["sun.light.color"][:, 0], rtol=0.05)
    create["sun"]["light"] = {"light_type": "distant", "intensity": 0.2 * UNIT}
    pictures, draws = shots(create, [{"light": {"lights": "sun", "temperature": {"uniform": [2500, 10000]}}}], 6)
    from replicator_dr.optics.sun import XYZ_TO_RGB, black_body, observer_1931

    wavelengths = np.arange(380.0, 781.0)

    def rgb(kelvin: float) -> Float64:
        return XYZ_TO_RGB @ (black_body(wavelengths, kelvin) @ observer_1931(wavelengths))

    for picture, kelvin in zip(pictures, draws["sun.light.temperature"][:, 0, 0]):
        wanted, shown = rgb(kelvin) / rgb(6500), patch(picture)
        np.testing.assert_allclose(shown / shown[1], wanted / wanted[1], rtol=0.06, atol=0.02)
        assert shown @ [0.2126, 0.7152, 0.0722] == pytest.approx(0.2, rel=0.02)


@pytest.mark.parametrize(
    ("light_type", "sizes", "area"),
    [
        ("rect", ("width", "height"), lambda w, h: w * h),
        ("disk", ("radius",), lambda r: np.pi * r * r),
        ("sphere", ("radius",), lambda r: np.pi * r * r),
        ("cylinder", ("radius", "length"), lambda r, length: 2 * r * length),
    ],
)
def test_sizes_of_lamps_are_what_they_show(light_type: str, sizes: tuple[str, ...], area: Any) -> None:
    """A lamp of radiance L and projected area A at a distance d gives L A / d^2 lux straight below it."""
    lamp = {"light_type": light_type, "intensity": 150_000, "position": [0, 0, 6], "temperature": None}
    entry = {"lights": "lamp", **{name: {"uniform": [0.1, 0.35]} for name in sizes}}
    if light_type == "cylinder":
        entry["length"] = {"uniform": [0.3, 0.5]}
    pictures, draws = shots({**PATCH, "lamp": {"light": lamp}}, [{"light": entry}], 5)
    drawn = [draws[f"lamp.light.{name}"][:, 0, 0] for name in sizes]
    # The camera's 8 by 8 pixels are 0.15 m wide: the lamp is as good as above all of them.
    np.testing.assert_allclose([patch(p).mean() for p in pictures], 150_000 * area(*drawn) / 36 / UNIT, rtol=0.06)


def test_lights_on() -> None:
    lamps = {"light": {"light_type": "sphere", "radius": 0.2, "intensity": 5000, "count": 5, "temperature": None}}
    entries = [
        {"light": {"lights": "lamps", "lights_on": [1, 3], "position": [0, 0, 3]}},
    ]
    pictures, _ = shots({**PATCH, "lamps": lamps}, entries, 12)
    one = np.pi * 0.2**2 * 5000 / 9 / UNIT
    number = np.array([patch(picture).mean() for picture in pictures]) / one
    np.testing.assert_allclose(number, number.round(), atol=0.1)
    assert set(number.round()) == {1, 2, 3}


@pytest.mark.parametrize("mode", ["raster", "path_traced"])
def test_the_angle_of_the_sun_is_the_width_of_its_half_shadows(mode: str) -> None:
    """An edge at a height h, a sun straight above: from light to dark on the floor it takes 2 h tan(angle / 2)."""
    create = {
        "floor": {"plane": {"scale": 4, "material": "white"}},
        "roof": {"cube": {"scale": [2, 2, 0.02], "position": [-1, 0, 0.5], "material": "white"}},
        # The depth map of a light ends where what throws shadows does: this is beyond the edge.
        "pole": {"cube": {"scale": [0.1, 0.1, 0.5], "position": [1.5, 1, 0.25]}},
        "sun": {"light": {"light_type": "distant", "intensity": 0.5 * UNIT, "temperature": None}},
        "eye": {"camera": {"position": [0.6, 0, 0.25], "look_at": [0, 0, 0], "focal_length": 20}},
    }
    angles = [6, 9, 12]
    entry = {"light": {"lights": "sun", "angle": {"sequence": angles}, "elevation": 90}}
    pictures, _ = shots(create, [entry], 3, renderer={"mode": mode, "samples_per_pixel": 64, "max_bounces": 0})
    focal = 20 / 20.955 * 96
    # The column in the middle of the image: the floor's x of each of its rows.
    down = (np.arange(96) + 0.5 - 48) / focal
    pitch = np.arctan2(0.25, 0.6)
    x = 0.6 - 0.25 / np.tan(np.clip(pitch + np.arctan(down), 1e-3, None))
    widths = []
    for picture in pictures:
        light = picture[:, 40:56].mean(axis=(1, 2)) / 0.5
        near = np.abs(x) < 0.2

        def edge(place: Float64, middle: float, radius: float) -> Float64:
            """How much of a disk is to be seen past an edge."""
            t = np.clip((place - middle) / radius, -1, 1)
            return 0.5 + (t * np.sqrt(1 - t * t) + np.arcsin(t)) / np.pi

        (_, radius), _ = optimize.curve_fit(edge, x[near], light[near], p0=(0.0, 0.03))
        widths.append(2 * abs(radius))
    wanted = 2 * 0.49 * np.tan(np.deg2rad(angles) / 2)
    tolerance = 0.15 if mode == "path_traced" else 0.25
    np.testing.assert_allclose(widths, wanted, rtol=tolerance)
