"""Where what each pixel shows stands at another moment: in the image, and in the camera's frame.

The point at a pixel's centre is carried by its part's shape and motion, and seen by the camera of the other moment,
through its lens, all in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.flow_shapes import SeenShapes, ShapeTables, step_of_shape
from replicator_dr.render.lens import LensState, lens_states, place_of, ray_at
from replicator_dr.render.moment import Moment
from replicator_dr.render.scene import RenderedView, View
from replicator_dr.render.structs import put_records

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

Float64 = NDArray[np.float64]

NO_LENS = wp.constant(0)


@dataclass(frozen=True)
class Flow:
    """pixels: (B, H, W, 2) float32, place at the other moment less the place now, x to the right, y down.

    points: (B, H, W, 3) float32 [m], the same in the frame of the camera, each moment's own, OpenCV axes. Both are nan
    where nothing is hit, pixels also where the other moment's camera cannot see: behind it, or beyond what its lens
    shows. What it sees but beside its image, or hidden, counts.
    """

    pixels: NDArray[np.float32]
    points: NDArray[np.float32]


@wp.func
def looks_along(lens: LensState, x: wp.float64, y: wp.float64, guess: wp.vec3d) -> wp.vec3d:
    """The ray through a place on the image [pixels]: a unit vector, of a pinhole one whose z is 1."""
    if lens.model == NO_LENS:
        return wp.vec3d((x - lens.centre[0]) / lens.focal[0], (y - lens.centre[1]) / lens.focal[1], wp.float64(1.0))
    return ray_at(lens, x, y, guess)


@wp.func
def seen_at(lens: LensState, p: wp.vec3d) -> wp.vec3d:
    """Where a point in the camera's frame is seen [pixels]; third component 0: it is not."""
    zero = wp.float64(0.0)
    if lens.model == NO_LENS:
        if not (p[2] > zero):
            return wp.vec3d(zero, zero, zero)
        return wp.vec3d(
            lens.focal[0] * (p[0] / p[2]) + lens.centre[0],
            lens.focal[1] * (p[1] / p[2]) + lens.centre[1],
            wp.float64(1.0),
        )
    return place_of(lens, p)


@wp.kernel(enable_backward=False)
def trace_flow(
    run: int,
    now: wp.array(dtype=LensState),
    then: wp.array(dtype=LensState),
    moved: wp.array2d(dtype=wp.mat44d),
    shapes: ShapeTables,
    part_transform: wp.array(dtype=wp.int32),
    part: wp.array3d(dtype=wp.int32),
    reach: wp.array3d(dtype=wp.float32),
    pixels: wp.array3d(dtype=wp.vec2),
    points: wp.array3d(dtype=wp.vec3),
):
    """``run`` pixels of a row a thread. moved: (B, X), the camera's frame now to the other moment's, column vectors.

    reach: depth [m] of pinholes, of lenses the distance along the ray.
    """
    frame, y, segment = wp.tid()
    lens = now[frame]
    zero = wp.float64(0.0)
    half = wp.float64(0.5)
    ray = wp.vec3d(zero, zero, zero)
    for x in range(segment * run, wp.min(segment * run + run, part.shape[2])):
        pixel = wp.vec2(wp.nan, wp.nan)
        step = wp.vec3(wp.nan, wp.nan, wp.nan)
        shown = part[frame, y, x]
        if shown >= 0:
            at_x = wp.float64(x) + half
            at_y = wp.float64(y) + half
            ray = looks_along(lens, at_x, at_y, ray)
            here = ray * wp.float64(reach[frame, y, x])
            at = here
            if shapes.on != 0:
                at += step_of_shape(shapes, frame, y, x, shown, part_transform[shown], here)
            m = moved[frame, part_transform[shown]]
            there = wp.vec3d(
                m[0, 0] * at[0] + m[0, 1] * at[1] + m[0, 2] * at[2] + m[0, 3],
                m[1, 0] * at[0] + m[1, 1] * at[1] + m[1, 2] * at[2] + m[1, 3],
                m[2, 0] * at[0] + m[2, 1] * at[1] + m[2, 2] * at[2] + m[2, 3],
            )
            step = wp.vec3(there - here)
            place = seen_at(then[frame], there)
            if place[2] != zero:
                pixel = wp.vec2(float(place[0] - at_x), float(place[1] - at_y))
        pixels[frame, y, x] = pixel
        points[frame, y, x] = step


def flow(
    now: Moment,
    then: Moment,
    rendered: RenderedView,
    part_transform: NDArray[np.int32],
    device: wp.Device,
    shapes: SeenShapes | None = None,
) -> Flow:
    """The flow of a view from its own moment to another one. shapes: None where all parts keep their shape."""
    view = rendered.view
    batch, height, width = rendered.part.shape

    def put(values: NDArray[Any], dtype: Any) -> wp.array:
        return wp.array(np.ascontiguousarray(values), dtype=dtype, device=device)

    reach = rendered.depth if rendered.distance is None else rendered.distance
    pixels = wp.empty((batch, height, width), dtype=wp.vec2, device=device)
    points = wp.empty((batch, height, width), dtype=wp.vec3, device=device)
    run = width if device.is_cpu else 8
    wp.launch(
        trace_flow,
        (batch, height, -(-width // run)),
        [
            run,
            put_records(lens_states(now.cameras, view), LensState, device),
            put_records(lens_states(then.cameras, view), LensState, device),
            put(np.swapaxes(carried(now, then, view), -1, -2), wp.mat44d),
            ShapeTables() if shapes is None else shapes.tables(now, then, _to_camera(now, view)),
            put(part_transform, wp.int32),
            put(rendered.part, wp.int32),
            put(reach, wp.float32),
            pixels,
            points,
        ],
        device=device,
    )
    return Flow(pixels.numpy(), points.numpy())


def carried(now: Moment, then: Moment, view: View) -> Float64:
    """(B, X, 4, 4) row-vector matrices: what a camera sees now to where it sees it then, OpenCV axes."""
    to_world, to_camera = _to_world(now, view), _to_camera(then, view)
    # What has no extent is not drawn; it has no way back to its own frame.
    flat = np.linalg.det(now.world[..., :3, :3]) == 0.0
    own = np.linalg.inv(np.where(flat[..., None, None], np.eye(4), now.world))
    result: Float64 = to_world[:, None] @ own @ then.world @ to_camera[:, None]
    return result


def _to_world(moment: Moment, view: View) -> Float64:
    """(B, 4, 4) row-vector matrices: from the camera's frame, OpenCV axes."""
    result: Float64 = np.diag([1.0, -1.0, -1.0, 1.0]) @ moment.cameras.world[:, view.camera]
    return result


def _to_camera(moment: Moment, view: View) -> Float64:
    """The opposite."""
    return np.asarray(np.linalg.inv(_to_world(moment, view)), np.float64)
