"""Where the sun stands, and what of its light comes through the air.

Axes: x east, y north, z up; angles in degrees unless a name says otherwise. All functions take arrays of any one shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

EXTRATERRESTRIAL = 127_500.0
"""Lux at normal incidence outside the air (IES Lighting Handbook, 9th edition, chapter 8)."""
SURFACE = 5778.0
"""Kelvin: the sun as a black body."""
DISC = 0.53
"""Apparent diameter in degrees."""

YEAR = 9496.5
"""Days from the epoch J2000.0 to the beginning of 2026."""

_WAVELENGTHS = np.arange(380.0, 781.0, 5.0, dtype=np.float64)
"""Nanometres."""

XYZ_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
"""Linear Rec. 709 (IEC 61966-2-1)."""


def declination(day: Float64) -> Float64:
    """The sun's declination in radians on a day of the year, 1.0 being the beginning of January 1st.

    The low-precision formula of the Astronomical Almanac (page C24), 0.01 degrees, for the year 2026, which lies in the
    middle between leap years: other years differ by up to 0.2 degrees at the equinoxes.
    """
    days = YEAR + day - 1.0
    mean = np.deg2rad(280.460 + 0.9856474 * days)
    anomaly = np.deg2rad(357.528 + 0.9856003 * days)
    ecliptic = mean + np.deg2rad(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    return np.asarray(np.arcsin(np.sin(np.deg2rad(23.439 - 4.0e-7 * days)) * np.sin(ecliptic)))


def sun_direction(hour: Float64, latitude: Float64, day: Float64) -> Float64:
    """(..., 3): unit vector toward the sun. hour: solar time, 12 when the sun is highest; without refraction.

    Rotation of the equatorial into the horizontal system, as in any text on spherical astronomy (Meeus, "Astronomical
    algorithms", 1998, chapter 13).
    """
    delta = declination(day + hour / 24.0)
    turned, phi = np.deg2rad(15.0 * (hour - 12.0)), np.deg2rad(latitude)
    east = -np.cos(delta) * np.sin(turned)
    north = np.sin(delta) * np.cos(phi) - np.cos(delta) * np.cos(turned) * np.sin(phi)
    up = np.sin(phi) * np.sin(delta) + np.cos(phi) * np.cos(delta) * np.cos(turned)
    return np.stack([east, north, up], axis=-1)


def air_mass(elevation: Float64) -> Float64:
    """Air along the way to the sun, that to the zenith being 1 (F. Kasten 1965); below the horizon as at it."""
    above = np.maximum(elevation, 0.0)
    mass: Float64 = 1.0 / (np.sin(np.deg2rad(above)) + 0.15 * (3.885 + above) ** -1.253)
    return mass


def sun_light(elevation: Float64, turbidity: Float64) -> tuple[Float64, Float64]:
    """Illuminance (...) [lux] at normal incidence and linear Rec. 709 colour (..., 3) of luminance 1 of the sun's beam.

    A black body seen through molecules and aerosols, exp(-0.008735 w^-4.08 m) and exp(-b w^-1.3 m) at w micrometres
    with b = 0.04608 T - 0.04586 (A. Preetham, P. Shirley, B. Smits, "A practical analytic model for daylight", SIGGRAPH
    1999, appendix A.1), by the CIE 1931 observer. Ozone, water vapour and other gases, some per cent, are left out.
    While the disc crosses the horizon the beam fades with its height.
    """
    mass = air_mass(elevation)[..., None]
    micron = _WAVELENGTHS / 1000.0
    haze = (0.04608 * turbidity - 0.04586)[..., None]
    through = np.exp(-0.008735 * micron**-4.08 * mass) * np.exp(-np.maximum(haze, 0.0) * micron**-1.3 * mass)
    observer, source = observer_1931(_WAVELENGTHS), black_body(_WAVELENGTHS, SURFACE)
    # A sum of products for each sun by itself, so that a batch changes no bit.
    xyz = np.sum((through * source)[..., :, None] * observer, axis=-2)
    luminous = xyz[..., 1] / np.sum(source * observer[:, 1])
    shown = np.clip(elevation / DISC + 0.5, 0.0, 1.0)
    return EXTRATERRESTRIAL * luminous * shown, luminance_one(xyz)


def luminance_one(xyz: Float64) -> Float64:
    """(..., 3) tristimulus values -> linear Rec. 709 of luminance 1, what lies outside of the gamut cut off."""
    rgb = np.maximum(np.sum(XYZ_TO_RGB * xyz[..., None, :], axis=-1), 0.0)
    luminance = np.sum(rgb * np.array([0.2126, 0.7152, 0.0722]), axis=-1, keepdims=True)
    return np.asarray(rgb / np.maximum(luminance, 1e-12))


def black_body(nanometres: Float64, kelvin: float) -> Float64:
    """Planck's law, relative."""
    metres = nanometres * 1e-9
    radiance: Float64 = 1.0 / (metres**5 * np.expm1(1.438776877e-2 / (metres * kelvin))) * 1e-30
    return radiance


def observer_1931(nanometres: Float64) -> Float64:
    """(..., 3): the CIE 1931 colour matching functions, errors below 0.03.

    C. Wyman, P. Sloan, P. Shirley, "Simple analytic approximations to the CIE XYZ color matching functions", JCGT 2
    (2013).
    """

    def lobe(height: float, centre: float, below: float, above: float) -> Float64:
        t = (nanometres - centre) * np.where(nanometres < centre, below, above)
        bell: Float64 = height * np.exp(-0.5 * t * t)
        return bell

    x = lobe(0.362, 442.0, 0.0624, 0.0374) + lobe(1.056, 599.8, 0.0264, 0.0323) + lobe(-0.065, 501.1, 0.0490, 0.0382)
    y = lobe(0.821, 568.8, 0.0213, 0.0247) + lobe(0.286, 530.9, 0.0613, 0.0322)
    z = lobe(1.217, 437.0, 0.0845, 0.0278) + lobe(0.681, 459.0, 0.0385, 0.0725)
    return np.stack([x, y, z], axis=-1)
