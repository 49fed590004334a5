"""The ground of a frame: the largest level rectangle below the camera, which a floor, a table top or a box shows.

Metals on it mirror it instead of the lower half of a dome (native/shade_5_ground.cpp, shade_6_dome.cpp,
shade_9_mirror.cpp).
"""

from __future__ import annotations

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.arrays import SurroundingArrays
from replicator_dr.render.once import once_a_mesh
from replicator_dr.render.scene import Mesh, SceneArrays
from replicator_dr.render.structs import GroundState, MaterialState
from replicator_dr.render.texture import LEVELS

wp.set_module_options({"enable_backward": False, "fuse_fp": False})

FILLED = 0.85
"""The share of a side of a mesh's box that has to be surface for the side to count as a rectangle."""
ON_SIDE = 1e-3
"""Corners this share of the mesh's extent off a side of its box lie on it."""
LEAST_UP = wp.constant(wp.float64(0.7))
"""Normals that point up by less than this are no ground's."""
SMALLEST = wp.constant(1.0e-3)
"""Half sides are at least this long [m]."""
_MEAN = wp.constant(LEVELS - 1)

Float64 = NDArray[np.float64]


@wp.struct
class Rectangles:
    """Sides of the parts that can be ground.

    part: (R,) int32. centre, half_u, half_v: (R,) vec3d, in the part's frame, half_u x half_v outward. tint: (R,) vec3,
    the mean of the mesh's own colours.
    """

    part: wp.array(dtype=wp.int32)
    centre: wp.array(dtype=wp.vec3d)
    half_u: wp.array(dtype=wp.vec3d)
    half_v: wp.array(dtype=wp.vec3d)
    tint: wp.array(dtype=wp.vec3)


@once_a_mesh
def flat_sides(mesh: Mesh) -> Float64:
    """(N, 3, 3): centre, half_u and half_v of each side of a mesh's box that its surface fills."""
    if not len(mesh.triangles):
        return np.zeros((0, 3, 3))
    corners = mesh.points[mesh.triangles].astype(np.float64)
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    near = ON_SIDE * float(half.max())
    normal = 0.5 * np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    found = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for side, plane in ((-1.0, low), (1.0, high)):
            there = np.all(np.abs(corners[..., axis] - plane[axis]) <= near, axis=1)
            facing = side * normal[there, axis]
            # A sheet shows the same rectangle on both sides, whichever way it is turned.
            area = np.abs(facing).sum() if half[axis] <= near else np.maximum(facing, 0.0).sum()
            if half[u] * half[v] > 0.0 and area >= FILLED * 4.0 * half[u] * half[v]:
                centre, half_u, half_v = middle.copy(), np.zeros(3), np.zeros(3)
                centre[axis] = plane[axis]
                half_u[u], half_v[v] = side * half[u], half[v]
                found.append([centre, half_u, half_v])
    return np.array(found, np.float64).reshape(-1, 3, 3)


def rectangles(scene: SceneArrays, device: wp.Device) -> Rectangles:
    """Those of all parts of a scene that keep their shape, on a device."""
    sides = [flat_sides(mesh) for mesh in scene.meshes]
    tints = [np.ones(3) if mesh.colors is None else mesh.colors.mean(axis=0) for mesh in scene.meshes]
    rigid = np.ones(len(scene.part_mesh), bool) if scene.deform is None else scene.deform.part_body < 0
    of_part = [sides[mesh][: len(sides[mesh]) * keeps] for mesh, keeps in zip(scene.part_mesh, rigid)]
    part = np.repeat(np.arange(len(of_part)), [len(found) for found in of_part])
    all_sides = np.concatenate([np.zeros((0, 3, 3)), *of_part])
    tint = np.array(tints, np.float32).reshape(-1, 3)[scene.part_mesh[part]]
    result = Rectangles()
    result.part = wp.array(part.astype(np.int32), dtype=wp.int32, device=device)
    for column, name in enumerate(("centre", "half_u", "half_v")):
        setattr(result, name, wp.array(np.ascontiguousarray(all_sides[:, column]), dtype=wp.vec3d, device=device))
    result.tint = wp.array(np.ascontiguousarray(tint), dtype=wp.vec3, device=device)
    return result


