"""Lenses on the device: points to pixels and pixels to rays, in float64. The models are described in optics.models."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.errors import EngineError
from replicator_dr.optics import LensModel
from replicator_dr.render.scene import CameraArrays, FrameArrays, View
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

PLANE = wp.constant(int(LensModel.OPENCV_PINHOLE))
FISHEYE = wp.constant(int(LensModel.OPENCV_FISHEYE))
STEPS = wp.constant(30)
"""Of Newton's method at most; from a neighbour's answer it takes two or three."""
HALVINGS = wp.constant(40)
EXACT = wp.constant(wp.float64(1.0e-11))
"""How near to its pixel a ray has to come: on the normalised image plane, as a share of 1 + the distance there."""

Coefficients: Any = wp.types.vector(length=12, dtype=wp.float64)


@wp.struct
class LensState:
    """A lens over one image; k, limit, edge: see optics.Lens."""

    model: wp.int32
    focal: wp.vec2d
    centre: wp.vec2d
    k: Coefficients
    limit: wp.float64
    edge: wp.float64


_RECORD = numpy_dtype(LensState)


def lens_records(frames: FrameArrays, view: View) -> NDArray[Any] | None:
    """(B,) LensState records, None where the camera is a plain pinhole. EngineError where its model varies."""
    models = frames.cameras.lens_model[:, view.camera]
    if np.any(models != models[:1]):
        raise EngineError(f"lens_model[:, {view.camera}] varies from frame to frame; vary the coefficients instead")
    return lens_states(frames.cameras, view) if np.any(models != LensModel.PINHOLE) else None


def lens_states(cameras: CameraArrays, view: View) -> NDArray[Any]:
    """(B,) LensState records, of pinholes too, which none of the functions below takes."""
    lenses = cameras.lenses(view.camera, view.width, view.height)
    records: NDArray[Any] = np.zeros(len(lenses), _RECORD)
    for record, lens in zip(records, lenses):
        record["model"], record["k"] = lens.model, lens.k
        record["focal"], record["centre"] = lens.intrinsics[:2], lens.intrinsics[2:]
        record["limit"], record["edge"] = lens.limit, lens.edge
    return records


@wp.func
def on_plane(k: Coefficients, p: wp.vec2d) -> wp.vec2d:
    """OPENCV_PINHOLE: a point of the plane z = 1 on the normalised image plane."""
    one = wp.float64(1.0)
    two = wp.float64(2.0)
    a = p[0]
    b = p[1]
    u = a * a + b * b
    g = (one + u * (k[0] + u * (k[1] + u * k[4]))) / (one + u * (k[5] + u * (k[6] + u * k[7])))
    return wp.vec2d(
        a * g + two * k[2] * a * b + k[3] * (u + two * a * a) + u * (k[8] + k[9] * u),
        b * g + k[2] * (u + two * b * b) + two * k[3] * a * b + u * (k[10] + k[11] * u),
    )


@wp.func
def plane_slope(k: Coefficients, p: wp.vec2d) -> wp.mat22d:
    """Its derivatives: rows x and y, columns a and b."""
    one = wp.float64(1.0)
    two = wp.float64(2.0)
    three = wp.float64(3.0)
    four = wp.float64(4.0)
    six = wp.float64(6.0)
    a = p[0]
    b = p[1]
    u = a * a + b * b
    over = one + u * (k[0] + u * (k[1] + u * k[4]))
    under = one + u * (k[5] + u * (k[6] + u * k[7]))
    g = over / under
    turn = (
        (k[0] + u * (two * k[1] + u * three * k[4])) * under - over * (k[5] + u * (two * k[6] + u * three * k[7]))
    ) / (under * under)
    across = two * a * b * turn + two * (k[2] * a + k[3] * b)
    sx = two * k[8] + four * k[9] * u
    sy = two * k[10] + four * k[11] * u
    return wp.mat22d(
        g + two * a * a * turn + two * k[2] * b + six * k[3] * a + sx * a,
        across + sx * b,
        across + sy * a,
        g + two * b * b * turn + six * k[2] * b + two * k[3] * a + sy * b,
    )


@wp.func
def distance_at(lens: LensState, theta: wp.float64) -> wp.float64:
    """OPENCV_FISHEYE: the distance from the centre on the normalised image plane."""
    u = theta * theta
    k = lens.k
    return theta * (wp.float64(1.0) + u * (k[0] + u * (k[1] + u * (k[2] + u * k[3]))))


@wp.func
def angle_at(lens: LensState, m: wp.float64) -> wp.float64:
    """FTHETA: the angle [rad] at a distance from the centre."""
    k = lens.k
    return m * (wp.float64(1.0) + m * (k[0] + m * (k[1] + m * (k[2] + m * k[3]))))


@wp.func
def radial(lens: LensState, s: wp.float64) -> wp.float64:
    """What ``searched`` looks through; it grows from 0 to the model's end."""
    if lens.model == PLANE:
        k = lens.k
        u = s * s
        one = wp.float64(1.0)
        return s * (one + u * (k[0] + u * (k[1] + u * k[4]))) / (one + u * (k[5] + u * (k[6] + u * k[7])))
    if lens.model == FISHEYE:
        return distance_at(lens, s)
    return angle_at(lens, s)


