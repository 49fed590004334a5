"""The clear sky: how its light is spread and coloured, and how much of it there is.

Spread and colour: A. Preetham, P. Shirley, B. Smits, "A practical analytic model for daylight", SIGGRAPH 1999, appendix
A.2. Its absolute luminance is far too high while the sun is low, so the amount of light comes from :func:`sky_light`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.optics.sun import EXTRATERRESTRIAL, XYZ_TO_RGB, sun_light

Float64 = NDArray[np.float64]

HORIZON = 800.0
"""Lux that the sky gives with the sun at the horizon (IES Lighting Handbook, 9th edition, chapter 8, clear sky)."""
GROUND = 0.2
"""Reflectance of the ground below the horizon."""

# Perez' coefficients A to E of luminance and chromaticities x and y: factor of the turbidity, and constant.
_PEREZ = np.array([
    [[0.1787, -1.4630], [-0.3554, 0.4275], [-0.0227, 5.3251], [0.1206, -2.5771], [-0.0670, 0.3703]],
    [[-0.0193, -0.2592], [-0.0665, 0.0008], [-0.0004, 0.2125], [-0.0641, -0.8989], [-0.0033, 0.0452]],
    [[-0.0167, -0.2608], [-0.0950, 0.0092], [-0.0079, 0.2102], [-0.0441, -1.6537], [-0.0109, 0.0529]],
])  # fmt: skip

# Chromaticities of the zenith: rows turbidity squared, turbidity, 1; columns the sun's zenith angle cubed to 1.
_ZENITH = np.array([
    [[0.00166, -0.00375, 0.00209, 0.0], [-0.02903, 0.06377, -0.03202, 0.00394], [0.11693, -0.21196, 0.06052, 0.25886]],
    [[0.00275, -0.00610, 0.00317, 0.0], [-0.04214, 0.08970, -0.04153, 0.00516], [0.15346, -0.26756, 0.06670, 0.26688]],
])  # fmt: skip


def sky_color(directions: Float64, sun: Float64, turbidity: float) -> Float64:
    """(..., 3) linear Rec. 709 of the sky, luminance 1 at the zenith. directions, sun: unit vectors, z up.

    Directions below the horizon are taken at it; so is a sun below it.
    """
    up, high = np.maximum(directions[..., 2], 0.0), max(float(sun[2]), 0.0)
    angle = np.arccos(np.clip(directions @ sun, -1.0, 1.0))
    zenith = float(np.arccos(min(high, 1.0)))
    coefficients = _PEREZ @ np.array([turbidity, 1.0])
    luminance, x, y = (_spread(one, up, angle) / _spread(one, np.array(1.0), np.array(zenith)) for one in coefficients)
    powers = np.array([zenith**3, zenith**2, zenith, 1.0])
    x0, y0 = (float(np.array([turbidity**2, turbidity, 1.0]) @ table @ powers) for table in _ZENITH)
    x, y = x * x0, y * y0
    xyz = np.stack([x / y, np.ones_like(x), (1.0 - x - y) / y], axis=-1) * luminance[..., None]
    return np.asarray(np.maximum(np.sum(XYZ_TO_RGB * xyz[..., None, :], axis=-1), 0.0))


def _spread(perez: Float64, up: Float64, angle: Float64) -> Float64:
    """Perez' function. up: cosine of the zenith angle; angle: that to the sun, in radians."""
    a, b, c, d, e = perez
    # At the horizon itself the exponent has no limit for luminances.
    toward = 1.0 + a * np.exp(b / np.maximum(up, 0.01))
    around = 1.0 + c * np.exp(d * angle) + e * np.cos(angle) ** 2
    return np.asarray(toward * around)


def sky_light(elevation: Float64, turbidity: Float64) -> Float64:
    """Illuminance (...) [lux] of level ground by the sky without the sun.

    Half of what the air takes out of the sun's beam comes down, added to what is left at sunset: within 4 klx of the
    clear sky of the IES at a turbidity of 3. Below the horizon the fall of twilight (P. Janiczek, J. DeYoung, "Computer
    programs for sun and moon illuminance", USNO Circular 171, 1987), 3 lux at -6 degrees, nothing below -18.
    """
    sine = np.sin(np.deg2rad(np.maximum(elevation, 0.0)))
    beam, _ = sun_light(np.maximum(elevation, 1.0), turbidity)
    light: Float64 = (HORIZON + 0.5 * (EXTRATERRESTRIAL - beam) * sine) * twilight(elevation)
    return light


# From the elevation (the first number) on: the logarithm of the illuminance by powers of elevation / 90 degrees.
_TWILIGHT = (
    (-18.0, (13.84, 262.72, 1447.42, 2797.93)),
    (-12.0, (2.70, 12.17, -431.69, -1899.83)),
    (-5.0, (2.88, 21.81, -258.11, -858.36)),
)


def twilight(elevation: Float64) -> Float64:
    """The light (...) of the sky by that with the sun at the horizon; 1 above it."""
    low = np.minimum(elevation, 0.0)
    x = low / 90.0
    logarithm = np.full_like(x, -np.inf)
    for start, (l0, l1, l2, l3) in _TWILIGHT:
        logarithm = np.where(low >= start, l0 + x * (l1 + x * (l2 + x * l3)), logarithm)
    return np.where(elevation >= 0.0, 1.0, 10.0 ** (logarithm - 2.88))


def panorama(elevation: float, turbidity: float, height: int) -> NDArray[np.float32]:
    """(H, 2 H, 3) float32: a latitude-longitude picture of the sky that lights level ground with 1 lux.

    Its rows go from the zenith down; the sun, which is not in it, stands a quarter from the left, and longitude (from
    the dome's +Z toward its +X) falls from left to right as UsdLux has it. The lower half is grey ground in the light
    of both.
    """
    latitude = np.pi * (0.5 - (np.arange(height) + 0.5) / height)[:, None]
    longitude = 2.0 * np.pi * (0.5 - (np.arange(2 * height) + 0.5) / (2 * height))[None, :]
    # The dome's x stays, its y is up; its -z is our y.
    directions = np.stack(
        [
            np.cos(latitude) * np.sin(longitude),
            -np.cos(latitude) * np.cos(longitude),
            np.sin(latitude) * np.ones_like(longitude),
        ],
        axis=-1,
    )
    angle = np.deg2rad(max(elevation, 0.0))
    color = sky_color(directions, np.array([np.cos(angle), 0.0, np.sin(angle)]), turbidity)
    above = directions[..., 2] > 0
    edges = np.sin(np.pi * (0.5 - np.arange(height + 1) / height))
    solid = ((edges[:-1] - edges[1:]) * np.pi / height)[:, None]
    luminance = color @ np.array([0.2126, 0.7152, 0.0722])
    light = np.sum(np.where(above, luminance * directions[..., 2] * solid, 0.0))
    height_of_sun, haze = np.array(elevation), np.array(turbidity)
    beam, tint = sun_light(height_of_sun, haze)
    ground = GROUND / np.pi * (1.0 + tint * (beam * np.sin(angle) / sky_light(height_of_sun, haze)))
    return np.asarray(np.where(above[..., None], color / light, ground), dtype=np.float32)
