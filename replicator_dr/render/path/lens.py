"""Rays from a camera through a pixel and a lens: thin, with or without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.lens import PLANE, LensState, lens_records, ray_at
from replicator_dr.render.path.directions import on_disk
from replicator_dr.render.scene import FrameArrays, View
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False})


@wp.struct
class Lens:
    """A camera over one image. radius: of the lens [m], 0 for a pinhole; focus: distance along the axis [m].

    bent: 1 where rays follow ``model`` instead of straight lines. Of fisheyes focus, near and far count along the ray.
    """

    focal: wp.vec2
    centre: wp.vec2
    near: wp.float32
    far: wp.float32
    radius: wp.float32
    focus: wp.float32
    origin: wp.vec3
    right: wp.vec3
    up: wp.vec3
    ahead: wp.vec3
    bent: wp.int32
    model: LensState


_RECORD = numpy_dtype(Lens)


@wp.struct
class Ray:
    """near, far: along the unit direction [m]. A direction of zeros: the lens shows nothing there."""

    origin: wp.vec3
    direction: wp.vec3
    near: wp.float32
    far: wp.float32


def records(frames: FrameArrays, view: View) -> NDArray[Any]:
    """(B,) Lens records."""
    cameras, column = frames.cameras, view.camera
    result: NDArray[Any] = np.zeros(len(frames), _RECORD)
    intrinsics = cameras.intrinsics(column, view.width, view.height)
    result["focal"], result["centre"] = intrinsics[:, :2], intrinsics[:, 2:]
    result["near"], result["far"] = cameras.clipping[:, column].T
    radius = cameras.lens_radius(column)
    result["radius"], result["focus"] = radius, np.where(radius > 0.0, cameras.focus_distance[:, column], 1.0)
    world = cameras.world[:, column]
    result["right"], result["up"], result["ahead"] = world[:, 0, :3], world[:, 1, :3], -world[:, 2, :3]
    result["origin"] = world[:, 3, :3]
    models = lens_records(frames, view)
    if models is not None:
        result["bent"], result["model"] = 1, models
    return result


@wp.func
def camera_ray(lens: Lens, x: float, y: float, u: wp.vec2) -> Ray:
    """The ray through a point of the image [pixels], y down. u: chooses the point of the lens."""
    across = (x - lens.centre[0]) / lens.focal[0]
    down = (y - lens.centre[1]) / lens.focal[1]
    toward = lens.ahead + lens.right * across - lens.up * down
    ray = Ray()
    ray.origin = lens.origin
    if lens.bent != 0:
        zero = wp.float64(0.0)
        d = ray_at(lens.model, wp.float64(x), wp.float64(y), wp.vec3d(zero, zero, zero))
        if wp.length(d) == zero:
            return ray
        if lens.model.model == PLANE:
            d = d / d[2]
        toward = lens.right * float(d[0]) - lens.up * float(d[1]) + lens.ahead * float(d[2])
    if lens.radius > 0.0:
        p = on_disk(u) * lens.radius
        off = lens.right * p[0] + lens.up * p[1]
        ray.origin = lens.origin + off
        toward = toward - off / lens.focus
    # toward reaches one metre along the axis, or along a fisheye's ray: near and far count so.
    stretch = wp.length(toward)
    ray.direction = toward / stretch
    ray.near = lens.near * stretch
    ray.far = lens.far * stretch
    return ray
