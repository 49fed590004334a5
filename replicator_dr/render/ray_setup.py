"""What frame_setup finds out about parts, for images through a lens: what is in view, and which sides are seen."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.frame_setup import stretch
from replicator_dr.render.rays import RayMap
from replicator_dr.render.structs import IN_VIEW, MEASURED, PartState, ViewState

wp.set_module_options({"enable_backward": False, "fuse_fp": False})

SLACK = wp.constant(1.0e-3)
"""Added to the angle that the image spans [rad]."""


@wp.kernel(enable_backward=False)
def fit_parts(
    first: int,
    axial: int,
    views: wp.array(dtype=ViewState),
    visible: wp.array2d(dtype=wp.uint8),
    centre: wp.array2d(dtype=wp.vec3d),
    radius: wp.array2d(dtype=wp.float64),
    low: wp.array2d(dtype=wp.vec3d),
    high: wp.array2d(dtype=wp.vec3d),
    closed: wp.array(dtype=wp.uint8),
    part_entity: wp.array(dtype=wp.int32),
    rays: RayMap,
    parts: wp.array2d(dtype=PartState),
):
    """drawn, whole and facing of each part anew. axial: near and far count along the axis, see ray_raster."""
    image, p = wp.tid()
    row = wp.min(first + image, centre.shape[0] - 1)
    zero = wp.float64(0.0)
    view = views[first + image]
    state = parts[first + image, p]
    m = state.to_camera
    middle = m * centre[row, p] + state.camera_offset
    c0 = wp.vec3d(m[0, 0], m[1, 0], m[2, 0])
    c1 = wp.vec3d(m[0, 1], m[1, 1], m[2, 1])
    c2 = wp.vec3d(m[0, 2], m[1, 2], m[2, 2])
    reach = radius[row, p] * stretch(c0, c1, c2)
    distance = wp.length(middle)
    along = distance
    if axial != 0:
        along = middle[2]
    cone = rays.whole[rays.row[image]]
    drawn = int(IN_VIEW)
    if cone[3] < 0.0:
        drawn = 0
    elif cone[3] < 3.1 and distance > reach:
        cosine = wp.dot(middle, wp.vec3d(wp.vec3(cone[0], cone[1], cone[2]))) / distance
        off = wp.acos(wp.clamp(cosine, wp.float64(-1.0), wp.float64(1.0))) - wp.asin(reach / distance)
        if off > wp.float64(cone[3] + SLACK):
            drawn = 0
    if drawn == 0 and part_entity[p] >= 0:
        drawn = MEASURED
    if visible[first + image, p] == wp.uint8(0) or reach == zero:
        drawn = 0
    if along + reach < wp.float64(view.near) or along - reach > wp.float64(view.far):
        drawn = 0
    state.drawn = drawn
    state.whole = 0
    state.facing = 0
    if closed[p] != wp.uint8(0) and wp.determinant(m) != zero:
        # How far what near cuts away reaches, along each of the part's own axes.
        corner = wp.float64(1.01) * wp.float64(view.near)
        if axial != 0:
            steep = wp.acos(wp.clamp(cone[2], -1.0, 1.0)) + wp.max(cone[3], 0.0)
            corner = corner / wp.float64(wp.cos(wp.min(steep, 1.56)))
        inverse = wp.inverse(m)
        inside = -(inverse * state.camera_offset)
        margin = corner * wp.vec3d(wp.length(inverse[0]), wp.length(inverse[1]), wp.length(inverse[2]))
        a = low[row, p] - margin
        b = high[row, p] + margin
        within = (
            inside[0] > a[0] and inside[0] < b[0]
            and inside[1] > a[1] and inside[1] < b[1]
            and inside[2] > a[2] and inside[2] < b[2]
        )  # fmt: skip
        if not within:
            state.facing = wp.where(state.mirrored != 0, -1, 1)
    parts[first + image, p] = state
