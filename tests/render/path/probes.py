"""Kernels that put single functions of the path tracer on many inputs at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp
from numpy.typing import NDArray

from replicator_dr.render.path import albedo
from replicator_dr.render.path.bsdf import AlbedoTables, lobe_share, sample_scatter, scatter, scatter_density, scatterer
from replicator_dr.render.path.sequence import draw, pixel_seed

Array = NDArray[np.float64]


def tables() -> AlbedoTables:
    directional, mean = albedo.tables()
    found = AlbedoTables()
    found.directional = wp.array(directional, dtype=wp.vec2, device="cpu")
    found.mean = wp.array(mean, dtype=wp.vec2, device="cpu")
    return found


@wp.kernel(enable_backward=False)
def _scatter(
    base: wp.vec3,
    numbers: wp.vec3,
    v: wp.array(dtype=wp.vec3),
    w: wp.array(dtype=wp.vec3),
    tables: AlbedoTables,
    answer: wp.array(dtype=wp.vec3),
    density: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    s = scatterer(base, numbers[0], numbers[1], numbers[2])
    answer[i] = scatter(s, v[i], w[i], tables)
    density[i] = scatter_density(s, v[i], w[i], lobe_share(s, v[i], tables))


@wp.kernel(enable_backward=False)
def _sample(
    base: wp.vec3,
    numbers: wp.vec3,
    v: wp.vec3,
    seed: wp.uint32,
    tables: AlbedoTables,
    direction: wp.array(dtype=wp.vec3),
    weight: wp.array(dtype=wp.vec3),
):
    i = wp.tid()
    s = scatterer(base, numbers[0], numbers[1], numbers[2])
    own = pixel_seed(seed, wp.uint32(0), i)
    found = sample_scatter(s, v, draw(own, 0, 0)[0], draw(own, 0, 1), tables)
    direction[i] = found.direction
    weight[i] = found.weight


@wp.kernel(enable_backward=False)
def _draw(seed: wp.uint32, dimension: int, numbers: wp.array2d(dtype=wp.vec2)):
    pixel, sample = wp.tid()
    numbers[pixel, sample] = draw(pixel_seed(seed, wp.uint32(3), pixel), sample, dimension)


def scattered(base: Any, metallic: float, specular: float, roughness: float, v: Array, w: Array) -> tuple[Array, Array]:
    """BSDF times cosine (N, 3) and the sampling density (N,) for pairs of local directions (N, 3)."""
    count = len(v)
    answer, density = wp.zeros(count, dtype=wp.vec3, device="cpu"), wp.zeros(count, dtype=wp.float32, device="cpu")
    sides = [wp.array(side.astype(np.float32), dtype=wp.vec3, device="cpu") for side in (v, w)]
    material = [wp.vec3(*base), wp.vec3(metallic, specular, roughness)]
    wp.launch(_scatter, count, [*material, *sides, tables(), answer, density], device="cpu")
    return answer.numpy().astype(np.float64), density.numpy().astype(np.float64)


def sampled(
    base: Any, metallic: float, specular: float, roughness: float, v: Array, count: int, seed: int = 0
) -> tuple[Array, Array]:
    """Directions (count, 3) and weights (count, 3); weight 0 where none was found."""
    direction, weight = (wp.zeros(count, dtype=wp.vec3, device="cpu") for _ in range(2))
    material = [wp.vec3(*base), wp.vec3(metallic, specular, roughness)]
    wp.launch(_sample, count, [*material, wp.vec3(*v), seed, tables(), direction, weight], device="cpu")
    return direction.numpy().astype(np.float64), weight.numpy().astype(np.float64)


def draws(seed: int, dimension: int, pixels: int, samples: int) -> Array:
    """(pixels, samples, 2)."""
    numbers = wp.zeros((pixels, samples), dtype=wp.vec2, device="cpu")
    wp.launch(_draw, (pixels, samples), [seed, dimension, numbers], device="cpu")
    return numbers.numpy().astype(np.float64)
