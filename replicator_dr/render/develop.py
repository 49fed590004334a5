"""Developing: film to bytes, in the order in which a camera does it.

Light falls off toward the corners, becomes electrons, is read out with noise and rounded, and is amplified; then follow
the tone curve and the sRGB encoding of all images. Channels are independent of each other: there is no colour mosaic.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import color
from replicator_dr.render.noise import normals, pixel_stream, poisson, uniform
from replicator_dr.render.scene import FrameArrays, View
from replicator_dr.render.sensor import HEADROOM
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False})

SHOULDER = wp.constant(color.SHOULDER)
PLACES = wp.constant(3)
"""Random words of a channel of a pixel."""


@wp.struct
class Development:
    """How the film of one frame is developed; see sensor.SensorArrays.

    focal, centre: fx, fy and cx, cy [pixels]. well: electrons of white, 0 = without noise. full: those of a full well.
    steps: numbers of the converter, 0 = it does not round. frame: the frame's own number.
    """

    focal: wp.vec2
    centre: wp.vec2
    light: wp.float32
    amplification: wp.float32
    vignetting: wp.float32
    well: wp.float32
    full: wp.float32
    read_noise: wp.float32
    steps: wp.float32
    seed: wp.uint32
    frame: wp.uint32
    camera: wp.uint32


def records(
    frames: FrameArrays, view: View, seed: int, numbers: NDArray[np.int64], camera: int | None = None
) -> NDArray[Any]:
    """(B,) Development records. numbers: (B,) the frames' own; camera: what the noise is told apart by, the column."""
    result: NDArray[Any] = np.zeros(len(frames), numpy_dtype(Development))
    intrinsics = frames.cameras.intrinsics(view.camera, view.width, view.height)
    result["focal"], result["centre"] = intrinsics[:, :2], intrinsics[:, 2:]
    result["light"] = result["amplification"] = 1.0
    if frames.sensors is not None:
        sensors, column = frames.sensors, view.camera
        for name in ("light", "amplification", "vignetting", "read_noise"):
            result[name] = getattr(sensors, name)[:, column]
        result["full"] = sensors.full_well[:, column]
        result["well"] = result["full"] / HEADROOM
        bits = np.round(sensors.bits[:, column])
        result["steps"] = np.where(bits > 0, 2.0**bits - 1.0, 0.0)
    result["seed"], result["frame"] = seed & 0xFFFFFFFF, numbers & 0xFFFFFFFF
    result["camera"] = view.camera if camera is None else camera
    return result


@wp.func
def read_out(how: Development, value: float, stream: wp.uint32, place: int) -> float:
    """What the converter gives for a channel, 1 = white; ``place``: of the channel's first random word."""
    z = normals(stream, place + 1)
    electrons = poisson(value * how.well, uniform(stream, place), z[0]) + how.read_noise * z[1]
    electrons = wp.min(electrons, how.full)
    if how.steps > 0.0:
        electrons = wp.round(electrons * how.steps / how.full) / how.steps * how.full
    return electrons / how.well


@wp.func
def encoded(radiance: float) -> wp.uint8:
    """color.tone and color.to_srgb, to a byte."""
    value = wp.max(radiance, 0.0)
    if value > SHOULDER:
        t = (value - SHOULDER) / (1.0 - SHOULDER)
        value = SHOULDER + (1.0 - SHOULDER) * t / (1.0 + t)
    coded = float(12.92 * value)
    if value > 0.0031308:
        coded = 1.055 * wp.pow(value, 1.0 / 2.4) - 0.055
    return wp.uint8(wp.int32(coded * 255.0 + 0.5))


@wp.kernel(enable_backward=False)
def develop_images(
    film: wp.array4d(dtype=wp.float32),
    developments: wp.array(dtype=Development),
    rgb: wp.array4d(dtype=wp.uint8),
):
    """film: (B, H, W, 4) float32 linear radiance, 1 = white; rgb: (B, H, W, 4) uint8, alpha 255."""
    b, y, x = wp.tid()
    how = developments[b]
    u = (float(x) + 0.5 - how.centre[0]) / how.focal[0]
    v = (float(y) + 0.5 - how.centre[1]) / how.focal[1]
    # cos^4 of the angle to the axis is 1 / (1 + u^2 + v^2)^2.
    light = how.light
    if how.vignetting > 0.0:
        light *= wp.pow(1.0 + u * u + v * v, -2.0 * how.vignetting)
    stream = pixel_stream(how.seed, how.frame, how.camera, y * film.shape[2] + x)
    for channel in range(3):
        value = film[b, y, x, channel] * light
        if how.well > 0.0:
            value = read_out(how, value, stream, PLACES * channel)
        rgb[b, y, x, channel] = encoded(value * how.amplification)
    rgb[b, y, x, 3] = wp.uint8(255)


def develop(film: wp.array, developments: NDArray[Any]) -> wp.array:
    """(B, H, W, 4) uint8, sRGB, alpha 255, on the film's device."""
    device = film.device
    rgb = wp.empty(film.shape, dtype=wp.uint8, device=device)
    how = wp.array(developments, dtype=Development, device=device)
    wp.launch(develop_images, film.shape[:3], [film, how, rgb], device=device)
    return rgb
