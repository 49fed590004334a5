"""Depth as a sensor measures it: a stereo pair, or a time-of-flight camera. The true depth is left as it is.

*Stereo.* The image is that of the left eye; the right one stands a baseline b to its right. A surface at depth z has
the disparity d = f b / z pixels, which is measured with a Gaussian error and rounded to steps, so that sigma_z is
z^2 sigma_d / (f b). What the right eye does not see has no depth: left of a nearer surface a strip of
f b (1 / z_near - 1 / z_far) pixels, and along the image's left border what lies outside of its image. Matching itself
is not simulated: no failures on plain surfaces, no fattened edges, no correlation between neighbours.

*Time of flight.* The distance r along the ray has the error of a phase that is measured from a + n electrons, with
signal a and ambient light n: sigma = noise sqrt(a + n) / a (R. Lange and P. Seitz, "Solid-state time-of-flight range
camera", IEEE J. Quantum Electronics 37(3), 2001), a being reflectance cos(angle of incidence) / r^2, 1 for white at one
metre, seen head-on. Reflectance is the luminance of the base colour, without its picture. A pixel at an edge mixes both
surfaces by their signals (flying pixels). Light that bounces (multipath) is left out.

Either may have holes: anywhere, at edges, where surfaces are dark or seen at a grazing angle, and out of its range.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.optics import LensModel
from replicator_dr.render.noise import normals, pixel_stream, uniform
from replicator_dr.render.scene import FrameArrays, RenderedView
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False})

Float64 = NDArray[np.float64]

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Of linear RGB with the primaries of Rec. 709."""
DARKEST = 0.02
"""Reflectance that even black has."""
STREAM = wp.constant(wp.uint32(0x53656E73))
"""Keeps these random numbers apart from those of the colours."""
SUBPIXEL = wp.constant(256.0)
EDGE = wp.constant(0.03)
"""Change of slope of 1/z, over 1/z, from which on neighbouring pixels show different surfaces."""
DEGREE = wp.constant(0.017453292519943295)
STEREO, TIME_OF_FLIGHT = wp.constant(1), wp.constant(2)


class DepthSensorKind(IntEnum):
    """How depth is measured."""

    NONE = 0
    STEREO = 1
    TIME_OF_FLIGHT = 2


@wp.struct
class DepthSensor:
    """One frame's sensor; see sensor.DepthSensorArrays. right, up, ahead: the camera's axes in the world."""

    kind: wp.int32
    near: wp.float32
    far: wp.float32
    baseline: wp.float32
    disparity_noise: wp.float32
    disparity_step: wp.float32
    range_noise: wp.float32
    ambient: wp.float32
    flying_pixels: wp.float32
    ambiguity_range: wp.float32
    dropout: wp.float32
    edge_dropout: wp.float32
    max_incidence: wp.float32
    min_reflectance: wp.float32
    depth_step: wp.float32
    focal: wp.vec2
    centre: wp.vec2
    right: wp.vec3
    up: wp.vec3
    ahead: wp.vec3
    seed: wp.uint32
    frame: wp.uint32
    camera: wp.uint32


_RECORD = numpy_dtype(DepthSensor)


@wp.struct
class Scanned:
    """What the sensor looks at: (B, H, W) depth [m] and part, (B, H, W) unit normals; reflectance (B, P)."""

    depth: wp.array3d(dtype=wp.float32)
    part: wp.array3d(dtype=wp.int32)
    normals: wp.array3d(dtype=wp.vec4)
    reflectance: wp.array2d(dtype=wp.float32)


@wp.kernel(enable_backward=False)
def look_from_right(
    depth: wp.array3d(dtype=wp.float32),
    sensors: wp.array(dtype=DepthSensor),
    right: wp.array3d(dtype=wp.int32),
):
    """right: (B, H, W) int32, zeros, becomes the largest disparity that the right eye sees, in 1/256 pixel."""
    b, y, x = wp.tid()
    sensor = sensors[b]
    z = depth[b, y, x]
    if sensor.kind != STEREO or not wp.isfinite(z):
        return
    disparity = sensor.focal[0] * sensor.baseline / z
    place = float(x) - disparity
    code = wp.int32(disparity * SUBPIXEL)
    for side in range(2):
        column = wp.int32(wp.floor(place)) + side
        if column >= 0 and column < depth.shape[2]:
            wp.atomic_max(right, b, y, column, code)


