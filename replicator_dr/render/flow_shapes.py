"""How the points that pixels show move with the shapes of deformed parts from one moment to another.

A point lies on a triangle of the deformed mesh; it stays at the same place of that triangle, whose corners move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.deform import BodyTables, column_part, deformed, local, shift_part
from replicator_dr.render.moment import Moment
from replicator_dr.render.renderer import Renderer
from replicator_dr.render.scene import FrameArrays, View
from replicator_dr.render.shapes import body_tables

wp.set_module_options({"enable_backward": False, "fast_math": False, "fuse_fp": False})

OUTSIDE = wp.constant(wp.float64(1.0))
"""How far out of a triangle, in its edges, a pixel's centre may lie at most: the screen's grid rounds thin ones."""


@wp.struct
class ShapeTables:
    """The bodies at both moments, and the triangles that pixels show; on = 0: nothing is deformed.

    body: (P,), -1 = keeps its shape. to_body, from_body: (P,) for row vectors. triangle: (B, H, W). face_shift, faces,
    points: as in geometry.Geometry. view: (B, X), from the parts' frames to the camera's now, for column vectors.
    """

    on: wp.int32
    now: BodyTables
    then: BodyTables
    body: wp.array(dtype=wp.int32)
    to_body: wp.array(dtype=wp.mat44d)
    from_body: wp.array(dtype=wp.mat44d)
    triangle: wp.array3d(dtype=wp.int32)
    face_shift: wp.array(dtype=wp.int32)
    faces: wp.array(dtype=wp.vec3i)
    points: wp.array(dtype=wp.vec3)
    view: wp.array2d(dtype=wp.mat44d)


@wp.struct
class Corner:
    """A corner of a triangle in the camera's frame now [m], and how far its shape moves it."""

    at: wp.vec3d
    step: wp.vec3d


@wp.func
def corner_of(shapes: ShapeTables, frame: int, part: int, view: wp.mat44d, vertex: int) -> Corner:
    """A vertex of a part's mesh."""
    to_body = shapes.to_body[part]
    from_body = shapes.from_body[part]
    rest = local(column_part(to_body) * wp.vec3d(shapes.points[vertex]) + shift_part(to_body), wp.vec3d())
    back = column_part(from_body)
    here = back * deformed(shapes.now, frame, shapes.body[part], vertex, rest).point + shift_part(from_body)
    there = back * deformed(shapes.then, frame, shapes.body[part], vertex, rest).point + shift_part(from_body)
    turn = wp.mat33d(
        view[0, 0], view[0, 1], view[0, 2], view[1, 0], view[1, 1], view[1, 2], view[2, 0], view[2, 1], view[2, 2]
    )
    result = Corner()
    result.at = turn * here + wp.vec3d(view[0, 3], view[1, 3], view[2, 3])
    result.step = turn * (there - here)
    return result


@wp.func
def step_of_shape(
    shapes: ShapeTables, frame: int, y: int, x: int, part: int, transform: int, here: wp.vec3d
) -> wp.vec3d:
    """By how much a pixel's point moves with its part's shape, in the camera's frame now [m]."""
    triangle = shapes.triangle[frame, y, x]
    if shapes.body[part] < 0 or triangle < 0:
        return wp.vec3d()
    view = shapes.view[frame, transform]
    t = shapes.faces[triangle + shapes.face_shift[part]]
    a = corner_of(shapes, frame, part, view, t[0])
    b = corner_of(shapes, frame, part, view, t[1])
    c = corner_of(shapes, frame, part, view, t[2])
    plane = wp.cross(b.at - a.at, c.at - a.at)
    square = wp.max(wp.dot(plane, plane), wp.float64(1.0e-60))
    q = here - a.at
    least = -OUTSIDE
    most = wp.float64(1.0) + OUTSIDE
    u = wp.clamp(wp.dot(q, wp.cross(c.at - a.at, plane)) / square, least, most)
    v = wp.clamp(wp.dot(q, wp.cross(plane, b.at - a.at)) / square, least, most)
    return a.step + (b.step - a.step) * u + (c.step - a.step) * v


@dataclass(frozen=True)
class SeenShapes:
    """The deformed parts of a view. triangle: (B, H, W) int32, what the pixels' centres show, -1 = nothing."""

    renderer: Renderer
    triangle: wp.array

    def tables(self, now: Moment, then: Moment, to_camera: NDArray[np.float64]) -> ShapeTables:
        """What the kernels ask. to_camera: (B, 4, 4), world to the camera's frame now, OpenCV axes, row vectors."""
        layout, geometry, device = self.renderer.scene.deform, self.renderer.geometry, self.renderer.device
        assert layout is not None
        assert now.deform is not None
        assert then.deform is not None
        shapes = now.deform, then.deform

        def put(values: NDArray[Any], dtype: Any) -> wp.array:
            return wp.array(np.ascontiguousarray(values), dtype=dtype, device=device)

        tables = ShapeTables()
        tables.on = 1
        tables.now, tables.then = (body_tables(layout, shape, device, geometry.influences) for shape in shapes)
        tables.body = put(layout.part_body, wp.int32)
        tables.to_body = put(layout.part_frame, wp.mat44d)
        tables.from_body = put(np.linalg.inv(layout.part_frame), wp.mat44d)
        tables.triangle, tables.face_shift = self.triangle, geometry.face_shift
        tables.faces, tables.points = geometry.triangles, geometry.points
        tables.view = put(np.swapaxes(now.world @ to_camera[:, None], -1, -2), wp.mat44d)
        return tables


def seen_shapes(renderer: Renderer, frames: FrameArrays, view: View) -> SeenShapes | None:
    """The deformed parts of a view, drawn once more for their triangles; None where all parts keep their shape."""
    if frames.deform is None or renderer.scene.deform is None:
        return None
    drawn = renderer.draw(frames, view, rgb=False, triangles=True)
    return SeenShapes(renderer, drawn.triangles)
