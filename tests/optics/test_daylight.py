"""The sun's place against published ephemerides, and the amount and spread of daylight against measurements."""

from __future__ import annotations

import numpy as np
import pytest

from replicator_dr.optics.sky import panorama, sky_color, sky_light, twilight
from replicator_dr.optics.sun import air_mass, black_body, luminance_one, observer_1931, sun_direction, sun_light


def angles(hour: float, latitude: float, day: float) -> tuple[float, float]:
    """Elevation, and azimuth clockwise from north [degrees]."""
    east, north, up = sun_direction(np.array(hour), np.array(latitude), np.array(day))
    return float(np.rad2deg(np.arcsin(up))), float(np.rad2deg(np.arctan2(east, north)) % 360)


MARCH_EQUINOX, JUNE, DECEMBER = 79.4, 172.3, 355.6


@pytest.mark.parametrize("latitude", [0.0, 30.0, 48.0, 66.0])
def test_noons_of_the_year(latitude: float) -> None:
    """At the equinox the sun stands 90 - latitude high at noon, at the solstices 23.44 degrees more and less."""
    assert angles(12, latitude, MARCH_EQUINOX)[0] == pytest.approx(90 - latitude, abs=0.2)
    assert angles(12, latitude, DECEMBER)[0] == pytest.approx(90 - latitude - 23.44, abs=0.02)
    assert angles(12, latitude, JUNE)[0] == pytest.approx(min(90 - latitude + 23.44, 90 + latitude - 23.44), abs=0.02)


def test_the_sun_rises_in_the_east_at_six_at_the_equinox() -> None:
    elevation, azimuth = angles(6, 48, MARCH_EQUINOX)
    assert elevation == pytest.approx(0, abs=0.25)
    assert azimuth == pytest.approx(90, abs=0.25)
    assert angles(18, 48, MARCH_EQUINOX)[1] == pytest.approx(270, abs=0.3)
    # In the south it goes over the north, and beyond the circle there is a sun at midnight.
    assert angles(12, -35, MARCH_EQUINOX)[1] % 360 == pytest.approx(0, abs=0.5)
    assert angles(0, 70, JUNE)[0] == pytest.approx(70 + 23.44 - 90, abs=0.05)


def test_the_example_of_the_solar_position_algorithm() -> None:
    """I. Reda, A. Andreas, "Solar position algorithm", NREL/TP-560-34302: 17 October 2003, 12:30:30 at UTC - 7 h.

    Longitude -105.1786 and the equation of time of 14.6415 minutes make solar time; zenith 50.1116 with refraction
    (0.014), azimuth 194.3402.
    """
    hour = 12 + (30.5 + 4 * (-105.1786 + 105) + 14.6415) / 60
    elevation, azimuth = angles(hour, 39.742476, 290)
    assert 90 - elevation == pytest.approx(50.1116 + 0.014, abs=0.1)
    assert azimuth == pytest.approx(194.3402, abs=0.1)


def test_air_mass_of_the_handbooks() -> None:
    # F. Kasten, A. Young, Applied Optics 28 (1989), table: 1.154 at 60, 1.995 at 30, 5.59 at 10, 38 at 0 degrees.
    mass = air_mass(np.array([90.0, 60.0, 30.0, 10.0, 0.0]))
    np.testing.assert_allclose(mass, [1.0, 1.154, 1.995, 5.59, 38.0], rtol=0.05)
    np.testing.assert_allclose(mass[:3], [1.0, 1.154, 1.995], rtol=0.003)


def test_the_observer() -> None:
    """The white of equal energy is x = y = 1/3, the peak of luminance at 555 nm, and a black body of 6500 K warm."""
    wavelengths = np.arange(380.0, 781.0)
    curves = observer_1931(wavelengths)
    total = curves.sum(axis=0)
    np.testing.assert_allclose(total / total.sum(), 1 / 3, atol=0.002)
    assert abs(wavelengths[np.argmax(curves[:, 1])] - 555) <= 5
    xyz = black_body(wavelengths, 6500.0) @ curves
    np.testing.assert_allclose((xyz / xyz.sum())[:2], [0.3135, 0.3237], atol=0.002)
    assert luminance_one(xyz) @ [0.2126, 0.7152, 0.0722] == pytest.approx(1)


ELEVATIONS = np.array([90.0, 60.0, 40.0, 25.0, 10.0])


