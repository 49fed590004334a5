"""What lies behind the lens of UsdGeom cameras: shutter and exposure as USD has them, the sensor as we name it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.hierarchy import Tables
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
)
"""Numbers of depthSensor:*, in the order of DepthSensorArrays, in which kind and range come first."""

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
    "depthSensor:kind": ("depth_sensor", slice(0, 1)),
    "depthSensor:range": ("depth_sensor", slice(1, 3)),
    **{f"depthSensor:{name}": ("depth_sensor", slice(i, i + 1)) for i, name in enumerate(DEPTH_SENSOR, 3)},
}

AT_REST: dict[str, tuple[float, ...]] = {
    "shutter": (0.0, 0.0, 0.0),
    "exposure_terms": (0.0, 1.0, 100.0, 1.0, 1.0),
    "sensor": (0.0,) * 5,
    "depth_sensor": (0.0,) * 10,
}
"""USD's defaults: nothing moves while the shutter is open, and light is neither added nor taken."""


def sensor_arrays(tables: Tables, codes_per_second: float) -> SensorArrays | None:
    """The renderer's sensors from channel tables (B, C, k); None where all are plain and every shutter is quick.

    Light is UsdGeomCamera's linear exposure scale: 2^exposure time responsivity / fStop^2, and iso / 100 amplifies it.
    A shutter given in seconds (sensor:shutter) opens around the frame's moment; USD's open and close count time codes.
    """
    shutter, terms, sensor = tables["shutter"], tables["exposure_terms"], tables["sensor"]
    if (shutter == 0).all() and (terms == AT_REST["exposure_terms"]).all() and (sensor == 0).all():
        return None
    stops, time, iso, f_number, responsivity = np.moveaxis(terms, -1, 0)
    length = shutter[..., 2:]
    vignetting, full_well, read_noise, bits, samples = np.moveaxis(sensor, -1, 0)
    return SensorArrays(
        shutter=np.where(length > 0, length * [-0.5, 0.5], shutter[..., :2] / codes_per_second),
        light=2.0**stops * time * responsivity / f_number**2,
        amplification=iso / 100.0,
        vignetting=vignetting,
        full_well=full_well,
        read_noise=read_noise,
        bits=bits,
        samples=samples,
    )


def depth_sensor_arrays(tables: Tables) -> DepthSensorArrays | None:
    """The renderer's depth sensors from channel tables (B, C, k); None where no camera has one."""
    table = tables["depth_sensor"]
    return DepthSensorArrays(*np.moveaxis(table, -1, 0)) if (table[..., 0] != 0).any() else None
