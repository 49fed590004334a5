"""Light along paths from the camera: next-event estimation and BSDF sampling, joined by the power heuristic.

Kajiya's equation with Veach's weights (1997, chapter 9). A surface is lit by one sampled light and by whatever the
continued path meets; each finding counts by how likely the other way was to make it.
"""

from __future__ import annotations

import warp as wp

from replicator_dr.render.path.bsdf import (
    AlbedoTables,
    lobe_share,
    sample_scatter,
    scatter,
    scatter_density,
)
from replicator_dr.render.path.directions import frame_of, power_heuristic
from replicator_dr.render.path.emitters import (
    DOME,
    FAR,
    Emitter,
    chosen_light,
    importance,
    met_light,
    sample_light,
    total_importance,
)
from replicator_dr.render.path.lens import Lens, Ray, camera_ray
from replicator_dr.render.path.panorama import Panoramas
from replicator_dr.render.path.pictures import Pictures
from replicator_dr.render.path.sequence import draw, pixel_seed
from replicator_dr.render.path.surface import Surface, first_hit, is_blocked, step_from, surface_at
from replicator_dr.render.path.world import WorldArrays

wp.set_module_options({"enable_backward": False})

CAMERA_PAIRS = wp.constant(2)
"""Pairs of numbers for the pixel and the lens; then PAIRS for each surface."""
PAIRS = wp.constant(4)
ROULETTE = wp.constant(3)
"""From this surface on, dark paths are ended by chance."""
CLEAR = wp.constant(0.9999)
"""Share of the way to a lamp that has to be free."""


@wp.struct
class PathScene:
    """Everything a path can meet."""

    world: WorldArrays
    pictures: Pictures
    domes: Panoramas
    albedo: AlbedoTables
    lights: wp.array(dtype=Emitter)


@wp.func
def lit(scene: PathScene, s: Surface, v: wp.vec3, share: float, which: float, u: wp.vec2) -> wp.vec3:
    """Light that comes from a chosen light and leaves toward the viewer. v: in the surface's frame."""
    none = wp.vec3(0.0, 0.0, 0.0)
    index = chosen_light(scene.lights, s.place, which)
    if index < 0:
        return none
    light = scene.lights[index]
    odds = importance(light, s.place) / total_importance(scene.lights, s.place)
    sample = sample_light(light, scene.domes, s.place, s.normal, u)
    if sample.density <= 0.0 or wp.dot(sample.direction, s.plane) <= 0.0:
        return none
    w = frame_of(s.normal) * sample.direction
    answer = scatter(s.scatterer, v, w, scene.albedo)
    if answer[0] + answer[1] + answer[2] <= 0.0:
        return none
    origin = s.place + s.plane * step_from(s.place)
    if is_blocked(scene.world, scene.pictures, origin, sample.direction, sample.distance * CLEAR):
        return none
    density = odds * sample.density
    weight = float(1.0)
    if sample.certain == 0:
        weight = power_heuristic(density, scatter_density(s.scatterer, v, w, share))
    return wp.cw_mul(answer, sample.radiance) * (weight / density)


@wp.func
def seen_lights(scene: PathScene, place: wp.vec3, normal: wp.vec3, d: wp.vec3, density: float, far: float) -> wp.vec3:
    """Light of lamps that a scattered ray meets up to ``far``, FAR where it leaves the scene. density: of d [1/sr]."""
    result = wp.vec3(0.0, 0.0, 0.0)
    total = total_importance(scene.lights, place)
    for i in range(scene.lights.shape[0]):
        light = scene.lights[i]
        if light.strength > 0.0:
            met = met_light(light, scene.domes, place, normal, d)
            if met.distance <= far and (met.density > 0.0 or light.kind == DOME):
                odds = importance(light, place) / total
                result += met.radiance * power_heuristic(density, odds * met.density)
    return result


@wp.func
def backdrop(scene: PathScene, d: wp.vec3) -> wp.vec3:
    """What the camera sees beyond everything: the domes."""
    result = wp.vec3(0.0, 0.0, 0.0)
    for i in range(scene.lights.shape[0]):
        light = scene.lights[i]
        if light.kind == DOME:
            result += met_light(light, scene.domes, d, d, d).radiance
    return result


@wp.func
def light_along(scene: PathScene, ray: Ray, bounces: int, seed: wp.uint32, sample: int) -> wp.vec3:
    """Radiance (3,) that reaches the camera along a ray, one random estimate."""
    result = wp.vec3(0.0, 0.0, 0.0)
    through = wp.vec3(1.0, 1.0, 1.0)
    origin = ray.origin
    d = ray.direction
    near = ray.near
    far = ray.far
    density = float(0.0)
    place = ray.origin
    normal = ray.direction
    for depth in range(bounces + 2):
        hit = first_hit(scene.world, scene.pictures, origin, d, near, far)
        reach = hit.t
        if hit.face < 0:
            reach = FAR
        if depth > 0:
            result += wp.cw_mul(through, seen_lights(scene, place, normal, d, density, reach))
        if hit.face < 0:
            if depth == 0:
                result += backdrop(scene, d)
            break
        s = surface_at(scene.world, scene.pictures, hit, d)
        result += wp.cw_mul(through, s.emission)
        if depth > bounces:
            break
        first = CAMERA_PAIRS + PAIRS * depth
        choices = draw(seed, sample, first)
        frame = frame_of(s.normal)
        v = frame * (-d)
        share = lobe_share(s.scatterer, v, scene.albedo)
        direct = lit(scene, s, v, share, choices[0], draw(seed, sample, first + 1))
        result += wp.cw_mul(through, direct)
        found = sample_scatter(s.scatterer, v, choices[1], draw(seed, sample, first + 2), scene.albedo)
        onward = wp.transpose(frame) * found.direction
        if found.density <= 0.0 or wp.dot(onward, s.plane) <= 0.0:
            break
        through = wp.cw_mul(through, found.weight)
        if depth >= ROULETTE:
            going = wp.min(wp.max(through[0], wp.max(through[1], through[2])), 0.95)
            if draw(seed, sample, first + 3)[0] >= going:
                break
            through = through / going
        d = onward
        density = found.density
        place = s.place
        normal = s.normal
        origin = s.place + s.plane * step_from(s.place)
        near = 0.0
        far = FAR
    return result


@wp.kernel(enable_backward=False)
def trace(
    scene: PathScene,
    lens: wp.array(dtype=Lens),
    frame: int,
    seed: wp.uint32,
    number: wp.uint32,
    first: int,
    samples: int,
    bounces: int,
    scale: float,
    radiance: wp.array3d(dtype=wp.vec3),
):
    """Add samples ``first`` and on of each pixel, times scale. frame: of the batch; number: the frame's own."""
    y, x = wp.tid()
    own = pixel_seed(seed, number, y * radiance.shape[2] + x)
    total = wp.vec3(0.0, 0.0, 0.0)
    for i in range(samples):
        sample = first + i
        within = draw(own, sample, 0)
        ray = camera_ray(lens[frame], float(x) + within[0], float(y) + within[1], draw(own, sample, 1))
        if wp.length(ray.direction) > 0.5:
            total += light_along(scene, ray, bounces, own, sample)
    radiance[frame, y, x] = radiance[frame, y, x] + total * scale
