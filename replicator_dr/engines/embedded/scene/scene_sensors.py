"""What lies behind the lens of UsdGeom cameras: shutter and exposure as USD has them, the sensor as we name it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.hierarchy import Tables
from replicator_dr.engines.embedded.scene.scene_lights import temperature_color
from replicator_dr.render.sensor import DepthSensorArrays, SensorArrays

Float64 = NDArray[np.float64]

DEPTH_SENSOR = (
    "baseline",
    "disparityNoise",
    "disparityStep",
    "rangeNoise",
    "ambient",
    "flyingPixels",
    "ambiguityRange",
    "dropout",
    "edgeDropout",
    "maxIncidence",
    "minReflectance",
    "depthStep",
)
"""Numbers of depthSensor:*, in the order of DepthSensorArrays, in which kind and range come first."""

IMAGING = (
    "blur",
    "chromaticAberration",
    "hotPixels",
    "deadPixels",
    "sharpening",
    "jpegQuality",
    "rollingShutter",
    "gain",
    "whiteBalance",
    "tint",
)
"""Further numbers of sensor:*, which follow those that SENSOR_CHANNELS names one by one."""
NEUTRAL_TEMPERATURE = 6500.0
LEAST_COLOR = 0.01
"""Components of a colour that a white balance divides by are at least this."""

# Attributes, and the channel and component that they fill. Those of USD come first; sensor:* and depthSensor:* are
# this project's own.
SENSOR_CHANNELS: dict[str, tuple[str, slice]] = {
    "shutter:open": ("shutter", slice(0, 1)),
    "shutter:close": ("shutter", slice(1, 2)),
    "exposure": ("exposure_terms", slice(0, 1)),
    "exposure:time": ("exposure_terms", slice(1, 2)),
    "exposure:iso": ("exposure_terms", slice(2, 3)),
    "exposure:fStop": ("exposure_terms", slice(3, 4)),
    "exposure:responsivity": ("exposure_terms", slice(4, 5)),
    "sensor:shutter": ("shutter", slice(2, 3)),
    "sensor:vignetting": ("sensor", slice(0, 1)),
    "sensor:fullWell": ("sensor", slice(1, 2)),
    "sensor:readNoise": ("sensor", slice(2, 3)),
    "sensor:bits": ("sensor", slice(3, 4)),
    "sensor:samples": ("sensor", slice(4, 5)),
    **{f"sensor:{name}": ("sensor", slice(i, i + 1)) for i, name in enumerate(IMAGING, 5)},
    "depthSensor:kind": ("depth_sensor", slice(0, 1)),
    "depthSensor:range": ("depth_sensor", slice(1, 3)),
    **{f"depthSensor:{name}": ("depth_sensor", slice(i, i + 1)) for i, name in enumerate(DEPTH_SENSOR, 3)},
}

AT_REST: dict[str, tuple[float, ...]] = {
    "shutter": (0.0, 0.0, 0.0),
    "exposure_terms": (0.0, 1.0, 100.0, 1.0, 1.0),
    "sensor": (0.0,) * (5 + len(IMAGING)),
    "depth_sensor": (0.0,) * (3 + len(DEPTH_SENSOR)),
}
"""USD's defaults: nothing moves while the shutter is open, and light is neither added nor taken."""


def sensor_arrays(tables: Tables, codes_per_second: float) -> SensorArrays | None:
    """The renderer's sensors from channel tables (B, C, k); None where all are plain and every shutter is quick.

    Light is UsdGeomCamera's linear exposure scale: 2^exposure time responsivity / fStop^2, and iso / 100 amplifies it.
    Numbers of sensor:* are 0 where the camera does not do that; a gain or temperature of 0 is a neutral one.
    A shutter given in seconds (sensor:shutter) opens around the frame's moment; USD's open and close count time codes.
    """
    shutter, terms, sensor = tables["shutter"], tables["exposure_terms"], tables["sensor"]
    if (shutter == 0).all() and (terms == AT_REST["exposure_terms"]).all() and (sensor == 0).all():
        return None
    stops, time, iso, f_number, responsivity = np.moveaxis(terms, -1, 0)
    length = shutter[..., 2:]
    vignetting, full_well, read_noise, bits, samples = np.moveaxis(sensor[..., :5], -1, 0)
    blur, chromatic_aberration, hot, dead, sharpening, quality, row_time = np.moveaxis(sensor[..., 5:12], -1, 0)
    gain, temperature, tint = np.moveaxis(sensor[..., 12:], -1, 0)
    return SensorArrays(
        shutter=np.where(length > 0, length * [-0.5, 0.5], shutter[..., :2] / codes_per_second),
        light=2.0**stops * time * responsivity / f_number**2,
        amplification=iso / 100.0,
        vignetting=vignetting,
        full_well=full_well,
        read_noise=read_noise,
        bits=bits,
        samples=samples,
        gain=np.where(gain > 0, gain, 1.0),
        balance=white_balance(temperature, tint),
        blur=blur,
        chromatic_aberration=chromatic_aberration,
        hot_pixels=hot,
        dead_pixels=dead,
        sharpening=sharpening,
        jpeg_quality=quality,
        row_time=row_time,
    )


def white_balance(kelvin: Float64, tint: Float64) -> Float64:
    """(..., 3) factors on linear red, green and blue of a camera that takes light of that temperature for white.

    kelvin: (...), 0 for a neutral one. What 6500 K light shows is divided by the colour of a black body of ``kelvin``,
    its green being 1; tint: (...) stops by which green is less.
    """
    color = np.maximum(temperature_color(np.where(kelvin > 0, kelvin, NEUTRAL_TEMPERATURE)), LEAST_COLOR)
    factors = color[..., 1:2] / color
    factors[..., 1] *= 2.0**-tint
    return np.asarray(factors)


def depth_sensor_arrays(tables: Tables) -> DepthSensorArrays | None:
    """The renderer's depth sensors from channel tables (B, C, k); None where no camera has one."""
    table = tables["depth_sensor"]
    return DepthSensorArrays(*np.moveaxis(table, -1, 0)) if (table[..., 0] != 0).any() else None
