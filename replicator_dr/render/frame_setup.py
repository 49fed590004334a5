"""Per-frame records of views and parts: matrices composed in float64 on the device."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.clipping import GUARD
from replicator_dr.render.structs import IN_VIEW, MEASURED, MaterialState, PartState, ViewState

wp.set_module_options({"enable_backward": False, "fuse_fp": False})


@wp.func
def linear(m: wp.mat44d) -> wp.mat33d:
    """The 3x3 part of a row-vector matrix, transposed for column vectors."""
    return wp.mat33d(m[0, 0], m[1, 0], m[2, 0], m[0, 1], m[1, 1], m[2, 1], m[0, 2], m[1, 2], m[2, 2])


@wp.func
def translation(m: wp.mat44d) -> wp.vec3d:
    """The translation of a row-vector matrix."""
    return wp.vec3d(m[3, 0], m[3, 1], m[3, 2])


@wp.func
def to_single(m: wp.mat33d) -> wp.mat33:
    """float64 to float32."""
    return wp.mat33(
        float(m[0, 0]), float(m[0, 1]), float(m[0, 2]),
        float(m[1, 0]), float(m[1, 1]), float(m[1, 2]),
        float(m[2, 0]), float(m[2, 1]), float(m[2, 2]),
    )  # fmt: skip


@wp.func
def single(v: wp.vec3d) -> wp.vec3:
    """float64 to float32."""
    return wp.vec3(float(v[0]), float(v[1]), float(v[2]))


@wp.kernel(enable_backward=False)
def set_up_views(
    cameras: wp.array(dtype=wp.mat44d),
    intrinsics: wp.array2d(dtype=wp.float64),
    clipping: wp.array2d(dtype=wp.float64),
    views: wp.array(dtype=ViewState),
):
    """One camera for each image: USD's axes (x right, y up, looking along -z) to OpenCV's."""
    i = wp.tid()
    m = linear(cameras[i])
    view = ViewState()
    view.focal = wp.vec2(float(intrinsics[i, 0]), float(intrinsics[i, 1]))
    view.centre = wp.vec2(float(intrinsics[i, 2]), float(intrinsics[i, 3]))
    view.near = float(clipping[i, 0])
    view.far = float(clipping[i, 1])
    view.origin = single(translation(cameras[i]))
    view.rotation = to_single(
        wp.mat33d(m[0, 0], -m[0, 1], -m[0, 2], m[1, 0], -m[1, 1], -m[1, 2], m[2, 0], -m[2, 1], -m[2, 2])
    )
    views[i] = view


@wp.kernel(enable_backward=False)
def set_up_parts(
    width: int,
    height: int,
    world: wp.array2d(dtype=wp.mat44d),
    cameras: wp.array(dtype=wp.mat44d),
    views: wp.array(dtype=ViewState),
    visible: wp.array2d(dtype=wp.uint8),
    material: wp.array2d(dtype=wp.int32),
    materials: wp.array2d(dtype=MaterialState),
    transform: wp.array(dtype=wp.int32),
    centre: wp.array2d(dtype=wp.vec3d),
    radius: wp.array2d(dtype=wp.float64),
    low: wp.array2d(dtype=wp.vec3d),
    high: wp.array2d(dtype=wp.vec3d),
    start: wp.array(dtype=wp.int32),
    vertices: int,
    closed: wp.array(dtype=wp.uint8),
    part_entity: wp.array(dtype=wp.int32),
    parts: wp.array2d(dtype=PartState),
):
    """Matrices of each part in each image, and whether its bounding sphere meets the view.

    centre, radius, low, high: a row an image, or one for all of them. start, vertices: see shapes.Shapes.
    """
    i, p = wp.tid()
    row = wp.min(i, centre.shape[0] - 1)
    view = views[i]
    local = linear(world[i, transform[p]])
    shift = translation(world[i, transform[p]])
    m = linear(cameras[i])
    # World to camera, OpenCV axes: the camera's columns as rows, y and z turned round.
    back = wp.mat33d(m[0, 0], m[1, 0], m[2, 0], -m[0, 1], -m[1, 1], -m[2, 1], -m[0, 2], -m[1, 2], -m[2, 2])
    to_camera = back * local
    offset = back * (shift - translation(cameras[i]))
    state = PartState()
    state.material = material[i, p]
    state.moved = -1
    if start[p] >= 0:
        state.moved = i * vertices + start[p]
    state.to_camera = to_camera
    state.camera_offset = offset
    state.to_world = to_single(local)
    state.world_offset = single(shift)
    volume = wp.determinant(local)
    c0 = wp.vec3d(local[0, 0], local[1, 0], local[2, 0])
    c1 = wp.vec3d(local[0, 1], local[1, 1], local[2, 1])
    c2 = wp.vec3d(local[0, 2], local[1, 2], local[2, 2])
    state.mirrored = wp.where(volume < wp.float64(0.0), 1, 0)
    # Normals turn with the cofactors; a mirrored part keeps its outside.
    side = wp.where(volume < wp.float64(0.0), wp.float64(-1.0), wp.float64(1.0))
    n0 = wp.cross(c1, c2) * side
    n1 = wp.cross(c2, c0) * side
    n2 = wp.cross(c0, c1) * side
    state.normal_to_world = to_single(wp.mat33d(n0[0], n1[0], n2[0], n0[1], n1[1], n2[1], n0[2], n1[2], n2[2]))
    middle = to_camera * centre[row, p] + offset
    reach = radius[row, p] * stretch(c0, c1, c2)
    nearest = middle[2] - reach
    farthest = middle[2] + reach
    drawn = wp.where(part_entity[p] >= 0, MEASURED, 0)
    x0 = (wp.float64(0.0) - wp.float64(view.centre[0])) / wp.float64(view.focal[0])
    x1 = (wp.float64(width) - wp.float64(view.centre[0])) / wp.float64(view.focal[0])
    y0 = (wp.float64(0.0) - wp.float64(view.centre[1])) / wp.float64(view.focal[1])
    y1 = (wp.float64(height) - wp.float64(view.centre[1])) / wp.float64(view.focal[1])
    if not (outside(middle[0], middle[2], x0, x1, reach) or outside(middle[1], middle[2], y0, y1, reach)):
        drawn = IN_VIEW
    if visible[i, p] == wp.uint8(0) or reach == wp.float64(0.0):
        drawn = 0
    if farthest < wp.float64(view.near) or nearest > wp.float64(view.far):
        drawn = 0
    state.drawn = drawn
    # A little less than all, for vertices are rounded.
    room = wp.float64(0.99) * nearest * wp.float64(GUARD)
    whole = (
        nearest > wp.float64(1.0001) * wp.float64(view.near)
        and farthest < wp.float64(0.9999) * wp.float64(view.far)
        and wp.float64(view.focal[0]) * (wp.abs(middle[0]) + reach) < room
        and wp.float64(view.focal[1]) * (wp.abs(middle[1]) + reach) < room
    )  # fmt: skip
    # Triangles with holes take the same way as those that need cutting.
    state.whole = wp.where(whole and materials[i, material[i, p]].opacity_texture < 0, 1, 0)
    state.facing = 0
    if closed[p] != wp.uint8(0) and volume != wp.float64(0.0):
        # How far the near plane's corners reach, along each of the part's own axes.
        wide = wp.max(x0 * x0, x1 * x1) + wp.max(y0 * y0, y1 * y1)
        corner = wp.float64(1.01) * wp.float64(view.near) * wp.sqrt(wp.float64(1.0) + wide)
        inverse = wp.inverse(local)
        inside = inverse * (translation(cameras[i]) - shift)
        margin = corner * wp.vec3d(wp.length(inverse[0]), wp.length(inverse[1]), wp.length(inverse[2]))
        a = low[row, p] - margin
        b = high[row, p] + margin
        within = (
            inside[0] > a[0] and inside[0] < b[0]
            and inside[1] > a[1] and inside[1] < b[1]
            and inside[2] > a[2] and inside[2] < b[2]
        )  # fmt: skip
        if not within:
            state.facing = wp.where(volume < wp.float64(0.0), -1, 1)
    parts[i, p] = state


@wp.func
def stretch(x: wp.vec3d, y: wp.vec3d, z: wp.vec3d) -> wp.float64:
    """No vector gets longer by more than this under the matrix with these columns: exact where they are orthogonal.

    The root of the greatest row sum of the matrix's Gram matrix, which bounds its greatest eigenvalue (Gershgorin).
    """
    xy = wp.abs(wp.dot(x, y))
    yz = wp.abs(wp.dot(y, z))
    zx = wp.abs(wp.dot(z, x))
    return wp.sqrt(wp.max(wp.dot(x, x) + xy + zx, wp.max(wp.dot(y, y) + xy + yz, wp.dot(z, z) + yz + zx)))


@wp.func
def outside(across: wp.float64, forward: wp.float64, low: wp.float64, high: wp.float64, reach: wp.float64) -> bool:
    """True if a sphere lies wholly beyond one of two opposite planes of the view's pyramid."""
    one = wp.float64(1.0)
    left = (across - low * forward) / wp.sqrt(one + low * low)
    right = (high * forward - across) / wp.sqrt(one + high * high)
    return left < -reach or right < -reach
