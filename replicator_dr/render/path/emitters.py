"""Lights with their true surfaces: points on them, rays that meet them, and which of them matters at a place.

Lamps are seen in reflections but not by the camera, as in the raster, and stand in nobody's light.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.finite import BRIGHTEST, tamed
from replicator_dr.render.light_setup import EXPOSURE
from replicator_dr.render.path.directions import cone_direction, cosine_direction, frame_of, on_disk
from replicator_dr.render.path.panorama import (
    LUMINANCE,
    Panoramas,
    dome_density,
    dome_radiance,
    sample_dome,
)
from replicator_dr.render.scene import FrameArrays, LightType, SceneArrays
from replicator_dr.render.structs import numpy_dtype

wp.set_module_options({"enable_backward": False})

DISTANT = wp.constant(int(LightType.DISTANT))
SPHERE = wp.constant(int(LightType.SPHERE))
RECT = wp.constant(int(LightType.RECT))
DISK = wp.constant(int(LightType.DISK))
CYLINDER = wp.constant(int(LightType.CYLINDER))
DOME = wp.constant(int(LightType.DOME))
FAR = wp.constant(1.0e30)
NARROWEST = 1e-10
"""A distant light whose 1 - cos(half angle) is below this shines from a single direction."""


@wp.struct
class Emitter:
    """A light in one frame."""

    kind: wp.int32
    environment: wp.int32
    color: wp.vec3
    """Radiance times EXPOSURE; of distant lights irradiance if gap is 0."""
    strength: wp.float32
    """Luminance of a dome's mean radiance x pi, of a distant light's irradiance; else luminance x area [m2]."""
    position: wp.vec3
    normal: wp.vec3
    """Where it shines to (its local -Z)."""
    half_u: wp.vec3
    half_v: wp.vec3
    """From the middle to the rim: of a rectangle or disk; half_u alone of a cylinder, along its axis."""
    radius: wp.float32
    area: wp.float32
    gap: wp.float32
    """1 - cos of a distant light's half angle."""
    from_world: wp.mat33


_RECORD = numpy_dtype(Emitter)


@wp.struct
class LightSample:
    """Light that may arrive. density: [1/sr]; 0 where none does. certain: 1 where density is no density but 1."""

    direction: wp.vec3
    distance: wp.float32
    radiance: wp.vec3
    density: wp.float32
    certain: wp.int32


def records(scene: SceneArrays, frames: FrameArrays, means: NDArray[np.float64]) -> NDArray[Any]:
    """(B, L) Emitter records. means: luminance of each panorama over the sphere. Hidden lights have strength 0."""
    source, kinds = frames.lights, scene.light_type
    result: NDArray[Any] = np.zeros((len(frames), len(kinds)), _RECORD)
    world = source.world.astype(np.float64)
    rows = world[..., :3, :3]
    scale = np.linalg.norm(rows, axis=-1)
    turn = np.where(scale[..., None] > 1e-12, rows, np.eye(3))
    turn = turn / np.linalg.norm(turn, axis=-1, keepdims=True)
    color = tamed(source.color.astype(np.float64), 0.0, BRIGHTEST) * source.visible[..., None] * EXPOSURE
    size = source.size.astype(np.float64)
    result["kind"], result["environment"] = kinds, source.environment
    result["position"], result["normal"], result["from_world"] = world[..., 3, :3], -turn[..., 2, :], turn
    first, second = size[..., 0] * scale[..., 0], size[..., 1] * scale[..., 1]
    for light, kind in enumerate(kinds.tolist()):
        one: NDArray[Any] = result[:, light]
        shine = color[:, light]
        area = np.zeros(len(frames))
        across, along = first[:, light], second[:, light]
        if kind == LightType.DISTANT:
            gap = 1.0 - np.cos(np.radians(0.5 * np.clip(size[:, light, 0], 0.0, 180.0)))
            gap = np.where(gap < NARROWEST, 0.0, gap)
            one["gap"], one["strength"] = gap, shine @ LUMINANCE
            shine = shine / np.where(gap > 0.0, np.pi * gap * (2.0 - gap), 1.0)[:, None]
        elif kind == LightType.DOME:
            environment = source.environment[:, light]
            mean = np.where(environment >= 0, means[np.maximum(environment, 0)], 1.0)
            one["strength"] = np.pi * mean * (shine @ LUMINANCE)
        elif kind == LightType.SPHERE:
            one["radius"], area = across, np.pi * across**2
        elif kind == LightType.CYLINDER:
            radius, length = size[:, light, 0] * scale[:, light, 1], size[:, light, 1] * scale[:, light, 0]
            one["radius"], area = radius, 2.0 * np.pi * radius * length
            one["half_u"] = 0.5 * length[:, None] * turn[:, light, 0]
        else:
            share = 0.5 if kind == LightType.RECT else 1.0
            height = along if kind == LightType.RECT else size[:, light, 0] * scale[:, light, 1]
            area = across * height * (1.0 if kind == LightType.RECT else np.pi)
            one["half_u"] = share * across[:, None] * turn[:, light, 0]
            one["half_v"] = share * height[:, None] * turn[:, light, 1]
        if kind not in (LightType.DISTANT, LightType.DOME):
            one["area"], one["strength"] = area, area * (shine @ LUMINANCE)
        one["color"] = shine
    return result