@wp.func
def along(m: wp.mat44d, v: wp.vec3d) -> wp.vec3d:
    """A vector under a row-vector matrix."""
    return wp.vec3d(
        v[0] * m[0, 0] + v[1] * m[1, 0] + v[2] * m[2, 0],
        v[0] * m[0, 1] + v[1] * m[1, 1] + v[2] * m[2, 1],
        v[0] * m[0, 2] + v[1] * m[1, 2] + v[2] * m[2, 2],
    )


@wp.func
def mean_of(surroundings: SurroundingArrays, picture: int) -> wp.vec3:
    """A picture's mean, linear: its smallest mipmap, whose bits texture.TextureAtlas explains."""
    if picture < 0:
        return wp.vec3(1.0, 1.0, 1.0)
    texel = surroundings.texels[surroundings.levels[picture, _MEAN][0]]
    mask = wp.uint32(1023)
    root = wp.vec3(float(texel & mask), float((texel >> wp.uint32(10)) & mask), float((texel >> wp.uint32(20)) & mask))
    return wp.cw_mul(root, root) / (1023.0 * 1023.0)


@wp.kernel(enable_backward=False)
def set_up_grounds(
    sides: Rectangles,
    transform: wp.array(dtype=wp.int32),
    world: wp.array2d(dtype=wp.mat44d),
    cameras: wp.array(dtype=wp.mat44d),
    drawn: wp.array2d(dtype=wp.uint8),
    material: wp.array2d(dtype=wp.int32),
    materials: wp.array2d(dtype=MaterialState),
    surroundings: SurroundingArrays,
    grounds: wp.array(dtype=GroundState),
):
    """The ground of each frame, as its camera sees it."""
    b = wp.tid()
    camera = cameras[b]
    eye = wp.vec3d(camera[3, 0], camera[3, 1], camera[3, 2])
    largest = wp.float64(0.0)
    best = int(-1)
    for r in range(sides.part.shape[0]):
        part = sides.part[r]
        if drawn[b, part] != wp.uint8(0):
            m = world[b, transform[part]]
            area = wp.cross(along(m, sides.half_u[r]), along(m, sides.half_v[r]))
            size = wp.length(area)
            if wp.determinant(
                wp.mat33d(m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2])
            ) < wp.float64(0.0):
                area = -area
            if size > largest and area[2] > LEAST_UP * size:
                centre = along(m, sides.centre[r]) + wp.vec3d(m[3, 0], m[3, 1], m[3, 2])
                if wp.dot(eye - centre, area) > wp.float64(0.0):
                    largest = size
                    best = r
    ground = GroundState()
    ground.part = -1
    if best >= 0:
        part = sides.part[best]
        m = world[b, transform[part]]
        u = along(m, sides.half_u[best])
        v = along(m, sides.half_v[best])
        up = wp.normalize(wp.cross(u, v))
        if up[2] < wp.float64(0.0):
            up = -up
        v = wp.cross(up, u) * (wp.dot(wp.cross(up, u), v) / wp.dot(u, u))
        ground.part = part
        ground.centre = wp.vec3(along(m, sides.centre[best]) + wp.vec3d(m[3, 0], m[3, 1], m[3, 2]))
        ground.normal = wp.vec3(up)
        ground.axis_u = wp.vec3(wp.normalize(u))
        ground.axis_v = wp.vec3(wp.normalize(v))
        ground.half_u = wp.max(float(wp.length(u)), SMALLEST)
        ground.half_v = wp.max(float(wp.length(v)), SMALLEST)
        paint = materials[b, material[b, part]]
        ground.albedo = wp.cw_mul(wp.cw_mul(paint.base_color, mean_of(surroundings, paint.texture)), sides.tint[best])
    grounds[b] = ground
