"""Effects of sensors on the pictures that Isaac Sim has rendered: the same steps as in the embedded runtime.

RTX gives bytes behind its tone curve. They are taken back to light as if the curve were the embedded runtime's, whose
inverse ends at a full well, go through the lens and the sensor, and become bytes again. What is burnt out
counts as a full well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from replicator_dr.engines.embedded.scene.scene_sensors import AT_REST, SENSOR_CHANNELS, sensor_arrays
from replicator_dr.labels.cameras import camera_of
from replicator_dr.pool.camera import camera_params, camera_prim
from replicator_dr.pool.layout import View

if TYPE_CHECKING:
    from pxr import Usd

    from replicator_dr.render.sensor import SensorArrays

PICTURES = ("rgb", "LdrColor")


def with_sensors(
    pictures: Mapping[str, dict[str, Any]], stage: Usd.Stage, views: Sequence[View], frame: int, seed: int
) -> dict[str, dict[str, Any]]:
    """The annotators of an environment's views, those of colours as the cameras' sensors make them.

    pictures: {name of the view: its annotators}. views: of one environment, in their order. stage: as it was captured.
    """
    found = dict(pictures)
    for number, view in enumerate(views):
        names = [name for name in PICTURES if name in found.get(view.name, {})]
        sensors = _sensors_of(camera_prim(stage, view.camera)) if names else None
        if sensors is None:
            continue
        intrinsics = camera_of(camera_params(stage, view.camera, view.resolution, view.origin)).intrinsics
        pixels = np.array([intrinsics], np.float64)
        for name in names:
            own = found[view.name][name]
            made = developed(np.asarray(own["data"]), sensors, pixels, number, frame, seed)
            found[view.name] = {**found[view.name], name: {**own, "data": made}}
    return found


def developed(
    rgb: NDArray[np.uint8],
    sensors: SensorArrays,
    intrinsics: NDArray[np.float64],
    camera: int,
    frame: int,
    seed: int,
) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 through a sensor, (1, 1) of each number. intrinsics: (1, 4) fx, fy, cx, cy [pixels]."""
    import warp as wp

    from replicator_dr.render import color, develop
    from replicator_dr.render.start import start_warp

    start_warp()
    light = color.light_of(np.arange(256) / 255.0).astype(np.float32)
    film = wp.array(light[rgb[None]], dtype=wp.float32, device=wp.get_preferred_device())
    how = develop.records_of(sensors, 0, intrinsics, seed, np.array([frame]))
    how["camera"] = camera
    result: NDArray[np.uint8] = develop.develop(film, how).numpy()[0]
    return result


def _sensors_of(prim: Usd.Prim) -> SensorArrays | None:
    """What the attributes of a camera, or of the wrapper above it, say of its sensor; None where it has no effects."""
    tables = {name: np.array(values, float)[None, None] for name, values in AT_REST.items()}
    for name, (channel, components) in SENSOR_CHANNELS.items():
        if not name.startswith("sensor:"):
            continue
        for holder in (prim, prim.GetParent()):
            attribute = holder.GetAttribute(name)
            value = attribute.Get() if attribute else None
            if value is not None:
                tables[channel][0, 0, components] = value
                break
    sensors = sensor_arrays(tables, 1.0)
    return None if sensors is None or sensors.is_plain(0).all() else sensors
