"""Developing: film to bytes, in the order in which a camera does it.

The lens parts the colours and blurs; light falls off toward the corners, becomes electrons, is read out with noise,
amplified, clipped and rounded, amplified and balanced; the image is sharpened. Then follow the tone curve and the sRGB
encoding of all images, and what a JPEG file loses. Channels are independent of each other: there is no colour mosaic.

The random numbers are a pure function of (seed, frame, camera, pixel, channel), words of a hash that starts as that of
path/sequence.py; an image's noise does not depend on the batch or thread that makes it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render import chromatic, color, gaussian, jpeg
from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.scene import FrameArrays, View
from replicator_dr.render.sensor import HEADROOM, SensorArrays
from replicator_dr.render.start import WIDE_VECTORS
from replicator_dr.render.structs import numpy_dtype, put_records

wp.set_module_options({"enable_backward": False, "fast_math": True, "optimization_level": 3, **WIDE_VECTORS})

LARGEST = 1e6
"""Factors are cut off here: with BRIGHTEST, no product of them overflows."""
SHARPEST = 100.0
MOST_BITS = 16
SMALLEST = 1e-3
"""A full well of fewer electrons than this is none: there is no noise."""
LAST_STEP = wp.constant(float(color.TABLE - 1))


@wp.struct
class Development:
    """How the film of one frame is developed; see sensor.SensorArrays.

    focal, centre: fx, fy and cx, cy [pixels]. well: electrons of white, 0 = without noise. full: those of a full well.
    steps: numbers of the converter, 0 = it does not round. frame: the frame's own number. What stands below ``camera``
    is for the steps before and after the sensor.
    """

    focal: wp.vec2
    centre: wp.vec2
    light: wp.float32
    amplification: wp.float32
    gain: wp.float32
    balance: wp.vec3
    vignetting: wp.float32
    well: wp.float32
    full: wp.float32
    read_noise: wp.float32
    steps: wp.float32
    hot: wp.float32
    dead: wp.float32
    seed: wp.uint32
    frame: wp.uint32
    camera: wp.uint32
    blur: wp.float32
    chromatic_aberration: wp.float32
    sharpening: wp.float32
    jpeg_quality: wp.int32


_RECORD = numpy_dtype(Development)


def records(frames: FrameArrays, view: View, seed: int, numbers: NDArray[np.int64]) -> NDArray[Any]:
    """(B,) Development records. numbers: (B,) the frames' own, by which the noise is told apart, as by the camera."""
    intrinsics = frames.cameras.intrinsics(view.camera, view.width, view.height)
    return records_of(frames.sensors, view.camera, intrinsics, seed, numbers)


def records_of(
    sensors: SensorArrays | None,
    column: int,
    intrinsics: NDArray[np.float64],
    seed: int,
    numbers: NDArray[np.int64],
) -> NDArray[Any]:
    """The same for column ``column`` of sensors. intrinsics: (B, 4) fx, fy, cx, cy [pixels]."""
    result: NDArray[Any] = np.zeros(len(numbers), _RECORD)
    result["focal"], result["centre"] = intrinsics[:, :2], intrinsics[:, 2:]
    for name in ("light", "amplification", "gain", "balance"):
        result[name] = 1.0
    if sensors is not None:
        for name in ("light", "amplification", "gain", "balance", "vignetting", "read_noise", "blur"):
            result[name] = tamed(getattr(sensors, name)[:, column], 0.0, LARGEST)
        result["hot"], result["dead"] = tamed(sensors.hot_pixels[:, column], 0.0, 1.0), sensors.dead_pixels[:, column]
        result["chromatic_aberration"] = tamed(sensors.chromatic_aberration[:, column], -LARGEST, LARGEST)
        result["sharpening"] = tamed(sensors.sharpening[:, column], 0.0, SHARPEST)
        result["jpeg_quality"] = np.round(tamed(sensors.jpeg_quality[:, column], 0.0, 100.0))
        full_well = tamed(sensors.full_well[:, column], 0.0, BRIGHTEST)
        result["full"] = np.where(full_well > SMALLEST, full_well, 0.0)
        result["well"] = result["full"] / HEADROOM
        bits = np.round(tamed(sensors.bits[:, column], 0.0, MOST_BITS))
        result["steps"] = np.where(bits > 0, 2.0**bits - 1.0, 0.0)
    result["seed"], result["frame"] = seed & 0xFFFFFFFF, numbers & 0xFFFFFFFF
    result["camera"] = column
    return result


@wp.func_native((files("replicator_dr.render") / "native" / "sense_run.cpp").read_text())
def sense_run(
    frame: int,
    y: int,
    x_begin: int,
    x_end: int,
    developments: wp.array(dtype=Development),
    film: wp.array4d(dtype=wp.float32),
):
    """From the light of pixels x_begin to x_end - 1 of row y to what the sensor reads out, amplified; in place."""


@wp.kernel(enable_backward=False)
def sense_images(run: int, developments: wp.array(dtype=Development), film: wp.array4d(dtype=wp.float32)):
    """film: (B, H, W, 4) float32 linear radiance, 1 = white; becomes what the converter gives, likewise."""
    b, y, block = wp.tid()
    x = block * run
    sense_run(b, y, x, wp.min(x + run, film.shape[2]), developments, film)


@wp.func
def encoded(radiance: float, encode: wp.array(dtype=wp.int32)) -> wp.uint8:
    """color.tone and color.to_srgb, by the table that ordinary images are made with."""
    value = wp.max(radiance, 0.0)
    return wp.uint8(encode[wp.int32(value / (1.0 + value) * LAST_STEP + 0.5)])


@wp.kernel(enable_backward=False)
def encode_images(
    film: wp.array4d(dtype=wp.float32), encode: wp.array(dtype=wp.int32), rgb: wp.array4d(dtype=wp.uint8)
):
    """rgb: (B, H, W, 4) uint8, sRGB, alpha 255."""
    b, y, x = wp.tid()
    for channel in range(3):
        rgb[b, y, x, channel] = encoded(film[b, y, x, channel], encode)
    rgb[b, y, x, 3] = wp.uint8(255)


def sense(film: wp.array, developments: NDArray[Any]) -> None:
    """From linear radiance to what the sensors give, in place."""
    batch, height, width, _ = film.shape
    run = width if film.device.is_cpu else 1
    how = put_records(developments, Development, film.device)
    wp.launch(sense_images, (batch, height, -(-width // run)), [run, how, film], device=film.device)


def develop(film: wp.array, developments: NDArray[Any]) -> wp.array:
    """(B, H, W, 4) uint8, sRGB, alpha 255, on the film's device; the film is used up."""
    if len(rows := np.flatnonzero(developments["chromatic_aberration"])):
        chromatic.separate(film, rows, developments["chromatic_aberration"][rows], developments["centre"][rows])
    if len(rows := np.flatnonzero(developments["blur"])):
        gaussian.blur(film, rows, developments["blur"][rows])
    sense(film, developments)
    if len(rows := np.flatnonzero(developments["sharpening"])):
        gaussian.sharpen(film, rows, developments["sharpening"][rows])
    rgb = wp.empty(film.shape, dtype=wp.uint8, device=film.device)
    encode = wp.array(color.encoding_table(), dtype=wp.int32, device=film.device)
    wp.launch(encode_images, film.shape[:3], [film, encode, rgb], device=film.device)
    if len(rows := np.flatnonzero(developments["jpeg_quality"])):
        jpeg.compress(rgb, rows, developments["jpeg_quality"][rows])
    return rgb