@wp.func
def importance(light: Emitter, place: wp.vec3) -> float:
    """About what irradiance a light can bring to a place, shadows and slants aside."""
    if light.kind == DISTANT or light.kind == DOME:
        return light.strength
    away = light.position - place
    return light.strength / wp.max(wp.dot(away, away), 0.25 * light.area)


@wp.func
def on_surface(light: Emitter, place: wp.vec3, point: wp.vec3, normal: wp.vec3) -> LightSample:
    """What comes from a point of a light's surface that was chosen uniformly by area."""
    found = LightSample()
    away = point - place
    square = wp.dot(away, away)
    found.distance = wp.sqrt(square)
    found.direction = away / wp.max(found.distance, 1.0e-12)
    slant = -wp.dot(normal, found.direction)
    found.radiance = light.color
    if slant > 1.0e-6:
        found.density = square / (slant * light.area)
    return found


@wp.func
def sphere_gap(light: Emitter, square: float) -> float:
    """1 - cos of half the angle under which a ball is seen from a distance whose square is given."""
    sine2 = light.radius * light.radius / square
    return sine2 / (1.0 + wp.sqrt(wp.max(1.0 - sine2, 0.0)))


@wp.func
def sample_light(light: Emitter, domes: Panoramas, place: wp.vec3, normal: wp.vec3, u: wp.vec2) -> LightSample:
    """Light from a point of the light chosen by u. normal: of the surface, for domes without a picture."""
    found = LightSample()
    found.distance = FAR
    found.radiance = light.color
    if light.kind == DISTANT:
        found.direction = -light.normal
        if light.gap == 0.0:
            found.density = 1.0
            found.certain = 1
        else:
            found.direction = cone_direction(-light.normal, light.gap, u)
            found.density = 1.0 / (2.0 * wp.pi * light.gap)
    elif light.kind == DOME:
        if light.environment < 0:
            local = cosine_direction(u)
            found.direction = wp.transpose(frame_of(normal)) * local
            found.density = local[2] / wp.pi
        else:
            dome = sample_dome(domes, light.environment, u)
            found.direction = wp.transpose(light.from_world) * dome.direction
            found.density = dome.density
            found.radiance = wp.cw_mul(light.color, dome_radiance(domes, light.environment, dome.direction))
    elif light.kind == SPHERE:
        away = light.position - place
        square = wp.dot(away, away)
        if square > light.radius * light.radius:
            gap = sphere_gap(light, square)
            found.direction = cone_direction(away / wp.sqrt(square), gap, u)
            middle = wp.dot(away, found.direction)
            rim = found.direction * middle - away
            found.distance = middle - wp.sqrt(wp.max(light.radius * light.radius - wp.dot(rim, rim), 0.0))
            found.density = 1.0 / (2.0 * wp.pi * gap)
    elif light.kind == RECT:
        point = light.position + light.half_u * (2.0 * u[0] - 1.0) + light.half_v * (2.0 * u[1] - 1.0)
        found = on_surface(light, place, point, light.normal)
    elif light.kind == DISK:
        p = on_disk(u)
        found = on_surface(light, place, light.position + light.half_u * p[0] + light.half_v * p[1], light.normal)
    else:
        axes = frame_of(wp.normalize(light.half_u))
        angle = 2.0 * wp.pi * u[1]
        outward = wp.transpose(axes) * wp.vec3(wp.cos(angle), wp.sin(angle), 0.0)
        point = light.position + light.half_u * (2.0 * u[0] - 1.0) + outward * light.radius
        found = on_surface(light, place, point, outward)
    return found