@wp.func
def by_stereo(sensor: DepthSensor, z: float, x: int, y: int, b: int, right: wp.array3d(dtype=wp.int32), error: float):
    """The depth that a stereo pair measures, inf where it measures none."""
    disparity = sensor.focal[0] * sensor.baseline / z
    column = wp.int32(wp.floor(float(x) - disparity + 0.5))
    if column < 0 or column >= right.shape[2]:
        return wp.inf
    if float(right[b, y, column]) > (disparity + 1.0) * SUBPIXEL:
        return wp.inf
    measured = float(disparity + sensor.disparity_noise * error)
    if sensor.disparity_step > 0.0:
        measured = wp.round(measured / sensor.disparity_step) * sensor.disparity_step
    if measured <= 0.0:
        return wp.inf
    return sensor.focal[0] * sensor.baseline / measured


@wp.func
def ray_of(sensor: DepthSensor, x: int, y: int) -> wp.vec3:
    """Toward a pixel's centre, one metre along the axis; world frame."""
    across = (float(x) + 0.5 - sensor.centre[0]) / sensor.focal[0]
    down = (float(y) + 0.5 - sensor.centre[1]) / sensor.focal[1]
    return sensor.ahead + sensor.right * across - sensor.up * down


@wp.func
def facing(scanned: Scanned, ray: wp.vec3, b: int, y: int, x: int) -> float:
    """Cosine of the angle of incidence at a pixel."""
    n = scanned.normals[b, y, x]
    return wp.abs(wp.dot(wp.vec3(n[0], n[1], n[2]), wp.normalize(ray)))


@wp.func
def signal_of(sensor: DepthSensor, scanned: Scanned, b: int, y: int, x: int) -> float:
    """What comes back from a pixel's surface, 1 for white at a metre, head-on; 0 where there is none."""
    z = scanned.depth[b, y, x]
    if not wp.isfinite(z):
        return float(0.0)
    ray = ray_of(sensor, x, y)
    distance = z * wp.length(ray)
    cosine = wp.max(facing(scanned, ray, b, y, x), 0.01)
    return scanned.reflectance[b, scanned.part[b, y, x]] * cosine / (distance * distance)


@wp.func
def inverse_at(depth: wp.array3d(dtype=wp.float32), b: int, y: int, x: int) -> float:
    """1/z at a pixel, taken from the border where the pixel lies outside."""
    row = wp.clamp(y, 0, depth.shape[1] - 1)
    column = wp.clamp(x, 0, depth.shape[2] - 1)
    return 1.0 / depth[b, row, column]


@wp.func
def across_edge(depth: wp.array3d(dtype=wp.float32), b: int, y: int, x: int) -> wp.vec2i:
    """The neighbour (x, y) of a pixel at an edge that shows the other surface; the pixel itself where there is none.

    Over a plane 1/z is linear in the image; the neighbour behind the sharpest bend is the other surface.
    """
    here = 1.0 / depth[b, y, x]
    bend = float(EDGE * here)
    result = wp.vec2i(x, y)
    for side in range(4):
        dx = wp.where(side == 0, 1, wp.where(side == 1, -1, 0))
        dy = wp.where(side == 2, 1, wp.where(side == 3, -1, 0))
        if x + dx >= 0 and x + dx < depth.shape[2] and y + dy >= 0 and y + dy < depth.shape[1]:
            there = inverse_at(depth, b, y + dy, x + dx)
            behind = inverse_at(depth, b, y - dy, x - dx)
            turn = wp.abs(there - 2.0 * here + behind)
            if turn > bend and wp.abs(there - here) >= wp.abs(here - behind):
                bend = turn
                result = wp.vec2i(x + dx, y + dy)
    return result


@wp.func
def is_hole(sensor: DepthSensor, scanned: Scanned, b: int, y: int, x: int, stream: wp.uint32) -> bool:
    """Whether nothing is measured at a pixel, whatever its distance."""
    if uniform(stream, 4) < sensor.dropout:
        return True
    if scanned.reflectance[b, scanned.part[b, y, x]] < sensor.min_reflectance:
        return True
    if sensor.max_incidence > 0.0:
        if facing(scanned, ray_of(sensor, x, y), b, y, x) < wp.cos(sensor.max_incidence * DEGREE):
            return True
    if sensor.edge_dropout > 0.0 and uniform(stream, 5) < sensor.edge_dropout:
        other = across_edge(scanned.depth, b, y, x)
        return other[0] != x or other[1] != y
    return False