def test_clear_days_have_the_light_of_the_handbook() -> None:
    """IES: a clear sky gives 0.8 + 15.5 sin(h)^0.5 klx, the sun 127.5 exp(-0.21 / sin(h)) at normal incidence."""
    sine = np.sin(np.deg2rad(ELEVATIONS))
    three = np.full(5, 3.0)
    np.testing.assert_allclose(sky_light(ELEVATIONS, three), 1e3 * (0.8 + 15.5 * np.sqrt(sine)), rtol=0.35)
    beam, color = sun_light(ELEVATIONS, np.full(5, 2.5))
    np.testing.assert_allclose(beam, 127.5e3 * np.exp(-0.21 / sine), rtol=0.2)
    assert (np.diff(beam) < 0).all()
    # Lower is redder, and hazier is weaker and redder, with more light from the sky.
    assert (np.diff(color[:, 0] / color[:, 2]) > 0).all()
    hazy, red = sun_light(ELEVATIONS, np.full(5, 8.0))
    assert (hazy < beam).all()
    assert (red[:, 0] / red[:, 2] > color[:, 0] / color[:, 2]).all()
    assert (sky_light(ELEVATIONS, np.full(5, 8.0)) > sky_light(ELEVATIONS, three)).all()


def test_nothing_is_created_in_the_air() -> None:
    for turbidity in (2.0, 4.0, 10.0):
        elevation = np.linspace(0, 90, 50)
        beam, _ = sun_light(elevation, np.full(50, turbidity))
        level = beam * np.sin(np.deg2rad(elevation)) + sky_light(elevation, np.full(50, turbidity))
        assert (level <= 127_500 * np.sin(np.deg2rad(elevation)) + 800).all()


def test_twilight() -> None:
    """Civil twilight ends at 3.4 lux, nautical at 0.008; light falls all the way, and the beam is gone."""
    elevation = np.array([-6.0, -12.0])
    np.testing.assert_allclose(sky_light(elevation, np.full(2, 3.0)), [3.4, 0.008], rtol=0.1)
    falling = twilight(np.linspace(1, -18, 400))
    assert (np.diff(falling) <= 0).all()
    assert falling[0] == 1
    assert twilight(np.array(-18.5)) == 0
    assert sun_light(np.array(-0.3), np.array(3.0))[0] == 0


@pytest.mark.parametrize("turbidity", [2.0, 3.0, 6.0, 10.0])
@pytest.mark.parametrize("elevation", [0.0, 15.0, 45.0, 75.0])
def test_a_panorama_lights_level_ground_with_one_lux(elevation: float, turbidity: float) -> None:
    picture = panorama(elevation, turbidity, 64).astype(np.float64)
    assert (picture >= 0).all()
    luminance = picture @ [0.2126, 0.7152, 0.0722]
    theta = (np.arange(64) + 0.5) / 64 * np.pi
    weight = np.where(theta < np.pi / 2, np.cos(theta) * np.sin(theta), 0) * (np.pi / 64) ** 2
    assert (luminance.sum(axis=1) * weight).sum() == pytest.approx(1, rel=2e-3)


def test_the_sky_is_brightest_around_the_sun_and_bluest_across_from_it() -> None:
    elevation = np.deg2rad(40)
    sun = np.array([np.cos(elevation), 0, np.sin(elevation)])
    height, around = np.meshgrid(np.deg2rad(np.arange(2, 90, 2.0)), np.deg2rad(np.arange(0, 360, 2.0)))
    directions = np.stack([np.cos(height) * np.cos(around), np.cos(height) * np.sin(around), np.sin(height)], axis=-1)
    color = sky_color(directions, sun, 2.5)
    luminance = color @ [0.2126, 0.7152, 0.0722]
    off = np.rad2deg(np.arccos(np.clip(directions @ sun, -1, 1)))
    assert off.ravel()[luminance.argmax()] < 3
    blueness = color[..., 2] / color[..., 0]
    bluest = off.ravel()[blueness.argmax()]
    assert 60 < bluest < 110
    assert (blueness[off > 60] > 1).mean() > 0.9
    # The zenith is 1, and the field is the same on both sides of the sun's plane.
    assert sky_color(np.array([0.0, 0, 1]), sun, 2.5) @ [0.2126, 0.7152, 0.0722] == pytest.approx(1, rel=0.05)
    np.testing.assert_allclose(color, sky_color(directions * [1, -1, 1], sun, 2.5), rtol=1e-9)