@wp.func
def searched(lens: LensState, value: wp.float64, end: wp.float64) -> wp.float64:
    """Where ``radial`` has a value, by halving 0 to end."""
    low = wp.float64(0.0)
    high = end
    for _ in range(HALVINGS):
        middle = wp.float64(0.5) * (low + high)
        if radial(lens, middle) < value:
            low = middle
        else:
            high = middle
    return wp.float64(0.5) * (low + high)


@wp.func
def radial_slope(lens: LensState, s: wp.float64) -> wp.float64:
    """The derivative of ``radial`` for the models that are nothing else."""
    k = lens.k
    one = wp.float64(1.0)
    if lens.model == FISHEYE:
        u = s * s
        return one + u * (
            wp.float64(3.0) * k[0]
            + u * (wp.float64(5.0) * k[1] + u * (wp.float64(7.0) * k[2] + u * wp.float64(9.0) * k[3]))
        )
    return one + s * (
        wp.float64(2.0) * k[0]
        + s * (wp.float64(3.0) * k[1] + s * (wp.float64(4.0) * k[2] + s * wp.float64(5.0) * k[3]))
    )


@wp.func
def solved(lens: LensState, value: wp.float64, end: wp.float64, guess: wp.float64) -> wp.float64:
    """The same to the last digit, by Newton's method from a guess (negative: none); by halving where it strays."""
    s = guess
    if s < wp.float64(0.0):
        s = searched(lens, value, end)
    for _ in range(STEPS):
        step = (radial(lens, s) - value) / radial_slope(lens, s)
        s = s - step
        if not (s >= wp.float64(0.0) and s <= end):
            return searched(lens, value, end)
        if wp.abs(step) < EXACT:
            return s
    return searched(lens, value, end)


@wp.func
def flattened(lens: LensState, target: wp.vec2d, guess: wp.vec2d) -> wp.vec3d:
    """OPENCV_PINHOLE: the point of the plane z = 1 that is seen at ``target``, by Newton's method; third 0: none."""
    none = wp.vec3d(wp.float64(0.0), wp.float64(0.0), wp.float64(0.0))
    p = guess
    near = EXACT * (wp.float64(1.0) + wp.length(target))
    for _ in range(STEPS):
        gap = on_plane(lens.k, p) - target
        if wp.length(gap) < near:
            if wp.length(p) < lens.limit:
                return wp.vec3d(p[0], p[1], wp.float64(1.0))
            return none
        j = plane_slope(lens.k, p)
        size = j[0, 0] * j[1, 1] - j[0, 1] * j[1, 0]
        p = p - wp.vec2d(j[1, 1] * gap[0] - j[0, 1] * gap[1], j[0, 0] * gap[1] - j[1, 0] * gap[0]) / size
        out = wp.length(p)
        if out > lens.limit:
            p = p * (lens.limit / out)
    return none


@wp.func
def ray_at(lens: LensState, x: wp.float64, y: wp.float64, guess: wp.vec3d) -> wp.vec3d:
    """The unit ray through a place on the image [pixels], zeros where the lens shows nothing.

    guess: about the ray, something short where there is none.
    """
    zero = wp.float64(0.0)
    none = wp.vec3d(zero, zero, zero)
    m = wp.vec2d((x - lens.centre[0]) / lens.focal[0], (y - lens.centre[1]) / lens.focal[1])
    distance = wp.length(m)
    if not (distance < lens.edge):
        return none
    known = wp.length(guess) > wp.float64(0.5)
    if lens.model == PLANE:
        point = none
        if known:
            point = flattened(lens, m, wp.vec2d(guess[0] / guess[2], guess[1] / guess[2]))
        if point[2] == zero:
            start = wp.min(searched(lens, distance, lens.limit), wp.float64(0.999) * lens.limit)
            scale = zero
            if distance > zero:
                scale = start / distance
            point = flattened(lens, m, m * scale)
        if point[2] == zero:
            return none
        return wp.normalize(point)
    theta = zero
    if lens.model == FISHEYE:
        near = wp.float64(-1.0)
        if known:
            near = wp.atan2(wp.length(wp.vec2d(guess[0], guess[1])), guess[2])
        theta = solved(lens, distance, lens.limit, near)
    else:
        theta = angle_at(lens, distance)
    sine = wp.sin(theta)
    if distance > zero:
        sine = sine / distance
    return wp.vec3d(m[0] * sine, m[1] * sine, wp.cos(theta))


@wp.func
def place_of(lens: LensState, p: wp.vec3d) -> wp.vec3d:
    """Where a point in the camera's frame is seen [pixels]; third component 0: it is not."""
    zero = wp.float64(0.0)
    none = wp.vec3d(zero, zero, zero)
    m = wp.vec2d(zero, zero)
    if lens.model == PLANE:
        if not (p[2] > zero):
            return none
        q = wp.vec2d(p[0] / p[2], p[1] / p[2])
        if not (wp.length(q) < lens.limit):
            return none
        m = on_plane(lens.k, q)
    else:
        across = wp.length(wp.vec2d(p[0], p[1]))
        theta = wp.atan2(across, p[2])
        if not (theta < lens.limit) or wp.length(p) == zero:
            return none
        distance = zero
        if lens.model == FISHEYE:
            distance = distance_at(lens, theta)
        else:
            distance = solved(lens, theta, lens.edge, wp.min(theta, lens.edge))
        if across > zero:
            m = wp.vec2d(p[0], p[1]) * (distance / across)
    return wp.vec3d(m[0] * lens.focal[0] + lens.centre[0], m[1] * lens.focal[1] + lens.centre[1], wp.float64(1.0))
