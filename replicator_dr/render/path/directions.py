"""Frames of reference, and points and directions from pairs of numbers in 0..1."""

from __future__ import annotations

import warp as wp

wp.set_module_options({"enable_backward": False})


@wp.func
def frame_of(normal: wp.vec3) -> wp.mat33:
    """World to local, the normal becoming +Z (Duff et al., "Building an Orthonormal Basis, Revisited", 2017)."""
    sign = wp.where(normal[2] < 0.0, -1.0, 1.0)
    a = -1.0 / (sign + normal[2])
    b = normal[0] * normal[1] * a
    return wp.mat33(
        1.0 + sign * normal[0] * normal[0] * a, sign * b, -sign * normal[0],
        b, sign + normal[1] * normal[1] * a, -normal[1],
        normal[0], normal[1], normal[2],
    )  # fmt: skip


@wp.func
def on_disk(u: wp.vec2) -> wp.vec2:
    """Uniform on the unit disk, neighbours staying neighbours (Shirley and Chiu 1997)."""
    a = 2.0 * u[0] - 1.0
    b = 2.0 * u[1] - 1.0
    if a == 0.0 and b == 0.0:
        return wp.vec2(0.0, 0.0)
    radius = a
    angle = 0.25 * wp.pi * (b / a)
    if wp.abs(b) > wp.abs(a):
        radius = b
        angle = 0.5 * wp.pi - 0.25 * wp.pi * (a / b)
    return wp.vec2(radius * wp.cos(angle), radius * wp.sin(angle))


@wp.func
def cosine_direction(u: wp.vec2) -> wp.vec3:
    """About +Z with density cos / pi (Malley's method)."""
    p = on_disk(u)
    return wp.vec3(p[0], p[1], wp.sqrt(wp.max(1.0 - p[0] * p[0] - p[1] * p[1], 0.0)))


@wp.func
def cone_direction(axis: wp.vec3, one_minus_cosine: float, u: wp.vec2) -> wp.vec3:
    """Uniform in a cone about a unit axis. one_minus_cosine: 1 - cos of its half angle, exact for narrow ones."""
    gap = u[0] * one_minus_cosine
    sine = wp.sqrt(wp.max(gap * (2.0 - gap), 0.0))
    angle = 2.0 * wp.pi * u[1]
    local = wp.vec3(sine * wp.cos(angle), sine * wp.sin(angle), 1.0 - gap)
    return wp.normalize(wp.transpose(frame_of(axis)) * local)


@wp.func
def power_heuristic(own: float, other: float) -> float:
    """Weight of a sample with density ``own`` that ``other`` could have made too (Veach 1997, exponent 2)."""
    if own <= 0.0:
        return 0.0
    ratio = other / own
    return 1.0 / (1.0 + ratio * ratio)


@wp.func
def luminance(color: wp.vec3) -> float:
    """Rec. 709."""
    return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