@wp.func
def by_time_of_flight(
    sensor: DepthSensor, scanned: Scanned, b: int, y: int, x: int, stream: wp.uint32, error: float
) -> float:
    """The depth that a time-of-flight camera measures."""
    stretch = wp.length(ray_of(sensor, x, y))
    distance = scanned.depth[b, y, x] * stretch
    signal = signal_of(sensor, scanned, b, y, x)
    if sensor.flying_pixels > 0.0 and uniform(stream, 2) < sensor.flying_pixels:
        other = across_edge(scanned.depth, b, y, x)
        other_x = other[0]
        other_y = other[1]
        beside = signal_of(sensor, scanned, b, other_y, other_x)
        if (other_x != x or other_y != y) and beside > 0.0:
            share = 0.5 * uniform(stream, 3)
            there = scanned.depth[b, other_y, other_x] * wp.length(ray_of(sensor, other_x, other_y))
            mixed = (1.0 - share) * signal + share * beside
            distance = ((1.0 - share) * signal * distance + share * beside * there) / mixed
            signal = mixed
    distance += sensor.range_noise * wp.sqrt(signal + sensor.ambient) / signal * error
    if sensor.ambiguity_range > 0.0:
        distance = distance - wp.floor(distance / sensor.ambiguity_range) * sensor.ambiguity_range
    return distance / stretch


@wp.kernel(enable_backward=False)
def measure_depth(
    scanned: Scanned,
    sensors: wp.array(dtype=DepthSensor),
    right: wp.array3d(dtype=wp.int32),
    measured: wp.array3d(dtype=wp.float32),
):
    """measured: (B, H, W) float32 [m] along the optical axis, inf where nothing is measured."""
    b, y, x = wp.tid()
    sensor = sensors[b]
    z = scanned.depth[b, y, x]
    result = float(wp.inf)
    if wp.isfinite(z):
        pixel = y * scanned.depth.shape[2] + x
        stream = pixel_stream(sensor.seed ^ STREAM, sensor.frame, sensor.camera, pixel)
        error = normals(stream, 0)[0]
        if sensor.kind == STEREO:
            result = by_stereo(sensor, z, x, y, b, right, error)
        if sensor.kind == TIME_OF_FLIGHT:
            result = by_time_of_flight(sensor, scanned, b, y, x, stream, error)
        if sensor.depth_step > 0.0:
            result = wp.round(result / sensor.depth_step) * sensor.depth_step
        if is_hole(sensor, scanned, b, y, x, stream):
            result = wp.inf
        if not (result >= sensor.near and result <= sensor.far):
            result = wp.inf
    measured[b, y, x] = result


def measure(
    frames: FrameArrays, seen: RenderedView, seed: int, numbers: NDArray[np.int64], device: wp.Device
) -> NDArray[np.float32] | None:
    """(B, H, W) float32 [m] along the optical axis, inf where nothing is measured; None without a sensor in any frame.

    seen: with normals. numbers: (B,) the frames' own: what is measured depends on them and the seed, not on the batch.
    """
    if frames.depth_sensors is None or not frames.depth_sensors.kind[:, seen.view.camera].any():
        return None
    assert seen.normals is not None
    if (frames.cameras.lens_model[:, seen.view.camera] != LensModel.PINHOLE).any():
        raise EngineError("a depth sensor measures in rectified images; give its camera no lens that distorts")

    def put(values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=device)

    scanned = Scanned()
    scanned.depth, scanned.part = put(seen.depth, wp.float32), put(seen.part, wp.int32)
    scanned.normals = put(seen.normals, wp.vec4)
    scanned.reflectance = put(reflectances(frames), wp.float32)
    sensors = put(_records(frames, seen, seed, numbers), DepthSensor)
    right = wp.zeros(seen.depth.shape, dtype=wp.int32, device=device)
    measured = wp.empty(seen.depth.shape, dtype=wp.float32, device=device)
    wp.launch(look_from_right, right.shape, [scanned.depth, sensors, right], device=device)
    wp.launch(measure_depth, measured.shape, [scanned, sensors, right, measured], device=device)
    return np.asarray(measured.numpy(), np.float32)


def reflectances(frames: FrameArrays) -> NDArray[np.float32]:
    """(B, P) float32: luminance of each part's base colour, DARKEST or more."""
    luminance = np.clip(frames.materials.base_color @ np.array(LUMINANCE, np.float32), DARKEST, 1.0)
    return np.take_along_axis(luminance, frames.part_material.astype(np.intp), axis=1).astype(np.float32)


def _records(frames: FrameArrays, seen: RenderedView, seed: int, numbers: NDArray[np.int64]) -> NDArray[Any]:
    assert frames.depth_sensors is not None
    result: NDArray[Any] = np.zeros(len(frames), _RECORD)
    for name, value in vars(frames.depth_sensors).items():
        result[name] = value[:, seen.view.camera]
    result["focal"], result["centre"] = seen.intrinsics[:, :2], seen.intrinsics[:, 2:]
    world = frames.cameras.world[:, seen.view.camera]
    result["right"], result["up"], result["ahead"] = world[:, 0, :3], world[:, 1, :3], -world[:, 2, :3]
    result["seed"], result["frame"], result["camera"] = seed & 0xFFFFFFFF, numbers & 0xFFFFFFFF, seen.view.camera
    return result
