"""Holes in triangles: where a material's opacity picture says that nothing is there."""

from __future__ import annotations

import warp as wp

from replicator_dr.render.structs import Cutout, MaterialState, ViewState

wp.set_module_options({"enable_backward": False, "fuse_fp": False})


@wp.func
def holes_of(
    material: MaterialState,
    view: ViewState,
    a: wp.vec3,
    b: wp.vec3,
    c: wp.vec3,
    uv_a: wp.vec2,
    uv_b: wp.vec2,
    uv_c: wp.vec2,
) -> Cutout:
    """The holes of a triangle with camera-space corners a, b, c.

    A linear function f of the plane is A . p there, with A = (f_a b x c + f_b c x a + f_c a x b) / (a . (b x c)); along
    a ray p = r z, with 1/z = plane . r.
    """
    holes = Cutout()
    holes.texture = material.opacity_texture
    if holes.texture < 0:
        return holes
    bc = wp.cross(b, c)
    ca = wp.cross(c, a)
    ab = wp.cross(a, b)
    volume = wp.dot(a, bc)
    if volume == 0.0:
        return holes
    u = (bc * uv_a[0] + ca * uv_b[0] + ab * uv_c[0]) / volume
    v = (bc * uv_a[1] + ca * uv_b[1] + ab * uv_c[1]) / volume
    one = (bc + ca + ab) / volume
    ru = material.uv_row_u
    rv = material.uv_row_v
    holes.u = u * ru[0] + v * ru[1] + one * ru[2]
    holes.v = u * rv[0] + v * rv[1] + one * rv[2]
    holes.least = material.opacity_threshold / wp.max(material.opacity, 1.0e-6)
    d1 = uv_b - uv_a
    d2 = uv_c - uv_a
    spread = wp.abs(d1[0] * d2[1] - d1[1] * d2[0]) / wp.max(wp.length(wp.cross(b - a, c - a)), 1.0e-20)
    holes.detail = 0.5 * wp.log2(wp.max(spread, 1.0e-20)) - wp.log2(view.focal[0]) + material.detail
    return holes