@wp.func
def met_light(light: Emitter, domes: Panoramas, place: wp.vec3, normal: wp.vec3, d: wp.vec3) -> LightSample:
    """What a ray from ``place`` along d gets from a light, and the density with which sample_light gives d.

    distance: FAR for distant lights and domes. density 0: it misses the light.
    """
    found = LightSample()
    found.direction = d
    found.distance = FAR
    found.radiance = light.color
    if light.kind == DISTANT:
        off = d + light.normal
        if light.gap > 0.0 and 0.5 * wp.dot(off, off) <= light.gap:
            found.density = 1.0 / (2.0 * wp.pi * light.gap)
    elif light.kind == DOME:
        if light.environment < 0:
            found.density = wp.max(wp.dot(normal, d), 0.0) / wp.pi
        else:
            local = light.from_world * d
            found.density = dome_density(domes, light.environment, local)
            found.radiance = wp.cw_mul(light.color, dome_radiance(domes, light.environment, local))
    elif light.kind == SPHERE:
        away = light.position - place
        square = wp.dot(away, away)
        middle = wp.dot(away, d)
        rim = d * middle - away
        inside = light.radius * light.radius - wp.dot(rim, rim)
        if middle > 0.0 and inside > 0.0 and square > light.radius * light.radius:
            found.distance = middle - wp.sqrt(inside)
            found.density = 1.0 / (2.0 * wp.pi * sphere_gap(light, square))
    elif light.kind == CYLINDER:
        half = wp.length(light.half_u)
        axis = light.half_u / wp.max(half, 1.0e-12)
        away = place - light.position
        across = d - axis * wp.dot(axis, d)
        side = away - axis * wp.dot(axis, away)
        a = wp.dot(across, across)
        b = wp.dot(across, side)
        c = wp.dot(side, side) - light.radius * light.radius
        inside = b * b - a * c
        if c > 0.0 and b < 0.0 and inside > 0.0 and a > 0.0:
            t = (-b - wp.sqrt(inside)) / a
            outward = (side + across * t) / light.radius
            slant = -wp.dot(outward, d)
            if wp.abs(wp.dot(axis, away + d * t)) <= half and slant > 1.0e-6:
                found.distance = t
                found.density = t * t / (slant * light.area)
    else:
        slant = -wp.dot(light.normal, d)
        t = wp.dot(place - light.position, light.normal) / wp.max(slant, 1.0e-6)
        if slant > 1.0e-6 and t > 0.0:
            off = place + d * t - light.position
            a = wp.dot(off, light.half_u) / wp.max(wp.dot(light.half_u, light.half_u), 1.0e-20)
            b = wp.dot(off, light.half_v) / wp.max(wp.dot(light.half_v, light.half_v), 1.0e-20)
            within = wp.abs(a) <= 1.0 and wp.abs(b) <= 1.0
            if light.kind == DISK:
                within = a * a + b * b <= 1.0
            if within:
                found.distance = t
                found.density = t * t / (slant * light.area)
    return found


@wp.func
def chosen_light(lights: wp.array(dtype=Emitter), place: wp.vec3, u: float) -> int:
    """A light as often as its importance is in the sum of all; -1 where there is none."""
    total = float(0.0)
    for i in range(lights.shape[0]):
        total += importance(lights[i], place)
    left = u * total
    chosen = int(-1)
    for i in range(lights.shape[0]):
        one = importance(lights[i], place)
        if one > 0.0 and left >= 0.0:
            chosen = i
            left -= one
    return chosen


@wp.func
def total_importance(lights: wp.array(dtype=Emitter), place: wp.vec3) -> float:
    """The sum of all lights' importances at a place."""
    total = float(0.0)
    for i in range(lights.shape[0]):
        total += importance(lights[i], place)
    return total
